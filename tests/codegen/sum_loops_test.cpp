// A loop that adds up its own sum takes many elements at once; one that does anything else does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string optimised(const std::string& body, int step, OptLevel level = OptLevel::O2) {
  std::string text =
      "(module (memory 1) (func (param $p i32) (param $n i32) (result i32) (local $low i32) (local "
      "$high i32) (loop $next " +
      body + "(local.set $p (i32.add (local.get $p) (i32.const " + std::to_string(step) +
      "))) (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))"
      "(i32.xor (local.get $low) (i32.shl (local.get $high) (i32.const 16)))))";
  return test::compiled(text, level, Emit::ir);
}

std::string byte(int offset) {
  return "(local.set $low (i32.add (local.get $low) (i32.load8_u offset=" + std::to_string(offset) +
         " (local.get $p))))";
}

constexpr const char* kHigh = "(local.set $high (i32.add (local.get $high) (local.get $low)))";
constexpr const char* kChunk = "sum.chunk";

TEST(SumLoops, add_bytes_side_by_side) {
  std::string ir = optimised(byte(0) + kHigh, 1);
  EXPECT_THAT(ir, HasSubstr(kChunk));
  EXPECT_THAT(ir, HasSubstr("vector.reduce.add"));
}

TEST(SumLoops, add_what_was_unrolled) {
  EXPECT_THAT(optimised(byte(0) + kHigh + byte(1) + kHigh, 2), HasSubstr(kChunk));
}

TEST(SumLoops, stay_as_they_are_where_elements_are_left_out) {
  EXPECT_THAT(optimised(byte(0) + kHigh, 2), Not(HasSubstr(kChunk)));
  EXPECT_THAT(optimised(byte(0) + kHigh + byte(2) + kHigh, 4), Not(HasSubstr(kChunk)));
}

TEST(SumLoops, stay_as_they_are_where_elements_go_downwards) {
  EXPECT_THAT(optimised(byte(1) + kHigh + byte(0) + kHigh, 2), Not(HasSubstr(kChunk)));
}

// The sum of every second sum is another one.
TEST(SumLoops, stay_as_they_are_where_a_sum_is_not_added_up) {
  EXPECT_THAT(optimised(byte(0) + byte(1) + kHigh, 2), Not(HasSubstr(kChunk)));
}

TEST(SumLoops, stay_as_they_are_where_something_is_stored) {
  EXPECT_THAT(optimised(byte(0) + kHigh + "(i32.store (i32.const 8) (local.get $low))", 1),
              Not(HasSubstr(kChunk)));
}

TEST(SumLoops, stay_as_they_are_where_size_counts) {
  EXPECT_THAT(optimised(byte(0) + kHigh, 1, OptLevel::Os), Not(HasSubstr(kChunk)));
}

} // namespace
} // namespace swage::codegen
