// The functions at the border between the host and compiled code, and the initialiser; see entry.cpp and
// initialiser.cpp.
#pragma once

#include "compiler/lower/environment.h"

namespace swage::lower {

/// Defines the entry function (EntryFn) of a function type.
void lower_entry(Environment& env, wasm::TypeIdx index);
/// Defines the trampoline from compiled code to a host function of a type.
void lower_trampoline(Environment& env, wasm::TypeIdx index);
/// Defines the initialiser and its entry.
void lower_initialiser(Environment& env);

/// The plain name of each function that has versions: a jump to the version in use, whose address stands in
/// kDispatchSymbol.
void lower_dispatch(Environment& env, const std::vector<bool>& versioned);
/// A closed table's array, constant and without relocations.
void lower_closed_table(Environment& env, wasm::TableIdx index, const ClosedTable& table);

} // namespace swage::lower
