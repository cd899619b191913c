#!/usr/bin/env python3
"""The bench's own tests: the talk with a program, ratios, what is said of an engine, and a page that needs nothing else."""

import argparse
import pathlib
import sys
import tempfile
import unittest

BENCH = pathlib.Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))

import building
import check
import engines
import kernels
import measuring
import page
import passes
import publish
import results
import session
import summary
import table


def sample(work, start=0.01):
    return measuring.Sample(start, start, work, work, start + work, start + work, 1024)


def cell(kernel, engine, build, *works, size=10):
    return results.Cell(kernel, engine, build, size, [sample(work) for work in works])


def made_up():
    """Two kernels: swage takes 1.0 and 4.0 times native's time, Node.js 2.0 times on one and fails on the other."""
    found = results.Results({"cpu": "x", "cores": 2, "memory_gib": 1, "system": "x", "date": "x"}, {}, {"a": "one", "b": "two"})
    failed = results.Cell("b", "node", "scalar", 10, error="it crashed")
    found.cells += [cell("a", "native", "native", 1.0, 2.0, 3.0), cell("a", "swage-aot", "simd", 1.0, 2.0, 3.0)]
    found.cells += [cell("a", "node", "simd", 2.0, 4.0, 6.0), cell("b", "native", "native", 1.0)]
    found.cells += [cell("b", "swage-aot", "scalar", 4.0), failed]
    return found


def script(text):
    return ["/bin/sh", "-c", text]


class Talk(unittest.TestCase):
    def test_output_between_begin_and_end_is_kept(self):
        found, lines = measuring.run(script("echo noise; echo begin; read x; echo 42; echo end; read x"))
        self.assertEqual(lines, ["42"])
        self.assertGreater(found.peak_kib, 0)

    def test_cpu_time_before_begin_is_the_start(self):
        busy = "i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done"
        found, _ = measuring.run(script(f"{busy}; echo begin; read x; echo end; read x"))
        self.assertGreater(found.start_cpu, found.work_cpu)

    def test_crash_is_named(self):
        with self.assertRaisesRegex(measuring.Failed, "ended before it said 'end'.*an error of mine"):
            measuring.run(script("echo begin; read x; echo an error of mine >&2; exit 3"))

    def test_bad_status_after_the_end_fails(self):
        with self.assertRaisesRegex(measuring.Failed, "exit status 3"):
            measuring.run(script("echo begin; read x; echo end; read x; exit 3"))

    def test_hanging_program_is_ended(self):
        with self.assertRaisesRegex(measuring.Failed, "timed out"):
            measuring.run(script("echo begin; exec sleep 60"), timeout=0.2)


