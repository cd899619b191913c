// Quicksort of 32-bit integers, written out: branches that cannot be predicted, and loads beside them.
#include "bench.h"

enum { kCount = 1 << 18 };
static int32_t values[kCount];

static void insertion_sort(int32_t* first, int32_t count) {
  for (int32_t i = 1; i < count; i++) {
    int32_t value = first[i], j = i;
    for (; j > 0 && first[j - 1] > value; j--) first[j] = first[j - 1];
    first[j] = value;
  }
}

static void quicksort(int32_t* first, int32_t count) {
  while (count > 16) {
    int32_t a = first[0], b = first[count / 2], c = first[count - 1];
    int32_t pivot = a < b ? (b < c ? b : (a < c ? c : a)) : (a < c ? a : (b < c ? c : b));
    int32_t low = 0, high = count - 1;
    while (low <= high) {
      while (first[low] < pivot) low++;
      while (first[high] > pivot) high--;
      if (low > high) break;
      int32_t swap = first[low];
      first[low++] = first[high];
      first[high--] = swap;
    }
    quicksort(first, high + 1);
    first += low;
    count -= low;
  }
  insertion_sort(first, count);
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t random = 3, checksum = 0;
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < kCount; i++) values[i] = (int32_t)bench_random(&random);
    quicksort(values, kCount);
    for (int i = 0; i < kCount; i += 1021) checksum = bench_mix(checksum, (uint32_t)values[i]);
  }
  return bench_end(checksum);
}
