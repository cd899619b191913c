// Loops around a br_table, as compilers without structured control flow make them, get direct jumps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A loop of three states, the next one always a constant, which begins with `first`.
std::string optimised(const std::string& first) {
  std::string text = "(module (global $g (mut i32) (i32.const 0)) (func (param $n i32) (result i32) (local "
                     "$state i32) (local $sum i32)"
                     "  (local.set $state " +
                     first +
                     ")"
                     "  (loop $again"
                     "    (block $2 (block $1 (block $0 (br_table $0 $1 $2 (local.get $state)))"
                     "      (global.set $g (local.get $n)) (local.set $state (i32.const 1)) (br $again))"
                     "      (local.set $sum (i32.add (local.get $sum) (local.get $n)))"
                     "      (local.set $n (i32.sub (local.get $n) (i32.const 1)))"
                     "      (if (local.get $n) (then (local.set $state (i32.const 1)) (br $again)))"
                     "      (local.set $state (i32.const 2)) (br $again))"
                     "    (return (local.get $sum)))"
                     "  (unreachable)))";
  return test::compiled(text, OptLevel::O1, Emit::ir);
}

TEST(Dispatch, is_not_left_where_every_state_is_known) {
  EXPECT_THAT(optimised("(i32.const 0)"), Not(HasSubstr("switch i32")));
}

TEST(Dispatch, is_left_once_where_the_first_state_is_not_known) {
  std::string ir = optimised("(local.get $n)");
  size_t first = ir.find("switch i32");
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(ir.find("switch i32", first + 1), std::string::npos);
}

} // namespace
} // namespace swage::codegen
