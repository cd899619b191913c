// One look at every number of a descriptor that the runtime will use as an offset or an index. Tables that
// are only searched when a trap needs a name or a place (address rows) are bounded but not read: they are
// most of a large artifact.
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <vector>

#include "runtime/artifact/artifact.h"
#include "runtime/vocabulary/text.h"
#include "swage/types.h"

namespace swage::artifact {

namespace {

/// A Span of the descriptor, and what its elements are.
struct Table {
  uint16_t offset;
  uint8_t size, alignment;
};
template<class T> constexpr Table table_of(size_t offset) {
  return {static_cast<uint16_t>(offset), sizeof(T), alignof(T)};
}
#define TABLE(name, type) table_of<type>(offsetof(abi::Descriptor, name))
constexpr Table kTables[] = {
    TABLE(triple, char),
    TABLE(cpu, char),
    TABLE(options, char),
    TABLE(producer, char),
    TABLE(module_name, char),
    TABLE(types, abi::TypeRow),
    TABLE(type_refs, abi::TypeRef),
    TABLE(imports, abi::ImportRow),
    TABLE(exports, abi::ExportRow),
    TABLE(functions, uint32_t),
    TABLE(function_names, abi::Span),
    TABLE(body_offsets, uint32_t),
    TABLE(tables, abi::TableRow),
    TABLE(memories, abi::LimitsRow),
    TABLE(globals, abi::GlobalRow),
    TABLE(tags, uint32_t),
    TABLE(tag_names, abi::Span),
    TABLE(elems, abi::ElemRow),
    TABLE(datas, abi::DataRow),
    TABLE(images, abi::ImageRow),
    TABLE(escaping, uint32_t),
    TABLE(code, int32_t),
    TABLE(entries, int32_t),
    TABLE(trampolines, int32_t),
    TABLE(ranges, abi::CodeRange),
    TABLE(levels, abi::CpuLevelRow),
    TABLE(versioned, uint32_t),
};
#undef TABLE

class Checker {
public:
  Checker(const abi::Descriptor& descriptor, const Surroundings& around) : d_(descriptor), around_(around) {}

  Expected<void> check() {
    if (around_.readable < sizeof(abi::Descriptor)) return broken("is not all there");
    if (d_.abi_hash != abi::kHash)
      return failure(ErrorCode::incompatible,
                     "compiled by another build of swage: its ABI differs from this one's");
    if (d_.size < sizeof(abi::Descriptor) || d_.size > around_.readable) return broken("has a wrong size");
    if (!spans()) return broken("has a table outside of its bytes");
    if (!counts()) return broken("has tables that do not fit together");
    if (!types()) return broken("has a wrong type");
    if (!imports_and_exports()) return broken("has a wrong import or export");
    if (!definitions()) return broken("has a wrong function, table, global or tag");
    if (!segments()) return broken("has a wrong segment or image");
    if (!code()) return broken("points outside of the code");
    return {};
  }

private:
  static std::unexpected<Error> broken(const char* what) {
    return failure(ErrorCode::malformed, {"damaged: the descriptor ", what});
  }

  [[gnu::noinline]] bool fits(abi::Span span, uint64_t size, uint64_t alignment) const {
    return span.count == 0 || (span.offset % alignment == 0 && span.offset <= d_.size &&
                               span.count * size <= d_.size - span.offset);
  }
  template<class T> bool fits(abi::Span span) const { return fits(span, sizeof(T), alignof(T)); }
  template<class T> std::span<const T> rows(abi::Span span) const { return abi::elements<T>(d_, span); }

  bool spans() const {
    for (const Table& table : kTables) {
      abi::Span span;
      std::memcpy(&span, reinterpret_cast<const std::byte*>(&d_) + table.offset, sizeof span);
      if (!fits(span, table.size, table.alignment)) return false;
    }
    return true;
  }

  bool counts() const {
    return d_.imported_functions <= d_.functions.count && d_.imported_tables <= d_.tables.count &&
           d_.imported_memories <= d_.memories.count && d_.imported_globals <= d_.globals.count &&
           d_.imported_tags <= d_.tags.count && d_.tag_names.count == d_.tags.count &&
           d_.function_names.count == d_.functions.count &&
           d_.code.count == d_.functions.count - d_.imported_functions &&
           d_.body_offsets.count == d_.code.count && d_.entries.count == d_.types.count &&
           d_.trampolines.count == d_.types.count &&
           (d_.start == abi::kNone || d_.start < d_.functions.count);
  }

  bool is_type_ref(const abi::TypeRef& ref) const {
    switch (static_cast<ValKind>(ref.kind)) {
    case ValKind::i32:
    case ValKind::i64:
    case ValKind::f32:
    case ValKind::f64:
    case ValKind::v128: return true;
    case ValKind::ref:
      if (static_cast<HeapKind>(ref.heap) == HeapKind::concrete) return ref.index < d_.types.count;
      return (ref.heap >= 0x68 && ref.heap <= 0x75);
    case ValKind::bottom: break;
    }
    return false;
  }

