// A copy of a few bytes calls nothing, where code may grow for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string copy_in(const std::string& memory, OptLevel level) {
  std::string text = "(module (memory " + memory +
                     ") (func (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2))))";
  return test::compiled(text, level, Emit::ir);
}

TEST(ShortCopies, load_all_bytes_before_they_store_one) {
  std::string ir = copy_in("1", OptLevel::O2);
  size_t load = ir.find("load <2 x i64>"), store = ir.find("store <2 x i64>");
  ASSERT_NE(load, std::string::npos);
  ASSERT_NE(store, std::string::npos);
  EXPECT_LT(ir.find("load <2 x i64>", load + 1), store);
}

TEST(ShortCopies, are_calls_where_size_counts) {
  EXPECT_THAT(copy_in("1", OptLevel::Os), Not(HasSubstr("load <2 x i64>")));
}

TEST(ShortCopies, are_calls_in_shared_memories) {
  EXPECT_THAT(copy_in("1 1 shared", OptLevel::O2), Not(HasSubstr("load <2 x i64>")));
}

std::string of_constant_length(const std::string& instruction, int length, OptLevel level) {
  return test::compiled("(module (memory 1) (func (param i32 i32) (" + instruction +
                            " (local.get 0) (local.get 1) (i32.const " + std::to_string(length) + "))))",
                        level, Emit::ir);
}

constexpr const char* kInlined = "store <4 x i64>";

TEST(ConstantLengths, are_inlined_as_native_compilers_do) {
  EXPECT_THAT(of_constant_length("memory.fill", 256, OptLevel::O2), HasSubstr(kInlined));
  EXPECT_THAT(of_constant_length("memory.copy", 128, OptLevel::O2), HasSubstr(kInlined));
}

TEST(ConstantLengths, are_calls_where_there_are_many_bytes_or_size_counts) {
  EXPECT_THAT(of_constant_length("memory.fill", 257, OptLevel::O2), Not(HasSubstr(kInlined)));
  EXPECT_THAT(of_constant_length("memory.copy", 129, OptLevel::O2), Not(HasSubstr(kInlined)));
  EXPECT_THAT(of_constant_length("memory.fill", 65, OptLevel::Os), Not(HasSubstr(kInlined)));
}

} // namespace
} // namespace swage::codegen
