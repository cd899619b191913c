// What a person wants to know of a module before running or compiling it, in one page of text.
#pragma once

#include <string>

#include "compiler/wasm/module.h"

namespace swage {

/// Of a valid module. `file` names it in the first line.
std::string describe(const wasm::Module& module, const std::string& file);

} // namespace swage
