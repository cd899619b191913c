"""The report as one HTML page that needs nothing else, for a reader who has never heard of swage; and its first chart as
a picture of its own."""

import html

import charts
import summary
import table
from building import HERE
from engines import by_name
from results import geomean

PLAIN, EXACT = summary.REFERENCES
DOTTED = ("native-cpu", "node", "wasmtime", "wasmer-llvm", "wasm2c", "bun", "swage-aot")


def escape(text):
    return html.escape(str(text))


def figure(drawing, caption):
    return f"<figure>{drawing}<figcaption>{caption}</figcaption></figure>" if drawing else ""


def by_mean(results, reference):
    found = [(row.title, row.group, row.means[reference]) for row in summary.rows(results) if row.means[reference]]
    return sorted((row for row in found if row[2]), key=lambda row: row[2])


def mean_chart(results, standalone=False):
    title = ("Time to do the same work, as a multiple of native code's", f"geometric mean over {len(results.kernels)} programs; 1 is clang -O3, less is faster")
    return charts.bars(by_mean(results, PLAIN), "x", "Run time of each engine relative to native code", title if standalone else None, 1, standalone)


def cost_chart(results, value, unit, label):
    found = [(row.title, row.group, value(row)) for row in summary.rows(results)]
    return charts.bars(sorted((row for row in found if row[2]), key=lambda row: row[2]), unit, label)


def dot_chart(results):
    series = []
    for name in DOTTED:
        if name in summary.engines_of(results):
            ratios = {kernel: summary.ratio(results, name, None, kernel, PLAIN) for kernel in results.kernels}
            series.append((by_name(name).title, by_name(name).group, ratios))
    keys = "".join(
        f'<li><svg viewBox="0 0 12 12"><circle cx="6" cy="6" r="5" class="{charts.class_of(group)}"/></svg>{escape(name)}</li>'
        for name, group, _ in series
    )
    return f'<ul class="legend">{keys}</ul>' + charts.dots(list(results.kernels), series, "Ratio to native code for each program and engine")


def cell_text(value, cell):
    if value is None:
        return "<td class='faint'>failed</td>" if cell and cell.error else "<td class='faint'>–</td>"
    css = " class='ahead'" if value < 0.97 else " class='behind'" if value > 1.3 else ""
    spread = f" title='middle half within {100 * cell.spread():.0f} %'" if cell else ""
    return f"<td{css}{spread}>{value:.2f}</td>"


def kernel_table(results):
    columns = [column for column in results.columns() if column != PLAIN]
    heads = []
    for engine, build in columns:
        suffix = "" if by_name(engine).group == "native" else f"<br><span class='faint'>{build}</span>"
        heads.append(f"<th>{escape(by_name(engine).title)}{suffix}</th>")
    lines = [f"<thead><tr><th>program</th><th>topic</th><th>clang -O3<br><span class='faint'>seconds</span></th>{''.join(heads)}</tr></thead><tbody>"]
    values = {column: [] for column in columns}
    for kernel, topic in results.kernels.items():
        base = results.cell(kernel, *PLAIN)
        seconds = f"{base.middle('work_cpu'):.3f}" if base and base.samples else "–"
        line = f"<tr><td>{escape(kernel)}</td><td>{escape(topic)}</td><td>{seconds}</td>"
        for column in columns:
            value = results.ratio(kernel, column, PLAIN)
            if kernel not in results.twins:
                values[column].append(value)
            line += cell_text(value, results.cell(kernel, *column))
        lines.append(line + "</tr>")
    means = "".join(f"<td>{mean:.2f}</td>" if (mean := geomean(values[column])) else "<td>–</td>" for column in columns)
    lines.append(f"</tbody><tfoot><tr><td>geometric mean</td><td></td><td></td>{means}</tr></tfoot>")
    notes = "".join(f"<p class='faint'>{escape(line)}</p>" for line in table.twin_lines(results))
    return f"<div class='scroll'><table>{''.join(lines)}</table></div>{notes}"


def number(value, digits, scale=1.0):
    return "–" if value is None else f"{value * scale:.{digits}f}"


