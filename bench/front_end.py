"""Whether reading a module is linear: `swage validate` and `swage parse` on modules that double, of shapes that a careless
decoder or validator would be quadratic in.

The sizes of real interest, up to 50 MB, are measured in CPU time and peak memory. The test takes small ones and counts
instructions under valgrind, which no neighbour on the machine disturbs.
"""

import pathlib
import sys

import measuring
from building import call
from check import instructions, stripped

MEGABYTES = (12.5, 25, 50)
MEGABYTES_COUNTED = (0.25, 0.5)
# How much more than its input a cost may grow, in instructions and in time: a larger module misses the caches more often.
SLACK_COUNTED = 1.1
SLACK = 1.6
ROUNDS = 3
BODY_BYTES = 4000
LARGEST_BODY = 7_000_000


def leb(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes([*out, n])


def section(number, contents):
    return bytes([number]) + leb(len(contents)) + contents


def vector(items):
    return leb(len(items)) + b"".join(items)


def module(bodies, types=b"\x01\x60\x01\x7f\x01\x7f", last_type=0):
    """Functions (param i32) (result i32) of three locals."""
    sized = [leb(len(body) + 4) + b"\x01\x03\x7f" + body + b"\x0b" for body in bodies]
    functions = section(3, vector([leb(last_type)] * len(bodies)))
    return b"\0asm\1\0\0\0" + section(1, types) + functions + section(5, b"\x01\x00\x01") + section(10, vector(sized))


def statement(seed, callee):
    """A loop in a block, a load, branches, a store, a call."""
    a = seed * 40503 & 0x3FFF
    return (
        b"\x02\x40\x03\x40\x20\x01\x20\x00\x41" + leb(a & 63) + b"\x6a\x28\x02" + leb(a) + b"\x6a\x21\x01\x20\x00\x41\x07\x49\x0d\x01"
        b"\x20\x02\x0d\x00\x0b\x0b\x20\x00\x20\x01\x36\x02" + leb(a * 3) + b"\x20\x01\x10" + leb(callee) + b"\x21\x02"
    )


def until(size, make):
    """Pieces until they have that many bytes."""
    pieces, total = [], 0
    while total < size:
        pieces.append(make(len(pieces)))
        total += len(pieces[-1])
    return pieces


def functions(size):
    block = b"".join(statement(seed, 0) for seed in range(BODY_BYTES // 40)) + b"\x20\x02"
    return module(until(size, lambda index: block))


def open_blocks(size):
    """Bodies as large as is allowed, whose blocks are all open at once."""
    bodies = []
    while size > 0:
        depth = min(size, LARGEST_BODY) // 3
        bodies.append(b"\x02\x40" * depth + b"\x0b" * depth + b"\x20\x00")
        size -= 3 * depth
        if depth < 1000:
            break
    return module(bodies)


def branch_tables(size):
    table = b"\x02\x40" * 50 + b"\x20\x00\x0e" + leb(2000) + bytes(index % 50 for index in range(2001)) + b"\x0b" * 50 + b"\x20\x00"
    return module(until(size, lambda index: table))


def types(size):
    """Struct types of twenty fields that all differ, which an engine must tell from each other."""
    def group(index):
        return b"\x5f\x14" + b"".join(b"\x7f\x00" if index >> bit & 1 else b"\x7e\x00" for bit in range(20))

    groups = until(size, group)
    groups.append(b"\x60\x01\x7f\x01\x7f")
    return module([b"\x20\x00"], vector(groups), len(groups) - 1)


def segments(size):
    """Functions exported and in a table, by names and indices of their own."""
    count = size // 16
    functions_of = section(3, vector([b"\x00"] * count))
    exports = section(7, vector([b"\x06%06x\x00" % index + leb(index) for index in range(count)]))
    elements = section(9, b"\x01\x00\x41\x00\x0b" + vector([leb(index) for index in range(count)]))
    code = section(10, vector([b"\x02\x00\x0b"] * count))
    table = section(4, b"\x01\x70\x00" + leb(count))
    return b"\0asm\1\0\0\0" + section(1, b"\x01\x60\x00\x00") + functions_of + table + exports + elements + code


# Name, maker, and its share of the size: a million types or functions are the most.
SHAPES = (
    ("functions", functions, 1),
    ("open blocks", open_blocks, 1),
    ("branch tables", branch_tables, 1),
    ("types", types, 0.8),
    ("segments", segments, 0.25),
)
TEXT_FACTOR = 4  # that many bytes of text for one of the module


def write(path, make, megabytes):
    """In a process of its own: the peak memory of this one is the least that shows of those it measures."""
    call([sys.executable, "-B", __file__, make.__name__, megabytes, path])


def commands(options, megabytes):
    """A name, and for each size the input and swage's arguments."""
    folder = options.work / "front_end"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "module.wasm"
    for name, make, share in SHAPES:
        for size in megabytes:
            write(path, make, size * share)
            yield f"validate {name}", path, ["validate", path]
    text = path.with_suffix(".wat")
    for size in megabytes:
        write(path, functions, size / TEXT_FACTOR)
        call([options.bin / "swage", "print", path, "-o", text])
        yield "parse functions", text, ["parse", text, "-o", path]


def growths(rows, slack, measure, show):
    """Whether each row's costs grow as its input does, against the row of that name before it."""
    is_linear = True
    before = {}
    for name, path, command in rows:
        size, costs = path.stat().st_size, measure(command)
        ratio = 1.0
        if name in before:
            smaller, least = before[name]
            ratio = max(cost / first for cost, first in zip(costs, least)) / (size / smaller)
        before[name] = size, costs
        is_linear &= ratio <= slack
        print(f"{name:<26}{size:>12,}  {show(costs)}{'' if ratio <= slack else '  NOT linear'}", flush=True)
    return is_linear


def measured(options, command):
    runs = [measuring.compile_once([[options.bin / "swage", *command]], command[-1]) for _ in range(ROUNDS)]
    return min(run.cpu for run in runs), min(run.peak_kib for run in runs)


def run(options):
    """Prints a table; the exit status is 1 where something grows faster than its input."""
    if options.quick:
        swage = stripped(options) / "bin" / "swage"
        start = instructions([swage, "--version"])
        is_linear = growths(
            commands(options, MEGABYTES_COUNTED),
            SLACK_COUNTED,
            lambda command: (instructions([swage, *command]) - start,),
            lambda costs: f"{costs[0]:>14,} instructions",
        )
    else:
        is_linear = growths(
            commands(options, MEGABYTES),
            SLACK,
            lambda command: measured(options, command),
            lambda costs: f"{costs[0]:8.2f} s{costs[1] / 1024:8.0f} MiB",
        )
    print("Reading grows linearly." if is_linear else "Reading grows faster than the module.")
    return 0 if is_linear else 1


if __name__ == "__main__":
    maker, megabytes, path = sys.argv[1:]
    pathlib.Path(path).write_bytes(globals()[maker](int(float(megabytes) * 1e6)))
