// Writes the scripts of all instructions that compute, from the opcode table: each on operands at the edges of its types,
// with the results of V8, an engine that shares nothing with this one. `node tests/suites/instructions.mjs` after a new
// row; the scripts are checked in, so that the tests need no node.
//
// Relaxed vector instructions are not here (V8's results are those of its host), nor is what V8 does not know.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const table = readFileSync(join(here, "../../compiler/wasm/opcodes.inc"), "utf8");
const flags = Object.fromEntries(
  [...readFileSync(join(here, "../../compiler/wasm/features.inc"), "utf8").matchAll(/^FEATURE\((\w+), "([^"]+)"/gm)]
    .map((row) => [row[1], row[2]]));
const rows = [...table.matchAll(/^OP\((\w+), "([^"]*)", (\w+), (0x[\w']+), "([^"]*)", "([^"]*)"/gm)]
  .map(([, id, text, feature, code, immediates, signature]) => {
    const [operands, results] = signature.split(">");
    return { id, text, feature, code: Number(code.replaceAll("'", "")), immediates, signature, operands, results };
  });

const typeNames = { i: "i32", I: "i64", f: "f32", F: "f64", v: "v128", a: "i32" };
const typeCodes = { i: 0x7f, I: 0x7e, f: 0x7d, F: 0x7c, v: 0x7b, a: 0x7f };

// Bytes of a value, little-endian.
function bytesOf(width, write) {
  const view = new DataView(new ArrayBuffer(width));
  write(view);
  return [...new Uint8Array(view.buffer)];
}
const f32 = (x) => bytesOf(4, (view) => view.setFloat32(0, x, true));
const f64 = (x) => bytesOf(8, (view) => view.setFloat64(0, x, true));
const integer = (width, x) => bytesOf(width, (view) => {
  for (let i = 0; i < width; i++) view.setUint8(i, Number((BigInt(x) >> BigInt(8 * i)) & 0xffn));
});

const edges = {
  i: [0, 1, -1, 7, 32, -2147483648, 2147483647, 0x12345678, -128, 65535].map((x) => integer(4, x)),
  I: [0n, 1n, -1n, 63n, 1n << 63n, (1n << 63n) - 1n, 0x123456789abcdef0n, -2147483648n, 4294967295n, -129n]
    .map((x) => integer(8, x)),
  f: [0, -0, 1, -1.5, 2.5, 0.1, 1e-45, 3.4028234663852886e38, Infinity, NaN, -Infinity, 2147483648, -4294967296, 16777217]
    .map(f32),
  F: [0, -0, 1, -1.5, 2.5, 0.1, 5e-324, 1.7976931348623157e308, Infinity, NaN, -Infinity, 2147483647.5,
      -9223372036854775808, 9007199254740993].map(f64),
};
edges.a = edges.i;

const lanesOf = { i8x16: 1, i16x8: 2, i32x4: 4, i64x2: 8, f32x4: 4, f64x2: 8 };
const laneEdges = {
  i8x16: [0, 1, -1, 127, -128, 2, 100, -100, 64, 15, 16, 255, 3, -3, 85, 170].map((x) => integer(1, x)),
  i16x8: [0, 1, -1, 32767, -32768, 256, 1000, -1000].map((x) => integer(2, x)),
  i32x4: [0, -1, 2147483647, -2147483648, 65536, 1, -70000].map((x) => integer(4, x)),
  i64x2: [0n, -1n, (1n << 63n) - 1n, 1n << 63n, 4294967296n].map((x) => integer(8, x)),
  f32x4: edges.f, f64x2: edges.F,
};
// Vectors of one shape whose lanes walk over its edges.
function vectors(shape) {
  const lanes = laneEdges[shape], count = 16 / lanesOf[shape];
  return [0, 1, 2, 3].map((k) =>
    Array.from({ length: count }, (_, i) => lanes[(k * (count + 1) + i) % lanes.length]).flat());
}

// The shape that an instruction sees its operands in, and that of its result.
function shapesOf(row) {
  const named = row.text.match(/[if]\d+x\d+/g) ?? ["i8x16"];
  const isComparison = /\.(eq|ne|lt|gt|le|ge)$/.test(row.text);
  const result = isComparison ? named[0].replace("f", "i") : named[0];
  return { operand: named.at(-1), result };
}

function operandTuples(row) {
  const lists = [...row.operands].map((letter) => letter === "v" ? vectors(shapesOf(row).operand) : edges[letter]);
  const count = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: count }, (_, k) => lists.map((list, i) => list[(k + i * (1 + k)) % list.length]));
}

