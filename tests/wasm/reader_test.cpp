// LEB128, names and types, byte by byte. https://webassembly.github.io/spec/core/binary/values.html
#include "compiler/wasm/reader.h"

#include "tests/wasm/support.h"

namespace swage::wasm {
namespace {

using testing::bytes_of;

/// What a read gives: its value, or its error.
template<class Read> std::string read(const std::vector<std::byte>& bytes, Read what) {
  Reader reader(bytes, 100, FeatureSet::all());
  auto value = what(reader);
  if (reader.failed()) return reader.error().message + " at " + std::to_string(*reader.error().offset);
  return std::to_string(value) + (reader.at_end() ? "" : ", bytes left");
}
std::string u32(const std::vector<std::byte>& bytes) {
  return read(bytes, [](Reader& reader) { return reader.u32(); });
}
std::string s32(const std::vector<std::byte>& bytes) {
  return read(bytes, [](Reader& reader) { return reader.s32(); });
}
std::string s33(const std::vector<std::byte>& bytes) {
  return read(bytes, [](Reader& reader) { return reader.s33(); });
}
std::string u64(const std::vector<std::byte>& bytes) {
  return read(bytes, [](Reader& reader) { return reader.u64(); });
}
std::string s64(const std::vector<std::byte>& bytes) {
  return read(bytes, [](Reader& reader) { return reader.s64(); });
}

TEST(Leb128, UnsignedValues) {
  EXPECT_EQ(u32(bytes_of({0x00})), "0");
  EXPECT_EQ(u32(bytes_of({0x7F})), "127");
  EXPECT_EQ(u32(bytes_of({0x80, 0x01})), "128");
  EXPECT_EQ(u32(bytes_of({0xE5, 0x8E, 0x26})), "624485");
  EXPECT_EQ(u32(bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0x0F})), "4294967295");
  EXPECT_EQ(u64(bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01})),
            "18446744073709551615");
}

TEST(Leb128, SignedValues) {
  EXPECT_EQ(s32(bytes_of({0x40})), "-64");
  EXPECT_EQ(s32(bytes_of({0x3F})), "63");
  EXPECT_EQ(s32(bytes_of({0xC0, 0x00})), "64");
  EXPECT_EQ(s32(bytes_of({0x80, 0x80, 0x80, 0x80, 0x78})), "-2147483648");
  EXPECT_EQ(s32(bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0x07})), "2147483647");
  EXPECT_EQ(s33(bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0x0F})), "4294967295");
  EXPECT_EQ(s64(bytes_of({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7F})),
            "-9223372036854775808");
}

TEST(Leb128, PaddingIsAllowedUpToTheWidth) {
  EXPECT_EQ(u32(bytes_of({0x83, 0x80, 0x80, 0x80, 0x00})), "3");
  EXPECT_EQ(s32(bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0x7F})), "-1");
  EXPECT_EQ(u64(bytes_of({0x83, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00})), "3");
}

TEST(Leb128, OneByteTooManyIsMalformed) {
  EXPECT_EQ(u32(bytes_of({0x83, 0x80, 0x80, 0x80, 0x80, 0x00})), "integer representation too long at 100");
  EXPECT_EQ(s32(bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F})), "integer representation too long at 100");
  EXPECT_EQ(u64(bytes_of({0x83, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00})),
            "integer representation too long at 100");
}

TEST(Leb128, UnusedBitsMustBeZeroOrTheSign) {
  EXPECT_EQ(u32(bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0x1F})), "integer too large at 100");
  EXPECT_EQ(u32(bytes_of({0x80, 0x80, 0x80, 0x80, 0x70})), "integer too large at 100");
  EXPECT_EQ(s32(bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0x0F})), "integer too large at 100");
  EXPECT_EQ(s32(bytes_of({0x80, 0x80, 0x80, 0x80, 0x70})), "integer too large at 100");
  EXPECT_EQ(s33(bytes_of({0x80, 0x80, 0x80, 0x80, 0x20})), "integer too large at 100");
  EXPECT_EQ(u64(bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02})),
            "integer too large at 100");
  EXPECT_EQ(s64(bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7E})),
            "integer too large at 100");
}

TEST(Leb128, TruncationIsReportedAtTheEnd) {
  EXPECT_EQ(u32({}), "unexpected end at 100");
  EXPECT_EQ(u32(bytes_of({0x80, 0x80})), "unexpected end at 102");
  EXPECT_EQ(s64(bytes_of({0xFF})), "unexpected end at 101");
}

TEST(Leb128, TheEncoderWritesTheShortestFormThatReadsBack) {
  for (int64_t value : {int64_t{0}, int64_t{63}, int64_t{64}, int64_t{-64}, int64_t{-65}, int64_t{INT32_MAX},
                        int64_t{INT32_MIN}, INT64_MAX, INT64_MIN}) {
    Encoder out;
    out.s64(value);
    EXPECT_EQ(s64({out.view().begin(), out.view().end()}), std::to_string(value));
  }
  Encoder out;
  out.u64(127);
  out.u64(128);
  EXPECT_EQ(out.take(), bytes_of({0x7F, 0x80, 0x01}));
}

