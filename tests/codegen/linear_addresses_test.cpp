// Loops over memory vectorise although a Wasm address may wrap.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

std::string optimised(const std::string& loop) {
  std::string text =
      "(module (memory 1) (func (param $to i32) (param $from i32) (param $n i32) (loop $next " + loop +
      "(br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))";
  return test::compiled(text, OptLevel::O2, Emit::ir);
}

constexpr const char* kStep = "(local.set $to (i32.add (local.get $to) (i32.const 8)))"
                              "(local.set $from (i32.add (local.get $from) (i32.const 8)))";

constexpr const char* kSum =
    "(i64.store (local.get $to) (i64.add (i64.load (local.get $from)) (i64.const 1)))";

/// Of the loop as it was, where it got a twin.
constexpr const char* kBesideTwin = "llvm.loop.vectorize.enable";

TEST(LinearAddresses, let_a_loop_that_was_unrolled_vectorise) {
  std::string ir = optimised(
      std::string(
          "(i32.store (local.get $to) (i32.add (i32.load (local.get $from)) (i32.const 1)))"
          "(i32.store (i32.add (local.get $to) (i32.const 4))"
          "           (i32.add (i32.load (i32.add (local.get $from) (i32.const 4))) (i32.const 1)))") +
      kStep);
  EXPECT_THAT(ir, AnyOf(HasSubstr("add <8 x i32>"), HasSubstr("add <16 x i32>")));
  EXPECT_THAT(ir, Not(HasSubstr("gather")));
}

TEST(LinearAddresses, keep_the_loop_as_it_was_for_addresses_that_wrap) {
  std::string ir = optimised(std::string(kSum) + kStep);
  EXPECT_THAT(ir, HasSubstr(".wrapping"));
  EXPECT_THAT(ir, HasSubstr(kBesideTwin));
}

constexpr const char* kSumOfFarElements =
    R"((module (memory 1) (func (param $at i32) (param $n i32) (result f64) (local $sum f64)
    (loop $next
      (local.set $sum (f64.add (local.get $sum) (f64.load (i32.shl (i32.load (local.get $at)) (i32.const 3)))))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))))";

TEST(LinearAddresses, take_back_the_twin_of_a_loop_without_vectors) {
  std::string ir = test::compiled(kSumOfFarElements, OptLevel::O2, Emit::ir);
  EXPECT_THAT(ir, HasSubstr(kBesideTwin));
  EXPECT_THAT(ir, Not(HasSubstr("%way")));
}

TEST(LinearAddresses, make_no_twin_that_could_get_no_vectors) {
  std::string ir = optimised(std::string("(i32.store (i32.load (local.get $from)) (local.get $n))") + kStep);
  EXPECT_THAT(ir, Not(HasSubstr(kBesideTwin)));
}

// Lost loads would be volatile, in a second run of all passes.
TEST(LinearAddresses, lose_no_load_with_a_twin_that_goes) {
  std::string ir = test::compiled(kSumOfFarElements, OptLevel::O2, Emit::ir);
  EXPECT_THAT(ir, HasSubstr("load double"));
  EXPECT_THAT(ir, Not(HasSubstr("load volatile")));
}

// Producers leave a few rounds over when they unroll a loop, and count them by a mask.
TEST(LinearAddresses, leave_alone_what_an_unrolled_loop_has_left_over) {
  std::string rest = "(module (memory 1) (func (param $to i32) (param $from i32) (param $n i32)"
                     "(if (local.tee $n (i32.and (local.get $n) (i32.const 7))) (then (loop $next " +
                     std::string(kSum) + kStep +
                     "(br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))))";
  std::string ir = test::compiled(rest, OptLevel::O2, Emit::ir);
  EXPECT_THAT(ir, Not(HasSubstr(".wrapping")));
  EXPECT_THAT(ir, Not(HasSubstr(" x i64>")));
}

// A vector of such fields would be put together lane by lane.
TEST(LinearAddresses, leave_a_loop_alone_that_reads_one_field_of_long_records) {
  std::string ir =
      optimised("(i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.load (local.get $from))))"
                "(local.set $from (i32.add (local.get $from) (i32.const 48)))");
  EXPECT_THAT(ir, Not(HasSubstr(".wrapping")));
  EXPECT_THAT(ir, Not(HasSubstr(" x i32>")));
}

// Of the element that ends it LLVM cannot know; what it counts makes vectors, above.
TEST(LinearAddresses, leave_a_loop_alone_that_an_element_may_end) {
  std::string ir = optimised(std::string("(i64.store (local.get $to) (i64.load (local.get $from)))"
                                         "(if (i64.eqz (i64.load (local.get $from))) (then (return)))") +
                             kStep);
  EXPECT_THAT(ir, Not(HasSubstr(kBesideTwin)));
}

TEST(LinearAddresses, leave_a_loop_alone_that_calls) {
  std::string ir = optimised(std::string("(i64.store (local.get $to) (i64.load (local.get $from)))"
                                         "(drop (memory.grow (i32.const 0)))") +
                             kStep);
  EXPECT_THAT(ir, Not(HasSubstr(kBesideTwin)));
}

} // namespace
} // namespace swage::codegen
