// Ending guests from another thread, wherever they are: in a loop, in a host function, asleep, not yet
// started.
#include <gmock/gmock.h>
#include <poll.h>
#include <random>
#include <thread>

#include "tests/runtime/guest.h"

using namespace swage;
using swage::testing_guest::Guests;

namespace {

struct Interrupts : Guests {
  /// Calls an export and interrupts its store when the guest has begun.
  Trap interrupted(const Instance& instance, std::string_view name) {
    std::thread other([&] {
      while (!has_begun) std::this_thread::yield();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      while (!store.interrupt()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    });
    Trap trap = trap_of(instance, name);
    other.join();
    return trap;
  }
  void SetUp() override {
    Guests::SetUp();
    linker.define("env", "begin", Func::wrap(store, [this] { has_begun = true; }));
  }
  std::atomic<bool> has_begun = false;
};
SWAGE_BOTH_MODES(Interrupts);

TEST_P(Interrupts, EndALoopThatDoesNothing) {
  Instance instance = instantiate(R"((module (import "env" "begin" (func $begin))
    (func $spin (export "run") (call $begin) (loop $again (br $again)))))");
  Trap trap = interrupted(instance, "run");
  EXPECT_EQ(trap.code, TrapCode::interrupted);
  EXPECT_EQ(trap.message, "interrupted");
  ASSERT_EQ(trap.frames.size(), 1u);
  EXPECT_EQ(trap.frames[0].name, "spin");
}

TEST_P(Interrupts, EndALoopThatWrites) {
  Instance instance = instantiate(R"((module (import "env" "begin" (func $begin)) (memory 1)
    (func (export "run") (call $begin)
      (loop $again (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))) (br $again)))))");
  EXPECT_EQ(interrupted(instance, "run").code, TrapCode::interrupted);
}

TEST_P(Interrupts, EndALoopOfCalls) {
  Instance instance = instantiate(R"((module (import "env" "begin" (func $begin))
    (func (export "run") (loop $again (call $begin) (br $again)))))");
  EXPECT_EQ(interrupted(instance, "run").code, TrapCode::interrupted);
}

TEST_P(Interrupts, EndDeepRecursion) {
  Instance instance = instantiate(R"((module (import "env" "begin" (func $begin))
    (func $deep (param i32) (result i32) (if (result i32) (local.get 0)
      (then (i32.add (call $deep (i32.sub (local.get 0) (i32.const 1))) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 1))))
    (func (export "run") (call $begin) (drop (call $deep (i32.const 1000))))))");
  EXPECT_EQ(interrupted(instance, "run").code, TrapCode::interrupted);
}

TEST_P(Interrupts, EndALoopInTheRuntime) {
  Instance instance = instantiate(R"((module (import "env" "begin" (func $begin)) (memory 64)
    (func (export "run") (call $begin)
      (loop $again (memory.fill (i32.const 0) (i32.const 1) (i32.const 4194304)) (br $again)))))");
  EXPECT_EQ(interrupted(instance, "run").code, TrapCode::interrupted);
}

TEST_P(Interrupts, EndASleepOnAnAddress) {
  linker.define("env", "m", *Memory::create(store, {{1, 1}, AddressType::i32, true}));
  Instance instance =
      instantiate(R"((module (import "env" "begin" (func $begin)) (import "env" "m" (memory 1 1 shared))
    (func (export "run") (call $begin) (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))))");
  EXPECT_EQ(interrupted(instance, "run").code, TrapCode::interrupted);
}

TEST_P(Interrupts, EndASystemCallOfAHostFunction) {
  linker.define("env", "sleep", Func::wrap(store, [this] {
                  has_begun = true;
                  return static_cast<int32_t>(poll(nullptr, 0, -1));
                }));
  Instance instance = instantiate(R"((module (import "env" "sleep" (func $sleep (result i32)))
    (func (export "run") (drop (call $sleep)) unreachable)))");
  EXPECT_EQ(interrupted(instance, "run").code, TrapCode::interrupted);
}

TEST_P(Interrupts, AHostFunctionFinishesFirst) {
  bool has_finished = false;
  linker.define("env", "host", Func::wrap(store, [&] {
                  EXPECT_FALSE(store.interrupt());
                  has_finished = true;
                }));
  Instance instance = instantiate(R"((module (import "env" "host" (func $host))
    (func (export "run") (call $host) unreachable)))");
  EXPECT_EQ(trap_of(instance, "run").code, TrapCode::interrupted);
  EXPECT_TRUE(has_finished);
}

TEST_P(Interrupts, EndEveryEntryOfAStore) {
  std::optional<Instance> instance;
  Result<std::vector<Val>> inner = std::unexpected(Trap());
  linker.define("env", "again", Func::wrap(store, [&] {
                  has_begun = true;
                  inner = instance->func("spin")->call({});
                }));
  instance = instantiate(R"((module (import "env" "again" (func $again))
    (func (export "spin") (loop $l (br $l))) (func (export "run") (call $again) unreachable)))");
  EXPECT_EQ(interrupted(*instance, "run").code, TrapCode::interrupted);
  EXPECT_EQ(inner.error().code, TrapCode::interrupted);
}

