// Messages from parts. Out of line: a chain of operator+ costs some 200 bytes of code at every place that can
// fail.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "swage/error.h"

namespace swage {

std::string join(std::initializer_list<std::string_view> parts);
std::string decimal(uint64_t number);
/// Without a prefix, with at least `digits` digits.
std::string hex(uint64_t number, size_t digits = 1);

/// fail() with a message from parts, and Error::hint.
std::unexpected<Error> failure(ErrorCode code, std::initializer_list<std::string_view> message,
                               std::string_view hint = {});
std::unexpected<Error> failure(ErrorCode code, const char* message);

} // namespace swage
