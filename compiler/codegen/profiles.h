// Profiles on their way from a user's files to the lowering (lower/profile.h, artifact/profile.h).
#pragma once

#include <optional>

#include "compiler/lower/profile.h"
#include "runtime/artifact/profile.h"
#include "swage/compiler.h"

namespace swage::codegen {

/// What the options say of profiles; LowerOptions borrows from it.
struct Profiles {
  std::optional<lower::ProfileLayout> counting; ///< of code that is to count
  std::optional<lower::Profile> used;           ///< all of the options' profiles together
};

/// Errors: those of decode_profile, with the profile's file; limit.
Expected<Profiles> load_profiles(const wasm::Module& module, const CompileOptions& options);

/// By what a profile belongs to a module.
artifact::ProfileKey profile_key(const wasm::Module& module, const lower::ProfileLayout* layout);

} // namespace swage::codegen
