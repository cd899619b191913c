"""How compile time and memory grow with a module: 1, 2, 4 and 8 times as many functions, and one function that grows.

The modules are made here, from rows of instructions whose shapes repeat but whose numbers do not, so that nothing can be
shared between functions. Growth is linear when eight times the module takes at most `SLACK` times eight times the CPU time;
a real module, Yosys of 31 MB, shows what a large program needs.
"""

import measuring
from building import call

SLACK = 1.25
FUNCTIONS = 250
STATEMENTS = 600  # of the one function, at size 1
LEVELS = ("-O0", "-O2")


def statement(seed):
    """A few instructions with a load, a store, a call of arithmetic and a branch; local 0 is an address, 1 a value."""
    a, b, c = (seed * 2654435761) % 65521, (seed * 40503) % 4093, seed % 31 + 1
    return f"""
    (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const {a | 1})) (i32.load offset={b * 4} (i32.and (local.get 0) (i32.const 65528)))))
    (if (i32.lt_u (local.get 1) (i32.const {a * 7}))
      (then (i32.store offset={b} (i32.and (local.get 1) (i32.const 65528)) (i32.rotl (local.get 0) (i32.const {c}))))
      (else (local.set 0 (i32.xor (local.get 0) (i32.shr_u (local.get 1) (i32.const {c}))))))"""


def loop(body):
    return f"""
    (local.set 2 (i32.const 8))
    (loop $again {body}
      (br_if $again (local.tee 2 (i32.sub (local.get 2) (i32.const 1)))))"""


def function(index, statements):
    body = "".join(statement(index * 977 + i) for i in range(statements))
    return f'(func $f{index} (export "f{index}") (param i32 i32) (result i32) (local i32) {loop(body)} (local.get 1))'


def many_functions(times):
    return "(module (memory 2)" + "\n".join(function(index, 6 + index % 20) for index in range(FUNCTIONS * times)) + ")"


def one_function(times):
    return f"(module (memory 2) {function(0, STATEMENTS * times)})"


def compile_cost(options, module, level, jobs):
    artifact = options.work / "scaling" / "guest.so"
    command = [options.bin / "swage", "compile", level, f"-j{jobs}", module, "-o", artifact]
    return measuring.compile_once([command], artifact, timeout=1800)


def show(name, size, level, cost, first, times):
    growth = f"{cost.cpu / first.cpu:8.2f}" if first else f"{'':8}"
    linear = "" if not first else "  linear" if cost.cpu / first.cpu <= SLACK * times else "  NOT linear"
    print(f"{name:<18}{size:>11,}{level:>6}{cost.cpu:10.2f}{cost.wall:10.2f}{cost.peak_kib / 1024:10.0f}{growth}{linear}", flush=True)
    return not linear.startswith("  NOT")


def grow(options, name, make):
    is_linear = True
    for level in LEVELS:
        first = None
        for times in (1, 2, 4, 8):
            text = options.work / "scaling" / "guest.wat"
            module = text.with_suffix(".wasm")
            text.write_text(make(times))
            call([options.bin / "swage", "parse", text, "-o", module])
            cost = compile_cost(options, module, level, 1)
            is_linear &= show(f"{name} x{times}", module.stat().st_size, level, cost, first, times)
            first = first or cost
    return is_linear


def run(options):
    """Prints the table; returns the exit status."""
    (options.work / "scaling").mkdir(parents=True, exist_ok=True)
    print(f"{'':<18}{'bytes':>11}{'level':>6}{'CPU s':>10}{'wall s':>10}{'peak MiB':>10}{'times x1':>8}")
    is_linear = grow(options, "functions", many_functions)
    is_linear &= grow(options, "one function", one_function)
    yosys = options.cache / "npm" / "node_modules" / "@yowasp" / "yosys" / "gen" / "yosys.core.wasm"
    if yosys.exists():
        show("Yosys, 2 jobs", yosys.stat().st_size, "-O2", compile_cost(options, yosys, "-O2", 2), None, 1)
    else:
        print("skipped: Yosys needs npm package @yowasp/yosys (./dev setup installs it)")
    print("Compile time grows linearly." if is_linear else "Compile time grows faster than the module.")
    return 0 if is_linear else 1
