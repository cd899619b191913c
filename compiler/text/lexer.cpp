// Longest match over a table of character classes; see lexer.h for the rules and what is left to the parser.
#include "compiler/text/lexer.h"

#include <array>
#include <string>

#include "compiler/text/literals.h"

namespace swage::text {

namespace {

enum class CharClass : uint8_t { other, space, id, open, close, quote, punctuation };

constexpr std::array<CharClass, 256> make_classes() {
  std::array<CharClass, 256> classes = {};
  for (char c : std::string_view("!#$%&'*+-./:<=>?@\\^_`|~"))
    classes[static_cast<uint8_t>(c)] = CharClass::id;
  for (int c = '0'; c <= '9'; c++) classes[static_cast<size_t>(c)] = CharClass::id;
  for (int c = 'a'; c <= 'z'; c++) classes[static_cast<size_t>(c)] = CharClass::id;
  for (int c = 'A'; c <= 'Z'; c++) classes[static_cast<size_t>(c)] = CharClass::id;
  for (char c : std::string_view(" \t\n\r")) classes[static_cast<uint8_t>(c)] = CharClass::space;
  for (char c : std::string_view(",;[]{}")) classes[static_cast<uint8_t>(c)] = CharClass::punctuation;
  classes['('] = CharClass::open;
  classes[')'] = CharClass::close;
  classes['"'] = CharClass::quote;
  return classes;
}
constexpr std::array<CharClass, 256> kClasses = make_classes();

CharClass class_of(char c) { return kClasses[static_cast<uint8_t>(c)]; }

bool is_control(char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7F; }

} // namespace

bool is_id_char(char c) { return class_of(c) == CharClass::id; }

bool is_known_annotation(std::string_view id) {
  return id == "custom" || id == "name" || id == "metadata.code.branch_hint";
}

bool Lexer::fail(size_t at, std::string_view message) {
  if (error_.empty()) {
    error_ = message;
    error_position_ = at;
  }
  position_ = at;
  return false;
}

Token Lexer::next() {
  if (!error_.empty()) return error_token();
  while (true) {
    if (!skip_space()) return error_token();
    if (at_end()) return {TokenKind::end, source_.substr(source_.size())};
    size_t begin = position_;
    switch (class_of(peek())) {
    case CharClass::open:
      if (peek(1) != '@') {
        position_++;
        return token(TokenKind::left_paren, begin);
      }
      if (Token opened = open(); opened.kind != TokenKind::end) return opened;
      break; // an unknown annotation was skipped
    case CharClass::close: position_++; return token(TokenKind::right_paren, begin);
    case CharClass::punctuation: position_++; return token(TokenKind::reserved, begin);
    case CharClass::id:
    case CharClass::quote: return word();
    case CharClass::space:
    case CharClass::other: fail(begin, "illegal character"); return error_token();
    }
  }
}

// White space and comments. https://webassembly.github.io/spec/core/text/lexical.html#white-space
bool Lexer::skip_space() {
  while (!at_end()) {
    char c = source_[position_];
    if (class_of(c) == CharClass::space) {
      position_++;
    } else if (c == ';' && peek(1) == ';') {
      skip_line_comment();
    } else if (c == '(' && peek(1) == ';') {
      if (!skip_block_comment()) return false;
    } else {
      break;
    }
  }
  return true;
}

void Lexer::skip_line_comment() {
  size_t end = source_.find_first_of("\n\r", position_);
  position_ = end == std::string_view::npos ? source_.size() : end;
}

bool Lexer::skip_block_comment() {
  size_t begin = position_;
  position_ += 2;
  for (size_t depth = 1; depth != 0;) {
    size_t at = source_.find_first_of("(;", position_);
    if (at == std::string_view::npos) return fail(begin, "unclosed comment");
    position_ = at;
    if (peek() == '(' && peek(1) == ';') {
      depth++;
      position_ += 2;
    } else if (peek() == ';' && peek(1) == ')') {
      depth--;
      position_ += 2;
    } else {
      position_++;
    }
  }
  return true;
}

// "(@id": a token when known, else skipped and answered with an `end` token.
// https://webassembly.github.io/spec/core/text/lexical.html#annotations
Token Lexer::open() {
  size_t begin = position_;
  position_ += 2;
  size_t id_begin = position_;
  std::string decoded;
  std::string_view id;
  if (peek() == '"') {
    if (!skip_string()) return error_token();
    unescape(source_.substr(id_begin, position_ - id_begin), decoded);
    if (find_invalid_utf8(decoded)) {
      fail(begin, "malformed UTF-8 encoding in annotation id");
      return error_token();
    }
    id = decoded;
  } else {
    while (!at_end() && is_id_char(peek())) position_++;
    id = source_.substr(id_begin, position_ - id_begin);
  }
  if (id.empty()) {
    fail(begin, "empty annotation id");
    return error_token();
  }
  if (is_known_annotation(id)) return token(TokenKind::annotation, begin);
  if (!skip_annotation()) {
    if (error_.empty()) fail(begin, "unclosed annotation");
    return error_token();
  }
  return {};
}

// The tokens of an annotation's body, up to the closing parenthesis. False at the end of the text or at a
// lexical error.
bool Lexer::skip_annotation() {
  for (size_t depth = 1; depth != 0;) {
    if (!skip_space()) return false;
    if (at_end()) return false;
    switch (class_of(peek())) {
    case CharClass::open:
      depth++;
      position_++;
      break;
    case CharClass::close:
      depth--;
      position_++;
      break;
    case CharClass::quote:
      if (!skip_string()) return false;
      break;
    case CharClass::id:
    case CharClass::punctuation: position_++; break;
    case CharClass::space:
    case CharClass::other: return fail(position_, "illegal character");
    }
  }
  return true;
}

bool Lexer::skip_list() {
  for (size_t depth = 1; depth != 0;) {
    size_t at = position_;
    while (at < source_.size()) {
      char c = source_[at];
      if (c == '(' || c == ')' || c == '"' || c == ';') break;
      at++;
    }
    position_ = at;
    if (at_end()) return false;
    char c = peek();
    if (c == ')') {
      depth--;
      position_++;
    } else if (c == '"') {
      if (!skip_string()) return false;
    } else if (c == ';') {
      if (peek(1) == ';')
        skip_line_comment();
      else
        position_++;
    } else if (peek(1) == ';') {
      if (!skip_block_comment()) return false;
    } else {
      depth++;
      position_++;
    }
  }
  return true;
}

// https://webassembly.github.io/spec/core/text/values.html#strings
bool Lexer::skip_string() {
  size_t begin = position_;
  size_t at = begin + 1;
  while (true) {
    if (at >= source_.size()) return fail(begin, "unclosed string");
    char c = source_[at];
    if (c == '"') break;
    if (c == '\\') {
      if (!skip_escape(at)) return fail(at, "illegal escape in string");
    } else if (c == '\n' || c == '\r') {
      return fail(begin, "unclosed string");
    } else if (is_control(c)) {
      return fail(at, "illegal character in string");
    } else {
      at++;
    }
  }
  position_ = at + 1;
  return true;
}

// Moves `at` past the escape that it stands on. False (and `at` as it was) for what is none.
bool Lexer::skip_escape(size_t& at) const {
  std::string_view rest = source_.substr(at + 1);
  if (rest.empty()) return false;
  if (std::string_view("tnr\"'\\").find(rest[0]) != std::string_view::npos) {
    at += 2;
    return true;
  }
  if (rest[0] == 'u') {
    if (rest.size() < 2 || rest[1] != '{') return false;
    size_t close = rest.find_first_not_of("0123456789abcdefABCDEF_", 2);
    if (close == std::string_view::npos || rest[close] != '}') return false;
    if (!parse_code_point(rest.substr(2, close - 2))) return false;
    at += close + 2;
    return true;
  }
  if (rest.size() < 2 || !is_hex_digit(rest[0]) || !is_hex_digit(rest[1])) return false;
  at += 3;
  return true;
}

// A run of identifier characters and strings.
bool Lexer::skip_word() {
  while (!at_end()) {
    if (is_id_char(peek()))
      position_++;
    else if (peek() != '"')
      break;
    else if (!skip_string())
      return false;
  }
  return true;
}

Token Lexer::word() {
  size_t begin = position_;
  while (!at_end() && is_id_char(source_[position_])) position_++;
  size_t plain_end = position_;
  if (peek() == '"' && !skip_word()) {
    if (source_[begin] == '$' && plain_end == begin + 1)
      error_ = "empty identifier: a quoted one is not well-formed";
    return error_token();
  }
  bool plain = position_ == plain_end;
  char first = source_[begin];
  if (first == '$') {
    if (plain && position_ > begin + 1) return token(TokenKind::id, begin);
    return id_token(begin);
  }
  if (!plain) {
    // One string and nothing else is a string; any longer run is reserved.
    if (plain_end != begin) return token(TokenKind::reserved, begin);
    size_t end = position_;
    position_ = begin;
    skip_string();
    if (position_ == end) return token(TokenKind::string, begin);
    position_ = end;
    return token(TokenKind::reserved, begin);
  }
  std::string_view text = source_.substr(begin, position_ - begin);
  if (first >= 'a' && first <= 'z') {
    bool number = (first == 'i' || first == 'n') && classify_number(text) == NumberClass::floating;
    return token(number ? TokenKind::floating : TokenKind::keyword, begin);
  }
  switch (classify_number(text)) {
  case NumberClass::nat: return token(TokenKind::nat, begin);
  case NumberClass::integer: return token(TokenKind::integer, begin);
  case NumberClass::floating: return token(TokenKind::floating, begin);
  case NumberClass::none: break;
  }
  return token(TokenKind::reserved, begin);
}

// The word since `begin` starts with '$' but is not '$' and identifier characters only.
// https://webassembly.github.io/spec/core/text/values.html#identifiers
Token Lexer::id_token(size_t begin) {
  size_t end = position_;
  position_ = begin + 1;
  if (peek() != '"') {
    if (end != begin + 1) {
      position_ = end;
      return token(TokenKind::reserved, begin);
    }
    fail(begin, "empty identifier");
    return error_token();
  }
  skip_string();
  if (position_ != end) {
    position_ = end;
    return token(TokenKind::reserved, begin);
  }
  std::string name;
  unescape(source_.substr(begin + 1, end - begin - 1), name);
  if (name.empty()) {
    fail(begin, "empty identifier");
    return error_token();
  }
  if (find_invalid_utf8(name)) {
    fail(begin, "malformed UTF-8 encoding in identifier");
    return error_token();
  }
  return token(TokenKind::id, begin);
}

} // namespace swage::text
