#!/usr/bin/env python3
"""The compiler library that was laid out by a profile (cmake/lay_out.py) makes the code that it made as the linker wrote it.

  laid_out.py BUILD      77 where the library was not laid out, or its training modules are not there
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
LARGEST = 1 << 20  # of a module, in bytes: this is about the library, which the suites try further


def compiled(folder, module):
    out = folder / "out.so"
    subprocess.run([folder / "bin" / "swage", "compile", "-O2", module, "-o", out], check=True)
    return out.read_bytes()


def main(build):
    linked = build / "layout" / "libswage_compiler.so"
    laid_out = build / "lib" / "libswage_compiler.so"
    modules = [path for path in sorted(build.glob("layout/programs/*/*.wasm")) if path.stat().st_size < LARGEST]
    if not linked.exists() or linked.samefile(laid_out) or not modules:
        print("skipped: the compiler library is as the linker wrote it")
        return SKIPPED
    different = []
    with tempfile.TemporaryDirectory() as folders:
        before, after = pathlib.Path(folders) / "before", pathlib.Path(folders) / "after"
        for folder, library in ((before, linked), (after, laid_out)):
            (folder / "bin").mkdir(parents=True)
            (folder / "lib").mkdir()
            shutil.copy2(build / "bin" / "swage", folder / "bin")
            (folder / "lib" / "libswage_compiler.so").symlink_to(library)
        for module in modules:
            if compiled(before, module) != compiled(after, module):
                different.append(module)
    for module in different:
        print(f"{module}: not the same code")
    print(f"{len(modules)} modules compiled by both, {len(different)} differ")
    return 1 if different else 0


sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
