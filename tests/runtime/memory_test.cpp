// Memories of the host's making: growing, limits, what a used slot shows to its next owner, and short address
// space.
#include <fstream>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/memory/memory.h"
#include "runtime/store/store.h"

using namespace swage;

namespace {

constexpr uint64_t kPage = 65536;

bool is_zero(const Memory& memory) {
  return std::all_of(memory.data(), memory.data() + memory.size(),
                     [](std::byte b) { return b == std::byte{0}; });
}

struct Memories : testing::Test {
  Engine engine = *Engine::create();
  Store store{engine};

  Memory create(const MemoryType& type) { return *Memory::create(store, type); }
};

TEST_F(Memories, BeginsAsZeros) {
  Memory memory = create({{2, {}}});
  EXPECT_EQ(memory.size(), 2 * kPage);
  EXPECT_TRUE(is_zero(memory));
}

TEST_F(Memories, GrowKeepsContentAndPlace) {
  Memory memory = create({{1, {}}});
  std::byte* before = memory.data();
  before[kPage - 1] = std::byte{7};
  EXPECT_EQ(memory.grow(3), 1u);
  EXPECT_EQ(memory.data(), before);
  EXPECT_EQ(memory.pages(), 4u);
  EXPECT_EQ(memory.data()[kPage - 1], std::byte{7});
  memory.data()[4 * kPage - 1] = std::byte{8};
}

TEST_F(Memories, GrowStopsAtTheMaximum) {
  Memory memory = create({{1, 3}});
  EXPECT_EQ(memory.grow(3), std::nullopt);
  EXPECT_EQ(memory.grow(2), 1u);
  EXPECT_EQ(memory.grow(0), 3u);
  EXPECT_EQ(memory.grow(1), std::nullopt);
}

TEST_F(Memories, GrowStopsAtFourGigabytes) {
  Memory memory = create({{1, {}}});
  EXPECT_EQ(memory.grow(65536), std::nullopt);
  EXPECT_EQ(memory.grow(~uint64_t{0}), std::nullopt);
  EXPECT_EQ(memory.grow(65535), 1u);
  EXPECT_EQ(memory.size(), uint64_t{1} << 32);
  memory.data()[memory.size() - 1] = std::byte{1};
}

TEST_F(Memories, SliceIsBounded) {
  Memory memory = create({{1, {}}});
  EXPECT_TRUE(memory.slice(kPage, 0));
  EXPECT_TRUE(memory.slice(0, kPage));
  EXPECT_FALSE(memory.slice(1, kPage));
  EXPECT_FALSE(memory.slice(kPage + 1, 0));
  EXPECT_FALSE(memory.slice(8, ~uint64_t{0}));
}

TEST_F(Memories, PagesOfOneByte) {
  Memory memory = create({{5, 10}, AddressType::i32, false, 0});
  EXPECT_EQ(memory.size(), 5u);
  EXPECT_EQ(memory.grow(5), 5u);
  EXPECT_EQ(memory.grow(1), std::nullopt);
}

TEST_F(Memories, SixtyFourBitAddresses) {
  Memory memory = create({{1, {}}, AddressType::i64});
  EXPECT_EQ(memory.grow(65536), 1u);
  memory.data()[memory.size() - 1] = std::byte{1};
  EXPECT_EQ(memory.grow(uint64_t{1} << 40), std::nullopt);
}

TEST_F(Memories, AbsurdMinimumIsRefused) {
  auto memory = Memory::create(store, {{uint64_t{1} << 47, {}}, AddressType::i64});
  ASSERT_FALSE(memory);
  EXPECT_EQ(memory.error().code, ErrorCode::limit);
}

TEST_F(Memories, UsedSlotShowsNothingToItsNextOwner) {
  std::byte* address = nullptr;
  {
    Store first(engine);
    Memory memory = *Memory::create(first, {{1, {}}});
    memory.grow(9);
    std::fill_n(memory.data(), memory.size(), std::byte{0xAA});
    address = memory.data();
  }
  Memory memory = create({{2, {}}});
  EXPECT_EQ(memory.data(), address) << "the slot was not used again";
  memory.grow(20);
  EXPECT_TRUE(is_zero(memory));
}

TEST_F(Memories, UsedSlotIsAsSmallAsItsNextOwner) {
  {
    Store first(engine);
    Memory::create(first, {{4, {}}})->grow(4);
  }
  Memory memory = create({{1, {}}});
  EXPECT_EQ(memory.impl().slot.accessible, kPage);
}

TEST(MemoryStrategies, CheckedMemoryHasNoGuard) {
  EngineConfig config;
  config.memory = MemoryStrategy::checked;
  Engine engine = *Engine::create(config);
  Store store(engine);
  EXPECT_FALSE(guard_memories_available(engine));
  Memory memory = *Memory::create(store, {{1, 10}});
  EXPECT_FALSE(memory.impl().is_guarded);
  EXPECT_EQ(memory.grow(9), 1u);
  EXPECT_EQ(memory.impl().slot.bytes, 10 * kPage);
}

/// Runs `body` in a child process that may use so much more address space; its return value is the child's
/// status.
template<class Body> int with_more_address_space(uint64_t more, Body body) {
  pid_t child = fork();
  if (child == 0) {
    uint64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    uint64_t bytes = pages * platform::page_size() + more;
    rlimit limit{bytes, bytes};
    setrlimit(RLIMIT_AS, &limit);
    _exit(body());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

constexpr uint64_t kShort = uint64_t{1} << 30;

TEST(MemoryStrategies, AutomaticFallsBackWhereAddressSpaceIsShort) {
  int status = with_more_address_space(kShort, [] {
    auto engine = Engine::create();
    if (!engine || guard_memories_available(*engine)) return 1;
    Store store(*engine);
    auto memory = Memory::create(store, {{1, {}}});
    if (!memory || memory->impl().is_guarded) return 2;
    return memory->grow(100) == 1u ? 0 : 3;
  });
  EXPECT_EQ(status, 0);
}

TEST(MemoryStrategies, GuardIsRefusedWhereAddressSpaceIsShort) {
  int status = with_more_address_space(kShort, [] {
    EngineConfig config;
    config.memory = MemoryStrategy::guard;
    auto engine = Engine::create(config);
    return !engine && engine.error().code == ErrorCode::resource && engine.error().hint == "--memory checked"
               ? 0
               : 1;
  });
  EXPECT_EQ(status, 0);
}

} // namespace
