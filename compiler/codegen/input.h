// From a user's bytes and options to what the code generator works on; shared by both linkers of DESIGN's
// "one lowering, two linkers".
#pragma once

#include <span>

#include "compiler/codegen/profiles.h"
#include "compiler/codegen/stages.h"
#include "compiler/codegen/target.h"
#include "compiler/lower/lower.h"
#include "compiler/wasm/module.h"

namespace swage::codegen {

/// The features that the options switch on and off. Errors: usage, an unknown flag.
Expected<wasm::FeatureSet> features_of(const CompileOptions& options);

/// Decodes and validates. The module borrows `wasm`. Errors: those of decode and validate, with options.file
/// as their file; a component is refused by name.
Expected<wasm::Module> load_module(std::span<const std::byte> wasm, const CompileOptions& options,
                                   Stages& stages);

/// Borrows from `profiles`.
lower::LowerOptions lower_options(const CompileOptions& options, const Target& target,
                                  const Profiles& profiles);

} // namespace swage::codegen
