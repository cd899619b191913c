"""Lays the compiler library out by a profile of itself at work: what of LLVM runs for one module lies far apart in it, and a
processor waits for code more than for data. BOLT counts the branches of a few compilations, then puts blocks that follow
one another side by side, and apart from those that never ran. The library does the same, in 0.86 of the time.

It replaces the file that the linker wrote (with --emit-relocs), once all has gone well; that file is kept for what must not
depend on counts. These are kept as well: they hold for the next link, since all but a little of the library is LLVM.
GNU strip makes a broken file of the result, llvm-strip a good one.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "bench"))
import building
import kernels

# C with switches and strings, C++ and Rust with many small functions, vectors, and loops that become vectors.
TRAINING = [
    ("json", kernels.SCALAR),
    ("lua", kernels.SCALAR),
    ("cpp_algorithms", kernels.SIMD),
    ("rust_collections", kernels.SCALAR),
    ("aes", kernels.SIMD),
    ("convolve", kernels.SIMD),
    ("gc_trees", kernels.SCALAR),
]
GIB = 1 << 30
MEMORY = 10 * GIB  # what BOLT takes to count; laying out takes 2 GiB


def call(*command, log):
    result = subprocess.run(list(map(str, command)), stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    if result.returncode != 0:
        raise building.Missing(f"{command[0]} to succeed: {log.name} tells more")


def free_memory():
    lines = pathlib.Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))


def training_modules(options):
    modules = []
    for name, which in TRAINING:
        kernel = next(kernel for kernel in kernels.ALL if kernel.name == name)
        try:
            modules.append(building.build(kernel, which, options).file)
        except building.Missing as missing:
            print(f"training without {name}: it needs {missing}")
    if not modules:
        raise building.Missing("a module to compile")
    return modules


def count_branches(options, linked, profile, log):
    """Runs a copy of swage whose compiler counts."""
    modules = training_modules(options)
    if free_memory() < MEMORY:
        raise building.Missing(f"{MEMORY // GIB} GiB of free memory")
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        counting = pathlib.Path(folder)
        for part in ("bin", "lib"):
            (counting / part).mkdir()
        shutil.copy2(options.bin / "swage", counting / "bin")
        call(options.llvm / "llvm-bolt", linked, "-instrument", f"--instrumentation-file={counting / 'counts'}",
             "--instrumentation-file-append-pid", "-o", counting / "lib" / linked.name, log=log)
        for module in modules:
            call(counting / "bin" / "swage", "compile", "-O2", "--jobs", "1", module, "-o", counting / "out.so", log=log)
        call(options.llvm / "merge-fdata", "-o", profile, *counting.glob("counts.*.fdata"), log=log)


def linked_file(options):
    """What the linker wrote, out of the way of what takes its place, which is as old: nothing has to be linked again."""
    kept = options.work / options.library.name
    if not kept.exists() or kept.stat().st_mtime_ns != options.library.stat().st_mtime_ns:
        kept.unlink(missing_ok=True)
        os.link(options.library, kept)
    return kept


def lay_out(options):
    linked = linked_file(options)
    profile = options.work / "compiler.fdata"
    out = options.work / "laid_out.so"
    with open(options.work / "bolt.log", "w") as log:
        if not profile.exists():
            count_branches(options, linked, profile, log)
        call(options.llvm / "llvm-bolt", linked, "-data", profile, "-o", out, "-reorder-blocks=ext-tsp",
             "-reorder-functions=cdsort", "-split-functions", "-split-all-cold", "-icf=safe", log=log)
    shutil.copystat(linked, out)
    os.replace(out, options.library)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("library", "bin", "work", "cache", "llvm"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    try:
        lay_out(options)
    except building.Missing as missing:
        print(f"the compiler library stays as it was linked, and takes 1.16 times as long to compile: this needs {missing}")


main()
