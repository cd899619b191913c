"""Runs one process and says what it cost: until its work began, during the work, and at its peak.

A program under measurement says `begin` when its input is ready and `end` after its output, and waits for a line each
time (kernels/bench.h). While it waits it cannot move, so its CPU clock and its peak memory are read exactly, from
outside, in the same way for native code and for every engine, whatever the guest can see of a clock. CPU time counts all
threads of the process, user and system: it is what a busy neighbour on the machine disturbs least.

What a Wasm engine does between `begin` and `end` is part of the work, also when it compiles a function at its first call.
"""

import os
import pathlib
import selectors
import signal
import statistics
import subprocess
import tempfile
import time
from dataclasses import asdict, dataclass


class Failed(Exception):
    """A process that could not be started, crashed, hung, or printed something else than expected."""


@dataclass(frozen=True)
class Sample:
    """Seconds and KiB of one run."""

    start_cpu: float  # from the process's start to `begin`
    start_wall: float
    work_cpu: float  # from `begin` to `end`
    work_wall: float
    whole_cpu: float  # from start to exit
    whole_wall: float
    peak_kib: int

    asdict = asdict


@dataclass(frozen=True)
class Compilation:
    """What compiling ahead of time cost, and what it left."""

    cpu: float
    wall: float
    peak_kib: int
    artifact_bytes: int

    asdict = asdict


def available_cores():
    return sorted(os.sched_getaffinity(0))


def pinned(command, core):
    return ["taskset", "-c", str(core), *map(str, command)] if core is not None else list(map(str, command))


def cpu_seconds(pid):
    """The CPU clock of another process: Linux makes its number from the process's (see clock_getcpuclockid(3))."""
    return time.clock_gettime((~pid << 3) | 2)


def peak_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise Failed("no VmHWM in /proc: the process is gone")


class Conversation:
    """Lines of a process's output, with one deadline for all of them."""

    def __init__(self, process, deadline):
        self.process = process
        self.deadline = deadline
        self.buffer = b""
        self.selector = selectors.DefaultSelector()
        self.selector.register(process.stdout, selectors.EVENT_READ)

    def lines_until(self, last):
        """The lines before the line `last`, which is read too."""
        lines = []
        while True:
            line, newline, rest = self.buffer.partition(b"\n")
            if newline:
                self.buffer = rest
                text = line.decode(errors="replace")
                if text == last:
                    return lines
                lines.append(text)
                continue
            if not self.selector.select(max(0.0, self.deadline - time.monotonic())):
                raise Failed("timed out")
            piece = os.read(self.process.stdout.fileno(), 65536)
            if not piece:
                raise Failed(f"ended before it said {last!r}")
            self.buffer += piece

    def go_on(self):
        try:
            os.write(self.process.stdin.fileno(), b"\n")
        except BrokenPipeError:
            raise Failed("closed its input") from None


def complaint(file):
    """The line of a process's standard error that says most: the first that speaks of an error, else the first."""
    file.seek(0)
    lines = [line.strip() for line in file.read(65536).decode(errors="replace").splitlines() if line.strip()]
    chosen = next((line for line in lines if "rror" in line), lines[0] if lines else "")
    return f": {chosen[:200]}" if chosen else ""


def run(command, *, core=None, timeout=60.0, cwd=None):
    """Runs a program that talks as above. Returns its Sample and the lines it printed between `begin` and `end`."""
    with tempfile.TemporaryFile() as errors:
        begun = time.monotonic()
        try:
            process = subprocess.Popen(
                pinned(command, core), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, cwd=cwd, bufsize=0
            )
        except OSError as error:
            raise Failed(f"cannot start {command[0]}: {error.strerror}") from None
        try:
            talk = Conversation(process, begun + timeout)
            talk.lines_until("begin")
            start_cpu, start = cpu_seconds(process.pid), time.monotonic()
            talk.go_on()
            lines = talk.lines_until("end")
            work_cpu, end, peak = cpu_seconds(process.pid), time.monotonic(), peak_kib(process.pid)
            talk.go_on()
            process.stdin.close()
            _, status, usage = os.wait4(process.pid, 0)
            whole = time.monotonic() - begun
            process.returncode = os.waitstatus_to_exitcode(status)
        except Failed as failed:
            process.kill()
            status = process.wait()
            ended = f" (signal {signal.Signals(-status).name})" if status < 0 and status != -signal.SIGKILL else ""
            raise Failed(f"{failed}{ended}{complaint(errors)}") from None
        finally:
            process.stdout.close()
            process.stdin.close()
        if process.returncode != 0:
            raise Failed(f"exit status {process.returncode}{complaint(errors)}")
    sample = Sample(
        start_cpu, start - begun, work_cpu - start_cpu, end - start, usage.ru_utime + usage.ru_stime, whole, peak
    )
    return sample, lines


def compile_once(commands, artifact, *, timeout=900):
    """Runs commands that leave `artifact`; they are added up. All cores are theirs. The kernel starts a child's peak at its
    parent's, so that less than this process's own memory, some 25 MiB, does not show."""
    cpu = wall = 0.0
    peak = 0
    for command in commands:
        with tempfile.TemporaryFile() as errors:
            begun = time.monotonic()
            try:
                process = subprocess.Popen(
                    ["timeout", str(timeout), *map(str, command)], stdin=subprocess.DEVNULL, stdout=errors, stderr=errors
                )
            except OSError as error:
                raise Failed(f"cannot start {command[0]}: {error.strerror}") from None
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            wall += time.monotonic() - begun
            cpu += usage.ru_utime + usage.ru_stime
            peak = max(peak, usage.ru_maxrss)
            if process.returncode != 0:
                raise Failed(f"compiling: exit status {process.returncode}{complaint(errors)}")
    return Compilation(cpu, wall, peak, os.stat(artifact).st_size)


def median(values):
    return statistics.median(values)


def spread(values):
    """How far the middle half of the values lies apart, as a share of their median."""
    if len(values) < 2:
        return 0.0
    ordered = sorted(values)
    middle = statistics.median(ordered)
    quarter = len(ordered) // 4
    return (ordered[-1 - quarter] - ordered[quarter]) / middle if middle else 0.0
