// https://webassembly.github.io/spec/core/text/values.html
#include "compiler/text/literals.h"

#include <bit>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace swage::text {
namespace {

std::optional<float> f32(std::string_view word) {
  std::optional<uint32_t> bits = parse_f32(word);
  return bits ? std::optional(std::bit_cast<float>(*bits)) : std::nullopt;
}
std::optional<double> f64(std::string_view word) {
  std::optional<uint64_t> bits = parse_f64(word);
  return bits ? std::optional(std::bit_cast<double>(*bits)) : std::nullopt;
}

TEST(Literals, integers_keep_to_their_range) {
  EXPECT_EQ(parse_integer("0xff", 8), 0xFFu);
  EXPECT_EQ(parse_integer("-0x80", 8), 0x80u);
  EXPECT_EQ(parse_integer("256", 8), std::nullopt);
  EXPECT_EQ(parse_integer("-129", 8), std::nullopt);
  EXPECT_EQ(parse_integer("-1", 32), 0xFFFF'FFFFu);
  EXPECT_EQ(parse_integer("4_294_967_295", 32), 0xFFFF'FFFFu);
  EXPECT_EQ(parse_integer("4294967296", 32), std::nullopt);
  EXPECT_EQ(parse_integer("-9223372036854775808", 64), uint64_t(1) << 63);
  EXPECT_EQ(parse_integer("18446744073709551616", 64), std::nullopt);
}

TEST(Literals, decimal_floats_round_once) {
  EXPECT_EQ(f32("16777217"), 16777216.0f);
  EXPECT_EQ(f32("16777217.0000001"), 16777218.0f);
  // To double first and then to float would give 1 + 2^-23.
  EXPECT_EQ(f32("1.00000005960464477540"), 1.0f + std::numeric_limits<float>::epsilon());
  EXPECT_EQ(f32("1.00000005960464477539"), 1.0f);
  EXPECT_EQ(f64("0.1"), 0.1);
  EXPECT_EQ(f64("1_0.2_5e+1_0"), 10.25e10);
}

TEST(Literals, hexadecimal_floats_round_to_nearest_even) {
  EXPECT_EQ(f32("0x1.000001p0"), 1.0f);
  EXPECT_EQ(f32("0x1.000003p0"), 0x1.000004p0f);
  EXPECT_EQ(f32("0x1.00000100000000000000000000000001p0"), 0x1.000002p0f);
  EXPECT_EQ(f64("0x1.fffffffffffff8p0"), 2.0);
  EXPECT_EQ(f64("0x123.45p-4"), 0x123.45p-4);
  EXPECT_EQ(f64("0x0.0000000000000000000000001p100"), 1.0);
}

TEST(Literals, floats_underflow_to_zero) {
  EXPECT_EQ(f32("0x1p-149"), std::numeric_limits<float>::denorm_min());
  EXPECT_EQ(f32("0x1p-150"), 0.0f);
  EXPECT_EQ(f32("0x1.000001p-150"), std::numeric_limits<float>::denorm_min());
  EXPECT_EQ(f64("0x1p-999999999999999999999"), 0.0);
  EXPECT_EQ(f64("1e-999999999999999999999"), 0.0);
  EXPECT_EQ(f64("0e999999999999999999999"), 0.0);
  EXPECT_TRUE(std::signbit(*f64("-0.0")));
}

TEST(Literals, floats_must_not_overflow) {
  EXPECT_EQ(f32("0x1.fffffep127"), std::numeric_limits<float>::max());
  EXPECT_EQ(f32("0x1.fffffefffp127"), std::numeric_limits<float>::max());
  EXPECT_EQ(f32("0x1.ffffffp127"), std::nullopt);
  EXPECT_EQ(f32("340282356779733661637539395458142568447"), std::numeric_limits<float>::max());
  EXPECT_EQ(f32("340282356779733661637539395458142568448"), std::nullopt);
  EXPECT_EQ(f64("1e309"), std::nullopt);
  EXPECT_EQ(f64("0x1p1024"), std::nullopt);
  EXPECT_EQ(f64("0x1p99999999999999999999"), std::nullopt);
}

TEST(Literals, nan_payloads_fit_the_significand) {
  EXPECT_EQ(parse_f32("nan"), 0x7FC0'0000u);
  EXPECT_EQ(parse_f32("-nan:0x1"), 0xFF80'0001u);
  EXPECT_EQ(parse_f32("nan:0x7f_ffff"), 0x7FFF'FFFFu);
  EXPECT_EQ(parse_f32("nan:0x80_0000"), std::nullopt);
  EXPECT_EQ(parse_f32("nan:0x0"), std::nullopt);
  EXPECT_EQ(parse_f64("nan:0xf_ffff_ffff_ffff"), 0x7FFF'FFFF'FFFF'FFFFu);
}

TEST(Literals, strings_are_unescaped) {
  std::string out;
  unescape(R"("a\t\"\\\41\u{3bb}\u{1F600}")", out);
  EXPECT_EQ(out, "a\t\"\\A\xce\xbb\xf0\x9f\x98\x80");
}

TEST(Literals, finds_what_is_not_utf8) {
  EXPECT_EQ(find_invalid_utf8("plain ASCII, longer than a word, \xce\xbb \xf0\x9f\x98\x80"), std::nullopt);
  EXPECT_EQ(find_invalid_utf8("12345678\xff"), 8u);
  EXPECT_EQ(find_invalid_utf8("\xc0\x80"), 0u) << "overlong";
  EXPECT_EQ(find_invalid_utf8("a\xed\xa0\x80"), 1u) << "surrogate";
  EXPECT_EQ(find_invalid_utf8("\xf4\x90\x80\x80"), 0u) << "beyond U+10FFFF";
  EXPECT_EQ(find_invalid_utf8("\xce"), 0u) << "cut off";
}

} // namespace
} // namespace swage::text