TEST_P(Interrupts, LeaveOtherStoresOfTheThreadAlone) {
  Module module = compile(R"((module (import "env" "m" (memory 1 1 shared)) (func (export "spin") (result i32)
    (loop $l (br_if $l (i32.eqz (i32.atomic.load (i32.const 0))))) (i32.const 7))))");
  Memory shared = *Memory::create(store, {{1, 1}, AddressType::i32, true});
  int32_t result = 0;
  linker.define("env", "other", Func::wrap(store, [&] {
                  has_begun = true;
                  Store own(engine);
                  Linker own_linker(own);
                  own_linker.define("env", "m", shared.share(own));
                  Instance other = *own_linker.instantiate(module);
                  result = other.func("spin")->call({})->at(0).i32();
                }));
  Instance instance = instantiate(R"((module (import "env" "other" (func $other))
    (func (export "run") (call $other) unreachable)))");
  std::thread interrupter([&] {
    while (!has_begun) std::this_thread::yield();
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(store.interrupt());
    __atomic_store_n(reinterpret_cast<int32_t*>(shared.data()), 1, __ATOMIC_RELAXED);
  });
  EXPECT_EQ(trap_of(instance, "run").code, TrapCode::interrupted);
  interrupter.join();
  EXPECT_EQ(result, 7);
}

TEST_P(Interrupts, RefuseCallsFromThenOn) {
  Instance instance = instantiate(R"((module (func (export "run"))))");
  EXPECT_TRUE(instance.func("run")->call({}));
  EXPECT_TRUE(store.interrupt());
  EXPECT_EQ(trap_of(instance, "run").code, TrapCode::interrupted);
  EXPECT_TRUE(trap_of(instance, "run").frames.empty());
}

TEST_P(Interrupts, ComeBetweenTheWritesOfAnObject) {
  Module module = compile(R"((module (type $list (struct (field i64) (field (ref null $list)) (field i64)))
    (func (export "run") (local $kept (ref null $list)) (local $i i64)
      (loop $again
        (local.set $kept (struct.new $list (local.get $i)
          (select (result (ref null $list)) (ref.null $list) (local.get $kept) (i64.eqz (i64.and (local.get $i) (i64.const 255))))
          (i64.const -1)))
        (local.set $i (i64.add (local.get $i) (i64.const 1)))
        (br $again)))))");
  std::mt19937 random(2);
  for (int i = 0; i < 50; ++i) {
    Store own(engine);
    Instance instance = *Linker(own).instantiate(module);
    std::thread other([&own, pause = random() % 2000] {
      std::this_thread::sleep_for(std::chrono::microseconds(pause));
      EXPECT_TRUE(own.interrupt());
    });
    EXPECT_EQ(instance.func("run")->call({}).error().code, TrapCode::interrupted);
    other.join();
    own.collect_garbage();
    EXPECT_EQ(instance.func("run")->call({}).error().code, TrapCode::interrupted);
  }
}

TEST_P(Interrupts, ComeAtAnyInstruction) {
  // Calls, memory accesses, growth, indirect calls and traps of its own: interrupted after a random time,
  // many times.
  Module module = compile(R"((module (memory 1 100) (table funcref (elem $work $trap))
    (type $t (func (param i32) (result i32)))
    (func $work (type $t) (i32.store (i32.const 8) (i32.mul (i32.load (i32.const 8)) (i32.const 1103515245)))
      (memory.copy (i32.const 64) (i32.const 0) (i32.const 64))
      (if (i32.lt_u (memory.size) (i32.const 50)) (then (drop (memory.grow (i32.const 1)))))
      (i32.load (i32.and (i32.load (i32.const 8)) (i32.const 0xfffc))))
    (func $trap (type $t) (i32.div_u (i32.const 1) (i32.const 0)))
    (func (export "run") (local i32)
      (loop $l (local.set 0 (call_indirect (type $t) (local.get 0) (i32.and (local.get 0) (i32.const 0)))) (br $l)))
    (func (export "trap") (drop (call_indirect (type $t) (i32.const 0) (i32.const 1))))))");
  std::mt19937 random(1);
  for (int i = 0; i < 100; ++i) {
    Store own(engine);
    Instance instance = *Linker(own).instantiate(module);
    EXPECT_EQ(instance.func("trap")->call({}).error().code, TrapCode::integer_divide_by_zero);
    std::thread other([&own, pause = random() % 2000] {
      std::this_thread::sleep_for(std::chrono::microseconds(pause));
      EXPECT_TRUE(own.interrupt());
    });
    EXPECT_EQ(instance.func("run")->call({}).error().code, TrapCode::interrupted);
    other.join();
  }
}

} // namespace
