"""One run of the bench: builds, compiles, runs engine by engine in turn, checks every output, and fills in the results.

Rounds are outermost within a kernel: native, engine, engine, ..., native, engine, ... Interpreters do the small size, and
native code does it beside them, so that their ratio is of the same work in the same minute. Engines that compile while the
guest works do both sizes, so that the difference tells what the compiled code costs.
"""

import os
import pathlib
import platform
import subprocess
import sys
import time

import building
import engines
import measuring
from kernels import NATIVE, NATIVE_CPU, SCALAR, SIMD
from results import Cell, Results

COMPILE_BUDGET = 1.0  # seconds of compiling one module, after which it is not repeated for the median


def first_line(command):
    try:
        return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=20).stdout.splitlines()[0]
    except (OSError, IndexError, subprocess.TimeoutExpired):
        return "unknown"


def machine():
    cpu = next(
        (line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": cpu,
        "cores": len(measuring.available_cores()),
        "memory_gib": round(memory / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "date": time.strftime("%Y-%m-%d"),
    }


class Progress:
    """A line that says where it is, on a terminal only; elsewhere one line per kernel."""

    def __init__(self, total):
        self.total = total
        self.done = 0
        self.is_terminal = sys.stderr.isatty()

    def kernel(self, name):
        self.done += 1
        if not self.is_terminal:
            print(f"[{self.done}/{self.total}] {name}", file=sys.stderr, flush=True)

    def step(self, text):
        if self.is_terminal:
            print(f"\r\033[K[{self.done}/{self.total}] {text}", end="", file=sys.stderr, flush=True)

    def clear(self):
        if self.is_terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


class Session:
    def __init__(self, options, kernels, wanted):
        self.options = options
        self.kernels = kernels
        self.core = measuring.available_cores()[-1]
        self.results = Results(machine(), {}, {})
        self.tools = {}
        self.compiled = {}  # (engine's name, module, what it was trained with) to (artifact, what that cost)
        self.refused = {}  # the same to why there is none
        self.begun = time.monotonic()
        self.engines = []
        for engine in wanted:
            try:
                self.tools[engine.name] = engine.find(options)
                self.engines.append(engine)
            except building.Missing as missing:
                self.leave_out(f"{engine.title}: needs {missing}")
        for engine in self.engines:
            if engine.version and engine.name in self.tools:
                self.results.versions[engine.title] = first_line([next(iter(self.tools[engine.name].values())), *engine.version])
        self.results.versions["clang"] = first_line(["clang-22", "--version"])

    def leave_out(self, line):
        self.results.left_out.append(line)
        print(f"left out: {line}", file=sys.stderr)

    def builds_of(self, engine, kernel):
        if engine.group == "native":
            return [engine.name] if engine.name in kernel.builds else []
        builds = [build for build in self.options.builds if build in kernel.builds and build in engine.builds]
        has_choice = engine.group != "swage" or engine.is_lazy
        return [SIMD] if self.options.best_builds and has_choice and SIMD in builds else builds

    def build_all(self, kernel):
        files = {}
        for which in kernel.builds:
            if which not in (NATIVE, NATIVE_CPU, *self.options.builds):
                continue
            try:
                files[which] = building.build(kernel, which, self.options)
            except building.Missing as missing:
                self.leave_out(f"{kernel.name} ({which}): needs {missing}")
        return files

    def compile(self, engine, built, kernel, cell):
        """The file to run: what the engine made of the module, or the module itself. Kernels may share a module."""
        file = built.file
        if engine.compile is None:
            return file
        key = engine.name, file, kernel.name if engine.train else None
        if key in self.compiled:
            artifact, cell.compilations = self.compiled[key]
            return artifact
        if key in self.refused:
            raise self.refused[key]
        if engine.largest and file.stat().st_size > engine.largest:
            raise measuring.Failed(f"compiling: left out, as {file.stat().st_size >> 20} MiB would take it many minutes")
        folder = self.options.work / "artifacts" / cell.kernel
        folder.mkdir(parents=True, exist_ok=True)
        artifact = folder / f"{cell.build}.{engine.name}{engine.suffix}"
        tools = self.tools[engine.name]
        training = []
        if engine.train:
            training = engine.train(tools, file, artifact, built.mounts, [*built.leading_args, str(kernel.small)])
        spent = 0.0
        for _ in range(self.options.rounds):
            commands = engine.compile(tools, file, artifact)
            try:
                cell.compilations.append(measuring.compile_once([*training, *commands], artifact))
            except measuring.Failed as failed:
                self.refused[key] = failed
                raise
            spent += cell.compilations[-1].wall
            if spent > COMPILE_BUDGET or self.options.minutes is not None:
                break
        self.compiled[key] = artifact, cell.compilations
        return artifact

    def runs_of(self, kernel, files):
        """Every (cell, command) of a kernel. A SIMD module that is the scalar one byte for byte is not run again."""
        runs, twins = [], []
        wants_small = any(engine.is_interpreter or engine.is_lazy for engine in self.engines)
        for engine in self.engines:
            for build in self.builds_of(engine, kernel):
                if build not in files:
                    continue
                is_small = engine.is_interpreter or self.options.quick
                cell = Cell(kernel.name, engine.name, build, kernel.small if is_small else kernel.size)
                self.results.cells.append(cell)
                scalar = self.results.cell(kernel.name, engine.name, SCALAR)
                if build == SIMD and scalar and files[SIMD].file.read_bytes() == files[SCALAR].file.read_bytes():
                    twins.append((cell, scalar))
                    continue
                try:
                    file = self.compile(engine, files[build], kernel, cell)
                except measuring.Failed as failed:
                    cell.error = str(failed)
                    continue
                runs.append((cell, engine, files[build], file))
                wants_twice = engine.is_lazy or (engine.group == "native" and wants_small)
                if wants_twice and not is_small and not (engine.is_lazy and kernel.twin):
                    small = Cell(kernel.name, engine.name, build, kernel.small)
                    self.results.cells.append(small)
                    runs.append((small, engine, files[build], file))
        return runs, twins

    def allotment(self, kernels_left):
        """The seconds of --minutes that one kernel may take, this one and those after it being left."""
        if self.options.minutes is None:
            return float("inf")
        return (self.begun + 60 * self.options.minutes - time.monotonic()) / kernels_left

    def measure(self, kernel, progress):
        begun, allotment = time.monotonic(), self.allotment(progress.total - progress.done + 1)
        runs, twins = self.runs_of(kernel, self.build_all(kernel))
        for turn in range(self.options.rounds):
            if turn > 0 and (time.monotonic() - begun) * (turn + 1) / turn > allotment:
                break
            for cell, engine, built, file in runs:
                if cell.error or (turn > 0 and cell.middle("whole_wall") > self.options.patience):
                    continue
                progress.step(f"{kernel.name}: {engine.title}, {cell.build}, round {turn + 1}")
                args = [*built.leading_args, str(cell.size)]
                command = engine.command(self.tools[engine.name], file, built.mounts, args)
                try:
                    sample, lines = measuring.run(command, core=self.core, timeout=self.options.timeout)
                except measuring.Failed as failed:
                    cell.error = str(failed)
                    continue
                output = kernel.output if cell.size == kernel.size else kernel.small_output
                if lines != [output]:
                    cell.error = f"expected {output}, got {' '.join(lines)[:80]}"
                    continue
                cell.samples.append(sample)
        for cell, twin in twins:
            cell.samples, cell.compilations, cell.error = twin.samples, twin.compilations, twin.error
        progress.clear()

    def run(self):
        """What is interrupted (Ctrl-C) reports the kernels that it got to."""
        progress = Progress(len(self.kernels))
        for kernel in self.kernels:
            progress.kernel(kernel.name)
            self.results.kernels[kernel.name] = kernel.topic
            self.results.small[kernel.name] = kernel.small
            if kernel.twin:
                self.results.twins[kernel.name] = kernel.twin
            try:
                self.measure(kernel, progress)
            except KeyboardInterrupt:
                progress.clear()
                self.leave_out(f"{kernel.name} and all that follow: interrupted")
                self.results.kernels.pop(kernel.name)
                self.results.cells = [cell for cell in self.results.cells if cell.kernel != kernel.name]
                break
        for cell in self.results.cells:
            if cell.error:
                self.leave_out(f"{cell.kernel} in {engines.by_name(cell.engine).title} ({cell.build}): {cell.error}")
        return self.results
