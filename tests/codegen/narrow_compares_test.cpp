// Whether a byte is in a range is a compare of bytes, without a mask.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

using testing::ContainsRegex;
using testing::Not;

std::string compared(const std::string& mask, const std::string& bound) {
  return test::compiled("(module (memory 1) (func (param $c i32) (result i32) (if (result i32) (i32.lt_u "
                        "(i32.and (i32.sub (local.get $c) (i32.const 48)) (i32.const " +
                            mask + ")) (i32.const " + bound +
                            ")) (then (i32.load (local.get $c))) (else (i32.const 7)))))",
                        OptLevel::O2, Emit::asm_);
}

constexpr const char* kMasked = "\tand[lb]\t";

TEST(NarrowCompares, of_digits_need_no_mask) {
  EXPECT_THAT(compared("255", "10"), Not(ContainsRegex(kMasked)));
  EXPECT_THAT(compared("255", "10"), ContainsRegex("\tcmpb\t"));
}

TEST(NarrowCompares, of_other_bits_keep_their_mask) {
  EXPECT_THAT(compared("127", "10"), ContainsRegex(kMasked));
  EXPECT_THAT(compared("1023", "10"), ContainsRegex(kMasked));
}

TEST(NarrowCompares, with_more_than_a_byte_are_left_alone) {
  EXPECT_THAT(compared("511", "260"), ContainsRegex(kMasked));
}

} // namespace
} // namespace swage::codegen
