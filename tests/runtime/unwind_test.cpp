// What a walk to a landing pad brings back, and that what it remembers of code holds: registers, frames of
// all shapes, more calls than are remembered, other code at the same addresses.
#include <functional>
#include <gtest/gtest.h>

#include "tests/runtime/guest.h"

using namespace swage;
using swage::testing_guest::Guests;
using swage::testing_guest::Mode;

namespace {

/// What `part` gives for 0, 1, ..., one behind the other.
std::string many(int count, const std::function<std::string(std::string)>& part) {
  std::string text;
  for (int i = 0; i < count; ++i) text += part(std::to_string(i));
  return text;
}

/// A function that holds so many values across a call of $callee, and gives what they make together: the
/// same number before and after the call if it got them all back.
std::string holder(int values, const std::string& name, const std::string& type, const std::string& call) {
  return "(func $" + name + " (param $at i32) (result i64)" +
         many(values, [&](auto i) { return "(local $" + i + " " + type + ")"; }) +
         many(values,
              [&](auto i) {
                return "(local.set $" + i + " (" + type + ".load offset=" + i + "0 (local.get $at)))";
              }) +
         call + "(i64.const 0)" +
         many(values,
              [&](auto i) {
                std::string value = "(local.get $" + i + ")";
                if (type == "f64") value = "(i64.reinterpret_f64 " + value + ")";
                if (type == "v128") value = "(i64x2.extract_lane 1 " + value + ")";
                return "(i64.add (i64.rotl (i64.const 1))" + value + ")";
              }) +
         ")";
}

/// `run` gives 0 if a function with such values finds them after an exception that came through another such
/// function as it finds them after a call that returned.
std::string round_trip(int values, const std::string& type) {
  constexpr const char* kTry =
      "(block $h (try_table (catch_all $h) (drop (call $between (i32.const 4096)))))";
  return R"((module (memory 1) (tag $e) (global $throws (mut i32) (i32.const 0))
    (func $thrower (if (global.get $throws) (then (throw $e))))
    (func $fill (param i32) (loop $l
      (i64.store (local.get 0) (i64.mul (i64.extend_i32_u (local.get 0)) (i64.const 0x9e3779b97f4a7c15)))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 8)))))))" +
         holder(values, "between", type, "(call $thrower)") + holder(values, "outer", type, kTry) +
         R"((func (export "run") (result i64) (local $expected i64)
      (call $fill (i32.const 16000))
      (local.set $expected (call $outer (i32.const 0)))
      (global.set $throws (i32.const 1))
      (i64.sub (call $outer (i32.const 0)) (local.get $expected)))))";
}

struct Unwinding : Guests {
  int64_t run(Store& in, const std::string& module) {
    Instance instance = testing_guest::value_of(Instance::create(in, compile(module), {}));
    return *instance.func("run")->typed<int64_t()>().value()();
  }
};
SWAGE_BOTH_MODES(Unwinding);

TEST_P(Unwinding, BringsBackRegisters) { EXPECT_EQ(run(store, round_trip(5, "i64")), 0); }
TEST_P(Unwinding, BringsBackFloats) { EXPECT_EQ(run(store, round_trip(9, "f64")), 0); }
TEST_P(Unwinding, BringsBackWhatIsOnTheStack) { EXPECT_EQ(run(store, round_trip(40, "v128")), 0); }
TEST_P(Unwinding, GoesThroughLargeFrames) { EXPECT_EQ(run(store, round_trip(300, "i64")), 0); }

TEST_P(Unwinding, GoesThroughMoreCallsThanAreRemembered) {
  std::string module =
      "(module (tag $e (param i64))" + many(1'000, [](auto i) {
        std::string next = std::to_string(std::stoi(i) + 1);
        return "(func $f" + i + " (result i64) (i64.add (i64.const 1) (call $f" + next + ")))";
      });
  module += R"((func $f1000 (result i64) (throw $e (i64.const 7)))
    (func $catch (result i64) (block $h (result i64) (try_table (result i64) (catch $e $h) (call $f0))))
    (func (export "run") (result i64) (i64.add (call $catch) (call $catch)))))";
  EXPECT_EQ(run(store, module), 14);
}

// Both modules have the same code up to their landing pads, and are loaded at the same addresses.
TEST_P(Unwinding, KnowsNothingOfCodeThatIsGone) {
  const std::string middle = "(func $middle (result i64)", outer = "(func (export \"run\") (result i64)";
  auto plain = [](const std::string& callee) { return "(i64.add (i64.const 5) (call " + callee + ")))"; };
  auto catching = [](const std::string& callee, const std::string& result) {
    return "(block $h (try_table (catch_all $h) (return (i64.add (i64.const 5) (call " + callee +
           "))))) (i64.const " + result + "))";
  };
  auto run_alone = [&](const std::string& functions) {
    Store own(engine);
    return run(own, "(module (tag $e) (func $throws (result i64) (throw $e))" + functions + ")");
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(run_alone(middle + catching("$throws", "1") + outer + plain("$middle")), 6);
    EXPECT_EQ(run_alone(middle + plain("$throws") + outer + catching("$middle", "2")), 2);
  }
}

} // namespace
