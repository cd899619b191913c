"""Charts as SVG text: bars for one figure per engine, dots for many ratios per kernel. Colours are classes, which the page's
style sheet gives for light and for dark; `standalone` adds that style sheet's colours, for a picture of its own."""

import html
import math

COLOURS = {  # of a group of engines, on light and on dark
    "native": ("#6b7280", "#9ca3af"),
    "swage": ("#c2410c", "#fb923c"),
    "LLVM": ("#0f766e", "#2dd4bf"),
    "V8": ("#1d4ed8", "#60a5fa"),
    "JavaScriptCore": ("#7e22ce", "#c084fc"),
    "Cranelift": ("#15803d", "#4ade80"),
    "singlepass": ("#4d7c0f", "#a3e635"),
    "wazero": ("#0e7490", "#22d3ee"),
    "interpreters": ("#be185d", "#f472b6"),
}
INK = {"text": ("#1f2328", "#e6e6e6"), "faint": ("#6b7280", "#9aa0a6"), "line": ("#d8dbe0", "#3a3f47"), "paper": ("#ffffff", "#16181d")}


def class_of(group):
    return "g-" + group.lower()


def style():
    """The colours, light first; dark where the reader's system is."""
    lines = []
    for shade, opening, closing in ((0, "", ""), (1, "@media (prefers-color-scheme: dark) {", "}")):
        lines.append(opening)
        lines += [f".{class_of(group)} {{ fill: {pair[shade]}; }}" for group, pair in COLOURS.items()]
        lines.append(f".ink {{ fill: {INK['text'][shade]}; }} .faint {{ fill: {INK['faint'][shade]}; }}")
        lines.append(f".line {{ stroke: {INK['line'][shade]}; }} .mark {{ stroke: {INK['text'][shade]}; }}")
        lines.append(f".paper {{ fill: {INK['paper'][shade]}; }}")
        lines.append(closing)
    return "\n".join(line for line in lines if line)


def text(x, y, words, css="ink", anchor="start", size=13):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{css}" text-anchor="{anchor}" font-size="{size}">{html.escape(words)}</text>'


def line(x1, y1, x2, y2, css="line", width=1):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{css}" stroke-width="{width}"/>'


def svg(width, height, parts, label, standalone=False):
    font = "font-family=\"system-ui, 'Segoe UI', Helvetica, Arial, sans-serif\""
    size = f'width="{width}" height="{height}"' if standalone else 'width="100%"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {size} role="img" aria-label="{html.escape(label)}" {font}>'
    if standalone:
        parts = [f"<style>{style()}</style>", f'<rect width="{width}" height="{height}" rx="8" class="paper"/>', *parts]
    return "\n".join([head, *parts, "</svg>"])


class LogScale:
    """Positions on a logarithmic axis, and the round numbers to mark on it."""

    def __init__(self, values, left, right, around=()):
        values = [value for value in [*values, *around] if value and value > 0]
        self.low, self.high = min(values) / 1.08, max(values) * 1.08
        self.left, self.right = left, right

    def __call__(self, value):
        share = (math.log(value) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        return self.left + share * (self.right - self.left)

    def ticks(self):
        steps = (1, 2, 5) if self.high / self.low > 12 else (1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
        found = [step * 10.0**power for power in range(-6, 7) for step in steps]
        found = [tick for tick in found if self.low <= tick <= self.high]
        kept = []
        for tick in found:  # not closer than a label is wide
            if not kept or self(tick) - self(kept[-1]) > 34:
                kept.append(tick)
        return kept


def short(value):
    return f"{value:.2f}".rstrip("0").rstrip(".") if value < 10 else f"{value:.0f}"


def bars(rows, unit, label, title=None, mark=None, standalone=False):
    """Rows of (name, group, value); a logarithmic axis, as interpreters and compilers lie far apart."""
    left, width, step = 250, 860, 26
    top = 24 if title is None else 64
    if not rows:
        return ""
    scale = LogScale([value for _, _, value in rows], left, width - 70, around=[mark] if mark else [])
    height = top + step * len(rows) + 34
    parts = []
    if title:
        parts += [text(20, 30, title[0], size=17), text(20, 50, title[1], "faint", size=12)]
    for tick in scale.ticks():
        parts.append(line(scale(tick), top - 4, scale(tick), height - 30))
        parts.append(text(scale(tick), height - 14, short(tick) + unit, "faint", "middle", 11))
    for index, (name, group, value) in enumerate(rows):
        y = top + step * index
        end = scale(value)
        start = scale(mark) if mark else left
        parts.append(text(left - 10, y + 15, name, anchor="end"))
        x, length = min(start, end), max(2.0, abs(end - start))
        parts.append(f'<rect x="{x:.1f}" y="{y + 3}" width="{length:.1f}" height="{step - 9}" rx="2" class="{class_of(group)}"/>')
        parts.append(text(max(end, start) + 6, y + 15, short(value) + unit, size=12))
    if mark:
        parts.append(line(scale(mark), top - 8, scale(mark), height - 30, "mark", 1.5))
    return svg(width, height, parts, label, standalone)


def dots(kernels, series, label):
    """A line per kernel, a dot per engine. `series`: (name, group, ratios by kernel); the last lies on top."""
    left, width, step, top = 170, 860, 20, 14
    values = [ratios.get(kernel) for _, _, ratios in series for kernel in kernels]
    scale = LogScale([value for value in values if value], left, width - 20, around=[1])
    height = top + step * len(kernels) + 30
    parts = []
    for tick in scale.ticks():
        parts.append(line(scale(tick), top - 6, scale(tick), height - 26))
        parts.append(text(scale(tick), height - 10, short(tick), "faint", "middle", 11))
    parts.append(line(scale(1), top - 6, scale(1), height - 26, "mark", 1.5))
    for index, kernel in enumerate(kernels):
        y = top + step * index + 8
        parts.append(line(left, y, width - 20, y))
        parts.append(text(left - 10, y + 4, kernel, anchor="end", size=12))
        for name, group, ratios in series:
            if not ratios.get(kernel):
                continue
            radius = 5.5 if group == "swage" else 4
            words = f"{kernel}: {name} takes {short(ratios[kernel])} times as long as clang -O3"
            parts.append(
                f'<circle cx="{scale(ratios[kernel]):.1f}" cy="{y}" r="{radius}" class="{class_of(group)}" fill-opacity="0.85">'
                f"<title>{html.escape(words)}</title></circle>"
            )
    return svg(width, height, parts, label)
