// What is read from unwind tables, made here by hand: the rules of places in a function.
#include "runtime/exception/frame_rules.h"

#include <gtest/gtest.h>
#include <initializer_list>
#include <vector>

using namespace swage;
using platform::kReturnAddress;
using platform::kStackPointer;

namespace {

constexpr uint8_t kOther = 2;    ///< a register that functions keep
constexpr uint8_t kWords = 0x78; ///< -8, as a signed LEB128 number

uint8_t number_of(uint8_t index) { return platform::kRegisterNumbers[index]; }

/// The begin of a section .eh_frame: a record that the function's entry shares with others, and that entry.
struct Section {
  std::vector<uint8_t> bytes;
  size_t entry = 0;

  template<class T> void append(T value) {
    auto* begin = reinterpret_cast<const uint8_t*>(&value);
    bytes.insert(bytes.end(), begin, begin + sizeof value);
  }
  void append_record(uint32_t id, const std::vector<uint8_t>& content) {
    append(static_cast<uint32_t>(sizeof id + content.size()));
    append(id);
    bytes.insert(bytes.end(), content.begin(), content.end());
  }
};

/// At its begin, the function's frame lies one word above the stack pointer, where the return address is.
Section section_of(const std::vector<uint8_t>& instructions, const uint8_t* landing_pads = nullptr) {
  constexpr uint8_t kAddress = 0x00, kOffset = 0x80, kDefineFrame = 0x0c;
  Section section;
  section.append_record(0, {1, 'z', 'L', 'R', 0, 1, kWords, number_of(kReturnAddress), 2, kAddress, kAddress,
                            kDefineFrame, number_of(kStackPointer), 8,
                            static_cast<uint8_t>(kOffset | number_of(kReturnAddress)), 1});
  section.entry = section.bytes.size();
  std::vector<uint8_t> content(2 * sizeof(uint64_t)); // the function's begin and length
  content.push_back(sizeof landing_pads);
  auto* pads = reinterpret_cast<const uint8_t*>(&landing_pads);
  content.insert(content.end(), pads, pads + sizeof landing_pads);
  content.insert(content.end(), instructions.begin(), instructions.end());
  section.append_record(static_cast<uint32_t>(section.entry + sizeof(uint32_t)), content);
  return section;
}

std::byte g_function[100'000];

/// Of a call that returns to this place in the function.
std::optional<FrameRule> rule_at(size_t place, const Section& section) {
  return read_frame_rule(section.bytes.data() + section.entry, g_function, g_function + place);
}

/// Instructions for the place behind what saves kOther and makes the frame a word larger.
std::vector<uint8_t> advance(std::initializer_list<uint8_t> by, std::initializer_list<uint8_t> behind = {}) {
  std::vector<uint8_t> instructions = by;
  constexpr uint8_t kDefineOffset = 0x0e, kOffset = 0x80;
  for (uint8_t byte :
       {kDefineOffset, uint8_t{16}, static_cast<uint8_t>(kOffset | number_of(kOther)), uint8_t{2}})
    instructions.push_back(byte);
  instructions.insert(instructions.end(), behind);
  return instructions;
}

void expect_large_frame(const std::optional<FrameRule>& rule) {
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->cfa_base, kStackPointer);
  EXPECT_EQ(rule->cfa_offset, 16u);
  EXPECT_EQ(rule->saved[kReturnAddress], 1);
  EXPECT_EQ(rule->saved[kOther], 2);
}

void expect_small_frame(const std::optional<FrameRule>& rule) {
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->cfa_base, kStackPointer);
  EXPECT_EQ(rule->cfa_offset, 8u);
  EXPECT_EQ(rule->saved[kReturnAddress], 1);
  EXPECT_EQ(rule->saved[kOther], 0);
}

TEST(FrameRules, AreThoseBeforeTheReturnAddress) {
  // advance_loc 10: from byte 10 on the frame is larger; a call that returns to byte 10 ends before it.
  Section section = section_of(advance({0x40 | 10}));
  expect_small_frame(rule_at(10, section));
  expect_large_frame(rule_at(11, section));
}

TEST(FrameRules, OfFarPlaces) {
  Section two = section_of(advance({0x03, 0x10, 0x27})), four = section_of(advance({0x04, 0x50, 0xc3, 0, 0}));
  expect_small_frame(rule_at(10'000, two));
  expect_large_frame(rule_at(10'001, two));
  expect_small_frame(rule_at(50'000, four));
  expect_large_frame(rule_at(50'001, four));
}

TEST(FrameRules, BehindAnEpilogueAreThoseBeforeIt) {
  // remember_state, def_cfa_offset 8, restore; from byte 30 on restore_state.
  Section section =
      section_of(advance({0x40 | 10}, {0x40 | 10, 0x0a, 0x0e, 8,
                                       static_cast<uint8_t>(0xc0 | number_of(kOther)), 0x40 | 10, 0x0b}));
  expect_large_frame(rule_at(20, section));
  expect_small_frame(rule_at(25, section));
  expect_large_frame(rule_at(35, section));
}

TEST(FrameRules, MayHangOnAFramePointer) {
  std::optional<FrameRule> rule = rule_at(20, section_of(advance({0x40 | 10}, {0x0d, number_of(kOther)})));
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->cfa_base, kOther);
}

TEST(FrameRules, ThatAreComputedAreRefused) {
  EXPECT_FALSE(rule_at(20, section_of(advance({0x40 | 10}, {0x0f, 1, 0x96})))); // def_cfa_expression
  EXPECT_TRUE(rule_at(10, section_of(advance({0x40 | 10}, {0x0f, 1, 0x96}))));
}

TEST(FrameRules, OfCutOffTablesAreRefused) {
  EXPECT_FALSE(rule_at(20, section_of({0x40 | 10, 0x0e})));
  EXPECT_FALSE(rule_at(20, section_of({0x04, 1})));
}

TEST(FrameRules, WithNestedEpiloguesAreRefused) {
  EXPECT_FALSE(rule_at(20, section_of({0x0a, 0x0a})));
  EXPECT_FALSE(rule_at(20, section_of({0x0b})));
}

TEST(FrameRules, OfUnknownRegistersAreRefused) {
  EXPECT_FALSE(rule_at(20, section_of({0x0d, 63}))); // def_cfa_register
}

TEST(FrameRules, SayWhereAnExceptionLands) {
  // Nothing about types; a table of 8 bytes: calls in [4, 10) land at 60, those in [20, 21) nowhere.
  constexpr uint8_t kPads[] = {0xff, 0xff, 0x01, 8, 4, 6, 60, 1, 20, 1, 0, 0};
  Section section = section_of({}, kPads);
  EXPECT_EQ(rule_at(4, section)->landing_pad, nullptr);
  EXPECT_EQ(rule_at(5, section)->landing_pad, g_function + 60);
  EXPECT_EQ(rule_at(10, section)->landing_pad, g_function + 60);
  EXPECT_EQ(rule_at(11, section)->landing_pad, nullptr);
  EXPECT_EQ(rule_at(21, section)->landing_pad, nullptr);
}

} // namespace
