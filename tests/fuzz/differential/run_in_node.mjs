// Whether V8 does with generated modules what swage did: run_in_node.mjs FOLDER, where differential has left SEED.wasm
// and SEED.trace. Traps have other words in V8, so that only their being there is compared; see trace.cpp for the rest.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";

// (module (func return_call 0)): Debian 12's Node.js 18 has tail calls behind a flag, which later ones do not know.
const tailCall = "0061736d01000000" + "010401600000" + "03020100" + "0a060104001200" + "0b";
if (!WebAssembly.validate(Buffer.from(tailCall, "hex"))) setFlagsFromString("--experimental-wasm-return-call");

function hash(bytes) {
  let h = 2166136261;
  for (const b of bytes) h = Math.imul(h ^ b, 16777619);
  return (h >>> 0).toString(16).padStart(8, "0");
}

const imports = {
  env: {
    mix: (a, b) => (Math.imul(a, 31) + Number(BigInt.asIntN(32, b ^ (b >> 32n)))) | 0,
    blend: (x) => (Number.isNaN(x) ? 1.5 : x * 0.5 + 1),
  },
};

// A line "name: values", where a trap stands for values; or undefined where the host gave up, not the guest.
function call(name, f) {
  try {
    const result = f();
    const values = result === undefined ? [] : Array.isArray(result) ? result : [result];
    return `${name}:${values.map((value) => ` ${value}`).join("")}`;
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return `${name}: trap`;
    throw error;
  }
}

function traceOf(bytes) {
  let instance;
  try {
    instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return ["instantiation: trap"];
    throw error;
  }
  const lines = [];
  const exports = Object.entries(instance.exports).sort(([a], [b]) => (a < b ? -1 : 1)); // as swage gives them
  for (const [name, item] of exports) {
    if (typeof item !== "function" || name === "state") continue;
    lines.push(call(name, item), call("state", instance.exports.state));
    for (const [name, memory] of exports)
      if (memory instanceof WebAssembly.Memory)
        lines.push(`${name}: ${memory.buffer.byteLength} bytes, ${hash(new Uint8Array(memory.buffer))}`);
  }
  return lines;
}

const folder = process.argv[2];
let agreed = 0, refused = 0, different = 0;
for (const file of readdirSync(folder).filter((name) => name.endsWith(".wasm")).sort()) {
  const expected = readFileSync(join(folder, file.replace(".wasm", ".trace")), "utf8")
    .trimEnd().split("\n").map((line) => line.replace(/: trap .*/, ": trap"));
  let trace;
  try {
    trace = traceOf(readFileSync(join(folder, file)));
  } catch (error) {
    refused++;
    console.log(`${file}: V8 does not run it: ${error.message}`);
    continue;
  }
  const at = expected.findIndex((line, i) => line !== trace[i]); // a trace may end early, after an inexact trap
  if (at < 0) {
    agreed++;
    continue;
  }
  different++;
  console.log(`${file}: line ${at + 1}\n  swage: ${expected[at]}\n  V8: ${trace[at]}`);
}
console.log(`${agreed} modules did the same in V8, ${different} did not, ${refused} it does not run`);
process.exit(different + refused === 0 ? 0 : 1);
