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

} // namespace
} // namespace swage::codegen
