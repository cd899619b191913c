// Vectors that a loop carries for the sake of their lanes alone become scalars.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string optimised(const std::string& next) {
  std::string text = "(module (memory 1) (func (param $n i32) (result v128) (local $v v128) (loop $next " +
                     next +
                     "(br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))"
                     "(local.get $v)))";
  return test::compiled(text, OptLevel::O2, Emit::ir);
}

/// A vector of four words of a table, each at an address from the vector before.
std::string gathered() {
  std::string vector = "(i32x4.splat (i32.load (i32x4.extract_lane 3 (local.get $v))))";
  for (int lane = 1; lane < 4; lane++)
    vector = "(i32x4.replace_lane " + std::to_string(lane) + " " + vector + "(i32.load (i32x4.extract_lane " +
             std::to_string(lane - 1) + " (local.get $v))))";
  return vector;
}

TEST(UnpackVectors, carry_lanes_as_scalars) {
  std::string ir = optimised("(local.set $v (v128.xor " + gathered() + " (v128.const i32x4 1 2 3 4)))");
  EXPECT_THAT(ir, Not(HasSubstr("phi <")));
  EXPECT_THAT(ir, Not(HasSubstr("extractelement")));
}

TEST(UnpackVectors, keep_what_is_stored_whole) {
  std::string ir = optimised("(local.set $v (v128.xor " + gathered() +
                             " (v128.const i32x4 1 2 3 4))) (v128.store (local.get $n) (local.get $v))");
  EXPECT_THAT(ir, HasSubstr("phi <"));
}

TEST(UnpackVectors, keep_lanes_of_two_lengths) {
  std::string ir = optimised("(local.set $v (i64x2.add " + gathered() + " (v128.const i32x4 1 2 3 4)))");
  EXPECT_THAT(ir, HasSubstr("phi <"));
}

constexpr std::string_view kWords = "abcd";

/// A vector of four words, each with the text around its name.
std::string lanes(const std::string& before, const std::string& after) {
  std::string vector = "(i32x4.splat " + before + "a" + after + ")";
  for (size_t lane = 1; lane < kWords.size(); lane++)
    vector =
        "(i32x4.replace_lane " + std::to_string(lane) + " " + vector + before + kWords[lane] + after + ")";
  return vector;
}

/// Sets the words to $v's lanes.
std::string spread() {
  std::string all;
  for (size_t lane = 0; lane < kWords.size(); lane++)
    all += std::string("(local.set $") + kWords[lane] + "(i32x4.extract_lane " + std::to_string(lane) +
           " (local.get $v)))";
  return all;
}

/// Four words that a round adds to one another as vectors, of which `next` tells what the next round has of
/// the sum.
std::string added(const std::string& next) {
  std::string text =
      "(module (func (param $n i32) (result i32) (local $a i32) (local $b i32) (local $c i32)"
      " (local $d i32) (local $v v128) (loop $next (local.set $v (i32x4.add " +
      lanes("(i32.rotl (local.get $", ") (i32.const 5))") +
      lanes("(i32.mul (local.get $n) (local.get $", "))") + "))" + next +
      "(br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))"
      "(i32.xor (i32.xor (local.get $a) (local.get $b)) (i32.xor (local.get $c) (local.get $d)))))";
  return test::compiled(text, OptLevel::O2, Emit::ir);
}

TEST(UnpackVectors, take_apart_what_is_gathered_and_spread_in_a_round) {
  std::string ir = added(spread());
  EXPECT_THAT(ir, Not(HasSubstr("add <4 x i32>")));
}

TEST(UnpackVectors, keep_what_costs_fewer_moves_than_sums) {
  std::string ir = added("(local.set $v (i32x4.mul (local.get $v) (local.get $v)))"
                         "(local.set $v (i32x4.mul (local.get $v) (v128.const i32x4 3 5 7 9)))"
                         "(local.set $v (i32x4.add (local.get $v) (v128.const i32x4 1 2 3 4)))" +
                         spread());
  EXPECT_THAT(ir, HasSubstr("add <4 x i32>"));
}

} // namespace
} // namespace swage::codegen
