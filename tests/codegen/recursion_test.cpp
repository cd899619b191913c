// Small functions that call themselves are inlined into themselves, a few calls deep.
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

/// Calls of the first function in the module's IR.
size_t calls(std::string_view function, OptLevel opt) {
  std::string ir = test::compiled("(module (func $f (param i32) (result i32)" + std::string(function) + "))",
                                  opt, Emit::ir);
  size_t count = 0;
  for (size_t at = 0; (at = ir.find("@f0.f(", at)) != std::string::npos; at++) count++;
  return count - 1; // the definition
}

constexpr const char* kFibonacci = R"(
  (if (i32.lt_s (local.get 0) (i32.const 2)) (then (return (local.get 0))))
  (i32.add (call $f (i32.sub (local.get 0) (i32.const 1))) (call $f (i32.sub (local.get 0) (i32.const 2)))))";

TEST(Recursion, is_unrolled_where_speed_is_asked_for) {
  EXPECT_GE(calls(kFibonacci, OptLevel::O2), 8u);
  EXPECT_EQ(calls(kFibonacci, OptLevel::O1), 2u);
  EXPECT_EQ(calls(kFibonacci, OptLevel::Os), 2u);
}

TEST(Recursion, stays_as_it_is_in_a_large_function) {
  std::string large = kFibonacci;
  for (int k = 0; k < 300; k++) large += "(i32.mul (i32.add (local.get 0) (i32.const 3))) ";
  EXPECT_EQ(calls(large, OptLevel::O2), 2u);
}

} // namespace
} // namespace swage::codegen
