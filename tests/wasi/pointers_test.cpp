// Hostile pointers: nothing outside of guest memory is touched, and nothing happens before every address has
// been checked.
#include <algorithm>
#include <cstdlib>
#include <new>

#include "tests/wasi/guest.h"

namespace {

thread_local size_t largest_allocation = 0;
/// More than any call needs.
constexpr size_t kMuch = 16 << 10;

} // namespace

// ThreadSanitizer's library has these, too, and cannot do without; what the test says of sizes holds
// elsewhere.
#ifndef __SANITIZE_THREAD__
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1
#endif
#endif
#endif
#ifndef __SANITIZE_THREAD__
void* operator new(size_t size) {
  largest_allocation = std::max(largest_allocation, size);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
#endif

namespace swage::wasi {

namespace {

constexpr uint32_t kEnd = Guest::kMemoryBytes;

struct PointersTest : testing::Test {
  ScratchFolder folder;
  Guest guest{std::move(Config().directory(folder.path().string(), "/"))};
};

TEST_F(PointersTest, a_result_that_does_not_fit_is_a_fault_before_anything_is_read) {
  folder.write("a", "text");
  uint32_t fd = guest.open(kFirst, "a").fd;
  uint32_t vector = guest.vector(guest.allocate(4), 4);
  for (uint32_t out : {kEnd, kEnd - 3, 0xffffffffu, 0xfffffffcu})
    EXPECT_EQ(guest.call("fd_read", fd, vector, 1, out), Errno::fault);
  EXPECT_EQ(guest.read(fd).text, "text");
}

TEST_F(PointersTest, the_last_bytes_of_memory_are_usable) {
  EXPECT_EQ(guest.call("clock_time_get", 0, 0, kEnd - 8), Errno::success);
  EXPECT_EQ(guest.call("clock_time_get", 0, 0, kEnd - 7), Errno::fault);
}

TEST_F(PointersTest, addresses_need_no_alignment) {
  EXPECT_EQ(guest.call("clock_time_get", 0, 0, 1025), Errno::success);
}

TEST_F(PointersTest, vectors_that_reach_outside_are_a_fault_before_anything_is_written) {
  uint32_t fd = guest.open(kFirst, "a", kCreate).fd;
  uint32_t pairs = guest.allocate(16), count = guest.allocate(4);
  guest.memory().store(pairs, guest.put("good"));
  guest.memory().store(pairs + 4, 4u);
  for (auto [address, length] : {std::pair{kEnd - 1, 2u}, std::pair{kEnd, 1u}, std::pair{1u, 0xffffffffu},
                                 std::pair{0xffffffffu, 2u}}) {
    guest.memory().store(pairs + 8, address);
    guest.memory().store(pairs + 12, length);
    EXPECT_EQ(guest.call("fd_write", fd, pairs, 2, count), Errno::fault);
  }
  EXPECT_EQ(folder.read("a"), "");
}

TEST_F(PointersTest, a_count_of_vectors_that_wraps_is_a_fault) {
  uint32_t fd = guest.open(kFirst, "a", kCreate).fd, count = guest.allocate(4);
  for (uint32_t vectors : {0x20000000u, 0x20000001u, 0xffffffffu, 0x80000000u}) {
    EXPECT_EQ(guest.call("fd_write", fd, 1024, vectors, count), Errno::fault);
    EXPECT_EQ(guest.call("fd_read", fd, 1024, vectors, count), Errno::fault);
  }
}

TEST_F(PointersTest, paths_and_buffers_outside_are_faults) {
  uint32_t out = guest.allocate(8);
  EXPECT_EQ(guest.call("path_create_directory", kFirst, kEnd - 1, 2), Errno::fault);
  EXPECT_EQ(guest.call("path_create_directory", kFirst, 0xfffffff0u, 0x20), Errno::fault);
  EXPECT_EQ(guest.call("random_get", 16, 0xffffffffu), Errno::fault);
  EXPECT_EQ(guest.call("fd_readdir", kFirst, 16, 0xffffffffu, 0, out), Errno::fault);
  EXPECT_EQ(guest.call("fd_prestat_dir_name", kFirst, kEnd, 1), Errno::fault);
}

TEST_F(PointersTest, two_to_the_31_subscriptions_are_a_fault) {
  uint32_t out = guest.allocate(4);
  for (uint32_t count : {0x80000000u, 0xffffffffu, 0x05555556u})
    EXPECT_EQ(guest.call("poll_oneoff", 0, 0, count, out), Errno::fault);
  EXPECT_EQ(guest.call("poll_oneoff", 0, kEnd - 16, 1, out), Errno::fault);
}

TEST_F(PointersTest, events_over_subscriptions_are_safe) {
  uint32_t at = guest.allocate(48 * 4), out = guest.allocate(4);
  for (uint32_t i = 0; i < 4; ++i) guest.memory().store<uint64_t>(at + 48 * i, 100 + i);
  EXPECT_EQ(guest.call("poll_oneoff", at, at, 4, out), Errno::success);
  EXPECT_EQ(guest.load<uint32_t>(out), 4u);
}

TEST_F(PointersTest, a_result_inside_the_buffer_that_is_read_is_safe) {
  folder.write("a", "0123456789abcdef");
  uint32_t fd = guest.open(kFirst, "a").fd, buffer = guest.allocate(16);
  EXPECT_EQ(guest.call("fd_read", fd, guest.vector(buffer, 16), 1, buffer + 4), Errno::success);
  EXPECT_EQ(guest.load<uint32_t>(buffer + 4), 16u);
}

TEST_F(PointersTest, arguments_that_do_not_fit_are_a_fault) {
  Guest other(std::move(Config().arguments({"program", "argument"})));
  EXPECT_EQ(other.call("args_get", kEnd - 4, 1024), Errno::fault);
  EXPECT_EQ(other.call("args_get", 1024, kEnd - 4), Errno::fault);
  EXPECT_EQ(other.call("args_get", 1024, kEnd - 17), Errno::success);
}

TEST_F(PointersTest, every_function_survives_every_edge_and_allocates_little) {
  // Each argument in turn at an edge, the others zero: errors, no crash; address sanitizer sees the rest.
  constexpr uint64_t kEdges[] = {0, 1, 3, kEnd - 1, kEnd, 0x7fffffff, 0x80000000, 0xffffffff, ~uint64_t{0}};
  std::vector<Function> all(functions().begin(), functions().end());
  all.insert(all.end(), unstable_functions().begin(), unstable_functions().end());
  for (const Function& function : all) {
    if (std::string_view(function.name) == "poll_oneoff") continue; // waits; has its own tests
    for (size_t argument = 0; argument < std::string_view(function.signature).size(); ++argument) {
      for (uint64_t edge : kEdges) {
        uint64_t raw[kMaxArguments] = {};
        raw[argument] = edge;
        Call call{guest.context(), guest.memory(), function};
        largest_allocation = 0;
        function.invoke(call, raw);
        EXPECT_LT(largest_allocation, kMuch) << function.name << ' ' << argument << ' ' << edge;
      }
    }
  }
}

TEST_F(PointersTest, subscriptions_do_not_size_an_allocation) {
  // As many as memory holds, each to another number, of which few are open.
  constexpr uint32_t kCount = kEnd / 2 / Subscription::kSize;
  for (uint32_t i = 0; i < kCount; ++i) {
    guest.memory().store<uint8_t>(i * Subscription::kSize + Subscription::kTag, 1);
    guest.memory().store<uint32_t>(i * Subscription::kSize + Subscription::kFd, i * 400'000);
  }
  largest_allocation = 0;
  EXPECT_EQ(guest.call("poll_oneoff", 0, kEnd / 2, kCount, kEnd - 4), Errno::success);
  EXPECT_LT(largest_allocation, kMuch);
}

} // namespace

} // namespace swage::wasi
