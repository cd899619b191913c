// A call through a closed table that few functions can answer is a switch among them, small ones inlined.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

/// A call through a table of `count` functions; `more` stands in the module.
std::string optimised(unsigned count, OptLevel opt, const std::string& more = "") {
  std::string functions, elements;
  for (unsigned k = 0; k < count; k++) {
    std::string name = "$f" + std::to_string(k);
    functions +=
        "(func " + name + " (type $t) (i32.mul (local.get 0) (i32.const " + std::to_string(k + 3) + ")))";
    elements += " " + name;
  }
  return test::compiled("(module (type $t (func (param i32) (result i32))) (table $table funcref (elem" +
                            elements + ")) " + functions + more +
                            "(func (export \"call\") (param i32 i32) (result i32)"
                            " (call_indirect $table (type $t) (local.get 0) (local.get 1))))",
                        opt, Emit::ir);
}

TEST(FewTargets, are_inlined_where_speed_is_asked_for) {
  std::string ir = optimised(3, OptLevel::O2);
  EXPECT_THAT(ir, HasSubstr("switch i32 %2,"));
  EXPECT_THAT(ir, Not(ContainsRegex("call swifttailcc i32 @f[012]")));
  EXPECT_THAT(optimised(3, OptLevel::O1), Not(HasSubstr("switch i32 %2,")));
  EXPECT_THAT(optimised(3, OptLevel::Os), Not(HasSubstr("switch i32 %2,")));
}

TEST(FewTargets, are_no_more_than_eight) {
  EXPECT_THAT(optimised(8, OptLevel::O2), HasSubstr("switch i32 %2,"));
  EXPECT_THAT(optimised(9, OptLevel::O2), Not(HasSubstr("switch i32 %2,")));
}

TEST(FewTargets, are_not_known_of_a_table_that_changes) {
  EXPECT_THAT(optimised(3, OptLevel::O2, "(func (table.set $table (i32.const 0) (ref.null func)))"),
              Not(HasSubstr("switch i32 %2,")));
}

} // namespace
} // namespace swage::codegen
