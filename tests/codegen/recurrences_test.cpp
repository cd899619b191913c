// What a loop carries is added last, in an instruction that adds two terms.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

using testing::ContainsRegex;
using testing::Not;

/// The constant added to one term, in an address of 64 bits; behind the other terms it is added in 32 bits.
constexpr const char* kConstantFirst = "\taddq\t[$]16, ";

std::string in_loop(const std::string& body) {
  return test::compiled("(module (memory 1) (func (param $at i32) (param $x i32) (param $y i32) (result i32) "
                        "(loop $next " +
                            body + ") (local.get $at)))",
                        OptLevel::O2, Emit::asm_);
}

TEST(Recurrences, add_what_the_round_before_made_last) {
  EXPECT_THAT(
      in_loop("(local.set $at (i32.add (i32.add (local.get $at) (i32.load (local.get $x))) (i32.const "
              "16)))"
              "(local.set $x (i32.add (local.get $x) (i32.const 4)))"
              "(br_if $next (i32.lt_u (local.get $at) (local.get $y)))"),
      ContainsRegex(kConstantFirst));
}

TEST(Recurrences, leave_sums_alone_that_no_round_waits_for) {
  EXPECT_THAT(
      in_loop("(local.set $x (i32.load (local.get $at)))"
              "(local.set $y (i32.load offset=4 (local.get $at)))"
              "(i32.store offset=8 (local.get $at) (i32.xor (local.get $x) (i32.add (i32.add (local.get "
              "$x) (local.get $y)) (i32.const 16))))"
              "(i32.store offset=12 (local.get $at) (i32.xor (local.get $x) (local.get $y)))"
              "(local.set $at (i32.add (local.get $at) (i32.load (i32.const 64))))"
              "(br_if $next (i32.load offset=20 (local.get $at)))"),
      Not(ContainsRegex(kConstantFirst)));
}

} // namespace
} // namespace swage::codegen
