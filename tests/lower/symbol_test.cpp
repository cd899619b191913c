// Symbols are what the JIT, the linker and profilers know a function by.
#include "tests/lower/support.h"

namespace swage::lower::test {
namespace {

TEST(Symbol, has_the_name_of_the_name_section) {
  std::unique_ptr<Source> source = source_of("(module (func) (func $fib))");
  EXPECT_EQ(function_symbol(source->module, {1}), "f1.fib");
}

TEST(Symbol, of_a_function_without_a_name_is_its_index) {
  std::unique_ptr<Source> source = source_of("(module (func) (func $fib))");
  EXPECT_EQ(function_symbol(source->module, {0}), "f0");
}

TEST(Symbol, has_no_character_that_tools_stumble_over) {
  std::unique_ptr<Source> source = source_of(R"((module (func $"a b\00\"@v1\\\nc")))");
  EXPECT_EQ(function_symbol(source->module, {0}), "f0.a_b___v1__c");
}

TEST(Symbol, keeps_the_names_of_other_languages) {
  std::unique_ptr<Source> source = source_of(R"((module (func $"core::fmt::Formatter<\u{e9}>::pad")))");
  EXPECT_EQ(function_symbol(source->module, {0}), "f0.core::fmt::Formatter<\xc3\xa9>::pad");
}

TEST(Symbol, is_cut_when_it_is_long) {
  std::unique_ptr<Source> source = source_of("(module (func $" + std::string(100000, 'x') + "))");
  EXPECT_LT(function_symbol(source->module, {0}).size(), 300u);
}

} // namespace
} // namespace swage::lower::test
