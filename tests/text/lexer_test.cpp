// https://webassembly.github.io/spec/core/text/lexical.html
#include "compiler/text/lexer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace swage::text {
namespace {

using testing::ElementsAre;
using testing::Pair;
using enum TokenKind;

/// Kinds and texts of all tokens up to the end or the first error.
std::vector<std::pair<TokenKind, std::string>> tokens(std::string_view source) {
  std::vector<std::pair<TokenKind, std::string>> all;
  Lexer lexer(source);
  for (Token token = lexer.next(); token.kind != end; token = lexer.next()) {
    if (token.kind == error) {
      all.emplace_back(error, lexer.error());
      break;
    }
    all.emplace_back(token.kind, token.text);
  }
  return all;
}

std::string error_of(std::string_view source) {
  auto all = tokens(source);
  return !all.empty() && all.back().first == error ? all.back().second : "no error";
}

TEST(Lexer, cuts_a_list) {
  EXPECT_THAT(tokens("(func $f\n\t(nop))"),
              ElementsAre(Pair(left_paren, "("), Pair(keyword, "func"), Pair(id, "$f"), Pair(left_paren, "("),
                          Pair(keyword, "nop"), Pair(right_paren, ")"), Pair(right_paren, ")")));
}

TEST(Lexer, tells_numbers_apart) {
  EXPECT_THAT(tokens("0 0xF_f +1 -0x2 1. 1.5e-3 0x1.8p3 inf -nan nan:0x1"),
              ElementsAre(Pair(nat, "0"), Pair(nat, "0xF_f"), Pair(integer, "+1"), Pair(integer, "-0x2"),
                          Pair(floating, "1."), Pair(floating, "1.5e-3"), Pair(floating, "0x1.8p3"),
                          Pair(floating, "inf"), Pair(floating, "-nan"), Pair(floating, "nan:0x1")));
}

TEST(Lexer, reserves_what_is_almost_a_number) {
  for (const char* word :
       {"0x", "8q", "1__0", "_1", "1_", "1e", "1._0", "0x1p", "+", "--1", "+nat", "-nan:1"}) {
    auto all = tokens(word);
    ASSERT_EQ(all.size(), 1u) << word;
    EXPECT_EQ(all[0].first, reserved) << word;
  }
}

TEST(Lexer, takes_the_longest_match) {
  EXPECT_THAT(tokens("0$l \"a\"x $l\"a\" \"a\"\"b\""),
              ElementsAre(Pair(reserved, "0$l"), Pair(reserved, "\"a\"x"), Pair(reserved, "$l\"a\""),
                          Pair(reserved, "\"a\"\"b\"")));
}

TEST(Lexer, ends_a_token_at_a_parenthesis_or_comment) {
  EXPECT_THAT(tokens("a(b;;c\n)d(;e;)f"),
              ElementsAre(Pair(keyword, "a"), Pair(left_paren, "("), Pair(keyword, "b"),
                          Pair(right_paren, ")"), Pair(keyword, "d"), Pair(keyword, "f")));
}

TEST(Lexer, reads_quoted_identifiers) {
  EXPECT_THAT(tokens(R"($"two words" $"\u{3bb}")"),
              ElementsAre(Pair(id, "$\"two words\""), Pair(id, "$\"\\u{3bb}\"")));
  EXPECT_EQ(error_of("$"), "empty identifier");
  EXPECT_EQ(error_of("$\"\""), "empty identifier");
  EXPECT_EQ(error_of("$\"\\ef\""), "malformed UTF-8 encoding in identifier");
}

TEST(Lexer, nests_block_comments) {
  EXPECT_THAT(tokens("(; a (; b ;) ;; c ;)x"), ElementsAre(Pair(keyword, "x")));
  EXPECT_EQ(error_of("(; a (; b ;)"), "unclosed comment");
}

TEST(Lexer, ends_line_comments_at_either_newline) {
  EXPECT_THAT(tokens(";;a\rb;;c\nd"), ElementsAre(Pair(keyword, "b"), Pair(keyword, "d")));
}

TEST(Lexer, checks_strings) {
  EXPECT_THAT(tokens(R"("\t\n\r\"\'\\\00\ff\u{10_FFFF}")"), testing::SizeIs(1));
  EXPECT_EQ(error_of("\"abc"), "unclosed string");
  EXPECT_EQ(error_of("\"a\nb\""), "unclosed string");
  EXPECT_EQ(error_of("\"a\tb\""), "illegal character in string");
  EXPECT_EQ(error_of("\"\\q\""), "illegal escape in string");
  EXPECT_EQ(error_of("\"\\u{d800}\""), "illegal escape in string");
  EXPECT_EQ(error_of("\"\\u{110000}\""), "illegal escape in string");
  EXPECT_EQ(error_of("\"\\"), "illegal escape in string");
}

TEST(Lexer, skips_unknown_annotations) {
  EXPECT_THAT(tokens("a(@x (y \")\" ;; )\n) , ; [ 0x)b"),
              ElementsAre(Pair(keyword, "a"), Pair(keyword, "b")));
  EXPECT_EQ(error_of("(@x (y)"), "unclosed annotation");
  EXPECT_EQ(error_of("(@)"), "empty annotation id");
  EXPECT_EQ(error_of("(@\"\")"), "empty annotation id");
  EXPECT_EQ(error_of("(@x \xc3\x9f)"), "illegal character");
}

TEST(Lexer, hands_out_known_annotations) {
  EXPECT_THAT(tokens("(@name \"x\")"),
              ElementsAre(Pair(annotation, "(@name"), Pair(string, "\"x\""), Pair(right_paren, ")")));
  EXPECT_THAT(tokens("(@\"custom\" 1)"),
              ElementsAre(Pair(annotation, "(@\"custom\""), Pair(nat, "1"), Pair(right_paren, ")")));
}

TEST(Lexer, refuses_characters_outside_of_strings_and_comments) {
  EXPECT_EQ(error_of("a \xc3\xa4"), "illegal character");
  EXPECT_EQ(error_of(std::string_view("\0", 1)), "illegal character");
  EXPECT_EQ(tokens(";; \xc3\xa4\n").size(), 0u);
}

TEST(Lexer, skips_lists_without_looking_at_tokens) {
  std::string_view source = "a (b \")\" ;; )\n (; ( ;) ; 0x) ) c";
  Lexer lexer(source);
  EXPECT_TRUE(lexer.skip_list());
  EXPECT_EQ(lexer.next().text, "c");
  EXPECT_FALSE(Lexer("((a)").skip_list());
}

} // namespace
} // namespace swage::text
