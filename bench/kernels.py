"""What is measured, one row each. Sources lie in kernels/ under the name given here.

`size` makes the native program work for about a third of a second; `small` is for interpreters, and for a quick look. Both
outputs are pinned: every run in every engine must print them. Where a build cannot exist the row says so in `builds`.
"""

from dataclasses import dataclass

# The four builds of a program: by clang's (or rustc's) -O3 for this machine's least and its actual CPU, and to Wasm
# without and with SIMD.
NATIVE, NATIVE_CPU, SCALAR, SIMD = BUILDS = ("native", "native-cpu", "scalar", "simd")


@dataclass(frozen=True)
class Kernel:
    name: str
    topic: str
    source: str
    size: int
    output: str
    small: int
    small_output: str
    builds: tuple = BUILDS
    flags: tuple = ()  # for every build
    wasm_flags: tuple = ()


ALL = (
    Kernel("matmul", "linear algebra", "matmul.c", 120, "0000000009b31ac9", 4, "000000000737fa2f"),
    Kernel("jacobi2d", "stencil", "jacobi2d.c", 1200, "0000001d1e1a0d2c", 20, "0000001d22081e93"),
    Kernel("nbody", "simulation", "nbody.c", 6000, "fffffffffffd5811", 100, "fffffffffffd5813"),
    Kernel("quicksort", "sorting", "quicksort.c", 20, "9d8a05fdfa3faaaa", 1, "af82d297cee57884"),
    Kernel("lz", "compression", "lz.c", 200, "a6795966aef9a7e1", 4, "8b97f910274ed2f9"),
    Kernel("json", "text", "json.c", 1000, "c7ba8cef4f932de9", 20, "ff76a1b96b8cd96a"),
    Kernel("sha256", "cryptography", "sha256.c", 700, "cefff96f76d01203", 10, "6bf35c87b9287d76"),
    Kernel("interpreter", "control", "interpreter.c", 1500, "205d5a16ac2183c4", 30, "e8b66897823e1151"),
    Kernel("recursion", "calls", "recursion.c", 400, "69779f3e812c5093", 8, "899b4ab95d688f6f"),
    Kernel("virtual_calls", "calls", "virtual_calls.cpp", 80000, "f29dd1dc080c2f3b", 1000, "1ea5ec2845334fda"),
)


def chosen(pattern):
    """The rows whose name or topic matches a regular expression."""
    import re

    return [kernel for kernel in ALL if re.search(pattern, kernel.name) or re.search(pattern, kernel.topic)]
