// Traps of every kind: their codes and words, where they came from, and what keeps working after them.
#include <gmock/gmock.h>
#include <thread>

#include "tests/runtime/guest.h"

using namespace swage;
using swage::testing_guest::Guests;

namespace {

struct Traps : Guests {
  // Death tests start the program anew: a forked child would lack the JIT's threads.
  Traps() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};
SWAGE_BOTH_MODES(Traps);

constexpr const char* kFaults = R"((module $faults (memory 1) (table 2 funcref) (elem (i32.const 1) $void)
  (type $other (func (param i64)))
  (func $void)
  (func (export "unreachable") unreachable)
  (func (export "load") (drop (i32.load (i32.const 65536))))
  (func (export "load_far") (drop (i64.load offset=0xffffffff (i32.const -1))))
  (func (export "store") (i64.store (i32.const 65529) (i64.const 1)))
  (func (export "fill") (memory.fill (i32.const 65535) (i32.const 0) (i32.const 2)))
  (func (export "div") (param $zero i32) (drop (i32.div_s (i32.const 1) (local.get $zero))))
  (func (export "div_zero") (call 6 (i32.const 0)))
  (func (export "overflow") (drop (i64.div_s (i64.const 0x8000000000000000) (i64.const -1))))
  (func (export "convert") (drop (i32.trunc_f64_s (f64.const 1e30))))
  (func (export "nan") (drop (i32.trunc_f32_u (f32.const nan))))
  (func (export "table") (drop (table.get (i32.const 2))))
  (func (export "undefined") (call_indirect (i32.const 9)))
  (func (export "uninitialized") (call_indirect (i32.const 0)))
  (func (export "mismatch") (call_indirect (type $other) (i64.const 0) (i32.const 1)))
  (func $deep (export "deep") (call $deep) (call $void))
))";

TEST_P(Traps, HaveTheSpecsWords) {
  Instance instance = instantiate(kFaults);
  auto message = [&](const char* name) { return trap_of(instance, name).message; };
  EXPECT_EQ(message("unreachable"), "unreachable");
  EXPECT_EQ(message("load"), "out of bounds memory access");
  EXPECT_EQ(message("load_far"), "out of bounds memory access");
  EXPECT_EQ(message("store"), "out of bounds memory access");
  EXPECT_EQ(message("fill"), "out of bounds memory access");
  EXPECT_EQ(message("div_zero"), "integer divide by zero");
  EXPECT_EQ(message("overflow"), "integer overflow");
  EXPECT_EQ(message("convert"), "integer overflow");
  EXPECT_EQ(message("nan"), "invalid conversion to integer");
  EXPECT_EQ(message("table"), "out of bounds table access");
  EXPECT_EQ(message("undefined"), "undefined element");
  EXPECT_EQ(message("uninitialized"), "uninitialized element");
  EXPECT_EQ(message("mismatch"), "indirect call type mismatch");
  EXPECT_EQ(message("deep"), "call stack exhausted");
}

TEST_P(Traps, WorkOnForeignThreads) {
  Instance instance = instantiate(kFaults);
  for (int i = 0; i < 3; ++i)
    std::thread([&] {
      EXPECT_EQ(trap_of(instance, "deep").code, TrapCode::stack_exhausted);
      EXPECT_EQ(trap_of(instance, "load").code, TrapCode::memory_out_of_bounds);
      EXPECT_EQ(trap_of(instance, "unreachable").code, TrapCode::unreachable);
    }).join();
}

TEST_P(Traps, LeaveTheInstanceUsable) {
  Instance instance = instantiate(R"((module (memory 1) (global $n (mut i32) (i32.const 0))
    (func (export "run") (param i32) (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1)))
      (drop (i32.load8_u (local.get 0))) (global.get $n))))");
  auto run = typed<int32_t(int32_t)>(instance, "run");
  for (int32_t i = 1; i < 100; i += 2) {
    EXPECT_EQ(run(-1).error().code, TrapCode::memory_out_of_bounds);
    EXPECT_EQ(run(0), i + 1);
  }
}

TEST_P(Traps, BacktraceHasNamesInnermostFirst) {
  Instance instance = instantiate(R"((module $app (memory 1)
    (func $inner (param i32) (result i32) (i32.load (local.get 0)))
    (func $middle (param i32) (result i32) (i32.add (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0)) (i32.const 1)))
    (table funcref (elem $inner))
    (func $outer (export "run") (result i32) (i32.mul (call $middle (i32.const -8)) (i32.const 3)))))");
  Trap trap = trap_of(instance, "run");
  ASSERT_FALSE(trap.frames.empty());
  EXPECT_EQ(trap.frames[0].name, "inner");
  EXPECT_EQ(trap.frames[0].module, "app");
  EXPECT_EQ(trap.frames[0].function, 0u);
  EXPECT_TRUE(trap.frames[0].offset);
  EXPECT_THAT(
      trap.to_string(),
      testing::StartsWith("trap: out of bounds memory access\n    0: app!inner (function 0, offset 0x"));
}

