#include "compiler/codegen/descriptor_builder.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <type_traits>
#include <unordered_map>

#include <fmt/format.h>
#include <llvm/Config/llvm-config.h>

#include "compiler/codegen/profiles.h"

namespace swage::codegen {

namespace {

/// Offsets are 32 bits wide and code offsets signed.
constexpr uint64_t kMostBytes = uint64_t{1} << 30;

/// The growing blob. Offsets past kMostBytes are not right any more; build_descriptor refuses such a blob at
/// the end.
class Blob {
public:
  Blob() : bytes_(sizeof(abi::Descriptor)) {}

  template<class T> abi::Span rows(const std::vector<T>& rows) {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= 16);
    if (rows.empty()) return {};
    uint32_t offset = align(alignof(T));
    append(std::as_bytes(std::span(rows)));
    return {offset, static_cast<uint32_t>(rows.size())};
  }

  abi::Span bytes(wasm::Bytes contents) {
    if (contents.empty()) return {};
    uint32_t offset = align(1);
    append(contents);
    return {offset, static_cast<uint32_t>(contents.size())};
  }

  /// Equal texts are stored once.
  abi::Span text(std::string_view text) {
    auto [found, is_new] = texts_.try_emplace(std::string(text));
    if (is_new) found->second = bytes(std::as_bytes(std::span(text)));
    return found->second;
  }

  /// Room for `count` int32 that fixups fill.
  abi::Span offsets(size_t count) { return rows(std::vector<int32_t>(count)); }

  std::vector<std::byte>& storage() { return bytes_; }

private:
  uint32_t align(size_t alignment) {
    bytes_.resize((bytes_.size() + alignment - 1) & ~(alignment - 1));
    return static_cast<uint32_t>(bytes_.size());
  }
  void append(wasm::Bytes contents) { bytes_.insert(bytes_.end(), contents.begin(), contents.end()); }

  std::vector<std::byte> bytes_;
  std::unordered_map<std::string, abi::Span> texts_;
};

abi::TypeRef type_ref(ValType type) {
  abi::TypeRef row = {};
  row.kind = static_cast<uint8_t>(type.kind);
  if (!type.is_ref()) return row;
  row.nullable = type.nullable;
  row.heap = static_cast<uint8_t>(type.heap.kind);
  row.index = type.heap.is_concrete() ? type.heap.index : 0;
  return row;
}

abi::TypeRef type_ref(const FieldType& field) {
  abi::TypeRef row = type_ref(field.type);
  row.field = static_cast<uint8_t>(static_cast<unsigned>(field.packing) | (field.is_mutable ? 1u << 7 : 0));
  return row;
}

abi::LimitsRow limits_row(const Limits& limits, AddressType address) {
  abi::LimitsRow row = {};
  row.min = limits.min;
  row.max = limits.max.value_or(0);
  row.flags = static_cast<uint8_t>((limits.max ? 1 : 0) | (address == AddressType::i64 ? 4 : 0));
  return row;
}

/// Fills one blob from one module, chapter by chapter.
class Builder {
public:
  explicit Builder(const DescriptorInput& input)
      : module_(input.module), glue_(input.glue), input_(input), constants_(input.module, input.glue) {}

  Expected<DescriptorData> build() {
    plan_ = plan_images(module_, constants_, input_.images, input_.target.page_size);
    head();
    types();
    imports_and_exports();
    functions();
    tables_memories_globals_tags();
    segments();
    code();
    return finish();
  }

private:
  void head() {
    artifact::ProfileKey source = profile_key(module_, input_.counting);
    head_.abi_hash = abi::kHash;
    head_.source_hash_low = source.source_hash_low;
    head_.source_hash_high = source.source_hash_high;
    head_.counters = source.counters;
    head_.target_sites = source.target_sites;
    head_.features_used = module_.features_used;
    head_.cpu_features_low = input_.target.needed_low;
    head_.cpu_features_high = input_.target.needed_high;
    head_.triple = blob_.text(input_.target.triple);
    head_.cpu = blob_.text(input_.target.name);
    head_.options = blob_.text(options_text(input_.options, input_.target));
    head_.producer = blob_.text("swage " SWAGE_VERSION ", LLVM " LLVM_VERSION_STRING);
    head_.module_name = blob_.text(module_.names.module);
  }

