"""What is measured, one row each. Sources lie in kernels/ under the name given here.

`size` makes the native program work for about a third of a second; `small` is for interpreters, for a quick look, and for what
compiling costs meanwhile: it runs the same functions as `size` (Go's collector too). Both outputs are pinned: every run in every
engine must print them. Where a build cannot exist the row says so in `builds`.
"""

import re
from dataclasses import dataclass

# The four builds of a program: by clang's (or rustc's) -O3 for this machine's least and its actual CPU, and to Wasm
# without and with SIMD.
NATIVE, NATIVE_CPU, SCALAR, SIMD = BUILDS = ("native", "native-cpu", "scalar", "simd")
# Of languages whose compiler has no SIMD for Wasm, and of what is written in the text format.
SCALAR_ONLY = (NATIVE, NATIVE_CPU, SCALAR)
SCRIPT = (NATIVE, SCALAR)  # of a module that comes from a package, without its source


@dataclass(frozen=True)
class Package:
    """Sources of a crate (packages/Cargo.toml), which are compiled together with the kernel's own."""

    crate: str
    sources: tuple  # patterns below the crate's folder
    without: tuple = ()  # names of files among them
    folders: tuple = ()  # of headers


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
    native_source: str = ""  # where the native program is written in another language
    package: Package | None = None
    uses: tuple = ()  # what else of kernels/ the source reads
    flags: tuple = ()  # for every build
    wasm_flags: tuple = ()
    twin: str = ""  # what the native program is where it is not the same source, so that means leave its ratio out


LUA = Package("lua-src", ("lua-5.4.*/l*.c",), ("lcorolib.c", "ldblib.c", "linit.c", "liolib.c", "loadlib.c", "loslib.c", "lutf8lib.c"), ("lua-5.4.*",))
LUA_FLAGS = ("-std=gnu23", "-DLUAI_THROW(L,c)=abort()", "-DLUAI_TRY(L,c,a)={a}", "-Dluai_jmpbuf=int", "-Dluai_makeseed(L)=42u", "-Dl_signalT=int")
SQLITE = Package("libsqlite3-sys", ("sqlite3/sqlite3.c",), (), ("sqlite3",))
SQLITE_FLAGS = ("-w", "-DSQLITE_OS_OTHER=1", "-DSQLITE_THREADSAFE=0", "-DSQLITE_OMIT_LOAD_EXTENSION", "-DSQLITE_OMIT_LOCALTIME")
ZSTD = Package("zstd-sys", ("zstd/lib/common/*.c", "zstd/lib/compress/*.c", "zstd/lib/decompress/*.c"), (), ("zstd/lib",))
BZIP2_SOURCES = tuple(f"bzip2-*/{name}.c" for name in ("blocksort", "huffman", "crctable", "randtable", "compress", "decompress", "bzlib"))
BZIP2 = Package("bzip2-sys", BZIP2_SOURCES, (), ("bzip2-*",))
PYTHON = "this machine's python3, another version of CPython by another compiler, with profile-guided optimisation perhaps"

