// See constants.h. https://webassembly.github.io/spec/core/text/values.html
#include "compiler/text/constants.h"

#include <fmt/format.h>

#include "compiler/text/literals.h"

namespace swage::text {

namespace {

constexpr std::array kShapes = std::to_array<VectorShape>({
    {"i8x16", 8, false},
    {"i16x8", 16, false},
    {"i32x4", 32, false},
    {"i64x2", 64, false},
    {"f32x4", 32, true},
    {"f64x2", 64, true},
});

bool at_integer(const Cursor& cursor) { return cursor.at(TokenKind::nat) || cursor.at(TokenKind::integer); }

uint64_t value_or_fail(Cursor& cursor, const Token& token, std::optional<uint64_t> value, char type,
                       unsigned bits) {
  if (value) return *value;
  cursor.fail(token, fmt::format("{}{} constant out of range: {}", type, bits, token.text));
  return 0;
}

} // namespace

uint64_t integer_constant(Cursor& cursor, unsigned bits) {
  if (!at_integer(cursor)) {
    cursor.fail_unexpected(fmt::format("an i{} constant", bits));
    return 0;
  }
  Token token = cursor.take();
  return value_or_fail(cursor, token, parse_integer(token.text, bits), 'i', bits);
}

uint64_t float_constant(Cursor& cursor, unsigned bits) {
  if (!at_integer(cursor) && !cursor.at(TokenKind::floating)) {
    cursor.fail_unexpected(fmt::format("an f{} constant", bits));
    return 0;
  }
  Token token = cursor.take();
  std::optional<uint64_t> value;
  if (bits == 32)
    value = parse_f32(token.text);
  else
    value = parse_f64(token.text);
  return value_or_fail(cursor, token, value, 'f', bits);
}

int64_t sign_extend(uint64_t value, unsigned bits) {
  return static_cast<int64_t>(value << (64 - bits)) >> (64 - bits);
}

VectorShape vector_shape(Cursor& cursor) {
  for (const VectorShape& shape : kShapes)
    if (cursor.take_keyword(shape.text)) return shape;
  cursor.fail_unexpected("a vector shape: i8x16, i16x8, i32x4, i64x2, f32x4 or f64x2");
  return kShapes[0];
}

uint64_t lane_constant(Cursor& cursor, const VectorShape& shape) {
  return shape.is_float ? float_constant(cursor, shape.lane_bits) : integer_constant(cursor, shape.lane_bits);
}

void set_lane(VectorBytes& vector, const VectorShape& shape, unsigned lane, uint64_t bits) {
  unsigned size = shape.lane_bits / 8;
  for (unsigned i = 0; i < size; i++) vector[lane * size + i] = static_cast<uint8_t>(bits >> 8 * i);
}

VectorBytes vector_constant(Cursor& cursor) {
  VectorBytes vector = {};
  VectorShape shape = vector_shape(cursor);
  for (unsigned lane = 0; lane < shape.lanes() && !cursor.failed(); lane++) {
    if (cursor.at(TokenKind::right_paren) ||
        (cursor.at(TokenKind::keyword) && !cursor.peek().text.starts_with("nan")))
      cursor.fail(cursor.peek(), fmt::format("wrong number of lane literals: expected {} for {}, got {}",
                                             shape.lanes(), shape.text, lane));
    set_lane(vector, shape, lane, lane_constant(cursor, shape));
  }
  if (at_integer(cursor) || cursor.at(TokenKind::floating))
    cursor.fail(cursor.peek(), fmt::format("wrong number of lane literals: expected {} for {}, got more",
                                           shape.lanes(), shape.text));
  return vector;
}

} // namespace swage::text
