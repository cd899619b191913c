// Exceptions between guests, and between guests and the host: who catches what, what an uncaught one says,
// and what is not an exception. What each instruction does is in tests/runtime/try_test.cpp.
#include <gmock/gmock.h>
#include <thread>

#include "tests/runtime/guest.h"

using namespace swage;
using swage::testing_guest::Guests;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

struct Exceptions : Guests {
  Tag tag_of(std::initializer_list<ValType> params) { return *Tag::create(store, {params, {}}); }

  /// A module that calls host.f in a try: gives what $e carries, or -1.
  Instance catcher(const Tag& tag, Func f) {
    linker.define("host", "e", tag);
    linker.define("host", "f", f);
    return instantiate(R"((module
      (import "host" "e" (tag $e (param i32)))
      (import "host" "f" (func $f))
      (func (export "run") (result i32)
        (block $h (result i32)
          (try_table (catch $e $h) (call $f))
          (i32.const -1)))))");
  }
  std::vector<std::string> names(const Trap& trap) {
    std::vector<std::string> names;
    for (const Frame& frame : trap.frames) names.push_back(frame.name);
    return names;
  }
};
SWAGE_BOTH_MODES(Exceptions);

/// $deep throws in another instance, whose frames and those of calls to it lie between throw and try.
constexpr const char* kCatcher = R"((module
  (import "other" "e" (tag $e (param i32)))
  (import "other" "throw" (func $throw (param i32)))
  (global $g (mut i32) (i32.const 10))
  (func $deep (param i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) (call $throw (local.get 0)))
  (func $leave (param i32) (return_call $throw (local.get 0)))
  (func (export "own") (result i32)
    (block $h (result i32) (try_table (catch $e $h) (call $deep (i32.const 100))) (unreachable))
    (i32.add (global.get $g)))
  (func (export "left") (result i32)
    (block $h (result i32) (try_table (catch $e $h) (call $leave (i32.const 200))) (unreachable))
    (i32.add (global.get $g)))
  (func (export "mixed") (param i32) (result i32)
    (block $h (result i32)
      (try_table (catch $e $h)
        (if (local.get 0) (then (call $throw (i32.const 300))))
        (call $deep (i32.const 400)))
      (unreachable))
    (i32.add (global.get $g)))))";

TEST_P(Exceptions, ThroughAnotherInstanceLandInTheCatchersOwn) {
  linker.define_instance("other", instantiate(R"((module
    (tag $e (export "e") (param i32))
    (global $g i32 (i32.const 5))
    (func $inner (param i32) (throw $e (i32.add (local.get 0) (global.get $g))))
    (func (export "throw") (param i32) (call $inner (local.get 0)))))"));
  Instance instance = instantiate(kCatcher);
  EXPECT_EQ(*typed<int32_t()>(instance, "own")(), 105 + 11);
  EXPECT_EQ(*typed<int32_t()>(instance, "left")(), 205 + 11);
  EXPECT_EQ(*typed<int32_t(int32_t)>(instance, "mixed")(1), 305 + 11);
  EXPECT_EQ(*typed<int32_t(int32_t)>(instance, "mixed")(0), 405 + 12);
}

// Guest to host.

constexpr const char* kThrower = R"((module $thrower
  (tag $point (export "point") (param i32 f64))
  (func $inner (throw $point (i32.const 42) (f64.const 1.5)))
  (func (export "run") (call $inner) (call $inner))))";

TEST_P(Exceptions, UncaughtOnesAreTrapsThatSayWhatWasThrownAndWhere) {
  Trap trap = trap_of(instantiate(kThrower), "run");
  EXPECT_EQ(trap.code, TrapCode::uncaught_exception);
  EXPECT_EQ(trap.message, "unhandled exception: point (i32 42, f64 1.5)");
  EXPECT_THAT(names(trap), ElementsAre("inner", "run"));
}

TEST_P(Exceptions, UncaughtOnesCarryTagAndValues) {
  Instance instance = instantiate(kThrower);
  Trap trap = trap_of(instance, "run");
  ASSERT_TRUE(trap.exception);
  EXPECT_EQ(trap.exception->tag(), std::get<Tag>(*instance.get("point")));
  std::vector<Val> values = trap.exception->values();
  ASSERT_THAT(values, SizeIs(2));
  EXPECT_EQ(values[0].i32(), 42);
  EXPECT_EQ(values[1].f64(), 1.5);
}

TEST_P(Exceptions, OtherTrapsCarryNone) {
  Trap trap = trap_of(instantiate("(module (func (export \"run\") unreachable))"), "run");
  EXPECT_FALSE(trap.exception);
}

