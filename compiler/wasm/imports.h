// Imports, as whoever reads a module meets them: a type first, which then declares one thing or many.
#pragma once

#include <span>

#include "compiler/wasm/module.h"

namespace swage::wasm {

/// One member besides `kind` means something, as it says.
struct ImportType {
  ExternKind kind = ExternKind::func;
  TypeIdx function = {};
  TableType table = {};
  MemoryType memory = {};
  GlobalType global = {};
  TagType tag = {};
};

/// Appends the import, and what it declares to its index space. Its kind and index come from here.
void add_import(Module& module, Import import, const ImportType& type);

ImportType type_of(const Module& module, const Import& import);

/// How many imports stand in the list that begins at the first one: 1 for one by itself.
size_t list_size(std::span<const Import> imports);

} // namespace swage::wasm
