// AssemblyScript brings its own runtime: a garbage-collected heap in linear memory, strings in UTF-16, and WASI calls made
// by its shim package. The expected output is checked in (matrix.expected): this language has no native compiler.

class Matrix {
  cells: Float64Array;
  constructor(public rows: i32, public columns: i32) {
    this.cells = new Float64Array(rows * columns);
  }
  at(row: i32, column: i32): f64 {
    return this.cells[row * this.columns + column];
  }
  set(row: i32, column: i32, value: f64): void {
    this.cells[row * this.columns + column] = value;
  }
  times(other: Matrix): Matrix {
    const product = new Matrix(this.rows, other.columns);
    for (let i = 0; i < this.rows; i++) {
      for (let j = 0; j < other.columns; j++) {
        let sum: f64 = 0;
        for (let k = 0; k < this.columns; k++) sum += this.at(i, k) * other.at(k, j);
        product.set(i, j, sum);
      }
    }
    return product;
  }
  trace(): f64 {
    let sum: f64 = 0;
    for (let i = 0; i < this.rows; i++) sum += this.at(i, i);
    return sum;
  }
}

class TreeNode {
  left: TreeNode | null = null;
  right: TreeNode | null = null;
}

function tree(depth: i32): TreeNode {
  const node = new TreeNode();
  if (depth > 0) {
    node.left = tree(depth - 1);
    node.right = tree(depth - 1);
  }
  return node;
}

function count(node: TreeNode | null): i32 {
  return node === null ? 0 : 1 + count(node.left) + count(node.right);
}

function matrices(): void {
  const a = new Matrix(60, 60), b = new Matrix(60, 60);
  for (let i = 0; i < 60; i++) {
    for (let j = 0; j < 60; j++) {
      a.set(i, j, <f64>((i * 7 + j) % 13));
      b.set(i, j, <f64>((i + j * 5) % 11));
    }
  }
  console.log("trace " + a.times(b).trace().toString());
}

function integers(): void {
  let state: u64 = 88172645463325252, sum: u64 = 0;
  for (let i = 0; i < 100000; i++) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    sum = rotl<u64>(sum + state / ((state & 0xffff) + 1), 11) ^ popcnt<u64>(state);
  }
  console.log("integers " + sum.toString(16));
}

const counts = new Map<string, i32>();

function words(): void {
  const text = "the cat and the dog and the bird sang to the cat";
  const all = text.split(" ");
  for (let i = 0; i < all.length; i++) counts.set(all[i], (counts.has(all[i]) ? counts.get(all[i]) : 0) + 1);
  const keys = counts.keys();
  keys.sort((x, y) => counts.get(y) - counts.get(x) || (x < y ? -1 : 1)); // counts is global: closures do not exist here
  for (let i = 0; i < keys.length; i++) console.log(keys[i].padEnd(6) + counts.get(keys[i]).toString());
}

// Makes and drops more objects than fit at once, so that the collector must run.
function garbage(): void {
  let nodes = 0;
  for (let i = 0; i < 40; i++) nodes += count(tree(12));
  console.log("nodes " + nodes.toString());
}

const argv = process.argv;
for (let i = 1; i < argv.length; i++) console.log("argument " + argv[i]);
console.log("GREETING " + (process.env.has("GREETING") ? process.env.get("GREETING") : "(none)"));
matrices();
integers();
words();
garbage();
console.log("after 2024 " + (Date.now() > 1704067200000).toString());
console.error("this goes to standard error");
console.log((0.1 + 0.2).toString() + " " + Math.sqrt(2).toString() + " " + (1.0 / 0.0).toString());
process.exit(6);
