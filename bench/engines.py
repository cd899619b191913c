"""The engines, one row each: how each is found, what it does ahead of a run, and the command of a run.

An engine takes one of a kernel's builds: native ones the two native builds, all others a module. A row's `prepare` leaves
what `command` needs; what that costs is the compile time. An engine that is missing raises building.Missing.
"""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass

import building
from building import HERE, Missing, tool


@dataclass(frozen=True)
class Engine:
    name: str
    title: str
    group: str
    about: str
    find: Callable  # of the options; the tools it needs, or Missing
    command: Callable  # of the tools, the file to run, mounts and arguments
    compile: Callable | None = None  # of the tools, the module and the artifact: the commands that make it
    suffix: str = ".so"
    version: Callable | None = None  # of the tools: a line
    is_interpreter: bool = False
    is_default: bool = True


def swage_tools(options):
    for name in ("swage", "swage-run"):
        if not (options.bin / name).exists():
            raise Missing(f"{options.bin / name}: ./dev build makes it")
    return {"swage": options.bin / "swage", "run": options.bin / "swage-run"}


def swage_grants(mounts):
    return [f"--dir={host}::{guest}" for host, guest in mounts]


def swage_jit(level, **rest):
    return Engine(
        f"swage-jit-{level}",
        f"swage run -{level}",
        "swage",
        "compiles while it runs, at one level",
        swage_tools,
        lambda tools, file, mounts, args: [tools["swage"], "run", f"-{level}", *swage_grants(mounts), file, *args],
        **rest,
    )


def swage_aot(name, title, about, flags, **rest):
    return Engine(
        name,
        title,
        "swage",
        about,
        swage_tools,
        lambda tools, file, mounts, args: [tools["run"], *swage_grants(mounts), file, *args],
        lambda tools, module, artifact: [[tools["swage"], "compile", *flags, module, "-o", artifact]],
        **rest,
    )


def node(name, title, about, flags, **rest):
    def find(options):
        return {"node": tool(options.node or "node", needed="Node.js")}

    def command(tools, file, mounts, args):
        dirs = [f"--dir={host}::{guest}" for host, guest in mounts]
        return [tools["node"], "--no-warnings", *flags, HERE / "hosts" / "node_wasi.mjs", *dirs, file, *args]

    return Engine(name, title, "V8", about, find, command, **rest)


def native(name, title, about):
    return Engine(name, title, "native", about, lambda options: {}, lambda tools, file, mounts, args: [file, *args])


ALL = (
    native("native", "clang -O3", "the same source compiled for a plain x86-64 CPU; the mark that all are measured against"),
    native("native-cpu", "clang -O3 -march=native", "the same, for exactly this CPU"),
    swage_aot("swage-aot", "swage compile -O2 --cpu native", "compiles ahead of time for this CPU", ["-O2", "--cpu", "native"]),
    swage_aot("swage-aot-O0", "swage compile -O0 --cpu native", "the quickest to compile", ["-O0", "--cpu", "native"], is_default=False),
    swage_aot("swage-aot-O1", "swage compile -O1 --cpu native", "a few passes", ["-O1", "--cpu", "native"], is_default=False),
    swage_aot("swage-aot-O3", "swage compile -O3 --cpu native", "all passes", ["-O3", "--cpu", "native"], is_default=False),
    swage_aot("swage-aot-portable", "swage compile -O2", "compiles ahead of time for any x86-64 CPU", ["-O2"], is_default=False),
    swage_jit("O0", is_default=False),
    swage_jit("O1"),
    swage_jit("O2"),
    node("node", "Node.js", "V8 with its tiers as users get them", []),
    node("node-liftoff", "Node.js --liftoff-only", "V8's baseline compiler alone", ["--liftoff-only"], is_default=False),
    node("node-turbofan", "Node.js --no-liftoff", "V8's optimising compiler alone", ["--no-liftoff"], is_default=False),
)


def by_name(name):
    return next((engine for engine in ALL if engine.name == name), None)