  bool is_func_type(uint32_t type) const {
    return type < d_.types.count &&
           rows<abi::TypeRow>(d_.types)[type].kind == static_cast<uint8_t>(CompositeKind::func);
  }

  bool types() const {
    for (const abi::TypeRef& ref : rows<abi::TypeRef>(d_.type_refs)) {
      if (!is_type_ref(ref) || (ref.field & 0x7F) > 2) return false;
    }
    uint32_t index = 0;
    std::span<const abi::TypeRow> all = rows<abi::TypeRow>(d_.types);
    std::vector<uint8_t> depths(all.size()); // below a type without supertype
    for (const abi::TypeRow& type : all) {
      if (type.kind > static_cast<uint8_t>(CompositeKind::cont)) return false;
      if (type.super != abi::kNone && (type.super >= index || all[type.super].kind != type.kind))
        return false;
      if (type.super != abi::kNone) depths[index] = static_cast<uint8_t>(depths[type.super] + 1);
      if (depths[index] >= abi::kDisplaySize) return false;
      if (type.kind == static_cast<uint8_t>(CompositeKind::array) && type.params != 1) return false;
      if (index == 0 && type.first_in_group == 0) return false;
      bool is_cont = type.kind == static_cast<uint8_t>(CompositeKind::cont);
      if (is_cont && type.params >= d_.types.count) return false;
      if (!is_cont && uint64_t{type.members} + type.params + type.results > d_.type_refs.count) return false;
      ++index;
    }
    return true;
  }

  /// How many there are of a kind; with `only_imported`, how many imported ones.
  uint32_t count_of(uint32_t kind, bool only_imported) const {
    if (kind > static_cast<uint32_t>(ExternKind::tag)) return 0; // the enumeration is narrower than the field
    switch (static_cast<ExternKind>(kind)) {
    case ExternKind::func: return only_imported ? d_.imported_functions : d_.functions.count;
    case ExternKind::table: return only_imported ? d_.imported_tables : d_.tables.count;
    case ExternKind::memory: return only_imported ? d_.imported_memories : d_.memories.count;
    case ExternKind::global: return only_imported ? d_.imported_globals : d_.globals.count;
    case ExternKind::tag: return only_imported ? d_.imported_tags : d_.tags.count;
    }
    return 0;
  }

  bool imports_and_exports() const {
    uint64_t imported = 0;
    for (uint32_t kind = 0; kind <= static_cast<uint32_t>(ExternKind::tag); kind++)
      imported += count_of(kind, true);
    if (imported != d_.imports.count) return false;
    uint32_t next[5] = {}; // imports of one kind come in the order of their index space
    for (const abi::ImportRow& import : rows<abi::ImportRow>(d_.imports)) {
      if (!fits<char>(import.module) || !fits<char>(import.name)) return false;
      if (import.index >= count_of(import.kind, true) || import.index != next[import.kind]++) return false;
    }
    const abi::ExportRow* before = nullptr;
    for (const abi::ExportRow& e : rows<abi::ExportRow>(d_.exports)) {
      if (!fits<char>(e.name) || e.index >= count_of(e.kind, false)) return false;
      if (before && !(abi::text(d_, before->name) < abi::text(d_, e.name))) return false;
      before = &e;
    }
    return true;
  }

  bool is_init(const abi::InitRow& init) const {
    return init.kind == 0 || init.kind == 3 || (init.kind == 1 && init.low < d_.escaping.count) ||
           (init.kind == 2 && init.low < d_.expressions);
  }

  bool is_limits(const abi::LimitsRow& limits) const {
    return limits.flags <= 7 && ((limits.flags & 1) == 0 || limits.min <= limits.max) &&
           limits.is_checked <= 1;
  }

  bool definitions() const {
    for (uint32_t type : rows<uint32_t>(d_.functions)) {
      if (!is_func_type(type)) return false;
    }
    for (uint32_t type : rows<uint32_t>(d_.tags)) {
      if (!is_func_type(type)) return false;
    }
    for (abi::Span names : {d_.function_names, d_.tag_names}) {
      for (abi::Span name : rows<abi::Span>(names))
        if (!fits<char>(name)) return false;
    }
    uint64_t at_least = 0;
    for (uint32_t function : rows<uint32_t>(d_.escaping)) {
      if (function < at_least || function >= d_.functions.count) return false;
      at_least = uint64_t{function} + 1;
    }
    for (const abi::TableRow& table : rows<abi::TableRow>(d_.tables)) {
      if (!is_type_ref(table.element) || !is_limits(table.limits) || !is_init(table.init)) return false;
    }
    for (const abi::LimitsRow& memory : rows<abi::LimitsRow>(d_.memories)) {
      if (!is_limits(memory) || (memory.page_size_log2 != 16 && memory.page_size_log2 != 0)) return false;
    }
    for (const abi::GlobalRow& global : rows<abi::GlobalRow>(d_.globals)) {
      if (!is_type_ref(global.type) || !is_init(global.init)) return false;
    }
    return true;
  }

