// Binary trees made with malloc, walked and freed: the allocator of the C library that the program brought
// along.
#include "bench.h"

struct Tree {
  struct Tree *left, *right;
};

static struct Tree* grow(int depth) {
  struct Tree* tree = malloc(sizeof *tree);
  tree->left = depth ? grow(depth - 1) : NULL;
  tree->right = depth ? grow(depth - 1) : NULL;
  return tree;
}

static uint32_t count(const struct Tree* tree) {
  return tree ? 1 + count(tree->left) + count(tree->right) : 0;
}

static void cut(struct Tree* tree) {
  if (!tree) return;
  cut(tree->left);
  cut(tree->right);
  free(tree);
}

BENCH_ROUND static uint32_t work(int depth) {
  struct Tree* tree = grow(depth);
  uint32_t nodes = count(tree);
  cut(tree);
  return nodes;
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t checksum = 0;
  struct Tree* old = grow(14);
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++)
    checksum = bench_mix(checksum, work(6 + (int)(round % 6)));
  checksum = bench_mix(checksum, count(old));
  cut(old);
  return bench_end(checksum);
}