TEST(Reader, TheFirstFailureStays) {
  std::vector<std::byte> bytes = bytes_of({1, 2, 3});
  Reader reader(bytes, 0, FeatureSet::all());
  reader.byte();
  reader.fail("first");
  reader.fail("second");
  EXPECT_EQ(reader.byte(), 0);
  EXPECT_TRUE(reader.at_end());
  EXPECT_EQ(reader.error().message, "first");
  EXPECT_EQ(reader.error().offset, 1);
}

TEST(Reader, ACountIsCheckedAgainstTheBytesLeft) {
  EXPECT_EQ(read(bytes_of({2, 0, 0}), [](Reader& reader) { return reader.count(); }), "2, bytes left");
  EXPECT_EQ(read(bytes_of({3, 0, 0}), [](Reader& reader) { return reader.count(); }),
            "length out of bounds at 100");
}

TEST(Utf8, WellFormed) {
  EXPECT_TRUE(is_utf8(bytes_of({})));
  EXPECT_TRUE(is_utf8(bytes_of({0x00, 0x7F})));
  EXPECT_TRUE(is_utf8(bytes_of({0xC2, 0x80, 0xDF, 0xBF})));
  EXPECT_TRUE(is_utf8(bytes_of({0xE0, 0xA0, 0x80, 0xED, 0x9F, 0xBF, 0xEE, 0x80, 0x80})));
  EXPECT_TRUE(is_utf8(bytes_of({0xF0, 0x90, 0x80, 0x80, 0xF4, 0x8F, 0xBF, 0xBF})));
}

TEST(Utf8, Malformed) {
  EXPECT_FALSE(is_utf8(bytes_of({0x80}))) << "continuation first";
  EXPECT_FALSE(is_utf8(bytes_of({0xC1, 0xBF}))) << "overlong, two bytes";
  EXPECT_FALSE(is_utf8(bytes_of({0xE0, 0x9F, 0xBF}))) << "overlong, three bytes";
  EXPECT_FALSE(is_utf8(bytes_of({0xF0, 0x8F, 0xBF, 0xBF}))) << "overlong, four bytes";
  EXPECT_FALSE(is_utf8(bytes_of({0xED, 0xA0, 0x80}))) << "surrogate";
  EXPECT_FALSE(is_utf8(bytes_of({0xF4, 0x90, 0x80, 0x80}))) << "past the last code point";
  EXPECT_FALSE(is_utf8(bytes_of({0xF8, 0x88, 0x80, 0x80, 0x80}))) << "five bytes";
  EXPECT_FALSE(is_utf8(bytes_of({0xE2, 0x82}))) << "cut short";
}

std::string val_type(const std::vector<std::byte>& bytes, FeatureSet features = FeatureSet::all()) {
  Reader reader(bytes, 0, features);
  ValType type = reader.val_type();
  return reader.failed() ? reader.error().message : to_string(type);
}

TEST(Types, ShortAndLongForms) {
  EXPECT_EQ(val_type(bytes_of({0x7B})), "v128");
  EXPECT_EQ(val_type(bytes_of({0x6F})), "externref");
  EXPECT_EQ(val_type(bytes_of({0x63, 0x6F})), "externref");
  EXPECT_EQ(val_type(bytes_of({0x64, 0x6E})), "(ref any)");
  EXPECT_EQ(val_type(bytes_of({0x63, 0x85, 0x00})), "(ref null 5)");
  EXPECT_EQ(val_type(bytes_of({0x75})), "nullcontref");
}

TEST(Types, MalformedOnes) {
  EXPECT_EQ(val_type(bytes_of({0x40})), "malformed value type");
  EXPECT_EQ(val_type(bytes_of({0x00})), "malformed value type");
  EXPECT_EQ(val_type(bytes_of({0xFF})), "malformed value type");
  EXPECT_EQ(val_type(bytes_of({0x64, 0x7F})), "malformed heap type");
  EXPECT_EQ(val_type(bytes_of({0x64, 0xF0, 0x7F})), "malformed heap type") << "an abstract type is one byte";
}

TEST(Types, BehindAFeatureThatIsOff) {
  EXPECT_EQ(val_type(bytes_of({0x7B}), FeatureSet()), "v128 needs simd, which is switched off");
  EXPECT_EQ(val_type(bytes_of({0x6B}), FeatureSet()), "structref needs gc, which is switched off");
  EXPECT_EQ(val_type(bytes_of({0x64, 0x70}), FeatureSet()),
            "a typed reference needs function-references, which is switched off");
}

} // namespace
} // namespace swage::wasm
