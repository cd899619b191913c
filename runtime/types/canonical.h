// The process-wide canonical types: two modules that define the same recursion group get the same ids, so
// that type equality is equality of numbers in compiled code, in FuncRef::type and in the API.
//
// Iso-recursive: a group is canonical as a whole, references inside of it count from its begin, references
// out of it are canonical ids already. Types live as long as the process: ids stand in artifacts' instances,
// in handles and in compiled compares, and a program has few of them. Thread-safe; reading takes no lock.
//
// https://webassembly.github.io/spec/core/valid/conventions.html#rolling-and-unrolling
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "swage/types.h"

namespace swage {

/// The canonical ids of the types of a module. `types` are all of its types in order, with indices of the
/// module; group_begins[i] is 1 where a recursion group begins.
std::vector<uint32_t> canonicalize(std::span<const SubType> types, std::span<const uint8_t> group_begins);

/// The id of a final function type without supertype, as the API's and most modules' types are. Its heap
/// types are canonical.
uint32_t canonical_id(const FuncType& type);

/// The type behind an id; its indices are canonical ids.
const SubType& canonical_type(uint32_t id);

} // namespace swage
