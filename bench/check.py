"""Counts instructions instead of time: the same on every machine, so that a change of swage that costs speed fails a test.

Some kernels are compiled for a fixed CPU and run under valgrind; what their work takes is a run of some rounds less a run
of none. One compilation is counted whole. The baseline, instructions.json, names each module by a hash of what it does:
another clang may make another module, whose row is then left out by name instead of compared.
"""

import hashlib
import json
import re
import subprocess
import sys

import kernels
from building import HERE, Missing, build, call, tool
from kernels import SCALAR, SIMD

BASELINE = HERE / "instructions.json"
TOLERANCE = 0.02
# The compiler spends its time in libc's memory functions, too, which differ from CPU to CPU.
COMPILE_TOLERANCE = 0.05
CPU = "x86-64-v3"
SKIPPED = 77

# (kernel, build, rounds): a tenth of a second or less, about a second under valgrind.
RUNS = (
    ("matmul", SCALAR, 2),
    ("matmul", SIMD, 2),
    ("knapsack", SCALAR, 8),
    ("float_to_int", SCALAR, 100),
    ("quicksort", SCALAR, 1),
    ("lz", SCALAR, 4),
    ("json", SCALAR, 20),
    ("sha256", SCALAR, 10),
    ("interpreter", SCALAR, 20),
    ("recursion", SCALAR, 8),
    ("indirect_calls", SCALAR, 200),
    ("virtual_calls", SCALAR, 1000),
    ("memory_size", SCALAR, 800),
    ("image_vectors", SIMD, 200),
    ("gc_trees", SCALAR, 100),
)
COMPILED = ("json", SIMD)


def stripped(options):
    """swage without debug information, which valgrind 3.19 cannot read, as the linker wrote it (cmake/lay_out.py)."""
    folder = options.work / "check"
    build = options.bin.parent
    linked = build / "layout" / "libswage_compiler.so"
    for name in ("bin/swage", "bin/swage-run", "lib/libswage_compiler.so"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        source = linked if name.startswith("lib") and linked.exists() else build / name
        call([tool("strip", needed="Debian package binutils"), "-o", folder / name, source])
    return folder


def instructions(command):
    valgrind = [tool("valgrind", needed="Debian package valgrind"), "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    result = subprocess.run([*valgrind, *map(str, command)], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    found = re.search(r"I +refs: +([\d,]+)", result.stderr)
    if result.returncode != 0 or not found:
        sys.exit(f"{' '.join(map(str, command))}: exit status {result.returncode}\n{result.stderr[-2000:]}")
    return int(found[1].replace(",", ""))


def compile_command(folder, module, artifact):
    return [folder / "bin" / "swage", "compile", "-O2", "-j1", "--cpu", CPU, module, "-o", artifact]


def digest_of(module):
    """Of all sections but custom ones, which name the compiler's version and debug information."""
    data, at, digest = module.read_bytes(), 8, hashlib.sha256()
    while at < len(data):
        start, size, shift, more = at, 0, 0, True
        at += 1
        while more:  # LEB128
            size |= (data[at] & 0x7F) << shift
            more, shift, at = data[at] & 0x80, shift + 7, at + 1
        at += size
        if data[start] != 0:
            digest.update(data[start:at])
    return digest.hexdigest()[:16]


def count_run(folder, module, rounds):
    artifact = folder / "guest.so"
    call(compile_command(folder, module, artifact))
    run = [folder / "bin" / "swage-run", artifact]
    return instructions([*run, str(rounds)]) - instructions([*run, "0"])


def counts(options):
    """Each row's name, its module's hash, and a function that counts."""
    folder = stripped(options)
    for name, which, rounds in RUNS:
        module = build(next(kernel for kernel in kernels.ALL if kernel.name == name), which, options).file
        yield f"run {name} {which}", module, lambda module=module, rounds=rounds: count_run(folder, module, rounds)
    module = build(next(kernel for kernel in kernels.ALL if kernel.name == COMPILED[0]), COMPILED[1], options).file
    yield f"compile {' '.join(COMPILED)}", module, lambda: instructions(compile_command(folder, module, folder / "guest.so"))


def verdict(name, count, before):
    change = count / before["instructions"] - 1
    if abs(change) <= (COMPILE_TOLERANCE if name.startswith("compile") else TOLERANCE):
        return "ok", change
    return ("worse" if change > 0 else "better: bless it"), change


def check(options):
    """Returns the exit status."""
    baseline = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    new, worse, compared = {}, 0, 0
    try:
        for name, module, count in counts(options):
            digest = digest_of(module)
            before = baseline.get(name)
            if not options.bless and (before is None or before["module"] != digest):
                print(f"{name:<26} left out: {'it has no baseline' if before is None else 'this clang makes another module'}")
                continue
            new[name] = {"module": digest, "instructions": count()}
            if options.bless:
                print(f"{name:<26}{new[name]['instructions']:>16,}")
                continue
            text, change = verdict(name, new[name]["instructions"], before)
            worse += text == "worse"
            compared += 1
            print(f"{name:<26}{before['instructions']:>16,}{new[name]['instructions']:>16,}{100 * change:+8.2f} %  {text}", flush=True)
    except Missing as missing:
        print(f"skipped: needs {missing}")
        return SKIPPED
    if options.bless:
        BASELINE.write_text(json.dumps(new, indent=1) + "\n")
        return 0
    print(f"{compared} compared, {worse} worse; ./dev bench --check --bless takes what is for the baseline")
    return 1 if worse else 0 if compared else SKIPPED
