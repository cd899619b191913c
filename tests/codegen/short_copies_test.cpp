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

} // namespace
} // namespace swage::codegen
