// Recursion, which -O2 unrolls (artifacts) and the JIT's default does not: nothing tells which one runs.
#include <gmock/gmock.h>

#include "tests/runtime/guest.h"

using namespace swage;
using swage::testing_guest::Guests;

namespace {

using Recursion = Guests;
SWAGE_BOTH_MODES(Recursion);

TEST_P(Recursion, CountsAllCalls) {
  Instance instance = instantiate(R"((module (global $calls (export "calls") (mut i32) (i32.const 0))
    (func $fib (export "fib") (param i32) (result i32)
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (if (i32.lt_s (local.get 0) (i32.const 2)) (then (return (local.get 0))))
      (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
               (call $fib (i32.sub (local.get 0) (i32.const 2)))))))");
  EXPECT_EQ(*typed<int32_t(int32_t)>(instance, "fib")(15), 610);
  EXPECT_EQ(instance.global("calls")->get().i32(), 1973);
}

TEST_P(Recursion, HasEveryCallInABacktrace) {
  Instance instance = instantiate(R"((module (memory 1)
    (func $down (param i32) (result i32)
      (if (i32.eqz (local.get 0)) (then (return (i32.load (i32.const -1)))))
      (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1)))))
    (func $start (export "start") (drop (call $down (i32.const 20))))))");
  Trap trap = trap_of(instance, "start");
  ASSERT_EQ(trap.frames.size(), 22u) << trap.to_string();
  for (size_t k = 0; k < 21; k++) {
    EXPECT_EQ(trap.frames[k].name, "down");
    EXPECT_EQ(*trap.frames[k].offset, *trap.frames[k == 0 ? 0 : 1].offset) << "frame " << k;
  }
  EXPECT_NE(*trap.frames[0].offset, *trap.frames[1].offset);
  EXPECT_EQ(trap.frames[21].name, "start");
}

TEST_P(Recursion, ThatDoesNotEndExhaustsTheStack) {
  Instance instance = instantiate(R"((module
    (func $once (export "once") (result i32) (i32.add (i32.const 1) (call $once)))
    (func $twice (export "twice") (result i32) (i32.add (call $twice) (call $twice)))))");
  EXPECT_EQ(trap_of(instance, "once").code, TrapCode::stack_exhausted);
  EXPECT_EQ(trap_of(instance, "twice").code, TrapCode::stack_exhausted);
}

/// Thrown at the bottom, caught and thrown again by the lowest three calls, and kept by the fourth.
TEST_P(Recursion, CatchesInTheRightCall) {
  Instance instance = instantiate(R"((module (tag $t (param i32))
    (func $nest (export "nest") (param i32) (result i32) (local $thrown i32)
      (if (i32.eqz (local.get 0)) (then (throw $t (i32.const 100))))
      (block $caught (result i32)
        (try_table (catch $t $caught)
          (return (i32.add (i32.const 10) (call $nest (i32.sub (local.get 0) (i32.const 1))))))
        unreachable)
      (local.set $thrown)
      (if (i32.ne (local.get $thrown) (i32.const 97))
        (then (throw $t (i32.sub (local.get $thrown) (i32.const 1)))))
      (local.get 0))))");
  auto nest = typed<int32_t(int32_t)>(instance, "nest");
  EXPECT_EQ(*nest(4), 4);
  EXPECT_EQ(*nest(10), 64);
  EXPECT_TRUE(nest(3).error().exception);
}

} // namespace
