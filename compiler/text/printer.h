// Bytes to text: a decoded module as .wat, one field after the other, instructions flat and indented.
//
// The text parses back to the same module: what the text format has no words for (custom sections, branch
// hints, names that are no identifiers or stand twice) is written as annotations; only branch hints that
// stand at no branch are dropped. Equal modules give equal text.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/wasm/module.h"
#include "swage/error.h"

namespace swage::text {

/// Whether the name section's names become identifiers, or everything is called by its index.
enum class NameUse : uint8_t { identifiers, none };

struct PrintOptions {
  NameUse names = NameUse::identifiers;
  uint64_t max_bytes =
      uint64_t(1) << 30; ///< of text: a few bytes can declare 50,000 locals, which have no short text
};

/// Prints a decoded module, which need not be valid. Errors: malformed (a body whose instructions do not
/// decode or do not nest), limit (max_bytes).
Expected<std::string> print_module(const wasm::Module& module, const PrintOptions& options = {});

} // namespace swage::text
