#!/usr/bin/env python3
"""Proves that house.py sees each offence: a small tree is laid out, one bad line planted, and the finding compared."""

import pathlib
import tempfile
import unittest

import house

# File: (an include that its box may have, includes that it may not).
PLANTED = {
    "runtime/memory.cpp": ('"runtime/abi/abi.h"', ['"compiler/wasm/module.h"', "<llvm/IR/Module.h>", '"wasi/host.h"', "<fmt/core.h>"]),
    "runtime/abi/abi.h": ('"swage/error.h"', ['"runtime/memory.h"', '"compiler/wasm/module.h"', "<llvm/ADT/StringRef.h>"]),
    "runtime/include/swage/store.h": ('"swage/error.h"', ['"runtime/memory.h"', '"swage/wasi.h"', '"compiler/wasm/module.h"']),
    "wasi/host.cpp": ('"swage/error.h"', ['"runtime/memory.h"', '"runtime/abi/abi.h"', '"compiler/wasm/module.h"', "<llvm/IR/Module.h>"]),
    "cli/main.cpp": ("<CLI/CLI.hpp>", ['"compiler/wasm/module.h"', '"runtime/memory.h"', '"wasi/host.h"', "<llvm/IR/Module.h>"]),
    "cli/wast/runner.cpp": ('"compiler/text/lexer.h"', ['"compiler/lower/lower.h"', '"runtime/memory.h"', "<llvm/IR/Module.h>"]),
    "compiler/wasm/decode.cpp": ('"swage/error.h"', ['"compiler/lower/lower.h"', '"runtime/abi/abi.h"', "<llvm/ADT/StringRef.h>"]),
    "compiler/text/lexer.cpp": ('"compiler/wasm/module.h"', ['"compiler/lower/lower.h"', "<llvm/ADT/StringRef.h>", '"../lower/lower.h"']),
    "compiler/lower/chapter.cpp": ("<llvm/IR/Module.h>", ['"compiler/codegen/link.h"', '"compiler/jit/jit.h"', '"runtime/memory.h"']),
    "compiler/codegen/emit.cpp": ('"compiler/lower/lower.h"', ['"compiler/jit/jit.h"', '"runtime/memory.h"', '"cli/files.h"']),
    "compiler/jit/jit.cpp": ('"compiler/codegen/link.h"', ['"runtime/memory.h"', '"cli/files.h"', "<CLI/CLI.hpp>", '"compiler/text/lexer.h"']),
    "compiler/library/entry.cpp": ('"compiler/jit/jit.h"', ['"runtime/memory.h"', '"wasi/host.h"', '"swage/wasi.h"']),
}
HEADERS = (
    *("runtime/memory.h", "runtime/abi/abi.h", "runtime/include/swage/error.h", "wasi/host.h", "wasi/include/swage/wasi.h"),
    *("compiler/wasm/module.h", "compiler/lower/lower.h", "compiler/codegen/link.h", "compiler/jit/jit.h", "compiler/text/lexer.h"),
    "cli/files.h",
)


class Tree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="swage-house-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for header in HEADERS:
            self.write(header, "#pragma once\n")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


class Includes(Tree):
    def test_every_box_has_a_planted_offence(self):
        planted = {max((box for box in house.ARROWS if name.startswith(box)), key=len) for name in PLANTED}
        self.assertEqual(planted, set(house.ARROWS))

    def test_what_the_arrows_allow_passes(self):
        for name, (allowed, _) in PLANTED.items():
            self.write(name, f"#include {allowed}\n#include <vector>\n#include <sys/mman.h>\n")
        self.assertEqual(list(house.include_offences(self.root)), [])

    def test_each_forbidden_include_is_found(self):
        for name, (_, forbidden) in PLANTED.items():
            for include in forbidden:
                with self.subTest(file=name, include=include):
                    before = (self.root / name).read_text() if (self.root / name).exists() else None
                    self.write(name, f"// Why this file is here.\n#  include {include} // planted\n")
                    found = list(house.include_offences(self.root))
                    self.assertEqual(len(found), 1, found)
                    self.assertTrue(found[0].startswith(f"{name}:2: "), found)
                    (self.root / name).unlink() if before is None else self.write(name, before)

    def test_an_include_beside_the_file_is_resolved_before_it_is_judged(self):
        self.write("runtime/store.cpp", '#include "memory.h"\n')
        self.write("wasi/host.cpp", '#include "../runtime/memory.h"\n')
        self.assertEqual(list(house.include_offences(self.root)), ["wasi/host.cpp:1: wasi/ may not include runtime/memory.h"])

    def test_a_quoted_include_of_nothing_is_an_offence(self):
        self.write("runtime/store.cpp", '#include "somewhere/else.h"\n')
        self.assertEqual(len(list(house.include_offences(self.root))), 1)


class Length(Tree):
    def test_the_limit_itself_passes(self):
        self.write("runtime/long.cpp", "\n" * house.LONGEST)
        self.assertEqual(list(house.length_offences(self.root)), [])

    def test_one_line_more_is_an_offence(self):
        self.write("runtime/long.cpp", "\n" * (house.LONGEST + 1))
        self.assertEqual(list(house.length_offences(self.root)), ["runtime/long.cpp: 1001 lines; 1000 is the limit"])

    def test_build_folders_are_not_ours(self):
        self.write("build-debug/generated.cpp", "\n" * 5000)
        self.assertEqual(list(house.length_offences(self.root)), [])


class Thin(unittest.TestCase):
    def test_a_program_with_another_library_is_an_offence(self):
        found = list(house.thin_offences(house.shutil.which("cmake")))
        self.assertTrue(found)


if __name__ == "__main__":
    unittest.main()
