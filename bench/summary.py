"""What a report says of each engine as a whole, from the cells of the results."""

from dataclasses import dataclass

from engines import by_name
from kernels import NATIVE, NATIVE_CPU, SCALAR, SIMD
from measuring import median
from results import geomean

REFERENCES = ((NATIVE, NATIVE), (NATIVE_CPU, NATIVE_CPU))


@dataclass(frozen=True)
class Row:
    """An engine on one build, or on the best build it takes of each kernel where `build` is None."""

    engine: str
    build: str | None
    kernels: int  # it ran
    means: dict  # reference column to geometric mean of ratios, or None
    steady: float | None  # the mean against clang -O3, without what is compiled meanwhile
    worst: tuple | None  # (ratio, kernel) against clang -O3 -march=native, or clang -O3 where that did not run
    compile_seconds: float | None
    compile_kib: float | None
    artifact_bytes: float | None
    start_seconds: float
    peak_kib: float

    @property
    def title(self):
        return by_name(self.engine).title

    @property
    def group(self):
        return by_name(self.engine).group


def columns_of(results, engine, kernel):
    """The builds that an engine ran of a kernel, SIMD first."""
    order = {SIMD: 0, SCALAR: 1}
    found = [cell for cell in results.cells if (cell.engine, cell.kernel) == (engine, kernel) and cell.samples]
    return [(engine, build) for build in sorted({cell.build for cell in found}, key=lambda build: order.get(build, 2))]


def column_of(results, engine, build, kernel):
    """The column that stands for an engine on a kernel: of the wanted build, or the SIMD one, else the scalar one."""
    columns = columns_of(results, engine, kernel)
    if build is not None:
        columns = [column for column in columns if column[1] == build]
    return columns[0] if columns else None


def ratio(results, engine, build, kernel, reference):
    column = column_of(results, engine, build, kernel)
    return results.ratio(kernel, column, reference) if column else None


def steady(results, kernel, column):
    return results.steady_ratio(kernel, column, REFERENCES[0], results.small.get(kernel))


def parity(results, lazy="swage-jit-O2", ahead="swage-aot"):
    """How many times as long swage's machine code takes when it is made at run time, kernel by kernel and without what making
    it takes. Not where that takes longer than the work: its noise would be all there is to see."""
    found = {}
    for kernel in results.comparable():
        for build in (SCALAR, SIMD):
            big, little = results.cell(kernel, lazy, build), results.cell(kernel, lazy, build, results.small.get(kernel))
            if not big or not little or little is big or not (big.samples and little.samples):
                continue
            mine, theirs = steady(results, kernel, (lazy, build)), results.ratio(kernel, (ahead, build), REFERENCES[0])
            if mine and theirs and 2 * little.middle("work_cpu") < big.middle("work_cpu"):
                found[kernel] = mine / theirs
    return found


def middle(values):
    values = [value for value in values if value is not None]
    return median(values) if values else None


def row(results, engine, build=None):
    """None for an engine that ran nothing of this build."""
    columns = {kernel: column_of(results, engine, build, kernel) for kernel in results.kernels}
    cells = [results.cell(kernel, *column) for kernel, column in columns.items() if column]
    if not cells:
        return None
    means = {}
    for reference in REFERENCES:
        means[reference] = geomean([ratio(results, engine, build, kernel, reference) for kernel in results.comparable()])
    mark = REFERENCES[1] if means[REFERENCES[1]] else REFERENCES[0]
    ratios = [(ratio(results, engine, build, kernel, mark) or 0, kernel) for kernel in results.comparable()]
    worst = max(ratios, default=(0, ""))
    return Row(
        engine,
        build,
        len(cells),
        means,
        geomean([steady(results, kernel, columns[kernel]) for kernel in results.comparable() if columns[kernel]]),
        worst if worst[0] else None,
        middle([cell.compiled("cpu") for cell in cells]),
        middle([cell.compiled("peak_kib") for cell in cells]),
        middle([cell.compiled("artifact_bytes") for cell in cells]),
        median([cell.middle("start_cpu") for cell in cells]),
        median([cell.middle("peak_kib") for cell in cells]),
    )


def engines_of(results):
    return list(dict.fromkeys(cell.engine for cell in results.cells))


def rows(results):
    """One for each engine that ran, on the best build it takes."""
    return [found for engine in engines_of(results) if (found := row(results, engine))]


def rows_by_build(results):
    found = [row(results, engine, build) for engine in engines_of(results) for build in (NATIVE, NATIVE_CPU, SCALAR, SIMD)]
    return [one for one in found if one]


def first_places(results, engine, among):
    """On how many kernels an engine was at least as fast as every other of `among` that ran them, and of how many."""
    won = ran = 0
    for kernel in results.kernels:
        mine = ratio(results, engine, None, kernel, REFERENCES[0])
        if mine is None:
            continue
        others = [ratio(results, other, None, kernel, REFERENCES[0]) for other in among if other != engine]
        ran += 1
        won += all(mine <= other for other in others if other is not None)
    return won, ran
