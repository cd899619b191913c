// An interpreter that calls one small function per instruction, through a table, with the machine's state in
// memory: the other way to write one.
#include "bench.h"

struct Machine {
  int32_t stack[32], *top, locals[4];
  const struct Word* at;
};
typedef void Step(struct Machine*);
struct Word {
  Step* step;
  int32_t operand;
};

static void push(struct Machine* m) { *m->top++ = m->at->operand; }
static void get(struct Machine* m) { *m->top++ = m->locals[m->at->operand]; }
static void set(struct Machine* m) { m->locals[m->at->operand] = *--m->top; }
static void add(struct Machine* m) { m->top--, m->top[-1] += m->top[0]; }
static void multiply(struct Machine* m) {
  m->top--, m->top[-1] = (int32_t)((uint32_t)m->top[-1] * (uint32_t)m->top[0]);
}
static void exclusive_or(struct Machine* m) { m->top--, m->top[-1] ^= m->top[0]; }
static void shift_right(struct Machine* m) {
  m->top--, m->top[-1] = (int32_t)((uint32_t)m->top[-1] >> m->top[0]);
}
static void branch_if(struct Machine* m) { m->at += *--m->top ? m->at->operand : 0; }
static void stop(struct Machine* m) { m->at = NULL; }

// An xorshift: locals 0 state, 1 count.
static const struct Word kProgram[] = {
    {get, 0},      {get, 0},      {push, 13}, {shift_right, 0}, {exclusive_or, 0}, {set, 0}, {get, 0},
    {push, 69069}, {multiply, 0}, {push, 1},  {add, 0},         {set, 0},          {get, 1}, {push, -1},
    {add, 0},      {set, 1},      {get, 1},   {branch_if, -18}, {stop, 0},
};

BENCH_ROUND static int32_t run(struct Machine* machine) {
  for (machine->at = kProgram; machine->at; machine->at += machine->at != NULL) machine->at->step(machine);
  return machine->locals[0];
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t checksum = 0;
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    struct Machine machine = {.top = machine.stack, .locals = {(int32_t)round, 1000}};
    checksum = bench_mix(checksum, (uint32_t)run(&machine));
  }
  return bench_end(checksum);
}