// Module bytes, as little as is needed: functions without parameters that leave their result in memory.
const leb = (n) => { const out = []; do { out.push((n & 127) | (n > 127 ? 128 : 0)); n >>>= 7; } while (n); return out; };
const sleb = (value) => {
  const out = [];
  for (let x = BigInt(value); ;) {
    const byte = Number(x & 127n);
    x >>= 7n;
    const done = (x === 0n && !(byte & 64)) || (x === -1n && byte & 64);
    out.push(done ? byte : byte | 128);
    if (done) return out;
  }
};
const section = (id, items) => { const body = [...leb(items.length), ...items.flat()]; return [id, ...leb(body.length), ...body]; };
const sized = (bytes) => [...leb(bytes.length), ...bytes];
const codeOf = ({ code }) => (code > 0xffff ? [code >> 16, ...leb(code & 0xffff)] : [code]);
const toSigned = (bytes) => BigInt.asIntN(8 * bytes.length, bytes.reduceRight((x, b) => (x << 8n) | BigInt(b), 0n));
function constant(letter, bytes) {
  switch (letter) {
    case "i": case "a": return [0x41, ...sleb(toSigned(bytes))];
    case "I": return [0x42, ...sleb(toSigned(bytes))];
    case "f": return [0x43, ...bytes];
    case "F": return [0x44, ...bytes];
    default: return [0xfd, 0x0c, ...bytes];
  }
}
const storeOf = { i: [0x36, 0, 0], I: [0x37, 0, 0], f: [0x38, 0, 0], F: [0x39, 0, 0], v: [0xfd, 0x0b, 0, 0] };
const widths = { i: 4, I: 8, f: 4, F: 8, v: 16 };
const resultAt = 1024;

// What the instruction does to each tuple: its result's bytes, and the first bytes of memory if it writes there;
// undefined for a trap. Memory begins with `data`.
function evaluate(row, immediates, tuples, data, shared) {
  const letter = row.results;
  const bodies = tuples.map((tuple) => {
    const operation = [...[...row.operands].flatMap((l, i) => constant(l, tuple[i])), ...codeOf(row), ...immediates];
    const code = letter ? [0x41, ...sleb(resultAt), ...operation, ...storeOf[letter]] : operation;
    return sized([0, ...code, 0x0b]);
  });
  const bytes = new Uint8Array([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, [[0x60, 0, 0]]),
    ...section(3, tuples.map(() => [0])),
    ...section(5, [shared ? [3, 1, 1] : [0, 1]]),
    ...section(7, [[...sized([109]), 2, 0], ...tuples.map((_, i) => [...sized([102, ...String(i)].map((c) => typeof c === "number" ? c : c.charCodeAt(0))), 0, ...leb(i)])]),
    ...section(10, bodies),
  ]);
  const module = new WebAssembly.Module(bytes);
  return tuples.map((_, i) => {
    const { exports } = new WebAssembly.Instance(module);
    const memory = new Uint8Array(exports.m.buffer);
    memory.set(data);
    try {
      exports[`f${i}`]();
    } catch (error) {
      return { trap: error.message };
    }
    return { result: letter && [...memory.slice(resultAt, resultAt + widths[letter])], memory: [...memory.slice(0, 24)] };
  });
}