  void types() {
    std::vector<abi::TypeRow> rows;
    std::vector<abi::TypeRef> members;
    for (const SubType& type : module_.types) {
      abi::TypeRow& row = rows.emplace_back();
      row.kind = static_cast<uint8_t>(type.composite.kind);
      row.is_final = type.is_final;
      row.super = type.super.value_or(abi::kNone);
      row.members = static_cast<uint32_t>(members.size());
      switch (type.composite.kind) {
      case CompositeKind::func:
        for (ValType param : type.composite.func.params) members.push_back(type_ref(param));
        for (ValType result : type.composite.func.results) members.push_back(type_ref(result));
        row.params = static_cast<uint32_t>(type.composite.func.params.size());
        row.results = static_cast<uint32_t>(type.composite.func.results.size());
        break;
      case CompositeKind::struct_:
      case CompositeKind::array:
        for (const FieldType& field : type.composite.fields) members.push_back(type_ref(field));
        row.params = static_cast<uint32_t>(type.composite.fields.size());
        break;
      case CompositeKind::cont: row.params = type.composite.cont_func; break;
      }
    }
    for (uint32_t first : module_.rec_group_starts) rows[first].first_in_group = 1;
    head_.types = blob_.rows(rows);
    head_.type_refs = blob_.rows(members);
  }

  void imports_and_exports() {
    std::vector<abi::ImportRow> imports;
    for (const wasm::Import& import : module_.imports)
      imports.push_back({blob_.text(import.module), blob_.text(import.name),
                         static_cast<uint32_t>(import.kind), import.index});
    head_.imports = blob_.rows(imports);

    std::vector<const wasm::Export*> sorted;
    for (const wasm::Export& e : module_.exports) sorted.push_back(&e);
    std::sort(sorted.begin(), sorted.end(),
              [](auto* a, auto* b) { return a->name < b->name; }); // names are unique
    std::vector<abi::ExportRow> exports;
    for (const wasm::Export* e : sorted)
      exports.push_back({blob_.text(e->name), static_cast<uint32_t>(e->kind), e->index});
    head_.exports = blob_.rows(exports);
  }

  /// A trap's report wants a name for every function and tag: the name section's, else the one it is imported
  /// or exported by.
  std::vector<abi::Span> names_of(ExternKind kind, size_t count,
                                  const std::unordered_map<uint32_t, std::string_view>& known) {
    std::vector<abi::Span> names(count);
    for (uint32_t i = 0; i < names.size(); i++) {
      auto found = known.find(i);
      names[i] = blob_.text(found == known.end() ? std::string_view() : found->second);
    }
    for (const wasm::Import& import : module_.imports) {
      if (import.kind == kind && names[import.index].count == 0)
        names[import.index] = blob_.text(fmt::format("{}.{}", import.module, import.name));
    }
    for (const wasm::Export& e : module_.exports) {
      if (e.kind == kind && names[e.index].count == 0) names[e.index] = blob_.text(e.name);
    }
    return names;
  }

  void functions() {
    std::vector<uint32_t> function_types, body_offsets, escaping;
    for (wasm::TypeIdx type : module_.functions) function_types.push_back(type.value);
    for (const wasm::Body& body : module_.bodies) body_offsets.push_back(static_cast<uint32_t>(body.offset));
    for (wasm::FuncIdx function : glue_.escaping) escaping.push_back(function.value);
    head_.functions = blob_.rows(function_types);
    head_.function_names =
        blob_.rows(names_of(ExternKind::func, module_.functions.size(), module_.names.functions));
    head_.body_offsets = blob_.rows(body_offsets);
    head_.escaping = blob_.rows(escaping);
    head_.imported_functions = module_.imported_functions;
    head_.start = module_.start ? module_.start->value : abi::kNone;
    head_.expressions = static_cast<uint32_t>(glue_.expressions.size());
  }

