// Tail calls of every kind and signature: constant stack however many there are, and frames below them that
// can still be unwound.
#include <gmock/gmock.h>

#include "tests/runtime/guest.h"

using namespace swage;
using swage::testing_guest::Guests;
using testing::ElementsAre;

namespace {

using TailCalls = Guests;
SWAGE_BOTH_MODES(TailCalls);

/// $few and $many call each other; a counter says how often, a sum is carried along.
constexpr const char* kMutual = R"((module
  (type $many (func (param i64 i64 i64 i64 i64 i64 i64 f64 i64 i32) (result i64)))
  (type $few (func (param i32 i64) (result i64)))
  (table funcref (elem $direct $indirect $by_reference))
  (func $direct (type $many) (return_call $call_direct (i32.sub (local.get 9) (i32.const 1)) (i64.add (local.get 8) (local.get 6))))
  (func $indirect (type $many) (return_call $call_indirect (i32.sub (local.get 9) (i32.const 1)) (i64.add (local.get 8) (local.get 6))))
  (func $by_reference (type $many) (return_call $call_ref (i32.sub (local.get 9) (i32.const 1)) (i64.add (local.get 8) (local.get 6))))
  (func $call_direct (export "direct") (type $few)
    (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
    (return_call $direct (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6)
      (i64.const 7) (f64.const 8) (local.get 1) (local.get 0)))
  (func $call_indirect (export "indirect") (type $few)
    (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
    (return_call_indirect (type $many) (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6)
      (i64.const 7) (f64.const 8) (local.get 1) (local.get 0) (i32.const 1)))
  (func $call_ref (export "by_reference") (type $few)
    (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
    (return_call_ref $many (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6)
      (i64.const 7) (f64.const 8) (local.get 1) (local.get 0) (ref.func $by_reference))))
)";

TEST_P(TailCalls, TenMillionOfEachKindNeedNoStack) {
  Instance instance = instantiate(kMutual);
  for (const char* name : {"direct", "indirect", "by_reference"}) {
    SCOPED_TRACE(name);
    auto function = typed<int64_t(int32_t, int64_t)>(instance, name);
    EXPECT_EQ(*function(5'000'000, 1), 35'000'001);
  }
}

TEST_P(TailCalls, AcrossModulesAndIntoTheHost) {
  linker.define("host", "sum",
                Func::wrap(store, [](int64_t a, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t g,
                                     double h) { return a + g + static_cast<int64_t>(h); }));
  linker.define_instance("other", instantiate(R"((module
    (import "host" "sum" (func $sum (param i64 i64 i64 i64 i64 i64 i64 f64) (result i64)))
    (func (export "pass") (param i64) (result i64)
      (return_call $sum (local.get 0) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6)
        (i64.const 70) (f64.const 800)))))"));
  Instance instance = instantiate(R"((module
    (import "other" "pass" (func $pass (param i64) (result i64)))
    (func (export "f") (param i64) (result i64) (return_call $pass (local.get 0)))))");
  EXPECT_EQ(*typed<int64_t(int64_t)>(instance, "f")(1), 871);
}

/// Whose globals a function reads once what it called has ended in another instance.
constexpr const char* kLeaver = R"((module
  (import "other" "f" (func $other (result i32)))
  (type $t (func (result i32)))
  (global $g (mut i32) (i32.const 10))
  (table 2 2 funcref) (elem (i32.const 0) $leave $stay)
  (func $leave (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) (return_call $other))
  (func $leave_later (result i32) (return_call $leave))
  (func $leave_by_table (result i32) (return_call_indirect (type $t) (i32.const 0)))
  (func $stay (result i32) (global.get $g))
  (func $pass (param i32) (result i32) (i32.add (call_indirect (type $t) (local.get 0)) (global.get $g)))
  (func (export "direct") (result i32)
    (i32.add (i32.add (call $leave) (call $stay)) (global.get $g)))
  (func (export "later") (result i32)
    (i32.add (i32.add (call $leave_later) (call $leave_by_table)) (call $stay)))
  (func (export "indirect") (result i32)
    (i32.add (i32.add (call $pass (i32.const 0)) (call $pass (i32.const 1))) (global.get $g)))))";

TEST_P(TailCalls, IntoAnotherInstanceComeBackToTheCallersOwn) {
  linker.define_instance("other", instantiate(R"((module
    (global $g i32 (i32.const 1000))
    (func (export "f") (result i32) (global.get $g))))"));
  Instance instance = instantiate(kLeaver);
  EXPECT_EQ(*typed<int32_t()>(instance, "direct")(), 1000 + 11 + 11);
  EXPECT_EQ(*typed<int32_t()>(instance, "later")(), 1000 + 1000 + 13);
  EXPECT_EQ(*typed<int32_t()>(instance, "indirect")(), 1000 + 14 + 14 + 14 + 14);
}

TEST_P(TailCalls, LeaveFramesThatATrapCanWalk) {
  Instance instance = instantiate(R"((module
    (func $trap (param i64 i64 i64 i64 i64 i64 i64 i64 i64) unreachable)
    (func $tail (return_call $trap (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5)
      (i64.const 6) (i64.const 7) (i64.const 8) (i64.const 9)))
    (func $inner (call $tail) (call $tail))
    (func $outer (export "f") (call $inner) (call $inner))))");
  std::vector<std::string> names;
  for (const Frame& frame : trap_of(instance, "f").frames) names.push_back(frame.name);
  EXPECT_THAT(names, ElementsAre("trap", "inner", "outer"));
}

// At -O2 (artifacts) they are one function.
TEST_P(TailCalls, RoundInACycleLeaveNobodyToTellOf) {
  Instance instance = instantiate(R"((module (memory 1)
    (func $enter (export "f") (param i32) (result i32) (i32.add (i32.const 1) (call $even (local.get 0))))
    (func $even (param i32) (result i32)
      (if (i32.eqz (local.get 0)) (then (return (i32.load (i32.const -1)))))
      (return_call $odd (i32.sub (local.get 0) (i32.const 1))))
    (func $odd (param i32) (result i32)
      (if (i32.eqz (local.get 0)) (then (unreachable)))
      (if (i32.eq (local.get 0) (i32.const 5)) (then (drop (call $fail (i32.const 0)))))
      (return_call $even (i32.sub (local.get 0) (i32.const 1))))
    (func $fail (param i32) (result i32) unreachable)))");
  auto names = [&](int32_t n) {
    std::vector<std::string> all;
    for (const Frame& frame : trap_of(instance, "f", {Val(n)}).frames) all.push_back(frame.name);
    return all;
  };
  EXPECT_THAT(names(0), ElementsAre("even", "enter"));
  EXPECT_THAT(names(1), ElementsAre("odd", "enter"));
  EXPECT_THAT(names(4), ElementsAre("even", "enter"));
  EXPECT_THAT(names(8), ElementsAre("fail", "odd", "enter"));
}

} // namespace