  bool segments() const {
    for (const abi::ElemRow& elem : rows<abi::ElemRow>(d_.elems)) {
      if (elem.mode > 2 || (elem.mode == 0 && elem.table >= d_.tables.count)) return false;
      if (!is_type_ref(elem.type) || !is_init(elem.offset)) return false;
      if (!fits<uint32_t>(elem.functions) || !fits<abi::InitRow>(elem.expressions)) return false;
      for (uint32_t function : rows<uint32_t>(elem.functions)) {
        if (function != abi::kNone && function >= d_.escaping.count) return false;
      }
      for (const abi::InitRow& expression : rows<abi::InitRow>(elem.expressions)) {
        if (!is_init(expression)) return false;
      }
    }
    for (const abi::DataRow& data : rows<abi::DataRow>(d_.datas)) {
      if (data.mode > 1 || (data.mode == 0 && data.memory >= d_.memories.count)) return false;
      if (!is_init(data.offset) || !fits<std::byte>(data.bytes)) return false;
    }
    for (const abi::ImageRow& image : rows<abi::ImageRow>(d_.images)) {
      if (!is_image(image)) return false;
    }
    return true;
  }

  /// Lies inside of its memory's initial size and of the file.
  bool is_image(const abi::ImageRow& image) const {
    if (image.memory < d_.imported_memories || image.memory >= d_.memories.count) return false;
    const abi::LimitsRow& memory = rows<abi::LimitsRow>(d_.memories)[image.memory];
    if (memory.page_size_log2 != 16) return false;
    uint64_t size = memory.min >> 47 ? UINT64_MAX : memory.min << 16;
    if (image.address > size || image.size > size - image.address) return false;
    if (image.address % 4096 != 0 || image.size % 4096 != 0) return false;
    return image.bytes_offset >= around_.image_begin && image.bytes_offset <= around_.image_end &&
           image.size <= static_cast<uint64_t>(around_.image_end - image.bytes_offset);
  }

  bool is_code(int64_t offset) const { return offset >= around_.code_begin && offset < around_.code_end; }

  bool code() const {
    for (int32_t offset : rows<int32_t>(d_.code)) {
      if (!is_code(offset)) return false;
    }
    for (abi::Span span : {d_.entries, d_.trampolines}) {
      for (int32_t offset : rows<int32_t>(span)) {
        if (offset != 0 && !is_code(offset)) return false;
      }
    }
    if (d_.expressions != 0 && (!is_code(d_.initialiser) || !is_code(d_.initialiser_entry))) return false;
    for (const abi::CodeRange& range : rows<abi::CodeRange>(d_.ranges)) {
      if (!is_code(range.begin_offset) || range.end_offset < range.begin_offset ||
          range.end_offset > around_.code_end)
        return false;
      if (!fits<abi::AddressRow>(range.addresses) || !fits<uint8_t>(range.traps)) return false;
      if (range.traps.count != range.addresses.count || !fits<abi::InlinedRow>(range.inlined)) return false;
    }
    return levels();
  }

  bool levels() const {
    uint64_t at_least = d_.imported_functions;
    for (uint32_t function : rows<uint32_t>(d_.versioned)) {
      if (function < at_least || function >= d_.functions.count) return false;
      at_least = uint64_t{function} + 1;
    }
    if (d_.levels.count == 0) return d_.versioned.count == 0;
    for (const abi::CpuLevelRow& level : rows<abi::CpuLevelRow>(d_.levels)) {
      if (!fits<char>(level.cpu) || !fits<int32_t>(level.code) || level.code.count != d_.versioned.count)
        return false;
      for (int32_t offset : rows<int32_t>(level.code))
        if (!is_code(offset)) return false;
    }
    uint64_t bytes = uint64_t{d_.versioned.count} * sizeof(void*);
    return bytes == 0 ||
           (d_.dispatch >= around_.dispatch_begin && d_.dispatch % int32_t{alignof(void*)} == 0 &&
            bytes <= static_cast<uint64_t>(std::max<int64_t>(around_.dispatch_end - d_.dispatch, 0)));
  }

  const abi::Descriptor& d_;
  const Surroundings& around_;
};

} // namespace

Expected<void> check_descriptor(const abi::Descriptor& descriptor, const Surroundings& around) {
  return Checker(descriptor, around).check();
}

} // namespace swage::artifact
