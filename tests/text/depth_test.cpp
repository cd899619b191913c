// Nesting is the text's to choose: a million levels of anything must neither use up the stack nor take more
// than linear time.
#include "tests/text/helpers.h"

namespace swage::text::test {
namespace {

constexpr size_t kDeep = 1'000'000;

std::string times(std::string_view text, size_t count) {
  std::string out;
  out.reserve(text.size() * count);
  for (size_t i = 0; i < count; i++) out += text;
  return out;
}

TEST(Depth, folded_operands) {
  Expected<Binary> bytes =
      parse("(func (result i32) " + times("(i32.eqz ", kDeep) + "(i32.const 0)" + times(")", kDeep) + ")");
  ASSERT_TRUE(bytes) << bytes.error().to_string();
  EXPECT_GT(bytes->size(), kDeep);
}

TEST(Depth, folded_blocks_with_hidden_labels) {
  Expected<Binary> bytes = parse("(func " + times("(block $l ", kDeep) + times("(br $l))", kDeep) + ")");
  EXPECT_TRUE(bytes) << bytes.error().to_string();
}

TEST(Depth, flat_blocks_print_and_parse) {
  Expected<Binary> bytes = parse("(func " + times("block ", kDeep) + times("end ", kDeep) + ")");
  ASSERT_TRUE(bytes) << bytes.error().to_string();
  Expected<Binary> again = parse(reprint(*bytes));
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_TRUE(*bytes == *again);
}

TEST(Depth, folded_ifs) {
  Expected<Binary> bytes =
      parse("(func " + times("(if (i32.const 0) (then ", kDeep) + times("))", kDeep) + ")");
  EXPECT_TRUE(bytes) << bytes.error().to_string();
}

TEST(Depth, comments_and_annotations) {
  EXPECT_TRUE(parse(times("(;", kDeep) + times(";)", kDeep)));
  EXPECT_TRUE(parse("(@a " + times("(", kDeep) + times(")", kDeep) + ")"));
}

TEST(Depth, unclosed_lists_are_errors) {
  EXPECT_THAT(refusal(times("(", kDeep)), testing::HasSubstr("expected a module field"));
  EXPECT_THAT(refusal("(func " + times("(", kDeep)), testing::HasSubstr("unexpected end of text"));
  EXPECT_THAT(refusal("(func " + times("(block ", kDeep)), testing::HasSubstr("unexpected end of text"));
}

} // namespace
} // namespace swage::text::test
