#!/usr/bin/env python3
"""Checks that hold for the tree as a whole; each prints one line per offence and exits with 1 when there is one.

  house.py includes ROOT      every #include follows the arrows between the boxes (docs/architecture.md)
  house.py length ROOT        no file of ours is longer than 1,000 lines
  house.py format ROOT        clang-format would change nothing (77 where clang-format-22 is missing)
  house.py thin BINARY...     needs libc, libm, libgcc_s and libstdc++ at most

The arrows are what keeps the runtime able to ship alone: one include against them and it cannot. house_test.py plants an
offence against each row below.
"""

import pathlib
import re
import shutil
import subprocess
import sys

LONGEST = 1000
SKIPPED = 77
SOURCES = {".h", ".cpp", ".c", ".inc", ".S"}
LIMITED = SOURCES | {".py", ".cmake", ".txt", ".rs", ".go", ".ts", ".mjs", ".sh", ".md", ".wat", ".wast"}
NOT_OURS = re.compile(r"(^|/)(\.git|\.cache|build[^/]*|node_modules)(/|$)")

FRONT = ("compiler/wasm/", "runtime/include/", "fmt/", "xxhash.h")
ABI = ("runtime/abi/", "runtime/artifact/", "runtime/include/", "fmt/", "xxhash.h", "llvm/", "llvm-c/", "lld/")
# Box: what it may include besides itself, as path prefixes. A file belongs to the longest box that its path starts with.
ARROWS = {
    "compiler/wasm/": ("runtime/include/", "fmt/", "xxhash.h"),
    "compiler/text/": FRONT,
    "compiler/lower/": (*ABI, "compiler/wasm/", "compiler/codegen/llvm.h"),
    "compiler/codegen/": (*ABI, "compiler/wasm/", "compiler/lower/"),
    "compiler/jit/": (*ABI, "compiler/wasm/", "compiler/lower/", "compiler/codegen/"),
    "compiler/": (*ABI, "compiler/"),
    "runtime/": ("runtime/", "xxhash.h"),
    "runtime/abi/": ("runtime/include/",),
    "runtime/include/": ("runtime/abi/trap_code.h", "runtime/abi/value.h"),
    "wasi/": ("runtime/include/",),
    "cli/wast/": ("cli/", "runtime/include/", "fmt/", "compiler/text/", "compiler/wasm/"),
    "cli/": ("runtime/include/", "wasi/include/", "CLI/", "fmt/"),
}
# Headers that an arrow is about; everything else in angle brackets is the system's.
GOVERNED = re.compile(r"^(compiler|runtime|wasi|cli|tests|bench|swage|llvm|llvm-c|lld|clang|CLI|fmt|gtest|gmock|benchmark)/|^xxhash\.h$")
ROOTS = ("", "runtime/include/", "wasi/include/")
INCLUDE = re.compile(r'^\s*#\s*include(?:_next)?\s*(?P<open>[<"])(?P<name>[^>"]+)[>"]', re.MULTILINE)


def files_under(root, suffixes):
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.suffix in suffixes and not NOT_OURS.search(name) and path.is_file():
            yield name, path


def resolve(root, name, opened, included):
    """The included file as a path from the root, or as it was written when it is not a file of ours."""
    candidates = [str(pathlib.PurePosixPath(prefix + included)) for prefix in ROOTS]
    if opened == '"':
        beside = (root / name).parent / included
        if beside.is_file():
            return beside.resolve().relative_to(root.resolve()).as_posix()
    return next((candidate for candidate in candidates if (root / candidate).is_file()), included)


def include_offences(root):
    for name, path in files_under(root, SOURCES):
        box = max((box for box in ARROWS if name.startswith(box)), key=len, default=None)
        if box is None:
            continue
        text = path.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            target = resolve(root, name, match["open"], match["name"])
            ours = (root / target).is_file()
            if not ours and match["open"] == "<" and not GOVERNED.match(match["name"]):
                continue
            if not any(target.startswith(prefix) for prefix in (box, *ARROWS[box])):
                line = text.count("\n", 0, match.start("name")) + 1
                yield f"{name}:{line}: {box} may not include {target}"


def length_offences(root):
    for name, path in files_under(root, LIMITED):
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > LONGEST:
            yield f"{name}: {lines} lines; {LONGEST} is the limit"


def format_offences(root):
    formatter = shutil.which("clang-format-22")
    if formatter is None:
        print("skipped: clang-format-22 is missing")
        sys.exit(SKIPPED)
    sources = [str(path) for _, path in files_under(root, {".h", ".cpp", ".c"})]
    result = subprocess.run([formatter, "--dry-run", "-Werror", *sources], capture_output=True, text=True)
    named = re.findall(r"^(.*?):(\d+):\d+: error", result.stderr, re.MULTILINE)
    first = {}
    for path, line in named:
        first.setdefault(pathlib.Path(path).relative_to(root).as_posix(), line)
    for name, line in first.items():
        yield f"{name}:{line}: not formatted (./dev fmt)"


def needed_libraries(binary):
    listing = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout
    return re.findall(r"^\s*(\S*/)?([^\s/]+?)\.so", listing, re.MULTILINE)


def thin_offences(*binaries):
    thin = {"linux-vdso", "libc", "libm", "libgcc_s", "libstdc++", "ld-linux-x86-64", "ld-linux-aarch64"}
    for binary in binaries:
        for _, library in needed_libraries(binary):
            if library not in thin:
                yield f"{binary} needs {library}.so"


def main():
    checks = {"includes": include_offences, "length": length_offences, "format": format_offences, "thin": thin_offences}
    if len(sys.argv) < 3 or sys.argv[1] not in checks:
        sys.exit(__doc__)
    offences = list(checks[sys.argv[1]](*map(pathlib.Path, sys.argv[2:])))
    for offence in offences:
        print(offence)
    sys.exit(1 if offences else 0)


if __name__ == "__main__":
    main()