def engine_table(results):
    head = "".join(
        f"<th>{title}</th>"
        for title in ("engine", "Wasm build", "x clang -O3", "once compiled", "x -march=native", "programs", "slowest", "compile s", "compile MiB", "artifact KiB", "start ms", "run MiB")
    )
    lines = []
    for row in summary.rows_by_build(results):
        worst = f"{row.worst[0]:.1f} {escape(row.worst[1])}" if row.worst else ""
        build = "" if row.group == "native" else row.build
        cells = [escape(row.title), build, number(row.means[PLAIN], 2), number(row.steady, 2), number(row.means[EXACT], 2), row.kernels, worst]
        cells += [number(row.compile_seconds, 3), number(row.compile_kib, 0, 1 / 1024), number(row.artifact_bytes, 0, 1 / 1024)]
        cells += [number(row.start_seconds, 1, 1000), number(row.peak_kib, 1, 1 / 1024)]
        lines.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    return f"<div class='scroll'><table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"


def facts(results):
    machine = results.machine
    rows = [
        ("machine", f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}"),
        ("measured on", machine["date"]),
        *results.versions.items(),
    ]
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows) + "</dl>"


def page(results):
    engines = "".join(
        f"<dt>{escape(by_name(name).title)}</dt><dd>{escape(by_name(name).about)}</dd>" for name in summary.engines_of(results)
    )
    left_out = "".join(f"<li>{escape(line)}</li>" for line in results.left_out)
    sections = f"""
<h1>How fast is WebAssembly in swage?</h1>
<p class="lead">WebAssembly is a portable form of compiled programs. swage turns it into machine code with LLVM. This page compares swage with
the same programs compiled directly for this machine, and with other WebAssembly engines.</p>
<p class="verdict">{escape(table.verdict(results))}</p>

<h2>All programs together</h2>
<p>Each bar says how long an engine takes for the same work, as a multiple of native code compiled by <code>clang -O3</code>. At 1 it is
as fast as native code, at 2 it takes twice as long. The axis is logarithmic.</p>
{figure(mean_chart(results), f"Geometric mean over the programs that an engine could run, of {len(results.kernels)}. Each engine runs the SIMD build of a program where there is one that it takes. Interpreters do a smaller piece of the work, beside native code that does the same piece.")}

<h2>Program by program</h2>
{figure(dot_chart(results), "A dot is one engine on one program; left of the dark line it is faster than clang -O3. Point at a dot for its name.")}

<h2>What it costs besides</h2>
{figure(cost_chart(results, lambda row: row.compile_seconds, " s", "Compile time"), "Compiling ahead of time: CPU time of the median program.")}
{figure(cost_chart(results, lambda row: row.start_seconds * 1000, " ms", "Start-up"), "Start: CPU time from the process's start until the program is ready to work. Engines that compile when they start pay here.")}
{figure(cost_chart(results, lambda row: row.peak_kib / 1024, " MiB", "Peak memory"), "Peak memory of the running process, median over the programs.")}
{engine_table(results)}

<h2>All ratios</h2>
<p>Time relative to <code>clang -O3</code>; <span class="ahead">green</span> is faster than native code, <span class="behind">red</span> more than 1.3
times as slow. Every run's output was checked against a fixed one.</p>
{kernel_table(results)}

<h2>How it was measured</h2>
<p>Every program says when it is ready to work and when it is done, and waits each time while the bench reads its CPU clock and memory from
outside; so all engines and native code are measured alike. What an engine compiles during the work counts as work; "once compiled" is the
work less a smaller piece of it, which compiles as much. Programs are pinned to
one core. All engines take turns, round by round; a ratio is the median of the rounds' own ratios. Native and WebAssembly code come from
the same compiler and flags.</p>
<dl>{engines}</dl>
{facts(results)}
<details><summary>What is missing, and why ({len(results.left_out)})</summary><ul>{left_out}</ul></details>
"""
    css = (HERE / "page.css").read_text()
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'><meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>swage: WebAssembly beside native code</title><style>{css}\n{charts.style()}</style></head><body><main>{sections}</main></body></html>\n"
    )


def write(results, folder):
    (folder / "report.html").write_text(page(results))
    (folder / "ratios.svg").write_text(mean_chart(results, standalone=True) + "\n")
