// swage's own version, from CMake's project().
#pragma once

#include <string_view>

namespace swage::cli {

inline constexpr std::string_view kVersion = "swage " SWAGE_VERSION;

} // namespace swage::cli
