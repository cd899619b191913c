// The text format's lexical grammar: source text in, one token at a time out, each a view of the text it was
// cut from.
//
// Tokens are cut by the spec's longest-match rule: a run of identifier characters and strings is one token,
// so `0$l` or
// `"a"x` is a single (reserved, never accepted) token and not two. Comments and annotations that swage does
// not know are skipped here; the known ones (@custom, @name, @metadata.code.branch_hint) come out as tokens,
// so that the parser accepts them in their places and nowhere else. Nesting of comments and annotations is
// counted, never recursed into.
//
// https://webassembly.github.io/spec/core/text/lexical.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace swage::text {

enum class TokenKind : uint8_t {
  end, ///< of the text
  left_paren,
  right_paren,
  annotation, ///< "(@custom": the opening of a known annotation
  keyword,
  id,       ///< "$x" or "$\"x\"", the dollar included
  string,   ///< quotes included, escapes not yet replaced (but checked)
  nat,      ///< an unsigned integer
  integer,  ///< a signed integer: "+1", "-0x2"
  floating, ///< "1.", "0x1p3", "inf", "nan:0x200000", with or without a sign
  reserved, ///< lexically well-formed, but nothing that the grammar uses
  error,    ///< no token at all; Lexer::error() says why. Every later token is an error too
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text; ///< of the source; its data() says the position, also at the end
};

class Lexer {
public:
  /// Reads `source`, which must be valid UTF-8 (find_invalid_utf8) and outlive the tokens.
  explicit Lexer(std::string_view source) : source_(source) {}

  /// The next token, comments and unknown annotations skipped. Amortised linear in the text.
  Token next();
  /// After an opening parenthesis was read: moves past the one that closes it. Does not look at the tokens
  /// inside, only at parentheses, strings and comments. Returns false when the text ends first.
  bool skip_list();

  /// Where the next token is looked for.
  size_t position() const { return position_; }
  void seek(size_t position) { position_ = position; }
  /// Of the first error token; empty when there was none.
  std::string_view error() const { return error_; }

private:
  bool skip_space();
  bool skip_block_comment();
  void skip_line_comment();
  bool skip_annotation();
  bool skip_string();
  bool skip_escape(size_t& at) const;
  bool skip_word();
  Token word();
  Token open();
  Token id_token(size_t begin);
  bool fail(size_t at, std::string_view message);
  Token token(TokenKind kind, size_t begin) const { return {kind, source_.substr(begin, position_ - begin)}; }
  Token error_token() const { return {TokenKind::error, source_.substr(error_position_, 0)}; }
  char peek(size_t ahead = 0) const {
    return position_ + ahead < source_.size() ? source_[position_ + ahead] : '\0';
  }
  bool at_end() const { return position_ >= source_.size(); }

  std::string_view source_;
  size_t position_ = 0;
  std::string_view error_;
  size_t error_position_ = 0;
};

/// The spec's `idchar`: what identifiers, keywords and numbers are made of.
bool is_id_char(char c);
/// Whether an annotation of this id (without "(@") is one that the parser handles.
bool is_known_annotation(std::string_view id);

} // namespace swage::text
