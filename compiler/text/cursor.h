// The parser's place in the text: two tokens of lookahead, and the first thing that went wrong.
//
// Failing is sticky: the first fail() is kept, and from then on the text seems to have ended. Parsing
// functions therefore return plain values, every loop over tokens ends by itself, and only the outermost
// function asks failed().
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "compiler/text/lexer.h"
#include "swage/error.h"

namespace swage::text {

class Cursor {
public:
  /// Fails at once where the text is not UTF-8.
  explicit Cursor(std::string_view text);

  const Token& peek() const { return tokens_[0]; }
  const Token& peek_second() const { return tokens_[1]; }
  bool at(TokenKind kind) const { return tokens_[0].kind == kind; }
  bool at_keyword(std::string_view word) const { return at(TokenKind::keyword) && tokens_[0].text == word; }
  /// At "(word".
  bool at_list(std::string_view word) const {
    return at(TokenKind::left_paren) && tokens_[1].kind == TokenKind::keyword && tokens_[1].text == word;
  }
  /// At "(@id".
  bool at_annotation(std::string_view id);
  /// At an index: a number or an identifier.
  bool at_index() const { return at(TokenKind::nat) || at(TokenKind::id); }
  bool second_is_index() const {
    return tokens_[1].kind == TokenKind::nat || tokens_[1].kind == TokenKind::id;
  }

  Token take();
  bool take_if(TokenKind kind);
  bool take_keyword(std::string_view word);
  /// Takes "(word" when it is there.
  bool take_list(std::string_view word);
  /// Takes "(@id" when it is there.
  bool take_annotation(std::string_view id);
  void expect(TokenKind kind, std::string_view what);
  /// The parenthesis that closes a list.
  void expect_close() { expect(TokenKind::right_paren, "')'"); }
  /// A string token's contents; `what` it is for. The view lives as long as the cursor.
  std::string_view expect_string(std::string_view what);
  /// The same, which must be UTF-8. https://webassembly.github.io/spec/core/text/values.html#names
  std::string_view expect_name(std::string_view what);
  /// An unsigned number of at most `max`.
  uint64_t expect_nat(uint64_t max, std::string_view what);

  /// What an identifier token names, without the dollar and with escapes replaced. Lives as long as the
  /// cursor.
  std::string_view id_name(const Token& id);
  /// A string token's contents. Lives as long as the cursor.
  std::string_view string_contents(const Token& string);

  /// Inside of a list: moves past its closing parenthesis without looking at what is between.
  void skip_list();
  size_t position() const { return position_of(peek()); }
  size_t position_of(const Token& token) const {
    return static_cast<size_t>(token.text.data() - text_.data());
  }
  void seek(size_t position);

  bool failed() const { return error_.has_value(); }
  void fail(const Token& at, std::string message, ErrorCode code = ErrorCode::malformed,
            std::string hint = {});
  /// The next token is none of what may stand here.
  void fail_unexpected(std::string_view expected);
  std::optional<Error> take_error() { return std::move(error_); }
  std::string_view text() const { return text_; }

private:
  void fill();
  void stop();

  std::string_view text_;
  Lexer lexer_;
  Token tokens_[2];
  std::optional<Error> error_;
  std::deque<std::string> decoded_; ///< contents of strings and identifiers that have escapes
};

/// Line and column, from 1 and in characters, of a byte of the text.
struct Place {
  uint32_t line = 1;
  uint32_t column = 1;
};
Place place_of(std::string_view text, size_t position);

/// The line of a place and a caret under it, each with a line end: Error::excerpt.
std::string excerpt(std::string_view text, Place place);

} // namespace swage::text
