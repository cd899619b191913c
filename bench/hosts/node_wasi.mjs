// Runs a WASI command in Node.js: node [V8 FLAGS] node_wasi.mjs [--dir=HOST::GUEST]... FILE [ARGS...]
import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";

const preopens = {};
let words = process.argv.slice(2);
for (; words[0].startsWith("--dir="); words = words.slice(1)) {
  const [host, guest] = words[0].slice("--dir=".length).split("::");
  preopens[guest] = host;
}
const wasi = new WASI({ version: "preview1", args: words, preopens, returnOnExit: true });
const module = new WebAssembly.Module(readFileSync(words[0]));
const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport });
process.exitCode = wasi.start(instance) ?? 0;