// Text.
const isNan32 = (b) => (b[3] & 127) === 127 && (b[2] & 128) !== 0 && ((b[2] & 127) | b[1] | b[0]) !== 0;
const isNan64 = (b) => (b[7] & 127) === 127 && (b[6] & 240) === 240 && ((b[6] & 15) | b[5] | b[4] | b[3] | b[2] | b[1] | b[0]) !== 0;
function floatText(bytes, nan) {
  const view = new DataView(new Uint8Array(bytes).buffer);
  const value = bytes.length === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
  if (Number.isNaN(value)) {
    if (nan) return nan;
    const payload = toSigned(bytes) & (bytes.length === 4 ? 0x7fffffn : 0xfffffffffffffn);
    return `${bytes.at(-1) & 128 ? "-" : ""}nan:0x${payload.toString(16)}`;
  }
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  return Object.is(value, -0) ? "-0" : String(value).replace("e+", "e");
}
function valueText(letter, bytes, shape, nan) {
  switch (letter) {
    case "i": case "a": case "I": return `(${typeNames[letter]}.const ${toSigned(bytes)})`;
    case "f": case "F": return `(${typeNames[letter]}.const ${floatText(bytes, nan)})`;
    default: {
      const width = lanesOf[shape];
      const lanes = Array.from({ length: 16 / width }, (_, i) => bytes.slice(i * width, (i + 1) * width));
      return `(v128.const ${shape} ${lanes.map((lane) => shape[0] === "f" ? floatText(lane, nan) : toSigned(lane)).join(" ")})`;
    }
  }
}

const trapTexts = {
  "divide by zero": "integer divide by zero", "remainder by zero": "integer divide by zero",
  "divide result unrepresentable": "integer overflow", "memory access out of bounds": "out of bounds memory access",
  "operation does not support unaligned accesses": "unaligned atomic",
};
function trapText(row, message, tuple) {
  if (message !== "float unrepresentable in integer range") return trapTexts[message];
  const isNan = tuple[0].length === 4 ? isNan32 : isNan64;
  return isNan(tuple[0]) ? "invalid conversion to integer" : "integer overflow";
}

// Whether NaNs come out with the bits that went in.
const isExact = (row) => /reinterpret|abs|neg|copysign|const|lane|splat|load|bitselect|\.(and|or|xor|not|andnot)$/.test(row.text);

// One export and its assertions.
function computing(row, immediates, immediateText, tuples, data = []) {
  const name = row.text + (immediateText ? ` ${immediateText}` : "");
  const params = [...row.operands].map((letter) => typeNames[letter]).join(" ");
  const gets = [...row.operands].map((_, i) => ` (local.get ${i})`).join("");
  const shapes = shapesOf(row);
  const func = `  (func (export "${name}")${params && ` (param ${params})`}${row.results && ` (result ${typeNames[row.results]})`}` +
    ` (${name}${gets}))`;
  const outcomes = evaluate(row, immediates, tuples, data, row.feature === "threads");
  const assertions = tuples.flatMap((tuple, k) => {
    const invoke = `(invoke "${name}"${[...row.operands].map((letter, i) => " " + valueText(letter, tuple[i], shapes.operand)).join("")})`;
    if (outcomes[k].trap) return [`(assert_trap ${invoke} "${trapText(row, outcomes[k].trap, tuple)}")`];
    if (!row.results)
      return [invoke, `(assert_return (invoke "bytes") ${valueText("v", outcomes[k].memory.slice(0, 16), "i8x16")})`, `(invoke "reset")`];
    const canonical = isExact(row) ? undefined : "nan:canonical";
    const assertion = `(assert_return ${invoke} ${valueText(row.results, outcomes[k].result, shapes.result, canonical)})`;
    const writes = /rmw/.test(row.text);
    return writes ? [assertion, `(assert_return (invoke "bytes") ${valueText("v", outcomes[k].memory.slice(0, 16), "i8x16")})`, `(invoke "reset")`] : [assertion];
  });
  return { func, assertions };
}

const laneCount = (row) => row.text.startsWith("v128")
  ? 128 / Number(row.text.match(/\d+/g)[1]) : 16 / lanesOf[shapesOf(row).result];

function script(file, title, parts, head = "") {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `;; ${title}\n;; Written by tests/suites/instructions.mjs.\n(module\n${head}${parts.map((part) => part.func).join("\n")})\n\n` +
    parts.map((part) => part.assertions.join("\n")).join("\n\n") + "\n");
}

