#!/usr/bin/env python3
"""What WASI costs where bytes pass through: a copy of a large file, and a million writes of one byte.

Each program (cat.c, writes.c) is built natively and for Wasm by one clang at one level. All ways run in turn, so that a busy
moment hits all alike, each also with nothing to do. Shown are medians: of wall and processor time (user and system) of the
whole process, and of what the job itself took of the processor, without the start; the ratio is the latter's to the native
program's, since a neighbour on the machine disturbs it least. cat(1) of coreutils stands beside, twice: from file to file it
asks the kernel to copy, which no program that reads and writes can match; where it appends it reads and writes itself.
"""

import argparse
import filecmp
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field

HERE = pathlib.Path(__file__).resolve().parent
MIB = 1 << 20
GOAL_COPY, GOAL_WRITES = 1.1, 2.0


def call(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit status {result.returncode}\n{result.stdout}{result.stderr}")


@dataclass
class Way:
    name: str
    command: list
    idle: list  # the same with nothing to do
    stdout: pathlib.Path = pathlib.Path("/dev/null")
    stdout_mode: str = "wb"
    times: list = field(default_factory=list)  # (wall, processor, processor of the idle run)

    def execute(self, command):
        """os.wait4 tells what that process alone has used."""
        with open(self.stdout, self.stdout_mode) as out:
            start = time.perf_counter()
            child = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=out)
            _, status, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))}: exit status {child.returncode}")
        return time.perf_counter() - start, used.ru_utime + used.ru_stime

    def run(self, after):
        _, idle = self.execute(self.idle)
        wall, processor = self.execute(self.command)
        after()
        self.times.append((wall * 1000, processor * 1000, (processor - idle) * 1000))

    def medians(self):
        return [statistics.median(column) for column in zip(*self.times)]


def build(options, program):
    """The program natively, as Wasm, and as an artifact."""
    source, native, wasm, artifact = (options.work / f"{program}{end}" for end in (".c", "", ".wasm", ".so"))
    source = HERE / source.name
    call(options.clang, "-O2", source, "-o", native)
    call(options.clang, "-O2", "--target=wasm32-wasi", "-Wno-deprecated", source, "-o", wasm)
    call(options.bin / "swage", "compile", wasm, "-o", artifact)
    return native, wasm, artifact


def ways(options, built, arguments, idle, folder):
    """The native program with its arguments in a folder of the host, and the guests with the folder as theirs."""
    native, wasm, artifact = built
    grant = f"--dir={folder}::{folder}"
    starts = {
        "native": [native],
        "swage-run, artifact": [options.bin / "swage-run", grant, artifact],
        "swage run, JIT": [options.bin / "swage", "run", grant, wasm],
    }
    return [Way(name, [*start, *arguments], [*start, *idle]) for name, start in starts.items()]


def measure(found, rounds, goal, after=lambda: None):
    """Prints a line per way; returns the names of those of swage that miss the goal."""
    for _ in range(rounds):
        for way in found:
            way.run(after)
    print(f"  {'':<22} {'wall':>8} {'processor':>10} {'job alone':>10}")
    missed = []
    for way in found:
        wall, processor, job = way.medians()
        ratio = job / found[0].medians()[2]
        print(f"  {way.name:<22} {wall:5.0f} ms {processor:7.0f} ms {job:7.0f} ms {ratio:6.2f}x")
        if way.name.startswith("swage") and ratio > goal:
            missed.append(way.name)
    return missed


def copy(options, built):
    source, empty, target = (options.folder / name for name in ("in", "empty", "out"))
    empty.touch()
    with open(source, "wb") as out:
        for number in range(options.mib):
            out.write(number.to_bytes(4, "little") * (MIB // 4))
    found = ways(options, built, [source, target], [empty, target], options.folder)
    for name, mode in (("cat(1) >", "wb"), ("cat(1) >>", "ab")):
        found.append(Way(name, ["cat", source], ["cat", empty], stdout=target, stdout_mode=mode))

    def check():
        if not filecmp.cmp(source, target, shallow=False):
            sys.exit("the copy differs")
        target.unlink()

    print(f"A copy of {options.mib} MiB in {options.folder}, goal {GOAL_COPY}x:")
    return measure(found, options.rounds, GOAL_COPY, check)


def writes(options, built, target):
    found = ways(options, built, [options.writes, target], [0, target], target.parent)
    print(f"{options.writes} writes of one byte to {target}, goal {GOAL_WRITES}x:")
    return measure(found, options.rounds, GOAL_WRITES)


def scratch_folder(needed):
    """Memory where there is room, so that no disk is measured."""
    shared = pathlib.Path("/dev/shm")
    if shared.is_dir() and shutil.disk_usage(shared).free > needed:
        return shared
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="folder of swage and swage-run")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for what is built")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--mib", type=int, default=1024, help="size of the file that is copied")
    parser.add_argument("--writes", type=int, default=1_000_000)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    options.clang = shutil.which("clang-22") or sys.exit("skipped: needs Debian package clang-22")
    options.folder = (scratch_folder(3 * options.mib * MIB) or options.work) / f"swage-throughput-{os.getpid()}"
    options.folder.mkdir()
    try:
        missed = copy(options, build(options, "cat"))
        built = build(options, "writes")
        for target in (pathlib.Path("/dev/null"), options.folder / "written"):
            missed += writes(options, built, target)
    finally:
        shutil.rmtree(options.folder)
    print(f"missed: {', '.join(missed)}" if missed else "all goals met")


if __name__ == "__main__":
    main()