class Ratios(unittest.TestCase):
    def test_ratio_is_of_the_same_round(self):
        drifting = results.ratio(cell("a", "node", "simd", 2.0, 20.0, 2.0), cell("a", "native", "native", 1.0, 10.0, 1.0))
        self.assertEqual(drifting, 2.0)

    def test_interpreter_is_measured_against_native_code_of_its_size(self):
        found = made_up()
        found.cells += [cell("a", "native", "native", 0.5, size=1), cell("a", "wasm3", "scalar", 5.0, size=1)]
        self.assertEqual(found.ratio("a", ("wasm3", "scalar"), ("native", "native")), 10.0)

    def test_steady_ratio_leaves_out_what_is_compiled_meanwhile(self):
        found = made_up()
        found.small["a"] = 1
        found.cells += [cell("a", "native", "native", 0.1, 0.2, 0.3, size=1), cell("a", "swage-jit-O2", "scalar", 6.8, 7.6, 8.4)]
        found.cells.append(cell("a", "swage-jit-O2", "scalar", 5.0, 4.0, 3.0, size=1))
        self.assertAlmostEqual(found.steady_ratio("a", ("swage-jit-O2", "scalar"), ("native", "native"), 1), 2.0)

    def test_failed_cell_has_none(self):
        self.assertIsNone(made_up().ratio("b", ("node", "scalar"), ("native", "native")))

    def test_json_brings_back_everything(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "results.json"
            results.save(made_up(), path)
            self.assertEqual(vars(results.load(path)), vars(made_up()))


class Reports(unittest.TestCase):
    def test_engine_stands_on_its_best_build(self):
        row = summary.row(made_up(), "swage-aot")
        self.assertEqual((row.kernels, round(row.means[("native", "native")], 6)), (2, 2.0))

    def test_means_leave_out_what_has_no_native_twin(self):
        found = made_up()
        found.twins["b"] = "something else"
        self.assertEqual(summary.row(found, "swage-aot").means[("native", "native")], 1.0)
        self.assertIn("Not in the mean: b, whose native side is something else.", "\n".join(table.kernel_lines(found)))

    def test_verdict_counts_first_places(self):
        self.assertIn("2.00 times as long as clang -O3, and is the fastest Wasm engine on 2 of 2", table.verdict(made_up()))

    def test_comparison_names_what_moved(self):
        slower = made_up()
        slower.cells[1] = cell("a", "swage-aot", "simd", 1.5, 3.0, 4.5)
        lines = "\n".join(table.compare_lines(slower, made_up()))
        self.assertRegex(lines, r"a +swage-aot, simd +1\.00 +1\.50 +\+50\.0%")
        self.assertNotRegex(lines, r"\na +node")

    def test_page_needs_nothing_else_and_says_what_failed(self):
        found = made_up()
        found.left_out.append("b in Node.js (scalar): <it crashed>")
        text = page.page(found)
        self.assertNotRegex(text, r"(src|href)=|@import|url\(")
        self.assertIn("&lt;it crashed&gt;", text)
        self.assertEqual(text.count("<svg "), text.count("</svg>"))


class Publishing(unittest.TestCase):
    def test_block_alone_is_exchanged(self):
        document = f"before\n{publish.BEGIN}\nold\n{publish.END}\nafter\n"
        self.assertEqual(publish.with_block(document, "new"), f"before\n{publish.BEGIN}\nnew\n{publish.END}\nafter\n")

    def test_tables_say_what_ran_and_what_did_not(self):
        self.assertIn("| **swage compile -O2** | 2.00 | 4.00 b |", publish.engine_table(made_up()))
        self.assertIn("| b | 1.000 | 4.00 |  |  |", publish.kernel_table(made_up()))

    def test_the_jit_is_compared_without_what_it_compiles(self):
        found = made_up()
        found.small = {"a": 1, "b": 1}
        found.cells += [cell("a", "native", "native", 0.5, 0.5, 0.5, size=1), cell("b", "native", "native", 0.5, size=1)]
        found.cells += [cell("a", "swage-jit-O2", "simd", 1.8, 2.9, 4.0), cell("a", "swage-jit-O2", "simd", 0.8, 0.8, 0.8, size=1)]
        found.cells += [cell("b", "swage-jit-O2", "scalar", 9.0), cell("b", "swage-jit-O2", "scalar", 8.0, size=1)]
        self.assertEqual(list(summary.parity(found)), ["a"], "of b, compiling is nearly all")
        self.assertAlmostEqual(summary.parity(found)["a"], 1.4)
        self.assertIn("at most 1.40, a", publish.performance_block(found))
        self.assertEqual(table.parity_line(made_up()), "")

    def test_documents_have_a_place_for_the_figures(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "docs").mkdir()
            for name in ("README.md", "docs/performance.md"):
                (root / name).write_text((publish.ROOT / name).read_text())
            publish.write(made_up(), root)
            self.assertIn("2.00 times as long as clang -O3", (root / "README.md").read_text())
            self.assertIn("| geometric mean |", (root / "docs" / "performance.md").read_text())
            self.assertTrue((root / "docs" / "ratios.svg").read_text().startswith("<svg"))


    def test_published_engines_exist(self):
        self.assertLessEqual(set(publish.ENGINES), {engine.name for engine in engines.ALL})


class Time(unittest.TestCase):
    def test_minutes_are_shared_among_the_kernels_left(self):
        options = argparse.Namespace(minutes=2, builds=[])
        started = session.Session(options, [], [])
        self.assertAlmostEqual(started.allotment(4), 30, delta=1)
        options.minutes = None
        self.assertEqual(started.allotment(4), float("inf"))


class Rows(unittest.TestCase):
    def test_every_kernel_has_a_source_and_outputs(self):
        for kernel in kernels.ALL:
            for source in filter(None, (kernel.source, kernel.native_source, *kernel.uses)):
                self.assertTrue((building.KERNELS / source).exists(), f"{kernel.name}: {source}")
            for output in (kernel.output, kernel.small_output):
                self.assertRegex(output, "^[0-9a-f]{16}$", kernel.name)

    def test_names_are_unique(self):
        for rows in (kernels.ALL, engines.ALL):
            names = [row.name for row in rows]
            self.assertEqual(len(names), len(set(names)))

    def test_engines_rows_are_of_the_right_types(self):
        for engine in engines.ALL:
            self.assertRegex(engine.suffix, r"^\.[a-z0-9]+$|^$", engine.name)
            for function in (engine.compile, engine.train):
                self.assertTrue(function is None or callable(function), engine.name)
            self.assertTrue(all(isinstance(argument, str) for argument in engine.version), engine.name)

    def test_counted_programs_exist(self):
        names = {kernel.name for kernel in kernels.ALL}
        self.assertLessEqual({name for name, _, _ in (*check.RUNS, *passes.RUNS)}, names)

    def test_count_beyond_tolerance_is_worse(self):
        self.assertEqual(check.verdict("run json", 103, {"instructions": 100})[0], "worse")
        self.assertEqual(check.verdict("run json", 101, {"instructions": 100})[0], "ok")

    def test_compiling_may_differ_more(self):
        self.assertEqual(check.verdict("compile json", 104, {"instructions": 100})[0], "ok")
        self.assertEqual(check.verdict("compile json", 106, {"instructions": 100})[0], "worse")


if __name__ == "__main__":
    unittest.main()
