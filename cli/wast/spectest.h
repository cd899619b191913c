// The host module that the scripts import from.
// https://github.com/WebAssembly/spec/tree/main/interpreter#spectest-host-module
#pragma once

#include "swage/instance.h"

namespace swage::cli {

/// Defines "spectest" in the linker's store.
Expected<void> define_spectest(Linker& linker);

} // namespace swage::cli