  void tables_memories_globals_tags() {
    std::vector<abi::TableRow> tables;
    for (const wasm::Table& table : module_.tables) {
      abi::InitRow none = {.kind = static_cast<uint32_t>(InitKind::none), .unused = 0, .low = 0, .high = 0};
      tables.push_back({type_ref(table.type.element), limits_row(table.type.limits, table.type.address),
                        table.init ? constants_.row(*table.init) : none});
    }
    std::vector<abi::LimitsRow> memories;
    for (const MemoryType& memory : module_.memories) {
      abi::LimitsRow& row = memories.emplace_back(limits_row(memory.limits, memory.address));
      if (memory.is_shared) row.flags |= 2;
      row.page_size_log2 = memory.page_size_log2;
      row.is_checked = is_checked(memory, input_.options);
    }
    std::vector<abi::GlobalRow> globals;
    for (uint32_t i = 0; i < module_.globals.size(); i++) {
      const wasm::Global& global = module_.globals[i];
      abi::GlobalRow& row = globals.emplace_back();
      row.type = type_ref(global.type.type);
      row.is_mutable = global.type.is_mutable;
      row.init.kind = static_cast<uint32_t>(InitKind::none);
      if (i >= module_.imported_globals) row.init = constants_.row(global.init);
    }
    std::vector<uint32_t> tags;
    for (const TagType& tag : module_.tags) tags.push_back(tag.type_index);
    head_.tables = blob_.rows(tables);
    head_.memories = blob_.rows(memories);
    head_.globals = blob_.rows(globals);
    head_.tags = blob_.rows(tags);
    head_.tag_names = blob_.rows(names_of(ExternKind::tag, module_.tags.size(), module_.names.tags));
    head_.imported_tables = module_.imported_tables;
    head_.imported_memories = module_.imported_memories;
    head_.imported_globals = module_.imported_globals;
    head_.imported_tags = module_.imported_tags;
  }

  abi::ElemRow elem_row(const wasm::ElemSegment& segment) {
    abi::ElemRow row = {};
    row.mode = static_cast<uint32_t>(segment.mode);
    row.table = segment.table.value;
    row.type = type_ref(segment.type);
    row.offset.kind = static_cast<uint32_t>(InitKind::none);
    if (segment.mode == wasm::SegmentMode::active) row.offset = constants_.row(segment.table_offset);
    std::vector<uint32_t> functions;
    for (wasm::FuncIdx function : segment.funcs) functions.push_back(constants_.escaping_position(function));
    std::vector<abi::InitRow> expressions;
    for (const wasm::ConstExpr& expression : segment.exprs) expressions.push_back(constants_.row(expression));
    row.functions = blob_.rows(functions);
    row.expressions = blob_.rows(expressions);
    return row;
  }

  void segments() {
    std::vector<abi::ElemRow> elems;
    for (const wasm::ElemSegment& segment : module_.elems) elems.push_back(elem_row(segment));
    head_.elems = blob_.rows(elems);

    std::vector<abi::DataRow> datas;
    for (size_t i = 0; i < module_.datas.size(); i++) {
      const wasm::DataSegment& segment = module_.datas[i];
      abi::DataRow& row = datas.emplace_back();
      row.mode = static_cast<uint32_t>(segment.mode);
      row.memory = segment.memory.value;
      row.offset.kind = static_cast<uint32_t>(InitKind::none);
      if (segment.mode == wasm::SegmentMode::active) row.offset = constants_.row(segment.memory_offset);
      row.in_image = plan_.is_in_image[i];
      if (!row.in_image) row.bytes = blob_.bytes(segment.bytes);
    }
    head_.datas = blob_.rows(datas);

    std::vector<abi::ImageRow> images;
    for (const ImageRun& run : plan_.runs) images.push_back({run.memory, 0, run.address, run.bytes.size()});
    head_.images = blob_.rows(images);
    for (uint32_t i = 0; i < images.size(); i++) {
      uint64_t at = head_.images.offset + i * sizeof(abi::ImageRow) + offsetof(abi::ImageRow, bytes_offset);
      fix(at, Fixup::Target::image, i);
    }
  }

