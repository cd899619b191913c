"""The results as plain text: a line per engine, then a line per kernel, then what changed against older results."""

import re

import summary
from engines import by_name
from kernels import SCALAR, SIMD
from results import geomean


def number(value, width, digits=2, scale=1.0):
    return f"{'-':>{width}}" if value is None else f"{value * scale:{width}.{digits}f}"


def engine_lines(results):
    plain, exact = summary.REFERENCES
    lines = [
        f"{'':<32}{'x clang':>9}{'once':>10}{'x clang -O3':>14}{'kernels':>9}  {'':<24}{'compile':>9}{'memory':>8}{'start':>8}{'memory':>8}",
        f"{'engine, build':<32}{'-O3':>9}{'compiled':>10}{'-march=native':>14}{'it ran':>9}  {'worst kernel':<24}{'s':>9}{'MiB':>8}{'ms':>8}{'MiB':>8}",
    ]
    for row in summary.rows_by_build(results):
        name = row.title if row.group == "native" else f"{row.title}, {row.build}"
        worst = f"{row.worst[0]:.1f} {row.worst[1]}" if row.worst else ""
        lines.append(
            f"{name:<32}{number(row.means[plain], 9)}{number(row.steady, 10)}{number(row.means[exact], 14)}{row.kernels:>9}  {worst:<24}"
            + number(row.compile_seconds, 9, 3)
            + number(row.compile_kib, 8, 1, 1 / 1024)
            + number(row.start_seconds, 8, 1, 1000)
            + number(row.peak_kib, 8, 1, 1 / 1024)
        )
    return lines


def best_other(results, kernel, reference):
    """The peer that was fastest on a kernel: its ratio and name, or None."""
    peers = [engine for engine in summary.engines_of(results) if by_name(engine).group not in ("native", "swage")]
    found = []
    for engine in peers:
        for column in summary.columns_of(results, engine, kernel):
            value = results.ratio(kernel, column, reference)
            if value:
                found.append((value, engine))
    return min(found, default=None)


def kernel_lines(results):
    """Ratios to clang -O3: -march=native, swage's engines on both builds, and the fastest peer."""
    plain, exact = summary.REFERENCES
    ours = [engine for engine in summary.engines_of(results) if by_name(engine).group == "swage"]
    columns = [exact] + [(engine, build) for engine in ours for build in (SCALAR, SIMD)]
    columns = [column for column in columns if column in results.columns()]
    titles = ["-march=native" if column == exact else re.sub("^swage-", "", column[0]) + " " + column[1] for column in columns]
    lines = [f"{'kernel':<18}{'seconds':>8}" + "".join(f"{title:>{len(title) + 2}}" for title in titles) + "  fastest peer"]
    values = {column: [] for column in columns}
    for kernel in results.kernels:
        base = results.cell(kernel, *plain)
        line = f"{kernel:<18}" + number(base.middle("work_cpu") if base and base.samples else None, 8, 3)
        for column, title in zip(columns, titles):
            value = results.ratio(kernel, column, plain)
            if kernel not in results.twins:
                values[column].append(value)
            cell = results.cell(kernel, *column)
            line += f"{'failed':>{len(title) + 2}}" if cell and cell.error else number(value, len(title) + 2)
        peer = best_other(results, kernel, plain)
        lines.append(line + (f"  {peer[0]:.2f} {peer[1]}" if peer else ""))
    means = "".join(number(geomean(values[column]), len(title) + 2) for column, title in zip(columns, titles))
    lines.append(f"{'geometric mean':<26}{means}")
    return lines + twin_lines(results)


def twin_lines(results):
    """What stands for native code where it is not the same source."""
    return [f"Not in the mean: {', '.join(names)}, whose native side is {twin}." for twin, names in results.by_twin().items()]


def compare_lines(results, old, threshold=0.05):
    """Ratios to native that moved by more than the threshold, worst first, and each engine's mean over what both ran."""
    plain = summary.REFERENCES[0]
    moved, changes = [], {}
    for engine, build in results.columns():
        if by_name(engine) is None or by_name(engine).group == "native":
            continue
        for kernel in results.kernels:
            now, then = (which.ratio(kernel, (engine, build), plain) for which in (results, old))
            if not now or not then:
                continue
            changes.setdefault((engine, build), []).append(now / then)
            if abs(now / then - 1) > threshold:
                moved.append((now / then, kernel, engine, build, then, now))
    lines = [f"{'':<18}{'engine, build':<30}{'then':>8}{'now':>8}{'change':>9}"]
    for change, kernel, engine, build, then, now in sorted(moved, reverse=True):
        lines.append(f"{kernel:<18}{engine + ', ' + build:<30}{then:8.2f}{now:8.2f}{100 * (change - 1):+8.1f}%")
    lines.append("")
    for (engine, build), values in changes.items():
        lines.append(f"{'geometric mean':<18}{engine + ', ' + build:<30}{'':16}{100 * (geomean(values) - 1):+8.1f}%")
    return lines


def verdict(results):
    """One sentence."""
    ours = summary.row(results, "swage-aot")
    plain = summary.REFERENCES[0]
    if ours is None or ours.means[plain] is None:
        return ""
    peers = [engine for engine in summary.engines_of(results) if by_name(engine).group not in ("native", "swage")]
    won, ran = summary.first_places(results, "swage-aot", peers)
    text = f"swage, ahead of time, takes {ours.means[plain]:.2f} times as long as clang -O3"
    return text + (f", and is the fastest Wasm engine on {won} of {ran} kernels." if peers else ".")


def parity_line(results):
    """One sentence about the JIT beside what is compiled ahead of time, or nothing."""
    found = summary.parity(results)
    if not found:
        return ""
    worst = max(found, key=found.get)
    return (
        f"Once compiled, `swage run -O2` takes {geomean(found.values()):.2f} times as long as `swage compile -O2`: the geometric mean over the "
        f"{len(found)} programs that compile in less time than they run; at most {found[worst]:.2f}, {worst}."
    )


def show(results):
    print("\nCPU time of the work as a multiple of native code's, geometric means over the kernels (lower is faster); the costs")
    print("beside it are medians: compiling ahead of time, then the start until the work begins, and the process's peak memory.\n")
    print("\n".join(engine_lines(results)))
    print("\nEach kernel, times clang -O3:\n")
    print("\n".join(kernel_lines(results)))
    if verdict(results):
        print("\n" + verdict(results))
    if parity_line(results):
        print("\n" + parity_line(results))
