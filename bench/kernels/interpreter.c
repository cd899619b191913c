// A bytecode interpreter with one switch in a loop, running a sieve and a sum: how well dispatch compiles.
#include "bench.h"

enum Op { op_push, op_load, op_store, op_get, op_set, op_add, op_less, op_jump, op_jump_if, op_halt };
enum { kCells = 4096 };

struct Instruction {
  uint8_t op;
  int32_t operand;
};

// Locals: 0 outer, 1 inner, 2 count. Cells: 0 prime, 1 crossed out.
static const struct Instruction kSieve[] = {
    {op_push, 2},  {op_set, 0},                                           // outer = 2
    {op_get, 0},   {op_push, kCells}, {op_less, 0},     {op_jump_if, 8},  // 2: while outer < kCells
    {op_get, 2},   {op_halt, 0},                                          // 6
    {op_get, 0},   {op_load, 0},      {op_jump_if, 31},                   // 8: if it is crossed out, go on
    {op_get, 2},   {op_push, 1},      {op_add, 0},      {op_set, 2},      // 11: count += 1
    {op_get, 0},   {op_get, 0},       {op_add, 0},      {op_set, 1},      // 15: inner = 2 * outer
    {op_get, 1},   {op_push, kCells}, {op_less, 0},     {op_jump_if, 24}, // 19: while inner < kCells
    {op_jump, 31},                                                        // 23
    {op_get, 1},   {op_push, 1},      {op_store, 0},                      // 24: cross it out
    {op_get, 1},   {op_get, 0},       {op_add, 0},      {op_jump, 36},    // 27
    {op_get, 0},   {op_push, 1},      {op_add, 0},      {op_set, 0},      // 31: outer += 1
    {op_jump, 2},                                                         // 35
    {op_set, 1},   {op_jump, 19},                                         // 36
};

static int32_t cells[kCells];

BENCH_ROUND static int32_t interpret(const struct Instruction* code) {
  int32_t stack[16], locals[4] = {0};
  int32_t* top = stack;
  for (const struct Instruction* at = code;; at++) {
    switch (at->op) {
    case op_push: *top++ = at->operand; break;
    case op_load: top[-1] = cells[top[-1]]; break;
    case op_store:
      cells[top[-2]] = top[-1];
      top -= 2;
      break;
    case op_get: *top++ = locals[at->operand]; break;
    case op_set: locals[at->operand] = *--top; break;
    case op_add:
      top[-2] += top[-1];
      top--;
      break;
    case op_less:
      top[-2] = top[-2] < top[-1];
      top--;
      break;
    case op_jump: at = code + at->operand - 1; break;
    case op_jump_if:
      if (*--top) at = code + at->operand - 1;
      break;
    default: return top[-1];
    }
  }
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t checksum = 0;
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    memset(cells, 0, sizeof cells);
    cells[2 + round % 7] = 1;
    checksum = bench_mix(checksum, (uint32_t)interpret(kSieve));
  }
  return bench_end(checksum);
}