# Real programs first: they take longest, so that --minutes knows what is left for the others.
ALL = (
    Kernel("lua", "programs", "lua.c", 820, "68cedcc90ef357ce", 14, "5711b68b45b111dd", flags=LUA_FLAGS, wasm_flags=("-isystem", "{kernels}/shims", "-D_WASI_EMULATED_SIGNAL"), package=LUA, uses=("lua.lua",)),
    Kernel("sqlite", "programs", "sqlite.c", 79, "b662a732b826ad84", 1, "715cd9b43371cc4a", flags=SQLITE_FLAGS, package=SQLITE),
    Kernel("zstd", "programs", "zstd.c", 93, "a99272527a940e98", 2, "35465c07e65ea598", flags=("-DZSTD_DISABLE_ASM=1",), package=ZSTD, uses=("compressors.h",)),
    Kernel("bzip2", "programs", "bzip2.c", 20, "a0e8d884ca28139d", 1, "0081e00000dcafa0", flags=("-w", "-DBZ_NO_STDIO"), package=BZIP2, uses=("compressors.h",)),
    Kernel("python_objects", "programs", "python/objects.py", 200, "a7d5d051e372d1f6", 4, "00000011a6bb70b8", builds=SCRIPT, twin=PYTHON),
    Kernel("python_strings", "programs", "python/strings.py", 200, "17c7a8cb67f63f28", 4, "0000000004c09e8e", builds=SCRIPT, twin=PYTHON),
    Kernel("python_numbers", "programs", "python/numbers.py", 200, "4d105ca26f3b9a38", 4, "000000023a931d9c", builds=SCRIPT, twin=PYTHON),
    Kernel("matmul", "linear algebra", "matmul.c", 120, "0000000009b31ac9", 4, "000000000737fa2f"),
    Kernel("lu", "linear algebra", "lu.c", 130, "ffffffffffc63f35", 2, "fffffffffff8fefc"),
    Kernel("spmv", "linear algebra", "spmv.c", 99, "000000001f5a5ad5", 2, "0000000000a35d63"),
    Kernel("convolve", "linear algebra", "convolve.c", 3900, "0000000000102ecc", 65, "00000000000038ce"),
    Kernel("jacobi2d", "stencils", "jacobi2d.c", 1200, "0000001d1e1a0d2c", 20, "0000001d22081e93"),
    Kernel("wave3d", "stencils", "wave3d.c", 2700, "000000000026ec39", 45, "000000000026adee"),
    Kernel("life", "stencils", "life.c", 5200, "31af4063aed3c148", 87, "619eaaf8afb44c81"),
    Kernel("edit_distance", "dynamic programming", "edit_distance.c", 40, "d961f7e375ac1f64", 1, "0004210000070413"),
    Kernel("knapsack", "dynamic programming", "knapsack.c", 980, "d0e21db375bcfb4f", 16, "ed4ef2e789bf7744"),
    Kernel("floyd", "dynamic programming", "floyd.c", 33, "e812d38f00f719af", 1, "00003b0000006441"),
    Kernel("nbody", "simulation", "nbody.c", 6000, "fffffffffffd5811", 100, "fffffffffffd5813"),
    Kernel("fft", "signals", "fft.c", 460, "00000002d81b0a8d", 8, "00000002d819f447"),
    Kernel("mandelbrot", "signals", "mandelbrot.c", 110, "57be07fbb0e5c987", 2, "ccc837668a2c4695"),
    Kernel("float_to_int", "signals", "float_to_int.c", 23000, "eb880d97cef09379", 380, "215b4eb4ab9f905d"),
    Kernel("quicksort", "sorting", "quicksort.c", 20, "9d8a05fdfa3faaaa", 1, "af82d297cee57884"),
    Kernel("radix_sort", "sorting", "radix_sort.c", 160, "70742efc556758a5", 3, "7279263cf1397d16"),
    Kernel("qsort_records", "sorting", "qsort_records.c", 61, "0f1f5f74d936b7f5", 1, "038790000307a116"),
    Kernel("hash_table", "hashing", "hash_table.c", 130, "1ff8408db6bbd5ac", 2, "8ec3f701570392c8"),
    Kernel("checksums", "hashing", "checksums.c", 500, "caec1d16119ed1ec", 8, "bb2d45561aaff54d"),
    Kernel("strings", "text", "strings.c", 1000, "4e8230d1acb2454d", 20, "baca48c4f02099db"),
    Kernel("json", "text", "json.c", 1000, "c7ba8cef4f932de9", 20, "ff76a1b96b8cd96a"),
    Kernel("regex", "text", "regex.c", 130, "4525890488499ce4", 2, "3a5e8f7b7cad30c8"),
    Kernel("lz", "compression", "lz.c", 200, "a6795966aef9a7e1", 4, "8b97f910274ed2f9"),
    Kernel("huffman", "compression", "huffman.c", 270, "e5f7cc27a6377cb9", 4, "a91e59b1c268a7da"),
    Kernel("sha256", "cryptography", "sha256.c", 700, "cefff96f76d01203", 10, "6bf35c87b9287d76"),
    Kernel("chacha20", "cryptography", "chacha20.c", 11000, "e7b24c3231dd78a5", 180, "ffcf98ac32ea4fe1"),
    Kernel("aes", "cryptography", "aes.c", 7300, "0a22b11e48af3c0e", 120, "e658c47f5bdc6acf"),
    Kernel("bigint", "big integers", "bigint.c", 1300, "85463d1cfcbf054d", 22, "086af5133f1e3476"),
    Kernel("modular_power", "big integers", "modular_power.c", 1700, "1c67511bf467430f", 28, "2935df43e2339a5d"),
    Kernel("interpreter", "interpreters", "interpreter.c", 1500, "205d5a16ac2183c4", 30, "e8b66897823e1151"),
    Kernel("threaded_code", "interpreters", "threaded_code.c", 9500, "7a464579d5422107", 160, "9fc9fe7bfece5c26"),
    Kernel("recursion", "calls", "recursion.c", 400, "69779f3e812c5093", 8, "899b4ab95d688f6f"),
    Kernel("queens", "calls", "queens.c", 3600, "be434cfc28735361", 60, "341ef98d2ae547d2"),
    Kernel("indirect_calls", "calls", "indirect_calls.c", 10000, "b0bffa55596e63fd", 200, "406c1c6ebd203f7d"),
    Kernel("virtual_calls", "calls", "virtual_calls.cpp", 80000, "f29dd1dc080c2f3b", 1000, "1ea5ec2845334fda"),
    Kernel("tail_calls", "calls", "tail_calls.c", 1000, "d8554fffc3582362", 20, "814f3302c38ea393", wasm_flags=("-mtail-call",)),
    Kernel("sieve", "memory", "sieve.c", 400, "eff63555ed37ce7a", 8, "1e7263ed60976b1b"),
    Kernel("memory_size", "memory", "memory_size.c", 95000, "100351e57c268fd9", 1600, "b34dd04032289e85"),
    Kernel("bulk_copy", "memory", "bulk_copy.c", 12000, "2b4b2c155c504839", 200, "ac12e963d0126a2e"),
    Kernel("binary_trees", "memory", "binary_trees.c", 15000, "2ad730e1241d6e78", 250, "c2cc2d8d3bb1ab43"),
    Kernel("memory64", "memory", "memory64.wat", 13000, "c939874ced4b9647", 220, "c4fac65e2b7ffd71", builds=SCALAR_ONLY, native_source="memory64.c"),
    Kernel("atomics", "memory", "atomics.c", 10000, "8e2c985fc9f5782a", 200, "5c124e108f3dbd84", wasm_flags=("-matomics",)),
    Kernel("image_blur", "pictures", "image_blur.c", 1100, "7f9d360eab966f02", 18, "01f0e7418eb3538e"),
    Kernel("image_vectors", "pictures", "image_vectors.c", 17000, "8ac75d026e090c09", 280, "91d63518dda9df3d"),
    Kernel("raytrace", "pictures", "raytrace.cpp", 720, "6358e12016a76000", 12, "760997910ca190fc"),
    Kernel("cpp_map", "C++", "cpp_map.cpp", 160, "de14d4820d94f436", 3, "4e3c218f2e787b9d"),
    Kernel("cpp_algorithms", "C++", "cpp_algorithms.cpp", 150, "796db2ea38c9d6ea", 3, "0799e5d95e18cbe8"),
    Kernel("exceptions", "C++", "exceptions.wat", 8000000, "80f237fc7eb9fb83", 130000, "6946a4c99148719b", builds=SCALAR_ONLY, native_source="exceptions.cpp"),
    Kernel("rust_iterators", "Rust", "rust_iterators.rs", 3300, "c5db6a6a44bb9f28", 55, "c5f1c90861427941"),
    Kernel("rust_collections", "Rust", "rust_collections.rs", 550, "a1d2376b9c1df128", 9, "30cb969af6934ff6"),
    Kernel("go_runtime", "Go", "go_runtime.go", 300, "aa2be746fc0ad151", 20, "a59ed444048ec1ac", builds=SCALAR_ONLY),
    Kernel("go_matrix", "Go", "go_matrix.go", 27000, "000000000021aa5a", 450, "000000000021aa5a", builds=SCALAR_ONLY),
    Kernel("gc_trees", "collected heap", "gc_trees.wat", 15000, "2ad730e1241d6e78", 250, "c2cc2d8d3bb1ab43", builds=SCALAR_ONLY, native_source="binary_trees.c"),
    Kernel("gc_records", "collected heap", "gc_records.wat", 9800, "e3ec3d3a17857dd9", 160, "e86c50f8b6a7e154", builds=SCALAR_ONLY, native_source="gc_records.cpp"),
)


def chosen(pattern):
    """The rows whose name or topic matches a regular expression."""
    return [kernel for kernel in ALL if re.search(pattern, kernel.name) or re.search(pattern, kernel.topic)]
