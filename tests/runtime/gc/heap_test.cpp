// The collector on its own: what is reachable survives with its contents, what is not is reused, and the heap
// stays bounded.
#include "runtime/gc/heap.h"

#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace swage::gc {
namespace {

constexpr uint32_t kPairReferences[] = {8, 16};
/// (struct (field ref ref i64)): 32 bytes with the header.
constexpr abi::Rtt kPair{
    .references = kPairReferences, .reference_count = 2, .size = 32, .is_array = 0, .type = 1};
constexpr abi::Rtt kBytes{.references = nullptr, .reference_count = 0, .size = 1, .is_array = 1, .type = 2};
constexpr abi::Rtt kReferences{
    .references = nullptr, .reference_count = 1, .size = 8, .is_array = 1, .type = 3};

struct Pair {
  const abi::Rtt* rtt;
  Pair* left;
  Pair* right;
  uint64_t value;
};

/// Precise roots from a vector, conservative ones from another.
struct Roots final : RootSource {
  std::vector<void*> exact;
  std::vector<uintptr_t> words;
  void mark_roots(Heap& heap) override {
    for (void* root : exact) heap.mark(root);
    heap.mark_conservatively(words.data(), words.data() + words.size());
  }
};

struct Fixture : testing::Test {
  Roots roots;
  abi::StoreState state{};
  HeapConfig config{.max_bytes = 8 << 20};
  Heap heap{config, state, roots};

  static Pair* make(Heap& from, abi::StoreState& bump, Pair* left, Pair* right, uint64_t value) {
    // As compiled code does: bump, or call.
    std::byte* memory = bump.gc_top;
    if (memory && memory + sizeof(Pair) <= bump.gc_limit)
      bump.gc_top = memory + sizeof(Pair);
    else
      memory = from.allocate(sizeof(Pair));
    if (!memory) return nullptr;
    return new (memory) Pair{&kPair, left, right, value};
  }
  Pair* pair(Pair* left, Pair* right, uint64_t value) { return make(heap, state, left, right, value); }
  std::byte* array(const abi::Rtt& rtt, uint32_t length) {
    uint64_t size = (sizeof(abi::ArrayHeader) + uint64_t{length} * rtt.size + 7) & ~uint64_t{7};
    std::byte* memory = heap.allocate(size);
    if (!memory) return nullptr;
    new (memory) abi::ArrayHeader{&rtt, length, 0};
    std::memset(memory + sizeof(abi::ArrayHeader), 0, size - sizeof(abi::ArrayHeader));
    return memory;
  }
};

TEST_F(Fixture, a_rooted_list_survives_many_collections_of_garbage) {
  Pair* list = nullptr;
  for (uint64_t i = 0; i < 1000; ++i) {
    list = pair(list, nullptr, i);
    roots.exact = {list};
  }
  for (int i = 0; i < 4'000'000; ++i)
    ASSERT_NE(pair(nullptr, nullptr, 0), nullptr); // 128 MB through an 8 MB heap
  EXPECT_GT(heap.statistics().collections, 10u);
  uint64_t expected = 999;
  for (Pair* p = list; p; p = p->left) EXPECT_EQ(p->value, expected--);
}

TEST_F(Fixture, a_word_into_the_middle_of_an_object_keeps_it) {
  Pair* object = pair(nullptr, nullptr, 42);
  roots.words = {reinterpret_cast<uintptr_t>(object) + 24};
  heap.collect();
  for (int i = 0; i < 300'000; ++i) pair(nullptr, nullptr, 7);
  EXPECT_EQ(object->value, 42u);
}

TEST_F(Fixture, a_word_past_the_end_of_an_array_keeps_it) {
  std::byte* bytes = array(kBytes, 240); // with its header a whole line
  bytes[sizeof(abi::ArrayHeader)] = std::byte{9};
  roots.words = {reinterpret_cast<uintptr_t>(bytes) + object_size(bytes)};
  heap.collect();
  for (int i = 0; i < 300'000; ++i) pair(nullptr, nullptr, 7);
  EXPECT_EQ(bytes[sizeof(abi::ArrayHeader)], std::byte{9});
}

TEST_F(Fixture, words_that_are_no_references_are_harmless) {
  pair(nullptr, nullptr, 1);
  roots.words = {0, 1, ~uintptr_t{0}, reinterpret_cast<uintptr_t>(this)};
  heap.collect();
  EXPECT_EQ(heap.statistics().live_bytes, 0u);
}

TEST_F(Fixture, references_in_arrays_are_followed) {
  std::byte* table = array(kReferences, 3000); // large: blocks of its own
  roots.exact = {table};
  Pair** elements = reinterpret_cast<Pair**>(table + sizeof(abi::ArrayHeader));
  for (uint64_t i = 0; i < 3000; ++i) elements[i] = pair(nullptr, nullptr, i);
  for (int i = 0; i < 600'000; ++i) pair(nullptr, nullptr, 7);
  for (uint64_t i = 0; i < 3000; ++i) ASSERT_EQ(elements[i]->value, i);
}

TEST_F(Fixture, dead_large_objects_give_their_blocks_back) {
  for (int i = 0; i < 1000; ++i) ASSERT_NE(array(kBytes, 1 << 20), nullptr); // 1 GB through 8 MB
}

TEST_F(Fixture, a_heap_full_of_live_objects_says_so) {
  Pair* list = nullptr;
  for (;;) {
    Pair* next = pair(list, nullptr, 0);
    if (!next) break;
    list = next;
    roots.exact = {list};
  }
  uint64_t count = 0;
  for (Pair* p = list; p; p = p->left) ++count;
  EXPECT_GT(count * sizeof(Pair), config.max_bytes * 9 / 10);
}

TEST_F(Fixture, an_i31_and_a_host_reference_are_no_objects) {
  Pair* object = pair(reinterpret_cast<Pair*>(uintptr_t{85}), reinterpret_cast<Pair*>(&state), 3);
  roots.exact = {object, reinterpret_cast<void*>(uintptr_t{7})};
  heap.collect();
  EXPECT_EQ(object->value, 3u);
}

TEST(Heap, collecting_at_every_allocation_keeps_a_random_graph_whole) {
  Roots roots;
  abi::StoreState state{};
  Heap heap({.max_bytes = 4 << 20, .collect_always = true}, state, roots);
  std::mt19937 random(1);
  std::vector<uint64_t> values;
  for (uint64_t i = 0; i < 2000; ++i) {
    auto pick = [&]() -> Pair* {
      return roots.exact.empty() ? nullptr : static_cast<Pair*>(roots.exact[random() % roots.exact.size()]);
    };
    Pair* left = pick();
    Pair* right = pick();
    Pair* object = Fixture::make(heap, state, left, right, i);
    ASSERT_NE(object, nullptr);
    if (roots.exact.size() < 100) {
      roots.exact.push_back(object);
      values.push_back(i);
    } else {
      size_t slot = random() % roots.exact.size();
      roots.exact[slot] = object;
      values[slot] = i;
    }
    for (size_t k = 0; k < values.size(); ++k)
      ASSERT_EQ(static_cast<Pair*>(roots.exact[k])->value, values[k]);
  }
  EXPECT_GE(heap.statistics().collections, 2000u);
}

} // namespace
} // namespace swage::gc