TEST_P(Exceptions, AStartFunctionsIsTheInstantiationsTrap) {
  Module module = compile("(module (tag $e) (func $start (throw $e)) (start $start))");
  Trap trap;
  Expected<Instance> instance = linker.instantiate(module, &trap);
  ASSERT_FALSE(instance);
  EXPECT_EQ(instance.error().code, ErrorCode::trapped);
  EXPECT_EQ(trap.code, TrapCode::uncaught_exception);
}

TEST_P(Exceptions, ATagWithoutANameIsNumbered) {
  Trap trap = trap_of(instantiate("(module (tag) (tag) (func (export \"run\") (throw 1)))"), "run");
  EXPECT_EQ(trap.message, "unhandled exception: tag 1");
}

TEST_P(Exceptions, AHandleMayOutliveItsStore) {
  std::optional<Trap> trap;
  {
    Store other(engine);
    Instance instance = testing_guest::value_of(Instance::create(other, compile(kThrower), {}));
    trap = instance.func("run")->call({}).error();
  }
  EXPECT_EQ(trap->message, "unhandled exception: point (i32 42, f64 1.5)");
}

// Host to guest.

TEST_P(Exceptions, AHostFunctionsAreCaught) {
  Tag tag = tag_of({kI32});
  Func thrower = Func::wrap(store, [tag]() -> Result<void> {
    Val value[] = {Val(7)};
    return std::unexpected(Trap::thrown(*Exception::create(tag, value)));
  });
  EXPECT_EQ(*typed<int32_t()>(catcher(tag, thrower), "run")(), 7);
}

TEST_P(Exceptions, AnotherTagOfTheSameTypeIsNotCaught) {
  Tag tag = tag_of({kI32}), other = tag_of({kI32});
  Func thrower = Func::wrap(store, [other]() -> Result<void> {
    Val value[] = {Val(7)};
    return std::unexpected(Trap::thrown(*Exception::create(other, value)));
  });
  Trap trap = trap_of(catcher(tag, thrower), "run");
  ASSERT_TRUE(trap.exception);
  EXPECT_EQ(trap.exception->tag(), other);
}

TEST_P(Exceptions, WrongPayloadsAreRefused) {
  Tag tag = tag_of({kI32});
  Val wrong[] = {Val(int64_t{1})};
  EXPECT_EQ(Exception::create(tag, wrong).error().message, "value 0 of an exception: expected i32, got i64");
  EXPECT_EQ(Exception::create(tag, {}).error().message, "an exception of 0 values, the tag takes 1");
}

TEST_P(Exceptions, OneThatTheHostCallsWithoutAGuestIsATrap) {
  Tag tag = tag_of({});
  Func thrower = Func::wrap(
      store, [tag]() -> Result<void> { return std::unexpected(Trap::thrown(*Exception::create(tag, {}))); });
  auto result = thrower.call({});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().exception->tag(), tag);
}

// Guest to host to guest.

TEST_P(Exceptions, PassThroughAHostFunctionThatReturnsTheTrap) {
  Instance inner = instantiate(kThrower);
  Func run = *inner.func("run");
  linker.define_instance("inner", inner);
  linker.define("host", "call", Func::wrap(store, [run]() -> Result<void> {
                  auto result = run.call({});
                  if (!result) return std::unexpected(result.error());
                  return {};
                }));
  Instance outer = instantiate(R"((module
    (import "inner" "point" (tag $point (param i32 f64)))
    (import "host" "call" (func $call))
    (func (export "run") (result i32 f64)
      (block $h (result i32 f64)
        (try_table (catch $point $h) (call $call))
        (unreachable)))
    (func (export "uncaught") (call $call) (nop))))");
  auto caught = typed<std::tuple<int32_t, double>()>(outer, "run");
  EXPECT_EQ(*caught(), std::tuple(42, 1.5));
  // The frames are those of the throw, not those of the host function that passed it on.
  EXPECT_THAT(names(trap_of(outer, "uncaught")), ElementsAre("inner", "run", "uncaught"));
}

TEST_P(Exceptions, EndInAHostFunctionThatReturnsNone) {
  Func run = *instantiate(kThrower).func("run");
  linker.define("host", "call", Func::wrap(store, [run] { return run.call({}) ? 1 : 2; }));
  Instance outer = instantiate(R"((module
    (import "host" "call" (func $call (result i32)))
    (func (export "run") (result i32) (call $call))))");
  EXPECT_EQ(*typed<int32_t()>(outer, "run")(), 2);
}

