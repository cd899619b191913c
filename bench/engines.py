"""The engines, one row each: how each is found, what it does ahead of a run, and the command of a run.

An engine takes one of a kernel's builds: native ones the two native builds, all others a module. A row's `prepare` leaves
what `command` needs; what that costs is the compile time. An engine that is missing raises building.Missing.
"""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace

import peers
from building import HERE, Missing, tool
from kernels import NATIVE, NATIVE_CPU, SCALAR, SIMD


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
    version: tuple = ()  # of the tools' first: the arguments that make it tell its version
    builds: tuple = (SCALAR, SIMD)
    largest: int = 0  # bytes of a module that it compiles in a reasonable time; 0: any
    is_interpreter: bool = False
    is_lazy: bool = False  # compiles while the guest works
    is_default: bool = True
    train: Callable | None = None  # of the same, mounts and arguments: the commands of a run that `compile` learns from


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
        is_lazy=True,
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


def swage_profiled(name, title, about, flags, **rest):
    """Compiled for what a run of the small size did."""

    def train(tools, module, artifact, mounts, args):
        counting = artifact.with_suffix(".counting.so")
        run = [tools["run"], "--profile-out", artifact.with_suffix(".swageprof"), *swage_grants(mounts), counting, *args]
        return [[tools["swage"], "compile", "--instrument", *flags, module, "-o", counting], run]

    def compile(tools, module, artifact):
        profile = artifact.with_suffix(".swageprof")
        return [[tools["swage"], "compile", *flags, "--profile", profile, module, "-o", artifact]]

    row = swage_aot(name, title, about, flags, **rest)
    return replace(row, compile=compile, train=train)


def javascript(name, title, group, about, peer, flags=(), **rest):
    """An engine that is driven by a script through its node:wasi."""

    def command(tools, file, mounts, args):
        dirs = [f"--dir={host}::{guest}" for host, guest in mounts]
        return [tools[peer], *flags, HERE / "hosts" / "node_wasi.mjs", *dirs, file, *args]

    def find(options):
        return {peer: peers.find(options, peer)}

    return Engine(name, title, group, about, find, command, version=("--version",), is_lazy=True, **rest)


def v8(name, title, about, *flags, **rest):
    return javascript(name, title, "V8", about, "node", ("--no-warnings", *flags), **rest)


def wasmtime(name, title, about, compiler, **rest):
    proposals = compiler or ("-W", "all-proposals=y")

    def command(tools, file, mounts, args):
        dirs = [f"--dir={host}::{guest}" for host, guest in mounts]
        return [tools["wasmtime"], "run", "--allow-precompiled", *proposals, *dirs, file, *args]

    return Engine(
        name,
        title,
        "Cranelift",
        about,
        lambda options: {"wasmtime": peers.find(options, "wasmtime")},
        command,
        lambda tools, module, artifact: [[tools["wasmtime"], "compile", *proposals, module, "-o", artifact]],
        ".cwasm",
        ("--version",),
        **rest,
    )


def wasmer(name, title, about, compiler, **rest):
    def command(tools, file, mounts, args):
        dirs = [f"--volume={host}:{guest}" for host, guest in mounts]
        return [tools["wasmer"], "run", "--quiet", compiler, *dirs, file, "--", *args]

    return Engine(
        name,
        title,
        "LLVM",
        about,
        lambda options: {"wasmer": peers.find(options, "wasmer")},
        command,
        lambda tools, module, artifact: [[tools["wasmer"], "compile", compiler, module, "-o", artifact]],
        ".wasmu",
        ("--version",),
        **rest,
    )


def wazero(name, title, about, *flags, **rest):
    def command(tools, file, mounts, args):
        dirs = [f"-mount={host}:{guest}" for host, guest in mounts]
        return [tools["wazero"], "run", *flags, *dirs, file, *args]

    return Engine(
        name, title, "wazero", about, lambda options: {"wazero": peers.find(options, "wazero")}, command, version=("version",), **rest
    )


def interpreter(name, title, about, peer, **rest):
    return Engine(
        name,
        title,
        "interpreters",
        about,
        lambda options: {peer: peers.find(options, peer)},
        lambda tools, file, mounts, args: [tools[peer], file, *args],
        is_interpreter=True,
        **rest,
    )


def wasm2c_tools(options):
    return {"wasm2c": tool("wasm2c", needed="Debian package wabt"), "clang": tool("clang-22", needed="Debian package clang-22")}


