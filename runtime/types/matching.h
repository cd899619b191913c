// Which type may stand where another is expected. All indices are canonical ids.
#pragma once

#include <string>

#include "swage/module.h"
#include "swage/value.h"

namespace swage {

/// https://webassembly.github.io/spec/core/valid/matching.html#defined-types
bool is_subtype(uint32_t type, uint32_t super);
bool matches(HeapType type, HeapType super);
bool matches(ValType type, ValType super);

/// The type that a non-null reference really has: its function's, its object's. One of the extern hierarchy
/// is just that.
HeapType heap_type_of(const Val& value);

/// Whether a value may be passed where `type` is expected. A reference counts with the type that it really
/// has.
bool value_matches(const Val& value, ValType type);

/// What the spec calls external subtyping, of an import's actual type and the one that the module expects.
/// https://webassembly.github.io/spec/core/valid/matching.html#external-types
bool matches(const Limits& actual, const Limits& expected);
bool matches(const MemoryType& actual, const MemoryType& expected);
bool matches(const TableType& actual, const TableType& expected);
bool matches(const GlobalType& actual, const GlobalType& expected);

} // namespace swage
