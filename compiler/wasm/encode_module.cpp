// A Module's sections, in the order and the first-choice form of the binary format.
// https://webassembly.github.io/spec/core/binary/modules.html
#include <algorithm>

#include "compiler/wasm/binary_codes.h"
#include "compiler/wasm/encode.h"
#include "compiler/wasm/imports.h"
#include "compiler/wasm/sections.h"

namespace swage::wasm {

namespace {

class ModuleEncoder {
public:
  explicit ModuleEncoder(const Module& module) : module_(module) {}

  std::vector<std::byte> encode() {
    out_.bytes(std::as_bytes(std::span(kMagicAndVersion)));
    custom_sections_after(Section::custom);
    for (Section id : kSectionOrder) {
      if (id == Section::code) generated_branch_hints();
      Encoder contents = section(id);
      if (!contents.empty()) write_section(id, contents);
      custom_sections_after(id);
    }
    generated_names();
    return out_.take();
  }

private:
  void write_section(Section id, const Encoder& contents) {
    out_.byte(static_cast<uint8_t>(id));
    out_.sized(contents.view());
  }

  void write_custom(std::string_view name, Bytes bytes) {
    Encoder contents;
    contents.name(name);
    contents.bytes(bytes);
    write_section(Section::custom, contents);
  }

  void custom_sections_after(Section id) {
    for (const CustomSection& custom : module_.customs)
      if (custom.after == static_cast<uint8_t>(id)) write_custom(custom.name, custom.bytes);
  }

  bool has_custom(std::string_view name) const {
    return std::ranges::any_of(module_.customs,
                               [&](const CustomSection& custom) { return custom.name == name; });
  }

  void generated_names() {
    if (has_custom(kNameSection)) return;
    std::vector<std::byte> names = encode_names(module_.names);
    if (!names.empty()) write_custom(kNameSection, names);
  }

  // https://webassembly.github.io/spec/core/appendix/custom.html: metadata.code.branch_hint
  void generated_branch_hints() {
    if (module_.branch_hints.empty() || has_custom(kBranchHintSection)) return;
    std::vector<uint32_t> functions;
    for (const auto& [function, hints] : module_.branch_hints) functions.push_back(function);
    std::ranges::sort(functions);
    Encoder contents;
    contents.u64(functions.size());
    for (uint32_t function : functions) {
      const std::vector<BranchHint>& hints = module_.branch_hints.at(function);
      contents.u32(function);
      contents.u64(hints.size());
      for (const BranchHint& hint : hints) {
        contents.u32(hint.offset);
        contents.u32(1); // bytes of the value
        contents.byte(hint.likely);
      }
    }
    write_custom(kBranchHintSection, contents.view());
  }

  /// The contents, empty for a section that need not be written.
  Encoder section(Section id) {
    switch (id) {
    case Section::type: return types();
    case Section::import: return imports();
    case Section::function:
      return vector(module_.imported_functions, module_.functions.size(),
                    [&](Encoder& out, size_t i) { out.u32(module_.functions[i].value); });
    case Section::table:
      return vector(module_.imported_tables, module_.tables.size(),
                    [&](Encoder& out, size_t i) { table(out, module_.tables[i]); });
    case Section::memory:
      return vector(module_.imported_memories, module_.memories.size(),
                    [&](Encoder& out, size_t i) { out.memory_type(module_.memories[i]); });
    case Section::tag:
      return vector(module_.imported_tags, module_.tags.size(),
                    [&](Encoder& out, size_t i) { out.tag_type(module_.tags[i]); });
    case Section::global:
      return vector(module_.imported_globals, module_.globals.size(), [&](Encoder& out, size_t i) {
        out.global_type(module_.globals[i].type);
        out.bytes(module_.globals[i].init.code);
      });
    case Section::export_:
      return vector(0, module_.exports.size(), [&](Encoder& out, size_t i) {
        out.name(module_.exports[i].name);
        out.byte(static_cast<uint8_t>(module_.exports[i].kind));
        out.u32(module_.exports[i].index);
      });
    case Section::start: {
      Encoder out;
      if (module_.start) out.u32(module_.start->value);
      return out;
    }
    case Section::element:
      return vector(0, module_.elems.size(), [&](Encoder& out, size_t i) { elem(out, module_.elems[i]); });
    case Section::data_count: {
      Encoder out;
      if (module_.data_count) out.u32(*module_.data_count);
      return out;
    }
    case Section::code:
      return vector(0, module_.bodies.size(), [&](Encoder& out, size_t i) { body(out, module_.bodies[i]); });
    case Section::data:
      return vector(0, module_.datas.size(), [&](Encoder& out, size_t i) { data(out, module_.datas[i]); });
    case Section::custom: break;
    }
    return {};
  }

  /// A count and its elements, from the first that is not imported.
  template<class Write> static Encoder vector(size_t first, size_t size, Write write) {
    Encoder out;
    if (first == size) return out;
    out.u64(size - first);
    for (size_t i = first; i < size; i++) write(out, i);
    return out;
  }

  Encoder types() const {
    Encoder out;
    if (module_.types.empty()) return out;
    const std::vector<uint32_t>& starts = module_.rec_group_starts;
    out.u64(starts.size());
    for (size_t group = 0; group < starts.size(); group++) {
      size_t end = group + 1 < starts.size() ? starts[group + 1] : module_.types.size();
      size_t size = end - starts[group];
      if (size != 1) {
        out.byte(kRecType);
        out.u64(size);
      }
      for (size_t i = starts[group]; i < end; i++) out.sub_type(module_.types[i]);
    }
    return out;
  }

