// The spec's validation algorithm over a decoded module.
// https://webassembly.github.io/spec/core/valid/index.html
#pragma once

#include "compiler/wasm/module.h"
#include "swage/error.h"

namespace swage::wasm {

/// Validates everything, bodies included, on `jobs` threads (0: all cores), and fills in what Module says
/// validate fills in. The earliest error (by offset) wins, whatever the number of threads. Errors: invalid,
/// malformed, unsupported, limit.
Expected<void> validate(Module& module, unsigned jobs = 1);

} // namespace swage::wasm
