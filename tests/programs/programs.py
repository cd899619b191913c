#!/usr/bin/env python3
"""Builds guest programs, runs each under swage and beside it natively, and compares what came out.

  programs.py list               one line per guest: its name, then its modes, separated by semicolons
  programs.py build GUEST        build it for Wasm and for this machine, into --work
  programs.py run GUEST MODE     MODE is jit or aot, with an optional level: aot-O0

Compared are standard output, the exit status, and every file that the program left in its directory. A guest whose
toolchain is missing exits with 77, which ctest shows as skipped, and says what is missing.
"""

import argparse
import os
import pathlib
import pickle
import shutil
import subprocess
import sys
import tempfile

import guests

SKIPPED = 77


def skip(guest, reason):
    print(f"skipped: {guest.name} needs {reason}")
    sys.exit(SKIPPED)


def build(options, guest):
    out = options.work / guest.name
    out.mkdir(parents=True, exist_ok=True)
    (out / "built").unlink(missing_ok=True)
    try:
        built = guests.BUILDERS[guest.language](guest, guests.Tools(options.cc, options.cxx, options.cache), out)
    except guests.Missing as missing:
        (out / "missing").write_text(str(missing))
        skip(guest, missing)
    (out / "missing").unlink(missing_ok=True)
    (out / "built").write_bytes(pickle.dumps(built))
    print(f"{guest.name}: {built.wasm.stat().st_size} bytes of Wasm")


def load(options, guest):
    out = options.work / guest.name
    if (out / "missing").exists():
        skip(guest, (out / "missing").read_text())
    if not (out / "built").exists():
        sys.exit(f"{guest.name} was not built: run programs.py build {guest.name}")
    return pickle.loads((out / "built").read_bytes())


def execute(command, guest, env):
    try:
        return subprocess.run(
            [str(part) for part in command], input=guest.stdin.encode(), env=env, capture_output=True, timeout=guest.timeout
        )
    except subprocess.TimeoutExpired:
        sys.exit(f"timed out after {guest.timeout} s: {command[0]}")


def run_native(guest, built, folder):
    folder.mkdir()
    args = [arg.replace("{dir}", str(folder)) for arg in guest.args]
    return execute([*built.native, *args], guest, guest.env)


def run_swage(options, guest, built, mode, folder, scratch):
    """Runs in the JIT, or compiles to an artifact and runs that with the launcher that has no compiler."""
    folder.mkdir()
    (scratch / "tmp").mkdir()
    kind, _, level = mode.partition("-")
    level_option = ["-" + level] if level else []
    mounts = [(folder, "/data"), (scratch / "tmp", "/tmp")]
    grants = [f"--dir={host}::{name}" for host, name in mounts]
    grants += [f"--dir={host}::{name}:ro" for host, name in built.mounts]
    grants += [f"--env={key}={value}" for key, value in guest.env.items()]
    args = [*built.leading_args, *(arg.replace("{dir}", "/data") for arg in guest.args)]
    if kind == "jit":
        return execute([options.bin / "swage", "run", *level_option, *grants, built.wasm, *args], guest, os.environ)
    artifact = scratch / "app.so"
    compiled = execute([options.bin / "swage", "compile", *level_option, built.wasm, "-o", artifact], guest, os.environ)
    if compiled.returncode != 0:
        sys.exit(f"swage compile: exit status {compiled.returncode}\n{compiled.stderr.decode(errors='replace')}")
    return execute([options.bin / "swage-run", *grants, artifact, *args], guest, os.environ)


def tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}


def differences(expected, got):
    """One line for each thing that differs, empty when all is alike."""
    found = []
    if expected["status"] != got["status"]:
        found.append(f"exit status: expected {expected['status']}, got {got['status']}")
    if expected["output"] != got["output"]:
        theirs, ours = expected["output"].splitlines(), got["output"].splitlines()
        line = next((i for i, pair in enumerate(zip(theirs, ours)) if pair[0] != pair[1]), min(len(theirs), len(ours)))
        found.append(f"output line {line + 1}: expected {theirs[line : line + 1]}, got {ours[line : line + 1]}")
    names = expected["files"].keys() | got["files"].keys()
    found += [f"file {name} differs" for name in sorted(names) if expected["files"].get(name, 0) != got["files"].get(name, 0)]
    return found


def outcome(result, folder):
    return {"status": result.returncode, "output": result.stdout, "files": tree(folder)}


def expectation(guest, built, got, scratch):
    """What the run must have given: the native twin's outcome, or for a language without one, the checked-in output."""
    if built.native:
        return outcome(run_native(guest, built, scratch / "native"), scratch / "native")
    path = guests.GUESTS / guest.language / (pathlib.Path(guest.source).stem + ".expected")
    if os.environ.get("SWAGE_BLESS"):
        path.write_bytes(b"exit status %d\n" % got["status"] + got["output"])
    first, _, output = path.read_bytes().partition(b"\n")
    return {"status": int(first.split()[-1]), "output": output, "files": {}}


def run(options, guest, mode):
    built = load(options, guest)
    with tempfile.TemporaryDirectory(prefix=f"swage-{guest.name}-") as name:
        scratch = pathlib.Path(name)
        result = run_swage(options, guest, built, mode, scratch / "work", scratch)
        got = outcome(result, scratch / "work")
        if guest.check is None:
            found = differences(expectation(guest, built, got, scratch), got)
        elif got["status"] != 0:
            found = [f"exit status: expected 0, got {got['status']}"]
        else:
            found = guest.check(scratch / "work")
        if found:
            print(*found, sep="\n")
            sys.exit(f"{guest.name} in mode {mode} differs; its standard error:\n{result.stderr.decode(errors='replace')[-4000:]}")
    print(f"{guest.name} in mode {mode}: as expected")


def absolute(text):
    return pathlib.Path(text).resolve()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=absolute, help="folder of swage and swage-run")
    parser.add_argument("--work", type=absolute, help="folder for what is built")
    parser.add_argument("--cache", type=absolute, help="folder of the npm packages")
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--cxx", default="c++")
    parser.add_argument("command", choices=("list", "build", "run"))
    parser.add_argument("guest", nargs="?")
    parser.add_argument("mode", nargs="?")
    options = parser.parse_args()
    if options.command == "list":
        for guest in guests.ALL:
            print(";".join((guest.name, *guest.modes)))
    elif options.command == "build":
        build(options, guests.by_name(options.guest))
    else:
        run(options, guests.by_name(options.guest), options.mode)


if __name__ == "__main__":
    main()
