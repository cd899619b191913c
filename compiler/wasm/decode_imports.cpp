// The import section, with its lists of imports from one module, or of one type.
// https://webassembly.github.io/spec/core/binary/modules.html#import-section
#include "compiler/wasm/binary_codes.h"
#include "compiler/wasm/decoder.h"

namespace swage::wasm {

void Decoder::imports() {
  uint32_t n = count(kMaxImports, "imports");
  for (uint32_t i = 0; i < n && !reader_.failed(); i++) {
    Import import;
    import.offset = reader_.offset();
    import.module = reader_.name();
    import.name = reader_.name();
    uint8_t code = reader_.peek();
    if (import.name.empty() && (code == kImportItems || code == kImportsOfOneType))
      compact_imports(import);
    else
      import_as(import, import_type());
  }
}

/// After the module and an empty name.
void Decoder::compact_imports(Import import) {
  reader_.require(Feature::compact_imports, reader_.offset(), "a list of imports");
  bool has_one_type = reader_.byte() == kImportsOfOneType;
  import.form = has_one_type ? ImportForm::shared_type : ImportForm::item;
  ImportType type;
  if (has_one_type) type = import_type();
  uint32_t n = count(kMaxImports, "imports", module_.imports.size());
  for (uint32_t i = 0; i < n && !reader_.failed(); i++) {
    import.offset = reader_.offset();
    import.begins_list = i == 0;
    import.name = reader_.name();
    if (!has_one_type) type = import_type();
    import_as(import, type);
  }
}

ImportType Decoder::import_type() {
  ImportType type;
  uint64_t at = reader_.offset();
  type.kind = static_cast<ExternKind>(reader_.byte());
  switch (type.kind) {
  case ExternKind::func: type.function = {reader_.u32()}; break;
  case ExternKind::table: type.table = table_type(); break;
  case ExternKind::memory: type.memory = memory_type(); break;
  case ExternKind::global:
    type.global = global_type();
    if (type.global.is_mutable) reader_.require(Feature::mutable_globals, at, "an imported mutable global");
    break;
  case ExternKind::tag: type.tag = tag_type(); break;
  default: reader_.fail_at(at, "malformed import kind");
  }
  return type;
}

void Decoder::import_as(const Import& import, const ImportType& type) {
  if (reader_.failed()) return;
  if (type.kind == ExternKind::table) another_table();
  if (type.kind == ExternKind::memory) another_memory();
  add_import(module_, import, type);
}

} // namespace swage::wasm
