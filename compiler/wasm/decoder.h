// The decoder's state, shared by its files: decode.cpp walks the sections and reads most of them,
// decode_types.cpp the types, decode_imports.cpp imports, decode_segments.cpp elements and data,
// decode_custom.cpp names and branch hints.
#pragma once

#include <fmt/core.h>

#include "compiler/wasm/imports.h"
#include "compiler/wasm/instruction.h"
#include "compiler/wasm/limits.h"
#include "compiler/wasm/module.h"
#include "compiler/wasm/reader.h"
#include "compiler/wasm/sections.h"

namespace swage::wasm {

class Decoder {
public:
  Decoder(Bytes bytes, FeatureSet features) : reader_(bytes, 0, features) {
    module_.bytes = bytes;
    module_.features = features;
  }
  Expected<Module> decode();

private:
  void header();
  void section(Section id);
  void check_counts();

  void types();
  SubType sub_type();
  CompositeType composite_type();
  FieldType field_type();
  std::vector<ValType> result_type(uint32_t limit, const char* what);

  void imports();
  void compact_imports(Import import);
  ImportType import_type();
  void import_as(const Import& import, const ImportType& type);
  void functions();
  void another_table();
  void another_memory();
  void tables();
  void memories();
  void tags();
  void globals();
  void exports();
  void elements();
  void element();
  void code();
  void data();

  TableType table_type();
  MemoryType memory_type();
  GlobalType global_type();
  TagType tag_type();
  Limits limits(bool has_max);
  ConstExpr const_expr();
  void custom();

  /// The count of a section's or a list's entries, refused over the limit.
  uint32_t count(uint32_t limit, const char* what, size_t already = 0);

  Reader reader_; ///< of the section that is being read
  Module module_;
  Instruction instruction_; ///< reused by const_expr
  uint8_t last_section_ = 0;
};

/// Reads what the name section says; nothing of it where any of it is malformed.
/// https://webassembly.github.io/spec/core/appendix/custom.html#name-section
Names decode_names(Bytes contents);
/// The same for metadata.code.branch_hint.
std::unordered_map<uint32_t, std::vector<BranchHint>> decode_branch_hints(Bytes contents);

} // namespace swage::wasm
