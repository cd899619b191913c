#!/usr/bin/env python3
"""./dev demo: one C program, compiled by one clang at one level, run in four ways and timed.

Every way runs the program whole, process start included, several times in turn, so that a busy moment hits all alike; the
table shows medians and the ratio to native. Debian's wasm-interp has no WASI: it calls the kernels' export, short run only.
"""

import argparse
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
SHORT, LONG = 20, 500
CHECKSUMS = {SHORT: "2751643238", LONG: "1679515025"}
WASM_CLANG = ("clang-22", "--target=wasm32-wasi", "-Wno-deprecated", "-O2")


def timed(command):
    start = time.perf_counter()
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit status {result.returncode}\n{result.stdout}{result.stderr}")
    return seconds, result.stdout


def step(what, command):
    seconds, _ = timed(command)
    print(f"  {what:<34} {seconds * 1000:9.1f} ms")


def build(options):
    """The program natively, as Wasm, as a module without WASI, and as an artifact."""
    work = options.work
    work.mkdir(parents=True, exist_ok=True)
    sources = [HERE / "kernels.c", HERE / "rounds.c"]
    print("Compiling examples/guests:")
    step("clang -O2, native", ["clang-22", "-O2", *sources, "-o", work / "rounds"])
    step("clang -O2, Wasm", [*WASM_CLANG, *sources, "-o", work / "app.wasm"])
    alone = ["-nostdlib", "-Wl,--no-entry,--export=short_run", HERE / "kernels.c", "-o", work / "kernels.wasm"]
    step("clang -O2, Wasm without WASI", [*WASM_CLANG, *alone])
    step("swage compile app.wasm -o app.so", [options.bin / "swage", "compile", work / "app.wasm", "-o", work / "app.so"])


def ways(options):
    """Each way's name, and its command for a number of rounds (None: it cannot)."""
    work = options.work
    found = [
        ("native", lambda rounds: [work / "rounds", rounds]),
        ("app.so with swage-run", lambda rounds: [options.bin / "swage-run", work / "app.so", rounds]),
        ("swage run app.wasm", lambda rounds: [options.bin / "swage", "run", work / "app.wasm", rounds]),
    ]
    if shutil.which("wasm-interp"):
        interpret = ["wasm-interp", "--run-all-exports", work / "kernels.wasm"]
        found.append(("wasm-interp", lambda rounds: interpret if rounds == SHORT else None))
    else:
        print("  skipped: wasm-interp (Debian package wabt)")
    return found


def measure(found, rounds, turns):
    """Median milliseconds of each way that can run so many rounds. Every output is checked."""
    times = {name: [] for name, command in found if command(rounds)}
    for turn in range(turns):
        for name, command in found:
            if name not in times or (name == "wasm-interp" and turn >= 3):  # takes seconds, so three turns must do
                continue
            seconds, output = timed(command(rounds))
            if CHECKSUMS[rounds] not in output:
                sys.exit(f"{name}: expected checksum {CHECKSUMS[rounds]}, got {output}")
            times[name].append(seconds * 1000)
    return {name: statistics.median(values) for name, values in times.items()}


def cell(times, name):
    if name not in times:
        return f"{'-':>10} {'':>8}"
    return f"{times[name]:10.1f} {times[name] / times['native']:7.2f}x"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="folder of swage and swage-run")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for what is built")
    parser.add_argument("--turns", type=int, default=7)
    options = parser.parse_args()
    build(options)
    found = ways(options)
    short, long = (measure(found, rounds, options.turns) for rounds in (SHORT, LONG))
    print(f"\nWhole process, median ms of {options.turns} interleaved runs, and times native; every checksum was right.\n")
    print(f"{'':<22} {SHORT:>10} rounds    {LONG:>10} rounds")
    for name, _ in found:
        print(f"{name:<22}{cell(short, name)} {cell(long, name)}")


if __name__ == "__main__":
    main()