  /// Lists stay lists.
  Encoder imports() const {
    Encoder out;
    uint32_t lists = 0;
    std::span<const Import> left = module_.imports;
    for (size_t size = 0; !left.empty(); left = left.subspan(size), lists++) {
      size = list_size(left);
      out.name(left[0].module);
      if (left[0].form == ImportForm::single) {
        out.name(left[0].name);
        import_type(out, left[0]);
        continue;
      }
      bool has_one_type = left[0].form == ImportForm::shared_type;
      out.name("");
      out.byte(has_one_type ? kImportsOfOneType : kImportItems);
      if (has_one_type) import_type(out, left[0]);
      out.u64(size);
      for (const Import& import : left.first(size)) {
        out.name(import.name);
        if (!has_one_type) import_type(out, import);
      }
    }
    Encoder counted;
    if (lists == 0) return counted;
    counted.u32(lists);
    counted.bytes(out.view());
    return counted;
  }

  void import_type(Encoder& out, const Import& import) const {
    ImportType type = type_of(module_, import);
    out.byte(static_cast<uint8_t>(type.kind));
    switch (type.kind) {
    case ExternKind::func: return out.u32(type.function.value);
    case ExternKind::table: return out.table_type(type.table);
    case ExternKind::memory: return out.memory_type(type.memory);
    case ExternKind::global: return out.global_type(type.global);
    case ExternKind::tag: return out.tag_type(type.tag);
    }
  }

  static void table(Encoder& out, const Table& table) {
    if (table.init) {
      out.byte(kTableWithInit);
      out.byte(0x00);
    }
    out.table_type(table.type);
    if (table.init) out.bytes(table.init->code);
  }

  static void elem(Encoder& out, const ElemSegment& segment) {
    // Plain indices say (ref func); every other type needs expressions, and table 0 has a short form for
    // funcref.
    bool plain = segment.exprs.empty() && segment.type == ValType::ref({HeapKind::func}, false);
    uint32_t flags = plain ? 0 : kElemExpressions;
    if (segment.mode == SegmentMode::active) {
      bool implied = plain || segment.type == kFuncRef;
      if (segment.table.value != 0 || !implied) flags |= kElemExplicit;
    } else {
      flags |= kElemPassive | (segment.mode == SegmentMode::declarative ? kElemExplicit : 0);
    }
    out.u32(flags);
    if (segment.mode == SegmentMode::active) {
      if (flags & kElemExplicit) out.u32(segment.table.value);
      out.bytes(segment.table_offset.code);
    }
    if (flags & (kElemPassive | kElemExplicit)) {
      if (plain)
        out.byte(0x00); // element kind: functions
      else
        out.val_type(segment.type);
    }
    if (!segment.exprs.empty()) {
      out.u64(segment.exprs.size());
      for (const ConstExpr& expr : segment.exprs) out.bytes(expr.code);
      return;
    }
    out.u64(segment.funcs.size());
    for (FuncIdx function : segment.funcs) {
      if (plain) {
        out.u32(function.value);
      } else {
        out.emit({.op = Op::ref_func, .index = {function.value}});
        out.emit({.op = Op::end});
      }
    }
  }

  static void body(Encoder& out, const Body& body) {
    Encoder contents;
    contents.u64(body.locals.size());
    for (const LocalRun& run : body.locals) {
      contents.u32(run.count);
      contents.val_type(run.type);
    }
    contents.bytes(body.code);
    out.sized(contents.view());
  }

  // https://webassembly.github.io/spec/core/binary/modules.html#data-section
  static void data(Encoder& out, const DataSegment& segment) {
    if (segment.mode == SegmentMode::active) {
      out.u32(segment.memory.value == 0 ? 0 : kDataExplicit);
      if (segment.memory.value != 0) out.u32(segment.memory.value);
      out.bytes(segment.memory_offset.code);
    } else {
      out.u32(kDataPassive);
    }
    out.sized(segment.bytes);
  }

  const Module& module_;
  Encoder out_;
};

using NameMap = std::unordered_map<uint32_t, std::string_view>;
using IndirectNameMap = std::unordered_map<uint32_t, NameMap>;

template<class Map> std::vector<uint32_t> sorted_keys(const Map& map) {
  std::vector<uint32_t> keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  std::ranges::sort(keys);
  return keys;
}

void write_names(Encoder& out, const NameMap& names) {
  out.u64(names.size());
  for (uint32_t index : sorted_keys(names)) {
    out.u32(index);
    out.name(names.at(index));
  }
}

void write_subsection(Encoder& out, uint8_t id, const NameMap& names) {
  if (names.empty()) return;
  Encoder contents;
  write_names(contents, names);
  out.byte(id);
  out.sized(contents.view());
}

void write_subsection(Encoder& out, uint8_t id, const IndirectNameMap& names) {
  if (names.empty()) return;
  Encoder contents;
  contents.u64(names.size());
  for (uint32_t index : sorted_keys(names)) {
    contents.u32(index);
    write_names(contents, names.at(index));
  }
  out.byte(id);
  out.sized(contents.view());
}

} // namespace

std::vector<std::byte> encode(const Module& module) { return ModuleEncoder(module).encode(); }

std::vector<std::byte> encode_names(const Names& names) {
  Encoder out;
  if (!names.module.empty()) {
    Encoder contents;
    contents.name(names.module);
    out.byte(0);
    out.sized(contents.view());
  }
  write_subsection(out, 1, names.functions);
  write_subsection(out, 2, names.locals);
  write_subsection(out, 3, names.labels);
  write_subsection(out, 4, names.types);
  write_subsection(out, 5, names.tables);
  write_subsection(out, 6, names.memories);
  write_subsection(out, 7, names.globals);
  write_subsection(out, 8, names.elems);
  write_subsection(out, 9, names.datas);
  write_subsection(out, 10, names.fields);
  write_subsection(out, 11, names.tags);
  return out.take();
}

} // namespace swage::wasm
