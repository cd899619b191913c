// The table holds together: what every driven piece of code assumes of it.
#include "compiler/wasm/opcode.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace swage::wasm {
namespace {

TEST(Opcodes, CodesAreUnique) {
  std::map<uint32_t, std::string_view> seen;
  for (const OpInfo& info : op_infos())
    EXPECT_TRUE(seen.emplace(info.code, info.name).second) << info.name << " and " << seen[info.code];
}

TEST(Opcodes, OnlyThreeTextsHaveTwoRows) {
  std::set<std::string_view> seen, twice;
  for (const OpInfo& info : op_infos())
    if (!seen.insert(info.text).second) twice.insert(info.text);
  EXPECT_EQ(twice, (std::set<std::string_view>{"select", "ref.test", "ref.cast"}));
}

TEST(Opcodes, CodesAreFoundAgain) {
  for (size_t i = 0; i < op_infos().size(); i++) EXPECT_EQ(find_op(op_infos()[i].code), static_cast<Op>(i));
}

TEST(Opcodes, TextsAreFoundAgainAsTheFirstOfTheirRows) {
  for (const OpInfo& info : op_infos()) {
    std::optional<Op> op = find_op(info.text);
    ASSERT_TRUE(op) << info.text;
    EXPECT_EQ(op_info(*op).text, info.text);
  }
  EXPECT_EQ(find_op("select"), Op::select_);
  EXPECT_EQ(find_op("ref.test"), Op::ref_test);
  EXPECT_EQ(find_op("ref.cast"), Op::ref_cast);
}

TEST(Opcodes, UnknownOnesAreNotFound) {
  for (uint32_t code : {0x16u, 0xC5u, 0xFBu, 0xFFu, 0x100u, 0xFA'0000u, 0xFB'001Fu, 0xFC'0017u, 0xFD'009Au,
                        0xFD'0FFFu, 0xFE'004Fu, 0xFFFF'FFFFu})
    EXPECT_FALSE(find_op(code)) << code;
  for (std::string_view text : {"", "i32", "i32.", "i32.addd", "I32.add", "get_local"})
    EXPECT_FALSE(find_op(text)) << text;
}

TEST(Opcodes, LettersAreThoseThatTheHeaderExplains) {
  for (const OpInfo& info : op_infos()) {
    EXPECT_EQ(info.immediates.find_first_not_of("BlLftTgxmMdeGiIsDVnShRkucCzH"), std::string_view::npos)
        << info.name;
    if (info.signature == "*") continue;
    EXPECT_EQ(info.signature.find_first_not_of("iIfFvaA>"), std::string_view::npos) << info.name;
    EXPECT_EQ(std::ranges::count(info.signature, '>'), 1) << info.name;
  }
}

TEST(Opcodes, AnAddressTypeHasAMemoryOrTableToComeFrom) {
  for (const OpInfo& info : op_infos()) {
    if (info.signature.find('a') != std::string_view::npos) {
      EXPECT_NE(info.immediates.find_first_of("mM"), std::string_view::npos) << info.name;
    }
    if (info.signature.find('A') != std::string_view::npos) {
      EXPECT_EQ(info.immediates.front(), 'T') << info.name;
    }
  }
}

TEST(Opcodes, ProposalsHaveAllTheirInstructions) {
  std::map<Feature, int> count;
  for (const OpInfo& info : op_infos()) count[info.feature]++;
  EXPECT_EQ(count[Feature::mvp], 172);
  EXPECT_EQ(count[Feature::simd], 236);
  EXPECT_EQ(count[Feature::relaxed_simd], 20);
  EXPECT_EQ(count[Feature::threads], 67);
  EXPECT_EQ(count[Feature::gc], 32);
  EXPECT_EQ(count[Feature::saturating_float_to_int], 8);
  EXPECT_EQ(count[Feature::sign_extension], 5);
  EXPECT_EQ(count[Feature::wide_arithmetic], 4);
  EXPECT_EQ(count[Feature::stack_switching], 7);
}

} // namespace
} // namespace swage::wasm
