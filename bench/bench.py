#!/usr/bin/env python3
"""Measures swage beside native code and other Wasm engines, and reports ratios.

  bench.py [FILTER]              kernels whose name or topic matches FILTER; all without one

README.md in this folder says how it measures and how to read the report.
"""

import argparse
import pathlib
import sys

import building
import check
import engines
import front_end
import kernels
import page
import passes
import peers
import publish
import results
import scaling
import table
from session import Session


def absolute(text):
    return pathlib.Path(text).resolve()


def words(text):
    return text.split(",")


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("filter", nargs="?", default="", help="a regular expression on kernels' names and topics")
    parser.add_argument("--engines", type=words, help="names, or 'all'; --list shows them")
    parser.add_argument("--builds", type=words, default=[kernels.SCALAR, kernels.SIMD], help="of the Wasm modules: scalar,simd")
    parser.add_argument("--rounds", type=int, help="runs of each engine on each kernel (5)")
    parser.add_argument("--minutes", type=float, help="fewer rounds where they would take longer than this together")
    parser.add_argument("--best-builds", action="store_true", help="all but swage compile run only the SIMD module where there is one")
    parser.add_argument("--quick", action="store_true", help="the small sizes: a look, not a measurement")
    parser.add_argument("--timeout", type=float, default=120, help="seconds after which a run has failed (120)")
    parser.add_argument("--patience", type=float, help="what takes more seconds than this runs once (5)")
    parser.add_argument("--build-only", action="store_true", help="only build the kernels: a busy machine can do that")
    parser.add_argument("--compare", type=absolute, metavar="OLD.json", help="say what changed since those results")
    parser.add_argument("--report", type=absolute, metavar="RESULTS.json", help="only show and write the report of these results")
    parser.add_argument("--publish", action="store_true", help="write the figures into README.md and docs; README.md says of what")
    parser.add_argument("--check", action="store_true", help="count instructions and compare them with the baseline instead")
    parser.add_argument("--bless", action="store_true", help="with --check: make what is found the baseline")
    parser.add_argument("--scaling", action="store_true", help="how compiling grows with the module instead")
    parser.add_argument("--front-end", action="store_true", help="how reading a module grows with it; with --quick in instructions")
    parser.add_argument("--passes", action="store_true", help="what each pass of the mid-end costs and gives instead")
    parser.add_argument("--install-peers", nargs="?", const=[], type=words, metavar="NAMES", help="only install other engines")
    parser.add_argument("--list", action="store_true", help="show kernels and engines")
    parser.add_argument("--bin", type=absolute, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--work", type=absolute, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--cache", type=absolute, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.publish:
        options.rounds = options.rounds or 3
        options.minutes = options.minutes or 17
        options.patience = options.patience or 0.8
        options.engines = options.engines or publish.ENGINES
        options.best_builds = True
    options.rounds = options.rounds or 5
    options.patience = options.patience or 5
    return options


def chosen_engines(names):
    if names is None:
        return [engine for engine in engines.ALL if engine.is_default]
    if names == ["all"]:
        return list(engines.ALL)
    unknown = [name for name in names if engines.by_name(name) is None]
    if unknown:
        sys.exit(f"no engine is called {' or '.join(unknown)}; --list shows their names")
    references = [kernels.NATIVE, kernels.NATIVE_CPU]
    return [engine for engine in engines.ALL if engine.name in (*references, *names)]


def show_list():
    for kernel in kernels.ALL:
        print(f"{kernel.name:<20} {kernel.topic}")
    print()
    for engine in engines.ALL:
        print(f"{engine.name:<20} {engine.title}: {engine.about}{'' if engine.is_default else ' (not by default)'}")


def build_all(chosen, options):
    for kernel in chosen:
        for which in kernel.builds:
            try:
                building.build(kernel, which, options)
            except building.Missing as missing:
                print(f"left out: {kernel.name} ({which}): needs {missing}")


def main():
    options = arguments()
    if options.list:
        return show_list()
    if options.install_peers is not None:
        return peers.install(options, options.install_peers)
    if options.check:
        sys.exit(check.check(options))
    if options.scaling:
        sys.exit(scaling.run(options))
    if options.front_end:
        sys.exit(front_end.run(options))
    if options.passes:
        sys.exit(passes.run(options))
    if options.report:
        found = results.load(options.report)
        page.write(found, options.work)
        if options.publish:
            publish.write(found)
        return table.show(found)
    if options.build_only:
        return build_all(kernels.chosen(options.filter), options)
    old = results.load(options.compare) if options.compare else None
    options.work.mkdir(parents=True, exist_ok=True)
    found = Session(options, kernels.chosen(options.filter), chosen_engines(options.engines)).run()
    if not any(cell.samples for cell in found.cells):
        print("skipped: nothing could be measured")
        sys.exit(check.SKIPPED)
    results.save(found, options.work / "results.json")
    page.write(found, options.work)
    table.show(found)
    if old:
        print(f"\nRatios to clang -O3 that changed against {options.compare}:\n")
        print("\n".join(table.compare_lines(found, old)))
    if options.publish:
        publish.write(found)
    print(f"\nThe report: {options.work / 'report.html'}; its first chart: ratios.svg; all figures: results.json beside it")
    sys.exit(any(cell.error and engines.by_name(cell.engine).group == "swage" for cell in found.cells))


if __name__ == "__main__":
    main()
