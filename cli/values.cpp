// Numbers are read whole or refused: "12abc" is no integer, and 2^32 no i32.
#include "cli/values.h"

#include <charconv>
#include <cstdlib>
#include <cstring>

namespace swage::cli {
namespace {

Expected<uint64_t> parse_integer(const std::string& text, unsigned bits) {
  const char* first = text.data();
  const char* last = first + text.size();
  bool negative = first != last && *first == '-';
  if (negative || (first != last && *first == '+')) ++first;
  int base = 10;
  if (last - first > 2 && first[0] == '0' && (first[1] == 'x' || first[1] == 'X')) {
    base = 16;
    first += 2;
  }
  uint64_t magnitude = 0;
  std::from_chars_result parsed = std::from_chars(first, last, magnitude, base);
  uint64_t most = negative ? uint64_t{1} << (bits - 1) : ~uint64_t{0} >> (64 - bits);
  if (first == last || parsed.ec != std::errc() || parsed.ptr != last || magnitude > most)
    return fail(ErrorCode::usage, "'" + text + "' is no i" + std::to_string(bits));
  uint64_t value = negative ? uint64_t{0} - magnitude : magnitude;
  return value & (~uint64_t{0} >> (64 - bits));
}

Expected<double> parse_float(const std::string& text) {
  char* end = nullptr;
  double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0') return fail(ErrorCode::usage, "'" + text + "' is no number");
  return value;
}

/// "nan:0x400000", with a sign or without: the bits of a NaN with that payload, or nothing when the text is
/// something else.
std::optional<uint64_t> parse_nan(const std::string& text, uint64_t exponent, uint64_t sign) {
  size_t start = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  if (!text.substr(start).starts_with("nan:0x")) return std::nullopt;
  uint64_t payload = std::strtoull(text.c_str() + start + 6, nullptr, 16);
  return exponent | payload | (text.starts_with('-') ? sign : 0);
}

Expected<V128> parse_vector(const std::string& text) {
  V128 value;
  if (text.size() != 34 || !text.starts_with("0x"))
    return fail(ErrorCode::usage, "'" + text + "' is no v128: 0x and 32 hex digits are");
  for (size_t i = 0; i < 16; ++i) {
    const char* digits = text.data() + 2 + 2 * (15 - i);
    if (std::from_chars(digits, digits + 2, value.bytes[i], 16).ptr != digits + 2)
      return fail(ErrorCode::usage, "'" + text + "' is no v128: 0x and 32 hex digits are");
  }
  return value;
}

} // namespace

Expected<Val> parse_value(const std::string& text, ValType type) {
  switch (type.kind) {
  case ValKind::i32: return Val(static_cast<uint32_t>(SWAGE_TRY(parse_integer(text, 32))));
  case ValKind::i64: return Val(SWAGE_TRY(parse_integer(text, 64)));
  case ValKind::f32:
    if (std::optional<uint64_t> nan = parse_nan(text, 0x7F800000, 0x80000000))
      return Val::from_bits(kF32, *nan);
    return Val(static_cast<float>(SWAGE_TRY(parse_float(text))));
  case ValKind::f64:
    if (std::optional<uint64_t> nan = parse_nan(text, uint64_t{0x7FF} << 52, uint64_t{1} << 63))
      return Val::from_bits(kF64, *nan);
    return Val(SWAGE_TRY(parse_float(text)));
  case ValKind::v128: return Val(SWAGE_TRY(parse_vector(text)));
  case ValKind::ref:
  case ValKind::bottom: break;
  }
  if (text != "null" || !type.nullable)
    return fail(ErrorCode::usage, "a " + to_string(type) + " cannot be given here but as null");
  return Val(Ref{}, type);
}

Expected<std::vector<Val>> parse_arguments(const std::vector<std::string>& texts, const FuncType& type) {
  if (texts.size() != type.params.size())
    return fail(ErrorCode::usage, "expected " + std::to_string(type.params.size()) + " arguments " +
                                      to_string(type) + ", got " + std::to_string(texts.size()));
  std::vector<Val> values;
  for (size_t i = 0; i < texts.size(); ++i)
    values.push_back(SWAGE_TRY(parse_value(texts[i], type.params[i])));
  return values;
}

} // namespace swage::cli
