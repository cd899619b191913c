// An artifact with code for several CPUs: which functions have a version for each, and which of these
// versions are worth keeping.
//
// A function is versioned where time may be spent: with a profile where it is hot; without one, functions
// with loops and leaves that loops call. Each version is an object of its own, so that one whose code is the
// same as that of the CPU below can be left out: it then is that one, by another name. Everything else exists
// once, for the least CPU.
#pragma once

#include <vector>

#include "compiler/codegen/object.h"
#include "compiler/lower/profile.h"

namespace swage::codegen {

/// By function index. Depends on the module and the profile alone.
std::vector<bool> choose_versioned(const wasm::Module& module, const lower::Profile* profile);

/// A function's code for one CPU, as far as it is compared.
struct VersionFacts {
  uint64_t hash_low = 0, hash_high = 0; ///< of all that is loaded, versions' names without the CPU
  std::vector<uint32_t> callees;        ///< positions of versioned functions that it refers to
};

/// Of an object that holds the version of one function for the CPU `cpu`. `functions`: the versioned ones,
/// ascending.
VersionFacts facts_of(const Object& object, std::string_view cpu, std::span<const wasm::FuncIdx> functions);

/// By position, the level whose version is used at `level`: its own, where that or the version used at the
/// level of something that it refers to is different; else the one used at the level below. `facts`: by level
/// and position; `below`: what this function gave for the level below.
std::vector<uint32_t> used_versions(const std::vector<std::vector<VersionFacts>>& facts, uint32_t level,
                                    const std::vector<uint32_t>& below);

} // namespace swage::codegen
