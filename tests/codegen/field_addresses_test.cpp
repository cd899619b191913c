// Accesses to several fields of an object go through one pointer, those of a loop's elements do not.
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

/// How many accesses of a function to memory add up two registers.
ptrdiff_t sums_in(const std::string& body) {
  std::string text =
      test::compiled("(module (memory 1) (func $f (param $p i32) (param $n i32) (result i32) " + body + "))",
                     OptLevel::O1, Emit::asm_);
  static const std::regex sum(
      "\tmov[a-z]*\t.*\\(%r[a-z0-9]+,%r[a-z0-9]+\\)|\tadd[a-z]*\t.*\\(%r[a-z0-9]+,%r[a-z0-9]+\\)");
  return std::distance(std::sregex_iterator(text.begin(), text.end(), sum), std::sregex_iterator());
}

TEST(FieldAddresses, share_one_sum) {
  EXPECT_EQ(sums_in(R"((i32.store offset=8 (local.get $p) (i32.load offset=4 (local.get $p)))
                       (i32.load offset=12 (local.get $p)))"),
            0);
}

TEST(FieldAddresses, share_it_in_all_blocks) {
  EXPECT_EQ(sums_in(R"((if (i32.load offset=4 (local.get $p)) (then
                         (i32.store offset=4 (local.get $p) (local.get $n))))
                       (i32.const 0))"),
            0);
}

TEST(FieldAddresses, leave_a_single_access_alone) {
  EXPECT_EQ(sums_in("(i32.load offset=4 (local.get $p))"), 1);
}

TEST(FieldAddresses, leave_the_elements_of_a_loop_alone) {
  EXPECT_EQ(sums_in(R"((loop $l
                         (i32.store offset=64 (local.get $p)
                           (i32.mul (i32.load offset=4096 (local.get $p)) (local.get $n)))
                         (local.set $p (i32.load (local.get $p)))
                         (br_if $l (local.get $p)))
                       (i32.const 0))"),
            3);
}

} // namespace
} // namespace swage::codegen
