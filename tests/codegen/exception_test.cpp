// What exceptions cost code that throws none: the machine code of a try, up to its return, is that of the
// same calls without it.
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::Not;

/// The instructions of a function, without their operands, up to the first return.
std::vector<std::string> instructions(std::string_view assembly, std::string_view function) {
  std::vector<std::string> found;
  std::istringstream lines{std::string(assembly)};
  bool is_inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(std::string(function) + ":")) is_inside = true;
    // Neither labels nor directives.
    if (!is_inside || !line.starts_with('\t') || line.starts_with("\t.")) continue;
    found.push_back(line.substr(1, line.find('\t', 1) - 1));
    if (found.back().starts_with("ret")) break;
  }
  return found;
}

class Exceptions : public testing::TestWithParam<const char*> {};

TEST_P(Exceptions, CostNothingWhenNoneIsThrown) {
  CompileOptions options;
  options.triple = GetParam();
  options.opt = OptLevel::O2;
  Expected<std::vector<std::byte>> assembly = compile(test::bytes_of(R"((module
    (import "m" "f" (func $f (param i32) (result i32)))
    (func $with (param i32) (result i32)
      (block $h
        (try_table (catch_all $h) (return (i32.add (call $f (local.get 0)) (call $f (i32.const 2))))))
      (i32.const 7))
    (func $legacy (param i32) (result i32)
      (try
        (do (return (i32.add (call $f (local.get 0)) (call $f (i32.const 2)))))
        (catch_all))
      (i32.const 7))
    (func $without (param i32) (result i32)
      (i32.add (call $f (local.get 0)) (call $f (i32.const 2))))))"),
                                                      options, Emit::asm_);
  ASSERT_TRUE(assembly) << assembly.error().to_string();
  std::string text = test::text_of(*assembly);
  std::vector<std::string> without = instructions(text, "f3.without");
  EXPECT_THAT(without, Not(IsEmpty()));
  EXPECT_THAT(instructions(text, "f1.with"), ElementsAreArray(without));
  EXPECT_THAT(instructions(text, "f2.legacy"), ElementsAreArray(without));
}

INSTANTIATE_TEST_SUITE_P(, Exceptions, testing::Values("x86_64-linux-gnu", "aarch64-linux-gnu"),
                         [](const auto& test) {
                           std::string triple = test.param;
                           return triple.substr(0, triple.find('-'));
                         });

} // namespace
} // namespace swage::codegen
