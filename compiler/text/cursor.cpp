// See cursor.h. The messages for a wrong token are chosen here, in the words of the official test suite:
// "unknown operator" for a word that the text format does not have, "unexpected token" for one in the wrong
// place.
#include "compiler/text/cursor.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "compiler/text/literals.h"
#include "compiler/wasm/opcode.h"

namespace swage::text {

namespace {

// The words of the grammar that are not instructions. https://webassembly.github.io/spec/core/text/index.html
constexpr std::array kKeywords =
    std::to_array<std::string_view>({"any",         "anyref",     "array",         "arrayref",    "binary",
                                     "catch",       "catch_all",  "catch_all_ref", "catch_ref",   "cont",
                                     "contref",     "data",       "declare",       "definition",  "do",
                                     "elem",        "eq",         "eqref",         "exn",         "exnref",
                                     "export",      "extern",     "externref",     "f32",         "f32x4",
                                     "f64",         "f64x2",      "field",         "final",       "func",
                                     "funcref",     "global",     "i16",           "i16x8",       "i31",
                                     "i31ref",      "i32",        "i32x4",         "i64",         "i64x2",
                                     "i8",          "i8x16",      "import",        "instance",    "item",
                                     "local",       "memory",     "module",        "mut",         "nocont",
                                     "noexn",       "noextern",   "nofunc",        "none",        "null",
                                     "nullcontref", "nullexnref", "nullexternref", "nullfuncref", "nullref",
                                     "offset",      "on",         "pagesize",      "param",       "quote",
                                     "rec",         "ref",        "result",        "shared",      "start",
                                     "struct",      "structref",  "sub",           "table",       "tag",
                                     "then",        "type",       "v128"});

bool is_known_keyword(std::string_view word) {
  if (std::find(kKeywords.begin(), kKeywords.end(), word) != kKeywords.end()) return true;
  return word.starts_with("offset=") || word.starts_with("align=") || word == "nan:canonical" ||
         word == "nan:arithmetic" || wasm::find_op(word).has_value();
}

/// A token in a message: short, on one line.
std::string shortened(std::string_view text) {
  constexpr size_t kLongest = 40;
  std::string out;
  for (char c : text.substr(0, kLongest)) out.push_back(static_cast<uint8_t>(c) < 0x20 ? ' ' : c);
  if (text.size() > kLongest) {
    while (!out.empty() && (static_cast<uint8_t>(out.back()) & 0xC0) == 0x80) out.pop_back();
    if (static_cast<uint8_t>(out.back()) >= 0xC0) out.pop_back();
    out += "...";
  }
  return out;
}

} // namespace

Cursor::Cursor(std::string_view text) : text_(text), lexer_(text) {
  if (std::optional<size_t> invalid = find_invalid_utf8(text)) {
    fail({TokenKind::error, text.substr(*invalid, 1)}, "malformed UTF-8 encoding");
    return;
  }
  fill();
}

void Cursor::fill() {
  tokens_[0] = lexer_.next();
  tokens_[1] = lexer_.next();
}

void Cursor::stop() {
  tokens_[0] = tokens_[1] = {TokenKind::end, text_.substr(text_.size())};
  lexer_.seek(text_.size());
}

Token Cursor::take() {
  Token taken = tokens_[0];
  if (failed()) return taken;
  tokens_[0] = tokens_[1];
  tokens_[1] = lexer_.next();
  return taken;
}

bool Cursor::take_if(TokenKind kind) {
  if (!at(kind)) return false;
  take();
  return true;
}

bool Cursor::take_keyword(std::string_view word) {
  if (!at_keyword(word)) return false;
  take();
  return true;
}

bool Cursor::take_list(std::string_view word) {
  if (!at_list(word)) return false;
  take();
  take();
  return true;
}

bool Cursor::at_annotation(std::string_view id) {
  if (!at(TokenKind::annotation)) return false;
  std::string_view name = peek().text.substr(2); // behind "(@"
  return (name.starts_with('"') ? string_contents({TokenKind::string, name}) : name) == id;
}

bool Cursor::take_annotation(std::string_view id) {
  if (!at_annotation(id)) return false;
  take();
  return true;
}

void Cursor::expect(TokenKind kind, std::string_view what) {
  if (!take_if(kind)) fail_unexpected(what);
}

std::string_view Cursor::expect_string(std::string_view what) {
  if (!at(TokenKind::string)) {
    fail_unexpected(what);
    return {};
  }
  return string_contents(take());
}

std::string_view Cursor::expect_name(std::string_view what) {
  Token token = peek();
  std::string_view name = expect_string(what);
  if (!failed() && find_invalid_utf8(name)) fail(token, fmt::format("malformed UTF-8 encoding in {}", what));
  return name;
}

uint64_t Cursor::expect_nat(uint64_t max, std::string_view what) {
  if (!at(TokenKind::nat)) {
    fail_unexpected(what);
    return 0;
  }
  Token token = take();
  std::optional<uint64_t> value = parse_nat(token.text);
  if (value && *value <= max) return *value;
  fail(token, fmt::format("{} constant out of range: expected {} of at most {}, got {}",
                          max == 0xFF          ? "i8"
                          : max == 0xFFFF'FFFF ? "i32"
                                               : "i64",
                          what, max, token.text));
  return 0;
}

std::string_view Cursor::id_name(const Token& id) {
  std::string_view name = id.text.substr(1);
  if (!name.starts_with('"')) return name;
  return string_contents({TokenKind::string, name});
}

std::string_view Cursor::string_contents(const Token& string) {
  if (string.text.find('\\') == std::string_view::npos) return string.text.substr(1, string.text.size() - 2);
  unescape(string.text, decoded_.emplace_back());
  return decoded_.back();
}

void Cursor::skip_list() {
  // The lookahead may already hold the list's end: rewind to the token that comes next.
  size_t start = position();
  lexer_.seek(start);
  if (failed()) return;
  if (lexer_.skip_list()) {
    fill();
    return;
  }
  std::string message(lexer_.error());
  Token at{TokenKind::error, text_.substr(lexer_.position(), 0)};
  fail(at, message.empty() ? "unexpected end of text: expected ')'" : message);
}

void Cursor::seek(size_t position) {
  if (failed()) return;
  lexer_.seek(position);
  fill();
}

void Cursor::fail(const Token& at, std::string message, ErrorCode code, std::string hint) {
  if (failed()) return;
  Error error;
  error.code = code;
  error.message = std::move(message);
  error.hint = std::move(hint);
  // The end of the text is shown behind its last word, not on an empty line below.
  size_t position = position_of(at);
  if (position == text_.size()) position = text_.find_last_not_of(" \t\r\n") + 1;
  Place place = place_of(text_, position);
  error.line = place.line;
  error.column = place.column;
  error_ = std::move(error);
  stop();
}

void Cursor::fail_unexpected(std::string_view expected) {
  const Token token = peek();
  switch (token.kind) {
  case TokenKind::error: return fail(token, std::string(lexer_.error()));
  case TokenKind::end: return fail(token, fmt::format("unexpected end of text: expected {}", expected));
  case TokenKind::annotation:
    return fail(token, fmt::format("misplaced {} annotation", token.text.substr(1)));
  case TokenKind::keyword:
  case TokenKind::reserved:
    if (token.kind == TokenKind::reserved || !is_known_keyword(token.text))
      return fail(token, fmt::format("unknown operator {}: expected {}", shortened(token.text), expected));
    break;
  default: break;
  }
  fail(token, fmt::format("unexpected token {}: expected {}", shortened(token.text), expected));
}

Place place_of(std::string_view text, size_t position) {
  std::string_view before = text.substr(0, position);
  Place place;
  place.line += static_cast<uint32_t>(std::count(before.begin(), before.end(), '\n'));
  size_t line_start = before.rfind('\n') + 1; // 0 when there is none
  for (char c : before.substr(line_start)) place.column += (static_cast<uint8_t>(c) & 0xC0) != 0x80;
  return place;
}

} // namespace swage::text
