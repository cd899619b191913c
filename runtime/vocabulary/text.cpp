#include "runtime/vocabulary/text.h"

namespace swage {

namespace {

std::string in_base(uint64_t number, unsigned base, size_t digits) {
  constexpr char kDigits[] = "0123456789abcdef";
  char text[20];
  char* begin = text + sizeof text;
  while (number != 0 || digits > 0) {
    *--begin = kDigits[number % base];
    number /= base;
    if (digits > 0) --digits;
  }
  return std::string(begin, static_cast<size_t>(text + sizeof text - begin));
}

} // namespace

std::string join(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (std::string_view part : parts) text += part;
  return text;
}

std::string decimal(uint64_t number) { return in_base(number, 10, 1); }
std::string hex(uint64_t number, size_t digits) { return in_base(number, 16, digits); }

std::unexpected<Error> failure(ErrorCode code, std::initializer_list<std::string_view> message,
                               std::string_view hint) {
  std::unexpected<Error> failed = fail(code, join(message));
  failed.error().hint = hint;
  return failed;
}

std::unexpected<Error> failure(ErrorCode code, const char* message) { return fail(code, message); }

} // namespace swage
