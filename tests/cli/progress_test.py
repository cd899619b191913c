#!/usr/bin/env python3
"""The progress bar of `swage compile`, on a terminal of its own: there after a second, gone at the end, nowhere else.

How long a module compiles depends on the machine, so the module grows until the bar has had its second.

  progress_test.py SWAGE
"""

import os
import pathlib
import platform
import pty
import re
import subprocess
import sys
import tempfile
import unittest

SWAGE = sys.argv.pop(1)


def statement(seed):
    return f"""(local.set 1 (i32.add (i32.mul (local.get 1) (i32.const {seed | 1})) (i32.load offset={seed % 997} (local.get 0))))
    (if (i32.lt_u (local.get 1) (i32.const {seed * 7})) (then (i32.store offset={seed % 89} (local.get 1) (local.get 0))))"""


def module(functions):
    bodies = ("".join(statement(index * 31 + row) for row in range(40)) for index in range(functions))
    return "(module (memory 2)" + "".join(f'(func (export "f{i}") (param i32 i32) {body})' for i, body in enumerate(bodies)) + ")"


def on_terminal(command):
    """What a command writes to a terminal, which is its standard error."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        written = b""
        try:
            while piece := os.read(ours, 4096):
                written += piece
        except OSError:  # Linux says EIO once the other side is closed
            pass
    os.close(ours)
    assert process.returncode == 0, written
    return written.decode()


class Progress(unittest.TestCase):
    def compile_command(self, folder, functions, cpu="native"):
        source = pathlib.Path(folder) / "guest.wat"
        source.write_text(module(functions))
        return [SWAGE, "compile", "-O3", "-j1", "--cpu", cpu, source, "-o", source.with_suffix(".so")]

    def test_bar_of_a_long_compile_counts_up_and_goes(self):
        with tempfile.TemporaryDirectory() as folder:
            for functions in (200, 800, 3200, 12800):
                written = on_terminal(self.compile_command(folder, functions))
                if written:
                    break
        done = [int(count) for count in re.findall(rf"compiling \[#*\.*\] (\d+)/{functions} functions, \d+ s left", written)]
        self.assertTrue(done, written[:200])
        self.assertEqual(done, sorted(done))
        self.assertLessEqual(done[-1], functions)
        self.assertTrue(written.endswith("\r\033[K"), written[-100:])

    def test_short_compile_shows_none(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(on_terminal(self.compile_command(folder, 1)), "")

    def test_portable_code_gets_advice(self):
        with tempfile.TemporaryDirectory() as folder:
            written = on_terminal(self.compile_command(folder, 1, "x86-64" if platform.machine() == "x86_64" else "generic"))
        self.assertIn("--cpu native may be faster here: this machine also has", written)

    def test_file_gets_none(self):
        with tempfile.TemporaryDirectory() as folder:
            command = self.compile_command(folder, 200)
            self.assertEqual(subprocess.run(command, capture_output=True, check=True).stderr, b"")


if __name__ == "__main__":
    unittest.main()
