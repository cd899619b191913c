"""Writes what a run found into README.md and docs/, so that figures there are never typed by hand.

Each document holds a block between two comments; the block is written anew, the rest of the document is left alone. The
picture is the report's first chart.
"""

import page
import summary
import table
from building import HERE
from engines import by_name
from kernels import SCALAR, SIMD
from results import geomean

ROOT = HERE.parent
BEGIN = "<!-- bench: ./dev bench --publish writes what follows -->"
END = "<!-- bench: end -->"
PLAIN, EXACT = summary.REFERENCES
# What fits into a quarter of an hour: --engines and --minutes choose otherwise.
ENGINES = ["swage-aot", "swage-jit-O2", "node", "node-turbofan", "node-liftoff", "wasmtime", "wasmer-llvm", "wasm2c", "wasm3", "wabt"]


def number(value, digits, scale=1.0, unit=""):
    return "" if value is None else f"{value * scale:.{digits}f}{unit}"


def rows_of(table_rows):
    return "\n".join("| " + " | ".join(map(str, cells)) + " |" for cells in table_rows)


def occasion(results):
    machine = results.machine
    rounds = max((len(cell.samples) for cell in results.cells), default=0)
    return f"{machine['date']}, {machine['cores']} cores of {machine['cpu']}, {len(results.kernels)} programs, {rounds} rounds at most"


def engine_table(results):
    """Fastest first, each on the best build that it takes of each program."""
    found = sorted((row for row in summary.rows(results) if row.means[PLAIN]), key=lambda row: row.means[PLAIN])
    lines = [("", "run time", "slowest program", "compile", "start", "memory"), ("---", "---:", "---", "---:", "---:", "---:")]
    for row in found:
        name = f"**{row.title}**" if row.group == "swage" else row.title
        worst = f"{row.worst[0]:.2f} {row.worst[1]}" if row.worst else ""
        costs = (number(row.compile_seconds, 2, unit=" s"), number(row.start_seconds, 1, 1000, " ms"), number(row.peak_kib, 0, 1 / 1024, " MiB"))
        lines.append((name, f"{row.means[PLAIN]:.2f}", worst, *costs))
    return rows_of(lines)


def kernel_table(results):
    """Ratios to clang -O3: what swage makes of both builds, and the fastest other engine."""
    ours = [engine for engine in summary.engines_of(results) if by_name(engine).group == "swage"]
    columns = [column for column in [EXACT, *((engine, build) for engine in ours for build in (SCALAR, SIMD))] if column in results.columns()]
    heads = ["-march=native" if column == EXACT else f"{by_name(column[0]).title}, {column[1]}" for column in columns]
    lines = [("program", "native s", *heads, "fastest other"), ("---", *["---:"] * (1 + len(columns)), "---")]
    for kernel in results.kernels:
        base = results.cell(kernel, *PLAIN)
        other = table.best_other(results, kernel, PLAIN)
        values = [number(results.ratio(kernel, column, PLAIN), 2) for column in columns]
        seconds = number(base.middle("work_cpu") if base and base.samples else None, 3)
        lines.append((kernel, seconds, *values, f"{other[0]:.2f} {by_name(other[1]).title}" if other else ""))
    means = [number(geomean([results.ratio(kernel, column, PLAIN) for kernel in results.comparable()]), 2) for column in columns]
    lines.append(("geometric mean", "", *means, ""))
    return rows_of(lines)


def readme_block(results):
    return f"""{occasion(results)}. Each program is compiled by the same compiler for this machine and for Wasm; run time is the geometric mean of
CPU times as multiples of `clang -O3`, less is faster; the slowest program is against `-march=native`; the rest are medians.

![Run time of each engine as a multiple of native code's](docs/ratios.svg)

{engine_table(results)}

{table.verdict(results)}"""


def performance_block(results):
    notes = "\n".join(filter(None, [table.parity_line(results), *table.twin_lines(results)]))
    return f"""{occasion(results)}. Times as multiples of `clang -O3`; what an engine could not run is empty.

{kernel_table(results)}

{notes}""".rstrip()


def with_block(text, block):
    """A document with its block exchanged. The markers must be there, once."""
    before, found, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    assert found and ended, "the document has no place for the figures"
    return f"{before}{BEGIN}\n{block}\n{END}{after}"


def write(results, root=ROOT):
    """Into the documents of the tree at `root`."""
    for path, block in ((root / "README.md", readme_block(results)), (root / "docs" / "performance.md", performance_block(results))):
        path.write_text(with_block(path.read_text(), block))
    (root / "docs" / "ratios.svg").write_text(page.mean_chart(results, standalone=True) + "\n")
