// The line that an error is in and a caret under the place. Lines are cut to a readable length around it.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/text/cursor.h"

namespace swage::text {

namespace {

constexpr size_t kWidth = 100; // of the line shown, in characters
constexpr size_t kBefore = 60; // of them in front of the place, in a line that is longer

bool starts_character(char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }

std::string_view line_of(std::string_view text, uint32_t number) {
  size_t start = 0;
  for (uint32_t line = 1; line < number; line++) {
    size_t newline = text.find('\n', start);
    if (newline == std::string_view::npos) return {};
    start = newline + 1;
  }
  std::string_view line = text.substr(start, text.find('\n', start) - start);
  return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

/// The bytes of characters first .. first + count of the line.
std::string_view characters(std::string_view line, size_t first, size_t count) {
  auto offset_of = [line](size_t character) {
    size_t seen = 0;
    for (size_t i = 0; i < line.size(); i++)
      if (starts_character(line[i]) && seen++ == character) return i;
    return line.size();
  };
  size_t begin = offset_of(first);
  return line.substr(begin, offset_of(first + count) - begin);
}

} // namespace

std::string excerpt(std::string_view text, Place place) {
  std::string_view line = line_of(text, place.line);
  size_t column = place.column - 1;
  size_t first = column > kWidth - 10 ? column - kBefore : 0;
  std::string shown(characters(line, first, kWidth));
  for (char& c : shown)
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7F)
      c = ' '; // tabs too, so that the caret stands where it should
  return fmt::format("  {}\n  {:>{}}\n", shown, '^', column - first + 1);
}

} // namespace swage::text