  void code() {
    head_.code = blob_.offsets(module_.bodies.size());
    for (uint32_t i = 0; i < module_.bodies.size(); i++)
      fix(head_.code.offset + i * 4, Fixup::Target::function, module_.imported_functions + i);
    head_.entries = blob_.offsets(module_.types.size());
    head_.trampolines = blob_.offsets(module_.types.size());
    for (uint32_t i = 0; i < module_.types.size(); i++) {
      if (glue_.entry_needed[i]) fix(head_.entries.offset + i * 4, Fixup::Target::entry, i);
      if (glue_.trampoline_needed[i]) fix(head_.trampolines.offset + i * 4, Fixup::Target::trampoline, i);
    }
    if (!glue_.expressions.empty()) {
      fix(offsetof(abi::Descriptor, initialiser), Fixup::Target::initialiser, 0);
      fix(offsetof(abi::Descriptor, initialiser_entry), Fixup::Target::initialiser_entry, 0);
    }

    levels();

    std::vector<abi::CodeRange> ranges;
    for (const CodeSection& section : input_.code)
      ranges.push_back(
          {0, 0, blob_.rows(section.addresses), blob_.rows(section.traps), blob_.rows(section.inlined)});
    head_.ranges = blob_.rows(ranges);
    for (uint32_t i = 0; i < ranges.size(); i++) {
      uint64_t at = head_.ranges.offset + i * sizeof(abi::CodeRange);
      fix(at + offsetof(abi::CodeRange, begin_offset), Fixup::Target::range_begin, i);
      fix(at + offsetof(abi::CodeRange, end_offset), Fixup::Target::range_end, i);
    }
  }

  void levels() {
    std::vector<uint32_t> versioned;
    for (wasm::FuncIdx function : input_.versioned) versioned.push_back(function.value);
    head_.versioned = blob_.rows(versioned);
    std::vector<abi::CpuLevelRow> rows;
    for (const LevelCode& level : input_.levels) {
      const Target& target = *level.target;
      abi::Span code = blob_.offsets(versioned.size());
      for (uint32_t k = 0; k < versioned.size(); k++)
        fix(code.offset + k * 4, Fixup::Target::version, k, level.from[k]);
      rows.push_back({blob_.text(target.name), target.needed_low, target.needed_high, code});
    }
    head_.levels = blob_.rows(rows);
    if (!versioned.empty()) fix(offsetof(abi::Descriptor, dispatch), Fixup::Target::dispatch, 0);
  }

  void fix(uint64_t offset, Fixup::Target target, uint32_t index, uint32_t level = 0) {
    data_.fixups.push_back({static_cast<uint32_t>(offset), target, index, level});
  }

  Expected<DescriptorData> finish() {
    std::vector<std::byte>& bytes = blob_.storage();
    if (bytes.size() > kMostBytes)
      return fail(ErrorCode::limit,
                  fmt::format("the module's data, names and tables need {} bytes: expected at most {}",
                              bytes.size(), kMostBytes));
    head_.size = bytes.size();
    std::memcpy(bytes.data(), &head_, sizeof head_);
    std::sort(data_.fixups.begin(), data_.fixups.end(),
              [](const Fixup& a, const Fixup& b) { return a.offset < b.offset; });
    data_.bytes = std::move(bytes);
    data_.images = std::move(plan_.runs);
    return std::move(data_);
  }

  const wasm::Module& module_;
  const lower::Glue& glue_;
  const DescriptorInput& input_;
  ConstantRows constants_;
  ImagePlan plan_;
  Blob blob_;
  abi::Descriptor head_ = {};
  DescriptorData data_;
};

const char* level_text(OptLevel level) {
  switch (level) {
  case OptLevel::O0: return "-O0";
  case OptLevel::O1: return "-O1";
  case OptLevel::O2: return "-O2";
  case OptLevel::O3: return "-O3";
  case OptLevel::Os: return "-Os";
  }
  return "";
}

} // namespace

std::string options_text(const CompileOptions& options, const Target& target) {
  bool has_several = options.cpu.find(',') != std::string::npos;
  std::string text =
      fmt::format("{} --cpu {}", level_text(options.opt), has_several ? options.cpu : target.name);
  if (!target.features.empty()) text += " --cpu-features " + target.features;
  if (options.bounds == MemoryBounds::checked) text += " --bounds checked";
  if (options.relaxed_traps) text += " --relaxed-traps";
  if (options.deterministic) text += " --deterministic";
  if (options.instrument) text += " --instrument";
  if (!options.profiles.empty()) text += " --profile";
  for (const std::string& feature : options.enable) text += " --enable " + feature;
  for (const std::string& feature : options.disable) text += " --disable " + feature;
  return text;
}

bool is_checked(const MemoryType& memory, const CompileOptions& options) {
  return options.bounds == MemoryBounds::checked || memory.address == AddressType::i64 ||
         memory.page_size_log2 != 16;
}

Expected<DescriptorData> build_descriptor(const DescriptorInput& input) { return Builder(input).build(); }

} // namespace swage::codegen
