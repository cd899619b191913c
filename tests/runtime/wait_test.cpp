// Threads that sleep on a shared memory: each has a store of its own over the same memory.
#include <gmock/gmock.h>
#include <thread>

#include "tests/runtime/guest.h"

using namespace swage;
using swage::testing_guest::Guests;

namespace {

struct Waiting : Guests {
  void SetUp() override {
    Guests::SetUp();
    if (IsSkipped()) return;
    memory = *Memory::create(store, {{1, 1}, AddressType::i32, true});
    linker.define("env", "m", *memory);
    instance = instantiate(kGuest);
  }
  static constexpr const char* kGuest = R"((module (import "env" "m" (memory 1 1 shared))
    (func (export "wait") (param i32 i32 i64) (result i32) (memory.atomic.wait32 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "wait64") (param i32 i64 i64) (result i32) (memory.atomic.wait64 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "notify") (param i32 i32) (result i32) (memory.atomic.notify (local.get 0) (local.get 1)))))";
  std::optional<Memory> memory;
  std::optional<Instance> instance;
};
SWAGE_BOTH_MODES(Waiting);

constexpr int64_t kForEver = -1;

TEST_P(Waiting, OtherValueReturnsAtOnce) {
  EXPECT_EQ((typed<int32_t(int32_t, int32_t, int64_t)>(*instance, "wait"))(0, 1, kForEver), 1);
  EXPECT_EQ((typed<int32_t(int32_t, int64_t, int64_t)>(*instance, "wait64"))(0, 1, kForEver), 1);
}

TEST_P(Waiting, TimesOut) {
  EXPECT_EQ((typed<int32_t(int32_t, int32_t, int64_t)>(*instance, "wait"))(0, 0, 1000), 2);
  EXPECT_EQ((typed<int32_t(int32_t, int32_t, int64_t)>(*instance, "wait"))(0, 0, 0), 2);
}

TEST_P(Waiting, NotifyWithoutWaitersWakesNobody) {
  EXPECT_EQ((typed<int32_t(int32_t, int32_t)>(*instance, "notify"))(0, 100), 0);
}

TEST_P(Waiting, UnalignedAndOutOfBoundsTrap) {
  auto wait = typed<int32_t(int32_t, int32_t, int64_t)>(*instance, "wait");
  EXPECT_EQ(wait(2, 0, 0).error().code, TrapCode::unaligned_atomic);
  EXPECT_EQ(wait(65536, 0, 0).error().code, TrapCode::memory_out_of_bounds);
}

TEST_P(Waiting, UnsharedMemoryTraps) {
  Instance alone = instantiate(R"((module (memory 1)
    (func (export "run") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0))))))");
  EXPECT_EQ(trap_of(alone, "run").code, TrapCode::expected_shared_memory);
}

TEST_P(Waiting, NotifyWakesAsManyAsItCounts) {
  Module module = compile(kGuest);
  std::atomic<int> woken{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&] {
      Store own(engine);
      Linker own_linker(own);
      own_linker.define("env", "m", Memory(own, memory->impl()));
      Instance mine = *own_linker.instantiate(module);
      auto wait = *mine.func("wait")->typed<int32_t(int32_t, int32_t, int64_t)>();
      EXPECT_EQ(wait(8, 0, kForEver), 0);
      ++woken;
    });
  auto notify = typed<int32_t(int32_t, int32_t)>(*instance, "notify");
  int32_t counted = 0;
  while (counted < 2) counted += *notify(8, 2 - counted);
  EXPECT_EQ(counted, 2);
  while (counted < 3) counted += *notify(8, 1);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(woken, 3);
}

TEST_P(Waiting, FaultInAnotherStoresMemoryIsATrap) {
  Store own(engine);
  Linker own_linker(own);
  own_linker.define("env", "m", Memory(own, memory->impl()));
  Instance mine = *own_linker.instantiate(compile(
      R"((module (import "env" "m" (memory 1 1 shared)) (func (export "run") (drop (i32.load (i32.const 65536))))))"));
  EXPECT_EQ(trap_of(mine, "run").code, TrapCode::memory_out_of_bounds);
}

} // namespace