// Numbers and vectors.
const isPure = (row) => row.signature !== "*" && row.results?.length === 1 && !/[aA]/.test(row.signature) &&
  /^[nS]?$/.test(row.immediates) && row.operands;
const left = new Set(["relaxed_simd"]);
const chapters = Map.groupBy ? Map.groupBy(rows.filter(isPure), (row) => row.feature) : rows.filter(isPure).reduce(
  (map, row) => map.set(row.feature, [...(map.get(row.feature) ?? []), row]), new Map());
for (const [feature, ops] of chapters) {
  if (left.has(feature)) continue;
  const groups = new Map();
  for (const row of ops) {
    const name = feature === "mvp" || feature === "simd" ? row.text.split(".")[0] : "numeric";
    const made = groups.get(name) ?? groups.set(name, []).get(name);
    if (row.immediates === "n")
      for (const lane of [0, laneCount(row) - 1])
        made.push(computing(row, [lane], String(lane), operandTuples(row).slice(0, 4)));
    else if (row.immediates === "S")
      for (const lanes of [[0, 17, 2, 19, 4, 21, 6, 23, 8, 25, 10, 27, 12, 29, 14, 31], [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]])
        made.push(computing(row, lanes, lanes.join(" "), operandTuples(row).slice(0, 2)));
    else made.push(computing(row, [], "", operandTuples(row)));
  }
  for (const [name, parts] of groups)
    script(join(here, "scripts/any", flags[feature], `${name}.wast`), `Instructions of ${name === "numeric" ? flags[feature] : name}.`, parts);
}

// Memory: inside, at an odd address, at the end, beyond it.
const data = Array.from({ length: 24 }, (_, i) => (i * 37 + 129) & 255);
const dataText = data.map((b) => `\\${b.toString(16).padStart(2, "0")}`).join("");
const natural = (row) => {
  const width = row.text.match(/(?:load|store|rmw)(\d+)(x?)/);
  const bits = width ? (width[2] ? 64 : Number(width[1])) : row.text.startsWith("v128") ? 128 : /^.64/.test(row.text) ? 64 : 32;
  return Math.log2(bits / 8);
};
for (const feature of ["mvp", "simd", "threads"]) {
  const parts = rows.filter((row) => row.feature === feature && row.immediates.startsWith("m") && !/wait|notify/.test(row.text))
    .map((row) => {
      const align = natural(row), end = 65536 - (1 << align);
      // Atomics beyond the end are aligned: which of two faults is found first is not worth a test.
      const beyond = feature === "threads" ? [65536, -(1 << align)] : [end + 1, -1];
      const addresses = [0, 1 << align, 3, end, ...beyond].map((x) => integer(4, x));
      const shape = { 0: "i8x16", 1: "i16x8", 2: "i32x4", 3: "i64x2", 4: "i8x16" }[align];
      const tuples = addresses.map((address, k) => [...row.operands].map((letter, i) =>
        i === 0 ? address : letter === "v" ? vectors(shape)[k % 4] : edges[letter][(k * 3 + i * 4 + 7) % edges[letter].length]));
      const lane = row.immediates === "mn" ? laneCount(row) - 1 : undefined;
      return computing(row, [align, 0, ...(lane === undefined ? [] : [lane])], lane === undefined ? "" : String(lane), tuples, data);
    });
  const head = `  (memory 1${feature === "threads" ? " 1 shared" : ""})\n  (data $start "${dataText}")\n` +
    `  (func $reset (export "reset") (memory.fill (i32.const 0) (i32.const 0) (i32.const 65536))\n` +
    `    (memory.init $start (i32.const 0) (i32.const 0) (i32.const ${data.length})))\n  (start $reset)\n` +
    `  (func (export "bytes") (result v128) (v128.load (i32.const 0)))\n`;
  script(join(here, "scripts/any", flags[feature], "memory.wast"), `Memory instructions of ${flags[feature]}.`, parts, head);
}
