// Text to bytes: the parser of .wat. https://webassembly.github.io/spec/core/text/index.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/wasm/feature.h"
#include "swage/error.h"

namespace swage::text {

/// Whether identifiers and @name annotations become a name section.
enum class NameSection : uint8_t { emit, omit };

struct ParseOptions {
  std::string_view file = {}; ///< for errors
  NameSection names = NameSection::emit;
  uint32_t first_line = 1; ///< the number of the text's first line, where it is a part of a file
};

/// Parses one module: `(module ...)` in any of its forms (text, binary, quote), or its fields alone. The
/// bytes decode, but need not validate. Time and memory are linear in the text, and the stack does not grow
/// with its nesting. Errors: malformed, unsupported (an instruction whose feature is off); with line and
/// column, from 1, in characters, and the excerpt:
///
///   fib.wat:3:14: unknown local $n
///     (local.get $n)
///                ^
Expected<std::vector<std::byte>> parse_module(std::string_view text, wasm::FeatureSet features,
                                              const ParseOptions& options = {});

/// Gives an error of a later stage, whose place is in a function's bytes, its line, column and excerpt in the
/// text that the module was parsed from. Leaves an error alone whose place it cannot find.
void show_place(Error& error, std::string_view text, wasm::FeatureSet features);

} // namespace swage::text
