// The values that number and string tokens stand for. Numbers are rounded once, to nearest with ties to even,
// however many digits they have; a number that its type cannot hold is std::nullopt, never clamped.
//
// https://webassembly.github.io/spec/core/text/values.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace swage::text {

enum class NumberClass : uint8_t { none, nat, integer, floating };

/// What a word is by the grammar of numbers, sign included. "inf" and "nan" are floating.
NumberClass classify_number(std::string_view word);

/// The functions below take words of which classify_number said that they are of the kind.

/// An unsigned integer below 2^64.
std::optional<uint64_t> parse_nat(std::string_view word);
/// An integer of `bits` (8 to 64) bits, signed or unsigned: -2^(bits-1) up to 2^bits - 1, as its low `bits`
/// bits.
std::optional<uint64_t> parse_integer(std::string_view word, unsigned bits);
/// IEEE 754 bits of an integer or floating word.
/// https://webassembly.github.io/spec/core/text/values.html#floating-point
std::optional<uint32_t> parse_f32(std::string_view word);
std::optional<uint64_t> parse_f64(std::string_view word);
/// The digits of \u{...}: a Unicode scalar value.
std::optional<uint32_t> parse_code_point(std::string_view hex_digits);

/// Appends the contents of a string token (quotes included, escapes known to be well-formed).
void unescape(std::string_view quoted, std::string& out);
/// The offset of the first byte that is not part of well-formed UTF-8.
std::optional<size_t> find_invalid_utf8(std::string_view text);

bool is_digit(char c);
bool is_hex_digit(char c);

} // namespace swage::text