// Across modules.

TEST_P(Exceptions, GoThroughModulesByTheTagThatTheyShare) {
  linker.define_instance("thrower", instantiate(kThrower));
  linker.define_instance("middle", instantiate(R"((module
    (import "thrower" "run" (func $run))
    (tag $own (param i32 f64))
    (func (export "run") (block $h (result i32 f64) (try_table (catch $own $h) (call $run)) (unreachable)) (drop) (drop))))"));
  Instance outer = instantiate(R"((module
    (import "thrower" "point" (tag $renamed (param i32 f64)))
    (import "middle" "run" (func $run))
    (func (export "run") (result i32 f64)
      (block $h (result i32 f64) (try_table (catch $renamed $h) (call $run)) (unreachable)))))");
  EXPECT_EQ(*(typed<std::tuple<int32_t, double>()>(outer, "run")()), std::tuple(42, 1.5));
}

TEST_P(Exceptions, EachInstanceHasItsOwnTags) {
  Instance first = instantiate(kThrower), second = instantiate(kThrower);
  EXPECT_FALSE(std::get<Tag>(*first.get("point")) == std::get<Tag>(*second.get("point")));
}

TEST_P(Exceptions, ComeOutOfIndirectCallsAndReferences) {
  Instance instance = instantiate(R"((module
    (type $void (func))
    (tag $e (param i32))
    (table funcref (elem $throws))
    (func $throws (throw $e (i32.const 5)))
    (func (export "indirect") (result i32)
      (block $h (result i32) (try_table (catch $e $h) (call_indirect (type $void) (i32.const 0))) (unreachable)))
    (func (export "reference") (result i32)
      (block $h (result i32) (try_table (catch $e $h) (call_ref $void (ref.func $throws))) (unreachable)))))");
  EXPECT_EQ(*typed<int32_t()>(instance, "indirect")(), 5);
  EXPECT_EQ(*typed<int32_t()>(instance, "reference")(), 5);
}

// Tail calls.

TEST_P(Exceptions, ATailCallHasLeftTheTry) {
  Instance instance = instantiate(R"((module
    (tag $e)
    (func $throws (throw $e))
    (func $inner (block $h (try_table (catch_all $h) (return_call $throws))))
    (func (export "run") (result i32)
      (block $h (try_table (catch_all $h) (call $inner)) (return (i32.const 1)))
      (i32.const 2))))");
  EXPECT_EQ(*typed<int32_t()>(instance, "run")(), 2);
}

TEST_P(Exceptions, BehindTailCallsOfManyArgumentsLandInTheRightFrame) {
  Instance instance = instantiate(R"((module
    (tag $e (param i64))
    (func $many (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64) (result i64)
      (throw $e (i64.add (local.get 6) (local.get 9))))
    (func $tail (param i64) (result i64)
      (return_call $many (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6)
        (i64.const 70) (i64.const 8) (i64.const 9) (local.get 0)))
    (func $id (param i64) (result i64) (local.get 0))
    (func (export "run") (param i64 i64 i64 i64 i64 i64 i64 i64) (result i64)
      (local $a i64) (local $b i64) (local $c i64)
      (local.set $a (call $id (local.get 5)))
      (local.set $b (call $id (local.get 6)))
      (local.set $c (call $id (local.get 7)))
      (block $h (result i64)
        (try_table (result i64) (catch $e $h) (call $tail (local.get 0))))
      (i64.add (i64.mul (i64.const 1000) (i64.add (local.get $a) (i64.add (local.get $b) (local.get $c))))))))");
  auto run =
      typed<int64_t(int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t)>(instance, "run");
  EXPECT_EQ(*run(1, 0, 0, 0, 0, 2, 3, 4), 9071);
}

// What is not an exception.

constexpr const char* kCatchAll = R"((module
  (import "host" "fail" (func $fail))
  (memory 1)
  (func $unreachable unreachable)
  (func $load (drop (i32.load (i32.const 65536))))
  (func $divide (param i32) (drop (i32.div_s (i32.const 1) (local.get 0))))
  (func $deep (call $deep) (nop))
  (func (export "unreachable") (block $h (try_table (catch_all $h) (call $unreachable))))
  (func (export "load") (block $h (try_table (catch_all $h) (call $load))))
  (func (export "inline") (block $h (try_table (catch_all $h) (drop (i32.load (i32.const 65536))))))
  (func (export "divide") (try (do (call $divide (i32.const 0))) (catch_all)))
  (func (export "deep") (try (do (call $deep)) (catch_all)))
  (func (export "null") (block $h (try_table (catch_all $h) (throw_ref (ref.null exn)))))
  (func (export "host") (block $h (try_table (catch_all $h) (call $fail))))))";

