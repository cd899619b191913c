// A small function that jumps through a table starts where it fits into a page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

using testing::ContainsRegex;
using testing::Not;

/// 128, 256, ... bytes.
constexpr const char* kStartsWhereItFits = "\t[.]p2align\t(7|8|9|10|11|12)";

std::string with_cases(int count, OptLevel level = OptLevel::O2) {
  std::string labels;
  for (int k = 0; k < count; k++) labels += std::to_string(k) + " ";
  std::string text = "(module (memory 1) (func (param $x i32) (block $out ";
  std::string inner = "(br_table " + labels + std::to_string(count - 1) + " (local.get $x))";
  for (int k = 0; k < count; k++)
    inner = "(block " + inner + ") (i32.store (i32.const " + std::to_string(8 * k) +
            ") (i32.mul (local.get $x) (i32.const " + std::to_string(1000 + 7 * k * k) + "))) (br $out)";
  return test::compiled(text + inner + ")))", level, Emit::asm_);
}

TEST(DispatchPages, hold_a_small_function_with_a_jump_table) {
  EXPECT_THAT(with_cases(8), ContainsRegex(kStartsWhereItFits));
}

TEST(DispatchPages, hold_nothing_else) {
  EXPECT_THAT(with_cases(1), Not(ContainsRegex(kStartsWhereItFits)));
  EXPECT_THAT(with_cases(400), Not(ContainsRegex(kStartsWhereItFits)));
}

TEST(DispatchPages, do_not_matter_where_size_counts) {
  EXPECT_THAT(with_cases(8, OptLevel::Os), Not(ContainsRegex(kStartsWhereItFits)));
}

} // namespace
} // namespace swage::codegen
