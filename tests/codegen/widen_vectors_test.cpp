// Loops of 128-bit vectors use the processor's wider ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

std::string optimised(const std::string& loop) {
  std::string text = "(module (memory 1) (func (param $to i32) (param $from i32) (param $n i32) (result v128)"
                     " (local $v v128) (loop $next " +
                     loop +
                     "(local.set $to (i32.add (local.get $to) (i32.const 16)))"
                     "(local.set $from (i32.add (local.get $from) (i32.const 16)))"
                     "(br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))"
                     "(local.get $v)))";
  return test::compiled(text, OptLevel::O2, Emit::ir);
}

TEST(WidenVectors, do_two_rounds_at_once) {
  std::string ir = optimised("(v128.store (local.get $to) (f32x4.mul (v128.load (local.get $from))"
                             " (f32x4.splat (f32.const 3))))");
  EXPECT_THAT(ir, HasSubstr("fmul <8 x float>"));
  EXPECT_THAT(ir, ContainsRegex("store <8 x float>"));
}

TEST(WidenVectors, sum_in_two_parts_what_may_be_summed_in_any_order) {
  EXPECT_THAT(optimised("(local.set $v (i32x4.add (local.get $v) (v128.load (local.get $from))))"),
              HasSubstr("add <8 x i32>"));
  EXPECT_THAT(optimised("(local.set $v (f32x4.add (local.get $v) (v128.load (local.get $from))))"),
              Not(HasSubstr("fadd <8 x float>")));
}

TEST(WidenVectors, keep_shuffles_and_packs_inside_a_round) {
  std::string ir = optimised("(local.set $v (v128.load (local.get $from)))"
                             "(v128.store (local.get $to) (i8x16.narrow_i16x8_u"
                             " (i16x8.extend_low_i8x16_u (local.get $v))"
                             " (i16x8.shl (i16x8.extend_high_i8x16_u (local.get $v)) (i32.const 1))))");
  EXPECT_THAT(ir, HasSubstr("llvm.x86.avx2.packuswb"));
  EXPECT_THAT(ir, Not(HasSubstr("zext <16 x i8>")));
}

TEST(WidenVectors, carry_what_the_round_before_loaded) {
  std::string ir = optimised("(v128.store (local.get $to) (v128.xor (local.get $v)"
                             " (local.tee $v (v128.load (local.get $from)))))");
  EXPECT_THAT(ir, HasSubstr("xor <4 x i64>"));
}

/// Three times what lies there.
std::string scaled(int offset, int from) {
  return "(v128.store offset=" + std::to_string(offset) +
         " (local.get $to) (f32x4.mul (v128.load offset=" + std::to_string(from) +
         " (local.get $from)) (f32x4.splat (f32.const 3))))";
}
constexpr const char* kStepTwice = "(local.set $to (i32.add (local.get $to) (i32.const 16)))"
                                   "(local.set $from (i32.add (local.get $from) (i32.const 16)))";

TEST(WidenVectors, do_two_parts_of_an_unrolled_round_at_once) {
  EXPECT_THAT(optimised(scaled(0, 0) + scaled(16, 16) + kStepTwice), HasSubstr("fmul <8 x float>"));
  EXPECT_THAT(optimised(scaled(16, 16) + scaled(0, 0) + kStepTwice), HasSubstr("fmul <8 x float>"));
}

TEST(WidenVectors, leave_parts_apart_that_do_not_lie_side_by_side) {
  EXPECT_THAT(optimised(scaled(0, 16) + scaled(16, 0) + kStepTwice), Not(HasSubstr("<8 x float>")));
  EXPECT_THAT(optimised(scaled(0, 0) + kStepTwice), Not(HasSubstr("<8 x float>")));
}

TEST(WidenVectors, leave_rounds_apart_that_need_each_other) {
  EXPECT_THAT(optimised("(local.set $v (i32x4.mul (v128.load (local.get $from))"
                        " (i32x4.add (local.get $v) (v128.load (local.get $from)))))"),
              Not(HasSubstr("<8 x i32>")));
  EXPECT_THAT(optimised("(v128.store offset=16 (local.get $to)"
                        " (i32x4.add (v128.load (local.get $to)) (i32x4.splat (i32.const 1))))"),
              Not(HasSubstr("<8 x i32>")));
}

} // namespace
} // namespace swage::codegen
