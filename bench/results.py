"""What a run of the bench found: written as JSON, read again by --compare, and turned into ratios.

A cell is one engine on one build of one kernel. Its ratio to another cell is the median of the ratios round by round: rounds
of one kernel follow each other closely, so that a machine whose speed drifts is as unfair to one engine as to the other.
"""

import json
import math
from dataclasses import dataclass, field

from measuring import Compilation, Sample, median, spread


@dataclass
class Cell:
    kernel: str
    engine: str
    build: str
    size: int
    samples: list = field(default_factory=list)
    compilations: list = field(default_factory=list)
    error: str | None = None

    def middle(self, figure):
        return median([getattr(sample, figure) for sample in self.samples])

    def spread(self):
        return spread([sample.work_cpu for sample in self.samples])

    def compiled(self, figure):
        """Median of a figure of compiling ahead of time; None for an engine that does not."""
        return median([getattr(one, figure) for one in self.compilations]) if self.compilations else None


@dataclass
class Results:
    machine: dict
    versions: dict  # of each engine, and of the compilers
    kernels: dict  # name to topic, in the order of the table
    small: dict = field(default_factory=dict)  # kernel to its small size
    twins: dict = field(default_factory=dict)  # kernel to what its native program is, where that is not the same source
    cells: list = field(default_factory=list)
    left_out: list = field(default_factory=list)  # lines that say what is missing, and why

    def cell(self, kernel, engine, build, size=None):
        """The cell with that size of work, or the first, or None."""
        return next(
            (
                cell
                for cell in self.cells
                if (cell.kernel, cell.engine, cell.build) == (kernel, engine, build) and size in (None, cell.size)
            ),
            None,
        )

    def ratio(self, kernel, column, reference):
        """How many times as long an (engine, build) worked on a kernel as another did, or None."""
        cell = self.cell(kernel, *column)
        return ratio(cell, self.cell(kernel, *reference, cell.size)) if cell else None

    def comparable(self):
        """The kernels whose native program is the same source: means are over these."""
        return [kernel for kernel in self.kernels if kernel not in self.twins]

    def by_twin(self):
        """What native programs are, where they are not the same source, to the kernels that this holds for."""
        return {twin: [name for name, other in self.twins.items() if other == twin] for twin in dict.fromkeys(self.twins.values())}

    def columns(self):
        """Each (engine, build) that has a cell, in the order of their first appearance."""
        return list(dict.fromkeys((cell.engine, cell.build) for cell in self.cells))

    def steady_ratio(self, kernel, column, reference, small):
        """The same ratio of what the work costs once all is compiled: the work's time less that of the small size, which
        compiles as much. An engine that compiles nothing while it runs has no run of the small size: its ratio is that."""
        found = []
        for side in (column, reference):
            big = self.cell(kernel, *side)
            little = self.cell(kernel, *side, small)
            if not big or big.error or not big.samples:
                return None
            if not little or little is big or little.error or not little.samples:
                return self.ratio(kernel, column, reference)
            found.append([a.work_cpu - b.work_cpu for a, b in zip(big.samples, little.samples)])
        pairs = [mine / theirs for mine, theirs in zip(*found) if theirs > 0 and mine > 0]
        return median(pairs) if pairs else None


def ratio(cell, reference):
    """How many times as long `cell` worked as `reference`, or None where one of them has no run of that size."""
    if cell is None or reference is None or cell.error or reference.error or not (cell.samples and reference.samples):
        return None
    pairs = [a.work_cpu / b.work_cpu for a, b in zip(cell.samples, reference.samples) if b.work_cpu > 0]
    return median(pairs) if pairs else None


def geomean(values):
    values = [value for value in values if value]
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def save(results, path):
    cells = [
        {
            **vars(cell),
            "samples": [sample.asdict() for sample in cell.samples],
            "compilations": [one.asdict() for one in cell.compilations],
        }
        for cell in results.cells
    ]
    path.write_text(json.dumps({**vars(results), "cells": cells}, indent=1) + "\n")


def load(path):
    data = json.loads(path.read_text())
    cells = [
        Cell(
            **{
                **cell,
                "samples": [Sample(**sample) for sample in cell["samples"]],
                "compilations": [Compilation(**one) for one in cell["compilations"]],
            }
        )
        for cell in data["cells"]
    ]
    return Results(**{**data, "cells": cells})