TEST_P(Traps, BacktraceGoesThroughTheHostAndOtherModules) {
  Instance inner = instantiate(R"((module $first (func $fail (export "fail") unreachable)))");
  linker.define("env", "host", Func::wrap(store, [&]() -> Result<void> {
                  auto result = inner.func("fail")->call({});
                  if (!result) return std::unexpected(result.error());
                  return {};
                }));
  Instance outer = instantiate(R"((module $second (import "env" "host" (func $host))
    (func $caller (export "run") (call $host) (call $host))))");
  Trap trap = trap_of(outer, "run");
  ASSERT_EQ(trap.frames.size(), 2u) << trap.to_string();
  EXPECT_EQ(trap.frames[0].module + "!" + trap.frames[0].name, "first!fail");
  EXPECT_EQ(trap.frames[1].module + "!" + trap.frames[1].name, "second!caller");
}

TEST_P(Traps, HostTrapHasTheGuestsBacktrace) {
  linker.define("env", "fail",
                Func::wrap(store, []() -> Result<void> { return std::unexpected(Trap::host("no")); }));
  Instance instance = instantiate(
      R"((module (import "env" "fail" (func $fail)) (func $f (export "run") (call $fail) (call $fail))))");
  Trap trap = trap_of(instance, "run");
  EXPECT_EQ(trap.message, "no");
  ASSERT_EQ(trap.frames.size(), 1u) << trap.to_string();
  EXPECT_EQ(trap.frames[0].name, "f");
}

TEST_P(Traps, InnerTrapIsTheHostsToHandle) {
  Instance inner = instantiate("(module (func (export \"fail\") unreachable))");
  linker.define("env", "try",
                Func::wrap(store, [&]() -> int32_t { return inner.func("fail")->call({}) ? 0 : 1; }));
  Instance outer = instantiate(R"((module (import "env" "try" (func $try (result i32)))
    (func (export "run") (result i32) (i32.add (call $try) (call $try)))))");
  EXPECT_EQ((typed<int32_t()>(outer, "run"))(), 2);
}

TEST_P(Traps, ExhaustionThroughTheHost) {
  // Guest and host call each other for ever: the stack is one, so it ends like any recursion.
  std::optional<TypedFunc<int32_t()>> again;
  linker.define("env", "host", Func::wrap(store, [&]() -> Result<int32_t> { return (*again)(); }));
  Instance instance = instantiate(R"((module (import "env" "host" (func $host (result i32)))
    (func (export "run") (result i32) (i32.add (call $host) (i32.const 1)))))");
  again = typed<int32_t()>(instance, "run");
  Result<int32_t> result = (*again)();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, TrapCode::stack_exhausted);
}

TEST_P(Traps, HostFindsItsReserveHoweverDeepTheGuestIs) {
  linker.define("env", "host", Func::wrap(store, [] {
                  volatile char room[128 << 10];
                  room[0] = 1;
                  room[sizeof room - 1] = 1;
                }));
  Instance instance = instantiate(R"((module (import "env" "host" (func $host))
    (func $deep (export "run") (call $host) (call $deep) (call $host))))");
  EXPECT_EQ(trap_of(instance, "run").code, TrapCode::stack_exhausted);
}

TEST_P(Traps, ExhaustedStackKeepsABoundedBacktrace) {
  Trap trap = trap_of(instantiate(kFaults), "deep");
  EXPECT_EQ(trap.frames.size(), Trap::kMaxFrames);
  EXPECT_GT(trap.omitted, 1000u);
  EXPECT_EQ(trap.frames.back().name, "deep");
}

TEST_P(Traps, ExitEndsTheGuestFromAnyDepth) {
  linker.define("env", "exit", Func::wrap(store, [](int32_t status) -> Result<void> {
                  return std::unexpected(Trap::exit(status));
                }));
  Instance instance = instantiate(R"((module (import "env" "exit" (func $exit (param i32)))
    (func $f (call $exit (i32.const 3))) (func (export "run") (call $f) unreachable)))");
  Trap trap = trap_of(instance, "run");
  EXPECT_EQ(trap.code, TrapCode::exit);
  EXPECT_EQ(trap.exit_status, 3);
}

TEST_P(Traps, StartFunctionsTrapIsReported) {
  Trap trap;
  auto instance = linker.instantiate(compile("(module (func $start unreachable) (start $start))"), &trap);
  ASSERT_FALSE(instance);
  EXPECT_EQ(instance.error().code, ErrorCode::trapped);
  EXPECT_EQ(instance.error().message, "instantiation trapped: unreachable");
  EXPECT_EQ(trap.frames.at(0).name, "start");
}

TEST_P(Traps, CrashOfTheHostIsNoTrap) {
  linker.define("env", "crash", Func::wrap(store, [] { *reinterpret_cast<volatile int*>(16) = 1; }));
  Instance instance =
      instantiate(R"((module (import "env" "crash" (func $crash)) (func (export "run") (call $crash))))");
  EXPECT_DEATH((void)instance.func("run")->call({}), ""); // by the signal, or by a sanitizer's report of it
}

TEST_P(Traps, SignalThatSomebodySendsIsNoTrap) {
  EXPECT_EXIT(
      {
        (void)instantiate(kFaults).func("unreachable")->call({});
        raise(SIGILL);
        exit(0);
      },
      testing::KilledBySignal(SIGILL), "");
}

} // namespace
