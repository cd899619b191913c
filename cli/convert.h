// A subcommand that turns one file into another through the compiler: `parse` and `print`.
#pragma once

#include <functional>

#include "cli/commands.h"
#include "swage/compiler.h"

namespace swage::cli {

/// From the module's binary form (text is parsed first) to the output's bytes.
using Conversion = std::function<Expected<std::vector<std::byte>>(Compiler&, std::vector<std::byte> wasm,
                                                                  const CompileOptions&)>;

struct ConversionCommand {
  const char* name;
  const char* description;
  const char* example;
  Conversion convert;
};

void add_conversion(CLI::App& app, Action& action, const ConversionCommand& command);

} // namespace swage::cli
