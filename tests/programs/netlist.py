"""Checks a synthesised netlist by simulating its gates against what the Verilog source says.

Comparing text would pin one version's choices of gates; simulation asks the only question that counts. The cells are
Yosys's internal library: combinational gates of one bit, and flip-flops whose names spell out their controls.
"""

import json
import random
import re

GATES = {
    "$_NOT_": lambda c: 1 - c["A"],
    "$_BUF_": lambda c: c["A"],
    "$_AND_": lambda c: c["A"] & c["B"],
    "$_NAND_": lambda c: 1 - (c["A"] & c["B"]),
    "$_OR_": lambda c: c["A"] | c["B"],
    "$_NOR_": lambda c: 1 - (c["A"] | c["B"]),
    "$_XOR_": lambda c: c["A"] ^ c["B"],
    "$_XNOR_": lambda c: 1 - (c["A"] ^ c["B"]),
    "$_ANDNOT_": lambda c: c["A"] & (1 - c["B"]),
    "$_ORNOT_": lambda c: c["A"] | (1 - c["B"]),
    "$_MUX_": lambda c: c["B"] if c["S"] else c["A"],
    "$_NMUX_": lambda c: 1 - (c["B"] if c["S"] else c["A"]),
    "$_AOI3_": lambda c: 1 - ((c["A"] & c["B"]) | c["C"]),
    "$_OAI3_": lambda c: 1 - ((c["A"] | c["B"]) & c["C"]),
}
# $_SDFFE_PP0P_: clock edge, then reset polarity and value, then enable polarity. Reset wins over enable.
FLIP_FLOP = re.compile(r"\$_(?:DFF_[NP]|DFFE_[NP](?P<e>[NP])|SDFF_[NP](?P<r>[NP])(?P<v>[01])|SDFFE_[NP](?P<r2>[NP])(?P<v2>[01])(?P<e2>[NP]))_$")


class Netlist:
    def __init__(self, module):
        self.ports = module["ports"]
        self.driver = {}
        self.flip_flops = []
        for cell in module["cells"].values():
            pins = {pin: bits[0] for pin, bits in cell["connections"].items()}
            if cell["type"] in GATES:
                self.driver[pins["Y"]] = (cell["type"], pins)
            else:
                match = FLIP_FLOP.match(cell["type"])
                if match is None:
                    raise ValueError(f"unexpected cell {cell['type']}")
                self.flip_flops.append((match.groupdict(), pins))
        self.state = {pins["Q"]: 0 for _, pins in self.flip_flops}

    def settle(self, inputs):
        """Values of all nets for these inputs and the present state."""
        values = {"0": 0, "1": 1, "x": 0, **self.state}
        for name, number in inputs.items():
            for i, bit in enumerate(self.ports[name]["bits"]):
                values[bit] = number >> i & 1

        def value(net):
            if net not in values:
                kind, pins = self.driver[net]
                values[net] = GATES[kind]({pin: value(source) for pin, source in pins.items() if pin != "Y"})
            return values[net]

        for net in self.driver:
            value(net)
        return values

    def output(self, name, values):
        return sum(values[bit] << i for i, bit in enumerate(self.ports[name]["bits"]))

    def clock(self, values):
        after = {}
        for controls, pins in self.flip_flops:
            reset, enable = controls["r"] or controls["r2"], controls["e"] or controls["e2"]
            if reset and values[pins["R"]] == (reset == "P"):
                after[pins["Q"]] = int(controls["v"] or controls["v2"])
            elif enable and values[pins["E"]] != (enable == "P"):
                after[pins["Q"]] = self.state[pins["Q"]]
            else:
                after[pins["Q"]] = values[pins["D"]]
        self.state = after


def check_alu(folder):
    """Differences between folder's netlist and guests/yosys/alu.v over a thousand clocks, empty when there are none."""
    circuit = Netlist(json.loads((folder / "netlist.json").read_text())["modules"]["alu"])
    if len(circuit.flip_flops) != 8:
        return [f"expected 8 flip-flops, got {len(circuit.flip_flops)}"]
    vectors, y = random.Random(1), None
    for step in range(1000):
        inputs = {"reset": int(step == 0 or vectors.random() < 0.05), "op": vectors.randrange(4)}
        inputs |= {"a": vectors.randrange(256), "b": vectors.randrange(256), "clk": 0}
        values = circuit.settle(inputs)
        if y is not None and (circuit.output("y", values), circuit.output("zero", values)) != (y, int(y == 0)):
            return [f"clock {step}: expected y={y}, got {circuit.output('y', values)}, zero={circuit.output('zero', values)}"]
        circuit.clock(values)
        a, b = inputs["a"], inputs["b"]
        y = 0 if inputs["reset"] else ((a + b) & 255, a & b, a ^ b, y)[inputs["op"]]
    return []
