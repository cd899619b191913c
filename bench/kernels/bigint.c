// Digits of pi by a spigot of big integers: multiplication and division of long numbers by short ones, with
// carries, in 32-bit limbs and 64-bit products.
#include "bench.h"

enum { kLimbs = 512 };
struct Number {
  uint32_t length, limbs[kLimbs];
};
static struct Number numerator, accumulator, denominator, scratch, other;

static void set(struct Number* number, uint32_t value) {
  number->length = 1;
  number->limbs[0] = value;
}

static void multiply(struct Number* to, const struct Number* from, uint32_t by) {
  uint64_t carry = 0;
  uint32_t length = from->length;
  for (uint32_t i = 0; i < length; i++) {
    carry += (uint64_t)from->limbs[i] * by;
    to->limbs[i] = (uint32_t)carry;
    carry >>= 32;
  }
  if (carry) to->limbs[length++] = (uint32_t)carry;
  to->length = length;
}

static void add(struct Number* to, const struct Number* from) {
  uint64_t carry = 0;
  uint32_t length = to->length > from->length ? to->length : from->length;
  for (uint32_t i = 0; i < length; i++) {
    carry += (uint64_t)(i < to->length ? to->limbs[i] : 0) + (i < from->length ? from->limbs[i] : 0);
    to->limbs[i] = (uint32_t)carry;
    carry >>= 32;
  }
  if (carry) to->limbs[length++] = (uint32_t)carry;
  to->length = length;
}

static void subtract(struct Number* to, const struct Number* from) {
  int64_t borrow = 0;
  for (uint32_t i = 0; i < to->length; i++) {
    borrow += (int64_t)to->limbs[i] - (i < from->length ? from->limbs[i] : 0);
    to->limbs[i] = (uint32_t)borrow;
    borrow >>= 32;
  }
  while (to->length > 1 && !to->limbs[to->length - 1]) to->length--;
}

static int compare(const struct Number* a, const struct Number* b) {
  if (a->length != b->length) return a->length < b->length ? -1 : 1;
  for (uint32_t i = a->length; i-- > 0;)
    if (a->limbs[i] != b->limbs[i]) return a->limbs[i] < b->limbs[i] ? -1 : 1;
  return 0;
}

// floor((numerator * factor + accumulator) / denominator), known to be small, by counting subtractions.
static uint32_t digit(uint32_t factor) {
  multiply(&scratch, &numerator, factor);
  add(&scratch, &accumulator);
  uint32_t count = 0;
  for (; compare(&scratch, &denominator) >= 0 && count < 10; count++) subtract(&scratch, &denominator);
  return count;
}

BENCH_ROUND static uint64_t digits(uint32_t wanted) {
  uint64_t checksum = 0;
  set(&numerator, 1);
  set(&accumulator, 0);
  set(&denominator, 1);
  for (uint32_t k = 1, found = 0; found < wanted; k++) {
    multiply(&other, &numerator, 2);
    add(&accumulator, &other);
    multiply(&accumulator, &accumulator, 2 * k + 1);
    multiply(&numerator, &numerator, k);
    multiply(&denominator, &denominator, 2 * k + 1);
    if (compare(&numerator, &accumulator) > 0) continue;
    uint32_t next = digit(3);
    if (next != digit(4)) continue;
    checksum = checksum * 11 + next;
    multiply(&other, &denominator, next);
    subtract(&accumulator, &other);
    multiply(&accumulator, &accumulator, 10);
    multiply(&numerator, &numerator, 10);
    found++;
  }
  return checksum;
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t checksum = 0;
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) checksum = bench_mix(checksum, digits(250 + round % 7));
  return bench_end(checksum);
}
