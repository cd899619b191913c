// Decimal floats are the standard library's (correctly rounded, for the target precision directly);
// hexadecimal ones are rounded here, since the digits are the bits.
#include "compiler/text/literals.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

namespace swage::text {

namespace {

unsigned digit_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  return static_cast<unsigned>((c | 0x20) - 'a') + 10;
}

/// Moves past digits with single underscores between them. False when there is no digit, or an underscore
/// elsewhere.
bool skip_digits(std::string_view& rest, bool (*is_one)(char)) {
  size_t i = 0;
  bool digit_before = false;
  for (; i < rest.size(); i++) {
    if (is_one(rest[i])) {
      digit_before = true;
    } else if (rest[i] == '_' && digit_before) {
      digit_before = false;
    } else {
      break;
    }
  }
  rest.remove_prefix(i);
  return digit_before;
}

bool take(std::string_view& rest, std::string_view prefix) {
  if (!rest.starts_with(prefix)) return false;
  rest.remove_prefix(prefix.size());
  return true;
}

bool take_sign(std::string_view& rest) {
  if (take(rest, "-")) return true;
  take(rest, "+");
  return false;
}

/// An IEEE 754 binary format. `precision` counts the leading one.
struct Format {
  int precision;
  int max_exponent;
  constexpr int min_exponent() const { return 1 - max_exponent; }
  constexpr int sign_shift() const { return precision == 24 ? 31 : 63; }
  constexpr uint64_t infinity() const { return uint64_t(2 * max_exponent + 1) << (precision - 1); }
};
constexpr Format kSingle{24, 127};
constexpr Format kDouble{53, 1023};

/// A decimal exponent; far outside of every format's range it saturates.
int64_t parse_exponent(std::string_view text) {
  constexpr int64_t kFar = int64_t(1) << 40;
  bool negative = take_sign(text);
  int64_t value = 0;
  for (char c : text)
    if (c != '_') value = std::min(kFar, value * 10 + digit_value(c));
  return negative ? -value : value;
}

/// Rounds significand * 2^exponent, with `sticky` for bits lost below, to the format's bits. Nullopt on
/// overflow.
std::optional<uint64_t> round_to(const Format& format, uint64_t significand, int64_t exponent, bool sticky) {
  if (significand == 0) return 0;
  int zeros = std::countl_zero(significand);
  significand <<= zeros;
  exponent += 63 - zeros; // the value is now 1.f * 2^exponent, with the one in bit 63
  if (exponent > format.max_exponent) return std::nullopt;
  int64_t drop = 64 - format.precision;
  bool subnormal = exponent < format.min_exponent();
  if (subnormal) drop += format.min_exponent() - exponent;
  if (drop > 64) return 0; // below half of the least subnormal
  uint64_t kept = drop == 64 ? 0 : significand >> drop;
  uint64_t half = uint64_t(1) << (drop - 1);
  uint64_t lost = drop == 64 ? significand : significand & ((half << 1) - 1);
  if (lost > half || (lost == half && (sticky || (kept & 1)))) kept++;
  // A carry out of the significand is a carry into the exponent field, which is what rounding up to a power
  // of two is.
  uint64_t biased = subnormal ? 0 : uint64_t(exponent + format.max_exponent - 1);
  uint64_t bits = (biased << (format.precision - 1)) + kept;
  if (bits >= format.infinity()) return std::nullopt;
  return bits;
}

std::optional<uint64_t> parse_hex_magnitude(std::string_view digits, const Format& format) {
  uint64_t significand = 0;
  int64_t exponent = 0;
  bool sticky = false;
  bool fraction = false;
  for (size_t i = 0; i < digits.size(); i++) {
    char c = digits[i];
    if (c == '_') continue;
    if (c == '.') {
      fraction = true;
    } else if (c == 'p' || c == 'P') {
      exponent += parse_exponent(digits.substr(i + 1));
      break;
    } else if (significand >> 60 == 0) {
      significand = significand << 4 | digit_value(c);
      if (fraction) exponent -= 4;
    } else {
      sticky |= c != '0';
      if (!fraction) exponent += 4;
    }
  }
  return round_to(format, significand, exponent, sticky);
}

/// Whether a decimal that the standard library calls out of range is too small (and not too large): the power
/// of ten of its first significant digit tells.
bool is_tiny(std::string_view digits) {
  int64_t power = 0;
  bool significant = false;
  bool fraction = false;
  for (size_t i = 0; i < digits.size(); i++) {
    char c = digits[i];
    if (c == '.') {
      fraction = true;
    } else if (c == 'e' || c == 'E') {
      power += parse_exponent(digits.substr(i + 1));
      break;
    } else if (c != '_') {
      if (fraction && !significant) power--;
      if (!fraction && significant) power++;
      significant |= c != '0';
    }
  }
  return !significant || power < 0;
}

template<class Float, class Bits>
std::optional<uint64_t> parse_decimal_magnitude(std::string_view digits, const Format& format) {
  std::string plain;
  if (digits.find('_') != std::string_view::npos) {
    std::copy_if(digits.begin(), digits.end(), std::back_inserter(plain), [](char c) { return c != '_'; });
    digits = plain;
  }
  Float value = 0;
  std::from_chars_result result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  uint64_t bits = std::bit_cast<Bits>(value);
  if (result.ec == std::errc::result_out_of_range || bits >= format.infinity())
    return is_tiny(digits) ? std::optional<uint64_t>(0) : std::nullopt;
  return bits;
}

template<class Float, class Bits>
std::optional<Bits> parse_float(std::string_view word, const Format& format) {
  bool negative = take_sign(word);
  std::optional<uint64_t> magnitude;
  if (word == "inf") {
    magnitude = format.infinity();
  } else if (word == "nan") {
    magnitude = format.infinity() | uint64_t(1) << (format.precision - 2);
  } else if (take(word, "nan:")) {
    std::optional<uint64_t> payload = parse_nat(word);
    if (!payload || *payload == 0 || *payload >> (format.precision - 1) != 0) return std::nullopt;
    magnitude = format.infinity() | *payload;
  } else if (take(word, "0x")) {
    magnitude = parse_hex_magnitude(word, format);
  } else {
    magnitude = parse_decimal_magnitude<Float, Bits>(word, format);
  }
  if (!magnitude) return std::nullopt;
  return static_cast<Bits>(*magnitude | uint64_t(negative) << format.sign_shift());
}

} // namespace

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex_digit(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }

NumberClass classify_number(std::string_view word) {
  std::string_view rest = word;
  bool is_signed = take(rest, "+") || take(rest, "-");
  if (rest == "inf" || rest == "nan") return NumberClass::floating;
  if (take(rest, "nan:0x"))
    return skip_digits(rest, is_hex_digit) && rest.empty() ? NumberClass::floating : NumberClass::none;
  bool hex = take(rest, "0x");
  if (!skip_digits(rest, hex ? is_hex_digit : is_digit)) return NumberClass::none;
  if (rest.empty()) return is_signed ? NumberClass::integer : NumberClass::nat;
  if (take(rest, ".") && !rest.empty() && (hex ? is_hex_digit(rest[0]) : is_digit(rest[0]))) {
    if (!skip_digits(rest, hex ? is_hex_digit : is_digit)) return NumberClass::none;
  }
  if (hex ? take(rest, "p") || take(rest, "P") : take(rest, "e") || take(rest, "E")) {
    take_sign(rest);
    if (!skip_digits(rest, is_digit)) return NumberClass::none;
  }
  return rest.empty() ? NumberClass::floating : NumberClass::none;
}

std::optional<uint64_t> parse_nat(std::string_view word) {
  uint64_t base = take(word, "0x") ? 16 : 10;
  uint64_t value = 0;
  for (char c : word) {
    if (c == '_') continue;
    if (__builtin_mul_overflow(value, base, &value)) return std::nullopt;
    if (__builtin_add_overflow(value, uint64_t(digit_value(c)), &value)) return std::nullopt;
  }
  return value;
}

std::optional<uint64_t> parse_integer(std::string_view word, unsigned bits) {
  bool negative = take_sign(word);
  std::optional<uint64_t> magnitude = parse_nat(word);
  uint64_t mask = ~uint64_t(0) >> (64 - bits);
  uint64_t limit = negative ? uint64_t(1) << (bits - 1) : mask;
  if (!magnitude || *magnitude > limit) return std::nullopt;
  return (negative ? 0 - *magnitude : *magnitude) & mask;
}

std::optional<uint32_t> parse_f32(std::string_view word) {
  return parse_float<float, uint32_t>(word, kSingle);
}
std::optional<uint64_t> parse_f64(std::string_view word) {
  return parse_float<double, uint64_t>(word, kDouble);
}

std::optional<uint32_t> parse_code_point(std::string_view hex_digits) {
  std::string_view rest = hex_digits;
  if (!skip_digits(rest, is_hex_digit) || !rest.empty()) return std::nullopt;
  uint32_t value = 0;
  for (char c : hex_digits) {
    if (c == '_') continue;
    value = value << 4 | digit_value(c);
    if (value > 0x10FFFF) return std::nullopt;
  }
  if (value >= 0xD800 && value < 0xE000) return std::nullopt;
  return value;
}

namespace {

void append_utf8(uint32_t code_point, std::string& out) {
  auto put = [&out](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | code_point >> 6);
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3F));
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
}

} // namespace

void unescape(std::string_view quoted, std::string& out) {
  std::string_view rest = quoted.substr(1, quoted.size() - 2);
  while (!rest.empty()) {
    size_t plain = std::min(rest.find('\\'), rest.size());
    out.append(rest.substr(0, plain));
    rest.remove_prefix(plain);
    if (rest.empty()) break;
    char c = rest[1];
    size_t length = 2;
    switch (c) {
    case 't': out.push_back('\t'); break;
    case 'n': out.push_back('\n'); break;
    case 'r': out.push_back('\r'); break;
    case '"':
    case '\'':
    case '\\': out.push_back(c); break;
    case 'u':
      length = rest.find('}') + 1;
      append_utf8(parse_code_point(rest.substr(3, length - 4)).value_or(0), out);
      break;
    default:
      out.push_back(static_cast<char>(digit_value(c) << 4 | digit_value(rest[2])));
      length = 3;
      break;
    }
    rest.remove_prefix(length);
  }
}

// https://www.unicode.org/versions/Unicode15.0.0/ch03.pdf, table 3-7: well-formed UTF-8 byte sequences.
std::optional<size_t> find_invalid_utf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    if (i + 8 <= text.size()) {
      uint64_t word;
      std::memcpy(&word, text.data() + i, 8);
      if ((word & 0x8080808080808080u) == 0) {
        i += 8;
        continue;
      }
    }
    uint8_t lead = static_cast<uint8_t>(text[i]);
    if (lead < 0x80) {
      i++;
      continue;
    }
    size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                    : lead >= 0xE0 && lead <= 0xEF ? 3
                    : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                   : 0;
    if (length == 0 || text.size() - i < length) return i;
    uint8_t second = static_cast<uint8_t>(text[i + 1]);
    uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (second < low || second > high) return i;
    for (size_t k = 2; k < length; k++)
      if ((static_cast<uint8_t>(text[i + k]) & 0xC0) != 0x80) return i;
    i += length;
  }
  return std::nullopt;
}

} // namespace swage::text
