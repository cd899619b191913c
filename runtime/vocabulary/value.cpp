// A value as `--invoke` prints it: what the text format would take as an argument, without the type in front.
// Floats are the shortest digits that read back as the same value.
#include <charconv>

#include "swage/value.h"

namespace swage {

namespace {

template<class Number> std::string digits(Number number) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, number).ptr);
}

std::string hex(const V128& vector) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "v128:0x";
  // The highest lane first, as a number is written.
  for (size_t i = vector.bytes.size(); i-- > 0;) {
    text += kDigits[vector.bytes[i] >> 4];
    text += kDigits[vector.bytes[i] & 15];
  }
  return text;
}

} // namespace

std::string to_string(const Val& value) {
  switch (value.type().kind) {
  case ValKind::i32: return digits(int64_t{value.i32()});
  case ValKind::i64: return digits(value.i64());
  case ValKind::f32: return digits(value.f32());
  case ValKind::f64: return digits(value.f64());
  case ValKind::v128: return hex(value.v128());
  default: return value.ref().is_null() ? "null" : to_string(value.type());
  }
}

} // namespace swage
