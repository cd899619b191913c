// See imports.h. https://webassembly.github.io/spec/core/syntax/modules.html#imports
#include "compiler/wasm/imports.h"

namespace swage::wasm {

void add_import(Module& module, Import import, const ImportType& type) {
  import.kind = type.kind;
  switch (type.kind) {
  case ExternKind::func:
    import.index = module.imported_functions++;
    module.functions.push_back(type.function);
    break;
  case ExternKind::table:
    import.index = module.imported_tables++;
    module.tables.push_back({.type = type.table, .init = {}});
    break;
  case ExternKind::memory:
    import.index = module.imported_memories++;
    module.memories.push_back(type.memory);
    break;
  case ExternKind::global:
    import.index = module.imported_globals++;
    module.globals.push_back({.type = type.global, .init = {}});
    break;
  case ExternKind::tag:
    import.index = module.imported_tags++;
    module.tags.push_back(type.tag);
    break;
  }
  module.imports.push_back(import);
}

ImportType type_of(const Module& module, const Import& import) {
  ImportType type{.kind = import.kind};
  switch (import.kind) {
  case ExternKind::func: type.function = module.functions[import.index]; break;
  case ExternKind::table: type.table = module.tables[import.index].type; break;
  case ExternKind::memory: type.memory = module.memories[import.index]; break;
  case ExternKind::global: type.global = module.globals[import.index].type; break;
  case ExternKind::tag: type.tag = module.tags[import.index]; break;
  }
  return type;
}

size_t list_size(std::span<const Import> imports) {
  size_t size = 1;
  while (size < imports.size() && !imports[size].begins_list) ++size;
  return size;
}

} // namespace swage::wasm