TEST_P(Exceptions, TrapsAreNotCaught) {
  linker.define("host", "fail",
                Func::wrap(store, []() -> Result<void> { return std::unexpected(Trap::host("no luck")); }));
  Instance instance = instantiate(kCatchAll);
  EXPECT_EQ(trap_of(instance, "unreachable").code, TrapCode::unreachable);
  EXPECT_EQ(trap_of(instance, "load").code, TrapCode::memory_out_of_bounds);
  EXPECT_EQ(trap_of(instance, "inline").code, TrapCode::memory_out_of_bounds);
  EXPECT_EQ(trap_of(instance, "divide").code, TrapCode::integer_divide_by_zero);
  EXPECT_EQ(trap_of(instance, "deep").code, TrapCode::stack_exhausted);
  EXPECT_EQ(trap_of(instance, "null").code, TrapCode::null_exception_reference);
  EXPECT_EQ(trap_of(instance, "host").message, "no luck");
}

TEST_P(Exceptions, AnotherStoresExceptionIsNotCaught) {
  Store other(engine);
  Tag foreign = *Tag::create(other, {});
  linker.define("host", "fail", Func::wrap(store, [foreign]() -> Result<void> {
                  return std::unexpected(Trap::thrown(*Exception::create(foreign, {})));
                }));
  Trap trap = trap_of(instantiate(kCatchAll), "host");
  ASSERT_TRUE(trap.exception);
  EXPECT_EQ(trap.exception->tag(), foreign);
}

// Depth, memory, threads.

TEST_P(Exceptions, UnwindThousandsOfFrames) {
  Instance instance = instantiate(R"((module
    (tag $e (param i32))
    (func $down (param i32) (result i32)
      (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 9))))
      (i32.add (call $down (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
    (func (export "run") (param i32) (result i32)
      (block $h (result i32) (try_table (result i32) (catch $e $h) (call $down (local.get 0)))))))");
  EXPECT_EQ(*typed<int32_t(int32_t)>(instance, "run")(20'000), 9);
}

TEST_P(Exceptions, AreThrownOnFromFrameToFrame) {
  Instance instance = instantiate(R"((module
    (tag $e (param i32))
    (func $down (param i32)
      (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 0))))
      (try
        (do (call $down (i32.sub (local.get 0) (i32.const 1))))
        (catch $e (throw $e (i32.add (i32.const 1))))))
    (func (export "run") (param i32) (result i32)
      (block $h (result i32) (try_table (catch $e $h) (call $down (local.get 0))) (unreachable)))))");
  EXPECT_EQ(*typed<int32_t(int32_t)>(instance, "run")(1'000), 1'000);
}

TEST_P(Exceptions, FreeWhatTheyLeaveBehind) {
  Instance instance = instantiate(R"((module
    (tag $e (param v128 v128 v128 v128))
    (func $throws (throw $e (v128.const i64x2 0 0) (v128.const i64x2 0 0) (v128.const i64x2 0 0) (v128.const i64x2 0 0)))
    (func (export "run") (param i32)
      (loop $l
        (block $h (try_table (catch_all $h) (call $throws)))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))))");
  ASSERT_TRUE(typed<void(int32_t)>(instance, "run")(1'000'000)); // 72 MB of exceptions
  EXPECT_GT(store.gc_statistics().collections, 0u);
  EXPECT_LT(store.gc_statistics().live_bytes, 1u << 20);
}

TEST_P(Exceptions, ThrowOnSeveralThreadsWhileCodeIsCompiled) {
  auto work = [this] {
    for (int i = 0; i < 4; ++i) {
      Store own(engine);
      Instance instance = testing_guest::value_of(Instance::create(own, compile(R"((module
        (tag $e (param i32))
        (func $throws (param i32) (throw $e (local.get 0)))
        (func (export "run") (param $n i32) (result i32) (local $sum i32)
          (loop $l
            (local.set $sum (i32.add (local.get $sum)
              (block $h (result i32) (try_table (catch $e $h) (call $throws (local.get $n))) (unreachable))))
            (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
          (local.get $sum))))"),
                                                                   {}));
      EXPECT_EQ(*instance.func("run")->typed<int32_t(int32_t)>().value()(1'000), 500'500);
    }
  };
  std::thread first(work), second(work);
  first.join();
  second.join();
}

} // namespace
