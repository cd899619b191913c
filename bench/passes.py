"""Which passes of the mid-end earn their time, for Wasm that its producer has optimised: `./dev bench --passes`.

Each is left out in turn (SWAGE_LEAVE_OUT, compiler/codegen/pipeline.cpp) everywhere it stands in the pipeline of -O2. Compiling
and running are counted in instructions, under valgrind, so that a busy machine gives the same table. A run whose machine code
did not change is not repeated.
"""

import math
import os

import check
import kernels
from building import Missing, build, call
from kernels import SCALAR

PASSES = (
    "ReassociatePass",
    "JumpThreadingPass",
    "CorrelatedValuePropagationPass",
    "SLPVectorizerPass",
    "GVNPass",
    "LoopUnrollPass",
    "VectorCombinePass",
    "ADCEPass",
    "LoopVectorizePass",
    "LICMPass",
    "IndVarSimplifyPass",
    "LoopDeletionPass",
    "LoopFullUnrollPass",
    "LoopRotatePass",
    "DivRemPairsPass",
    "InferAlignmentPass",
    "InstSimplifyPass",
    "EarlyCSEPass",
    "SimplifyCFGPass",
    "InstCombinePass",
    "swage::codegen::ColdLoops",
    "swage::codegen::LinearAddresses",
    "swage::codegen::SearchLoops",
    "swage::codegen::WidenVectors",
)
COMPILED = ("json", SCALAR)
# (kernel, build, rounds): half a second or so under valgrind.
RUNS = (
    ("matmul", SCALAR, 1),
    ("knapsack", SCALAR, 2),
    ("float_to_int", SCALAR, 20),
    ("quicksort", SCALAR, 1),
    ("lz", SCALAR, 1),
    ("json", SCALAR, 5),
    ("sha256", SCALAR, 3),
    ("interpreter", SCALAR, 5),
)


def module_of(name, which, options):
    return build(next(kernel for kernel in kernels.ALL if kernel.name == name), which, options).file


class Counter:
    """Counts with a pass left out, each machine code once."""

    def __init__(self, options):
        self.folder = check.stripped(options)
        self.compiled = module_of(*COMPILED, options)
        self.modules = [(name, module_of(name, which, options), rounds) for name, which, rounds in RUNS]
        self.known = {}  # machine code to what running it takes
        self.starts = {}  # module to what a run without work takes

    def count_run(self, module, rounds):
        artifact = self.folder / "pass.so"
        call(check.compile_command(self.folder, module, artifact))
        code = artifact.read_bytes()
        if code not in self.known:
            run = [self.folder / "bin" / "swage-run", artifact]
            if module not in self.starts:
                self.starts[module] = check.instructions([*run, "0"])
            self.known[code] = check.instructions([*run, str(rounds)]) - self.starts[module]
        return self.known[code]

    def counts(self, left_out):
        """What compiling takes, and what each run takes."""
        os.environ["SWAGE_LEAVE_OUT"] = left_out
        artifact = self.folder / "pass.so"
        compiling = check.instructions(check.compile_command(self.folder, self.compiled, artifact))
        return compiling, {name: self.count_run(module, rounds) for name, module, rounds in self.modules}


def line(name, compiling, runs, whole):
    saved = 100 * (1 - compiling / whole[0])
    ratios = {kernel: runs[kernel] / whole[1][kernel] for kernel in runs}
    mean = math.exp(sum(map(math.log, ratios.values())) / len(ratios))
    moved = sorted(((ratio, kernel) for kernel, ratio in ratios.items() if abs(ratio - 1) > 0.005), reverse=True)
    told = ", ".join(f"{kernel} {100 * (ratio - 1):+.0f} %" for ratio, kernel in moved)
    return f"| {name} | {saved:+.1f} % | {100 * (mean - 1):+.1f} % | {told} |"


def run(options):
    """Prints a table in Markdown; returns the exit status."""
    try:
        counter = Counter(options)
        whole = counter.counts("")
    except Missing as missing:
        print(f"skipped: needs {missing}")
        return check.SKIPPED
    print("| left out | compiling saved | run cost | of which |\n| --- | ---: | ---: | --- |")
    for name in PASSES:
        print(line(name.removesuffix("Pass").removeprefix("swage::codegen::"), *counter.counts(name), whole), flush=True)
    return 0
