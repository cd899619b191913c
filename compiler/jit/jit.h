// In-process compilation: the same lowering and the same objects as ahead of time, linked into memory batch
// by batch as functions are called (lazy_module.h).
#pragma once

#include <cstddef>
#include <vector>

#include "compiler/jit/lazy_module.h"
#include "swage/compiler.h"

namespace swage::jit {

/// Decodes, validates and prepares a module; glue and descriptor are ready at once, functions are compiled
/// when first called, on the process's worker threads. `registry` must outlive the module. Options that
/// matter are those of code, and `jobs`: with one there is no background compilation. Errors: those of decode
/// and validate; unsupported; usage (target); resource.
Expected<JitModule> jit_module(std::vector<std::byte> wasm, const CompileOptions& options,
                               CodeRegistry& registry);

/// What was compiled so far of a module that jit_module made. Thread-safe.
JitStats jit_stats(const JitModule& module);

} // namespace swage::jit
