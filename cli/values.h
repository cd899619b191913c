// Values on the command line: `--invoke add app.wasm 1 0x2` reads arguments by the export's parameter types.
#pragma once

#include <string>
#include <vector>

#include "swage/error.h"
#include "swage/value.h"

namespace swage::cli {

/// Integers in decimal or 0x, signed or unsigned; floats as C reads them, with inf, nan and nan:0xN; v128 as
/// 0x and 32 digits; references as null. Errors: usage, saying what the parameter wants.
Expected<Val> parse_value(const std::string& text, ValType type);

/// One for each parameter; the number must fit.
Expected<std::vector<Val>> parse_arguments(const std::vector<std::string>& texts, const FuncType& type);

} // namespace swage::cli
