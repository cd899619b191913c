"""The results as plain text: ratios to native code, one row per kernel, one column per engine and build."""

from engines import by_name
from kernels import NATIVE, NATIVE_CPU
from results import geomean

WIDTH = 10


def label(column):
    engine, build = column
    return [engine] if by_name(engine).group == "native" else [engine, build]


def ratio_table(results, reference):
    """Rows of text. The reference's own column shows seconds, since its ratio is 1."""
    columns = [column for column in results.columns() if column != reference]
    names = list(results.kernels)
    first = max([len(name) for name in names] + [len("geometric mean")])
    widths = [max(len(line) for line in label(column)) + 2 for column in columns]
    lines = []
    for row in range(2):
        words = [label(column)[row] if row < len(label(column)) else "" for column in columns]
        lines.append(" " * (first + 9) + "".join(f"{word:>{width}}" for word, width in zip(words, widths)))
    lines[0] = f"{'kernel':<{first}}{'seconds':>9}" + lines[0][first + 9 :]
    ratios = {column: [] for column in columns}
    for name in names:
        base = results.cell(name, *reference)
        seconds = f"{base.middle('work_cpu'):9.3f}" if base and base.samples else f"{'-':>9}"
        line = f"{name:<{first}}{seconds}"
        for column, width in zip(columns, widths):
            value = results.ratio(name, column, reference)
            cell = results.cell(name, *column)
            ratios[column].append(value)
            line += f"{value:{width}.2f}" if value else f"{'failed' if cell and cell.error else '-':>{width}}"
        lines.append(line)
    means = [geomean(ratios[column]) for column in columns]
    lines.append(
        f"{'geometric mean':<{first}}{'':9}"
        + "".join(f"{mean:{width}.2f}" if mean else f"{'-':>{width}}" for mean, width in zip(means, widths))
    )
    return lines


def cost_table(results):
    """Per engine: medians over the kernels of what running costs besides the work."""
    lines = [f"{'':<34}{'compile s':>10}{'peak MiB':>10}{'artifact KiB':>13}{'start ms':>10}{'peak MiB':>10}"]
    for engine, build in results.columns():
        cells = [cell for cell in results.cells if (cell.engine, cell.build) == (engine, build) and cell.samples]
        if not cells:
            continue
        middle = lambda values: sorted(values)[len(values) // 2]
        compiled = [cell for cell in cells if cell.compilations]
        row = f"{by_name(engine).title + ('' if by_name(engine).group == 'native' else ', ' + build):<34}"
        if compiled:
            row += f"{middle([cell.compiled('cpu') for cell in compiled]):10.3f}"
            row += f"{middle([cell.compiled('peak_kib') for cell in compiled]) / 1024:10.1f}"
            row += f"{middle([cell.compiled('artifact_bytes') for cell in compiled]) / 1024:13.1f}"
        else:
            row += f"{'-':>10}{'-':>10}{'-':>13}"
        row += f"{middle([cell.middle('start_cpu') for cell in cells]) * 1000:10.1f}"
        row += f"{middle([cell.middle('peak_kib') for cell in cells]) / 1024:10.1f}"
        lines.append(row)
    return lines


def show(results):
    for reference, title in (((NATIVE, NATIVE), "clang -O3"), ((NATIVE_CPU, NATIVE_CPU), "clang -O3 -march=native")):
        if reference in results.columns():
            print(f"\nCPU time of the work, times {title} (lower is faster):\n")
            print("\n".join(ratio_table(results, reference)))
    print("\nBesides the work, medians over the kernels; compiling is ahead of time, start is until the work begins:\n")
    print("\n".join(cost_table(results)))