def wasm2c_compile(tools, module, artifact):
    folder = artifact.with_suffix(".wasm2c")
    folder.mkdir(exist_ok=True)
    sources = [folder / "guest.c", HERE / "hosts" / "wasm2c_main.c"]
    flags = ["-O3", "-march=native", "-w", "-I", folder, "-I", HERE / "hosts"]
    return [
        [tools["wasm2c"], module, "-n", "guest", "-o", folder / "guest.c"],
        [tools["clang"], *flags, *sources, "-o", artifact, "-lwasm-rt-impl", "-lm"],
    ]


def native(name, title, about):
    return Engine(name, title, "native", about, lambda options: {}, lambda tools, file, mounts, args: [file, *args])


NATIVE_AOT = ("--cpu", "native")

ALL = (
    native(NATIVE, "clang -O3", "the same source compiled for a plain x86-64 CPU; the mark that all are measured against"),
    native(NATIVE_CPU, "clang -O3 -march=native", "the same, for exactly this CPU"),
    swage_aot("swage-aot", "swage compile -O2", "compiles ahead of time for this CPU", ["-O2", *NATIVE_AOT]),
    swage_aot("swage-aot-O0", "swage compile -O0", "the quickest to compile", ["-O0", *NATIVE_AOT], is_default=False),
    swage_aot("swage-aot-O1", "swage compile -O1", "a few passes", ["-O1", *NATIVE_AOT], is_default=False),
    swage_aot("swage-aot-O3", "swage compile -O3", "all passes", ["-O3", *NATIVE_AOT], is_default=False),
    swage_aot("swage-aot-portable", "swage compile -O2, portable", "ahead of time, for any x86-64 CPU", ["-O2"], is_default=False),
    swage_profiled("swage-aot-profile", "swage AOT with profile", "ahead of time for this CPU, and for what a small run did", ["-O2", *NATIVE_AOT], is_default=False),
    swage_aot("swage-aot-levels", "swage compile, three CPUs", "one file for x86-64-v1, -v3 and -v4", ["-O2", "--cpu", "x86-64-v1,x86-64-v3,x86-64-v4"], is_default=False),
    swage_jit("O0", is_default=False),
    swage_jit("O1", is_default=False),
    swage_jit("O2"),
    v8("node", "Node.js", "V8 with its tiers as users get them"),
    v8("node-turbofan", "Node.js --no-liftoff", "V8's optimising compiler alone", "--no-liftoff"),
    v8("node-liftoff", "Node.js --liftoff-only", "V8's baseline compiler alone", "--liftoff-only"),
    javascript("bun", "Bun", "JavaScriptCore", "JavaScriptCore with its tiers as users get them", "bun"),
    wasmtime("wasmtime", "wasmtime compile", "ahead of time by Cranelift, for this CPU", ()),
    wasmtime("wasmtime-winch", "wasmtime compile, Winch", "ahead of time by its baseline compiler", ("-C", "compiler=winch"), is_default=False),
    wasmer("wasmer-llvm", "wasmer compile --llvm", "ahead of time by LLVM 22, as swage", "--llvm", largest=8 << 20),
    Engine(
        "wasm2c",
        "wasm2c and clang -O3",
        "LLVM",
        "translated to C by wabt, then compiled by clang -O3 -march=native",
        wasm2c_tools,
        lambda tools, file, mounts, args: [file, *args],
        wasm2c_compile,
        ".exe",
        ("--version",),
        (SCALAR,),
        largest=8 << 20,
    ),
    wazero("wazero", "wazero run", "compiles in one go when it starts"),
    interpreter("wasmi", "wasmi", "interprets a register code that it compiles to", "wasmi"),
    interpreter("wasm3", "wasm3", "interprets threaded code that it compiles to", "wasm3", builds=(SCALAR,)),
    interpreter("wamr", "WAMR's fast interpreter", "interprets a register code that it compiles to; a release of 2021", "wamr", builds=(SCALAR,)),
    interpreter("wabt", "wabt's interpreter", "interprets nearly as the specification reads", "wabt"),
    wazero("wazero-interpreter", "wazero run -interpreter", "interprets", "-interpreter", is_interpreter=True, is_default=False),
)


def by_name(name):
    return next((engine for engine in ALL if engine.name == name), None)
