// Control flow as interpreters and compilers make it: a bytecode loop with a dense switch, calls through a
// table of function pointers, deep and mutual recursion, variadic calls, structs by value, and a heap that
// grows to 100 MB.
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum Op { op_push, op_add, op_mul, op_dup, op_swap, op_dec, op_jump_if, op_mod, op_over, op_print, op_halt };

static int64_t run(const int32_t* code) {
  int64_t stack[64], swapped;
  int top = -1, steps = 0;
  for (const int32_t* pc = code;; steps++) {
    switch ((enum Op) * pc++) {
    case op_push: stack[++top] = *pc++; break;
    case op_add: stack[top - 1] += stack[top], top--; break;
    case op_mul: stack[top - 1] *= stack[top], top--; break;
    case op_dup: stack[top + 1] = stack[top], top++; break;
    case op_over: stack[top + 1] = stack[top - 1], top++; break;
    case op_swap: swapped = stack[top], stack[top] = stack[top - 1], stack[top - 1] = swapped; break;
    case op_dec: stack[top]--; break;
    case op_mod: stack[top - 1] %= stack[top], top--; break;
    case op_jump_if: pc = stack[top] != 0 ? code + *pc : pc + 1; break;
    case op_print: printf("machine says %lld after %d steps\n", (long long)stack[top], steps); break;
    case op_halt: return stack[top];
    }
  }
}

typedef struct {
  double x, y, z;
} Vector;
typedef Vector (*Transform)(Vector, double);

static Vector scale(Vector v, double by) { return (Vector){v.x * by, v.y * by, v.z * by}; }
static Vector shift(Vector v, double by) { return (Vector){v.x + by, v.y - by, v.z + by}; }
static Vector turn(Vector v, double by) { return (Vector){v.y, v.z, v.x * (by > 0 ? 1 : -1)}; }
static Transform const transforms[] = {scale, shift, turn};

static uint32_t ackermann(uint32_t m, uint32_t n) {
  return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

static int is_odd(unsigned n);
static int is_even(unsigned n) { return n == 0 ? 1 : is_odd(n - 1); }
static int is_odd(unsigned n) { return n == 0 ? 0 : is_even(n - 1); }

static long sum_of(int count, ...) {
  va_list values;
  va_start(values, count);
  long sum = 0;
  for (int i = 0; i < count; i++) sum += i % 2 ? (long)va_arg(values, double) : va_arg(values, int);
  va_end(values);
  return sum;
}

static void grow_the_heap(void) {
  enum { chunk = 1 << 20, chunks = 100 };
  unsigned char* kept[chunks];
  uint64_t sum = 0;
  for (int i = 0; i < chunks; i++) {
    kept[i] = malloc(chunk);
    if (kept[i] == NULL) abort();
    memset(kept[i], i, chunk);
  }
  for (int i = 0; i < chunks; i++) {
    memmove(kept[i] + 3, kept[i], chunk / 2);
    sum += kept[i][chunk - 1] + kept[i][17] * 3u;
    free(kept[i]);
  }
  printf("heap %llu\n", (unsigned long long)sum);
}

int main(void) {
  // acc = 1, n = 200000; repeat acc = (acc * 31 + n) mod 1000003, n = n - 1 until n is 0.
  static const int32_t program[] = {op_push, 1,          op_push, 200000,  op_swap,  op_push, 31,
                                    op_mul,  op_over,    op_add,  op_push, 1000003,  op_mod,  op_swap,
                                    op_dec,  op_jump_if, 4,       op_swap, op_print, op_halt};
  printf("result %lld\n", (long long)run(program));
  Vector v = {1, 2, 3};
  for (int i = 0; i < 300000; i++) v = transforms[i % 3](v, i % 2 ? 0.5 : 2.0);
  printf("vector %.17g %.17g %.17g\n", v.x, v.y, v.z);
  printf("ackermann %u, even %d, variadic %ld\n", ackermann(2, 2000), is_even(50001),
         sum_of(4, 1, 2.5, 3, 4.5));
  grow_the_heap();
  return 7;
}
