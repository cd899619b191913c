// Small functions that lead round by tail calls become one where the cycle is entered.
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

/// Tail calls in the module's IR.
size_t tail_calls(const std::string& functions, OptLevel level = OptLevel::O2) {
  std::string ir = test::compiled("(module " + functions + ")", level, Emit::ir);
  size_t count = 0;
  for (size_t at = 0; (at = ir.find("musttail call", at)) != std::string::npos; at++) count++;
  return count;
}

constexpr const char* kLess = "(i32.sub (local.get 0) (i32.const 1))";

/// A function that ends with a tail call as long as its parameter is not zero.
std::string state(const std::string& head, const std::string& next) {
  return "(func " + head +
         " (param i32 i32) (result i32) (if (result i32) (local.get 0) (then (return_call " + next + kLess +
         " (i32.mul (local.get 1) (i32.const 7)))) (else (local.get 1))))";
}

TEST(TailCycles, of_one_function_are_a_loop) {
  std::string self = state("$a (export \"a\")", "$a");
  EXPECT_EQ(tail_calls(self), 0u);
  EXPECT_EQ(tail_calls(self, OptLevel::O1), 1u);
  EXPECT_EQ(tail_calls(self, OptLevel::Os), 1u);
}

// $b and $c keep their tail calls: nobody but $a comes to them.
TEST(TailCycles, of_several_are_joined_where_they_are_entered) {
  EXPECT_EQ(tail_calls(state("$a (export \"a\")", "$b") + state("$b", "$c") + state("$c", "$a")), 2u);
  EXPECT_EQ(
      tail_calls(state("$a (export \"a\")", "$b") + state("$b (export \"b\")", "$c") + state("$c", "$a")),
      1u);
}

TEST(TailCycles, stay_calls_where_they_do_not_come_back) {
  EXPECT_EQ(
      tail_calls(state("$a (export \"a\")", "$b") + "(func $b (param i32 i32) (result i32) (local.get 1))"),
      1u);
}

TEST(TailCycles, stay_calls_in_large_functions) {
  std::string large = "(local.set 1 (i32.add (local.get 1) (i32.const 3)))";
  for (int k = 0; k < 8; k++) large += large;
  std::string a = "(func $a (export \"a\") (param i32 i32) (result i32) " + large +
                  "(return_call $b (local.get 0) (local.get 1)))";
  EXPECT_EQ(tail_calls(a + state("$b", "$a")), 2u);
}

// Arguments in memory, which the next one's would overwrite.
TEST(TailCycles, stay_calls_with_more_arguments_than_registers) {
  std::string many = "i32 i32 i32 i32 i32 i32 i32 i32 i32 i32";
  EXPECT_EQ(tail_calls("(func $a (export \"a\") (param " + many +
                       ") (return_call $a (local.get 9) (local.get 1)"
                       "(local.get 2) (local.get 3) (local.get 4) (local.get 5) (local.get 6) (local.get 7)"
                       "(local.get 8) (local.get 0)))"),
            1u);
}

} // namespace
} // namespace swage::codegen
