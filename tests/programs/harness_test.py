#!/usr/bin/env python3
"""Proves that the harness sees what it looks for: a wrong status, line or file, and a netlist with one wrong gate."""

import json
import pathlib
import tempfile
import unittest

import guests
import netlist
import programs

RIGHT = {"status": 0, "output": b"one\ntwo\n", "files": {"a": b"1", "sub": None}}


class Differences(unittest.TestCase):
    def found(self, **changes):
        return programs.differences(RIGHT, {**RIGHT, **changes})

    def test_alike(self):
        self.assertEqual(self.found(), [])

    def test_exit_status(self):
        self.assertEqual(self.found(status=1), ["exit status: expected 0, got 1"])

    def test_output_line(self):
        self.assertEqual(self.found(output=b"one\n2\n"), ["output line 2: expected [b'two'], got [b'2']"])

    def test_missing_last_line(self):
        self.assertEqual(self.found(output=b"one\n"), ["output line 2: expected [b'two'], got []"])

    def test_file_content(self):
        self.assertEqual(self.found(files={"a": b"2", "sub": None}), ["file a differs"])

    def test_file_instead_of_directory(self):
        self.assertEqual(self.found(files={"a": b"1", "sub": b""}), ["file sub differs"])

    def test_one_file_too_many(self):
        self.assertEqual(self.found(files={**RIGHT["files"], "b": None}), ["file b differs"])


def toggle(gate):
    """A one-bit register that loads gate(a, y) at each clock."""
    cells = {
        "g": {"type": gate, "connections": {"A": [3], "B": [4], "Y": [5]}},
        "f": {"type": "$_SDFF_PP0_", "connections": {"C": [1], "R": [2], "D": [5], "Q": [4]}},
    }
    return {"ports": {"clk": {"bits": [1]}, "reset": {"bits": [2]}, "a": {"bits": [3]}, "y": {"bits": [4]}}, "cells": cells}


class Netlists(unittest.TestCase):
    def outputs(self, gate, steps):
        circuit = netlist.Netlist(toggle(gate))
        for reset, a in steps:
            circuit.clock(circuit.settle({"clk": 0, "reset": reset, "a": a}))
            yield circuit.output("y", circuit.settle({"clk": 0, "reset": 0, "a": 0}))

    def test_register_and_gate(self):
        self.assertEqual(list(self.outputs("$_XOR_", [(1, 1), (0, 1), (0, 0), (0, 1), (1, 1)])), [0, 1, 1, 0, 0])

    def test_another_gate_gives_another_result(self):
        self.assertNotEqual(list(self.outputs("$_AND_", [(1, 1), (0, 1)])), list(self.outputs("$_XOR_", [(1, 1), (0, 1)])))

    def test_an_unknown_cell_is_an_error(self):
        with self.assertRaises(ValueError):
            netlist.Netlist(toggle("$_MYSTERY_"))

    def test_a_netlist_of_another_circuit_is_refused(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "netlist.json").write_text(json.dumps({"modules": {"alu": toggle("$_XOR_")}}))
            self.assertEqual(netlist.check_alu(folder), ["expected 8 flip-flops, got 1"])


class Rows(unittest.TestCase):
    def test_every_source_is_there(self):
        folders = {"npm-python": "python", "npm-yosys": "yosys", "cpp-exceptions": "cpp", "cpp-legacy-exceptions": "cpp"}
        for guest in guests.ALL:
            with self.subTest(guest.name):
                self.assertTrue((guests.GUESTS / folders.get(guest.language, guest.language) / guest.source).is_file())


if __name__ == "__main__":
    unittest.main()
