// A module's description, read from the descriptor in place.
#include "runtime/module/module.h"

#include <algorithm>
#include <atomic>

#include "runtime/artifact/artifact.h"
#include "runtime/trap/code_ranges.h"
#include "runtime/types/canonical.h"
#include "runtime/types/rtt.h"
#include "runtime/vocabulary/text.h"

namespace swage {

namespace {

constexpr uint8_t kHasMaximum = 1;
constexpr uint8_t kShared = 2;
constexpr uint8_t kAddress64 = 4;

AddressType address_of(const abi::LimitsRow& row) {
  return (row.flags & kAddress64) != 0 ? AddressType::i64 : AddressType::i32;
}

Limits limits_of(const abi::LimitsRow& row) {
  Limits limits{row.min, std::nullopt};
  if ((row.flags & kHasMaximum) != 0) limits.max = row.max;
  return limits;
}

/// A value type with the module's own type indices.
ValType local_type(abi::TypeRef type) {
  if (static_cast<ValKind>(type.kind) != ValKind::ref) return {static_cast<ValKind>(type.kind)};
  return ValType::ref({static_cast<HeapKind>(type.heap), type.index}, type.nullable != 0);
}

std::vector<ValType> local_types(std::span<const abi::TypeRef> types) {
  std::vector<ValType> result(types.size());
  for (size_t i = 0; i < types.size(); ++i) result[i] = local_type(types[i]);
  return result;
}

FieldType local_field(abi::TypeRef type) {
  constexpr uint8_t kMutable = 0x80;
  return {local_type(type), static_cast<Packing>(type.field & ~kMutable), (type.field & kMutable) != 0};
}

SubType local_sub_type(const abi::TypeRow& row, std::span<const abi::TypeRef> all_members) {
  SubType type;
  type.is_final = row.is_final != 0;
  if (row.super != abi::kNone) type.super = row.super;
  CompositeType& composite = type.composite;
  composite.kind = static_cast<CompositeKind>(row.kind);
  std::span<const abi::TypeRef> members = all_members.subspan(row.members);
  switch (composite.kind) {
  case CompositeKind::func:
    composite.func.params = local_types(members.first(row.params));
    composite.func.results = local_types(members.subspan(row.params, row.results));
    break;
  case CompositeKind::struct_:
  case CompositeKind::array:
    composite.fields = std::vector<FieldType>(row.params);
    for (uint32_t i = 0; i < row.params; ++i) composite.fields[i] = local_field(members[i]);
    break;
  case CompositeKind::cont: composite.cont_func = row.params; break;
  }
  return type;
}

std::vector<uint32_t> canonical_types(const abi::Descriptor& descriptor) {
  std::span<const abi::TypeRow> rows = abi::elements<abi::TypeRow>(descriptor, descriptor.types);
  std::span<const abi::TypeRef> members = abi::elements<abi::TypeRef>(descriptor, descriptor.type_refs);
  std::vector<SubType> types(rows.size());
  std::vector<uint8_t> group_begins(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    types[i] = local_sub_type(rows[i], members);
    group_begins[i] = rows[i].first_in_group != 0;
  }
  return canonicalize(types, group_begins);
}

const abi::Rtt* rtt_if_aggregate(uint32_t type) {
  CompositeKind kind = canonical_type(type).composite.kind;
  return kind == CompositeKind::struct_ || kind == CompositeKind::array ? rtt_of(type) : nullptr;
}

void register_ranges(const abi::Descriptor& descriptor) {
  std::vector<RegisteredCode> pieces(descriptor.ranges.count);
  for (size_t i = 0; i < pieces.size(); ++i) {
    const abi::CodeRange& range = abi::elements<abi::CodeRange>(descriptor, descriptor.ranges)[i];
    RegisteredCode& code = pieces[i];
    code.begin = static_cast<const std::byte*>(abi::code_address(descriptor, range.begin_offset));
    code.end = static_cast<const std::byte*>(abi::code_address(descriptor, range.end_offset));
    code.addresses = abi::elements<abi::AddressRow>(descriptor, range.addresses);
    code.traps = abi::elements<uint8_t>(descriptor, range.traps);
    code.inlined = abi::elements<abi::InlinedRow>(descriptor, range.inlined);
    code.descriptor = &descriptor;
  }
  register_code(pieces);
}

} // namespace

Module::Impl::Impl(Engine module_engine, const abi::Descriptor& module_descriptor,
                   std::shared_ptr<void> module_owner)
    : engine(std::move(module_engine)), descriptor(module_descriptor), owner(std::move(module_owner)) {}
Module::Impl::Impl(Engine module_engine, const abi::Descriptor& module_descriptor, Library module_library)
    : engine(std::move(module_engine)), descriptor(module_descriptor), library(std::move(module_library)) {}

Module::Impl::~Impl() {
  if (!has_registered_code) return;
  std::span<const abi::CodeRange> ranges = elements<abi::CodeRange>(descriptor.ranges);
  std::vector<const std::byte*> begins(ranges.size());
  for (size_t i = 0; i < ranges.size(); ++i)
    begins[i] = static_cast<const std::byte*>(abi::code_address(descriptor, ranges[i].begin_offset));
  unregister_code(begins);
}

void Module::Impl::prepare() {
  static std::atomic<uint64_t> next_image_id{1};
  types = canonical_types(descriptor);
  rtts = std::vector<const abi::Rtt*>(types.size());
  for (size_t i = 0; i < types.size(); ++i) rtts[i] = rtt_if_aggregate(types[i]);
  register_ranges(descriptor);
  has_registered_code = true;
  image_ids = std::vector<uint64_t>(descriptor.memories.count);
  images = std::vector<Image>(descriptor.images.count);
  for (size_t i = 0; i < images.size(); ++i) {
    const abi::ImageRow& row = elements<abi::ImageRow>(descriptor.images)[i];
    auto* bytes = static_cast<const std::byte*>(abi::code_address(descriptor, row.bytes_offset));
    images[i] = {row.memory, bytes, row.address, row.size, {}};
    if (image_ids[row.memory] == 0) image_ids[row.memory] = next_image_id.fetch_add(1);
  }
  if (descriptor.counters != 0) counters.emplace(descriptor.counters, descriptor.target_sites);
  layout.imported_functions = descriptor.imported_functions;
  layout.memories = descriptor.memories.count;
  layout.tables = descriptor.tables.count;
  layout.imported_globals = descriptor.imported_globals;
  layout.tags = descriptor.tags.count;
  layout.globals = descriptor.globals.count;
}

const void* Module::Impl::trampoline(uint32_t canonical_type) const {
  std::span<const int32_t> trampolines = elements<int32_t>(descriptor.trampolines);
  for (size_t i = 0; i < trampolines.size(); ++i)
    if (trampolines[i] != 0 && types[i] == canonical_type) return code(trampolines[i]);
  return nullptr;
}

ValType Module::Impl::val_type(abi::TypeRef type) const {
  ValType result = local_type(type);
  if (result.is_ref() && result.heap.is_concrete()) result.heap.index = types[result.heap.index];
  return result;
}

MemoryType Module::Impl::memory_type(uint32_t index) const {
  const abi::LimitsRow& row = elements<abi::LimitsRow>(descriptor.memories)[index];
  return {limits_of(row), address_of(row), (row.flags & kShared) != 0, row.page_size_log2};
}

TableType Module::Impl::table_type(uint32_t index) const {
  const abi::TableRow& row = elements<abi::TableRow>(descriptor.tables)[index];
  return {val_type(row.element), limits_of(row.limits), address_of(row.limits)};
}

GlobalType Module::Impl::global_type(uint32_t index) const {
  const abi::GlobalRow& row = elements<abi::GlobalRow>(descriptor.globals)[index];
  return {val_type(row.type), row.is_mutable != 0};
}

ExternType Module::Impl::extern_type(ExternKind kind, uint32_t index) const {
  switch (kind) {
  case ExternKind::table: return table_type(index);
  case ExternKind::memory: return memory_type(index);
  case ExternKind::global: return global_type(index);
  case ExternKind::tag: return TagType{tag_type(index)};
  case ExternKind::func: break;
  }
  return canonical_type(function_type(index)).composite.func;
}

std::vector<ImportType> Module::imports() const {
  std::vector<ImportType> imports;
  for (const abi::ImportRow& row : impl_->elements<abi::ImportRow>(impl_->descriptor.imports))
    imports.push_back({std::string(impl_->text(row.module)), std::string(impl_->text(row.name)),
                       impl_->extern_type(static_cast<ExternKind>(row.kind), row.index)});
  return imports;
}

std::vector<ExportType> Module::exports() const {
  std::vector<ExportType> exports;
  for (const abi::ExportRow& row : impl_->elements<abi::ExportRow>(impl_->descriptor.exports))
    exports.push_back({std::string(impl_->text(row.name)),
                       impl_->extern_type(static_cast<ExternKind>(row.kind), row.index)});
  return exports;
}

ModuleInfo Module::info() const {
  const abi::Descriptor& descriptor = impl_->descriptor;
  ModuleInfo info;
  info.name = impl_->text(descriptor.module_name);
  info.triple = impl_->text(descriptor.triple);
  info.cpu = impl_->text(descriptor.cpu);
  info.cpu_features =
      artifact::feature_names({descriptor.cpu_features_low, descriptor.cpu_features_high}, ",");
  info.options = impl_->text(descriptor.options);
  info.producer = impl_->text(descriptor.producer);
  info.source_hash = join({hex(descriptor.source_hash_high, 16), hex(descriptor.source_hash_low, 16)});
  info.functions = descriptor.functions.count - descriptor.imported_functions;
  for (const abi::CodeRange& range : impl_->elements<abi::CodeRange>(descriptor.ranges))
    info.code_bytes += static_cast<uint64_t>(range.end_offset - range.begin_offset);
  for (const abi::ImageRow& row : impl_->elements<abi::ImageRow>(descriptor.images))
    info.data_bytes += row.size;
  for (const abi::DataRow& row : impl_->elements<abi::DataRow>(descriptor.datas))
    info.data_bytes += row.bytes.count;
  for (const abi::LimitsRow& row : impl_->elements<abi::LimitsRow>(descriptor.memories))
    info.checked_memories = info.checked_memories || row.is_checked != 0;
  info.is_instrumented = descriptor.counters != 0;
  std::span<const int32_t> below;
  for (const abi::CpuLevelRow& row : impl_->elements<abi::CpuLevelRow>(descriptor.levels)) {
    CpuLevel& level = info.levels.emplace_back();
    level.cpu = impl_->text(row.cpu);
    level.features = artifact::feature_names({row.features_low, row.features_high}, ",");
    level.is_used = &row == impl_->level;
    std::span<const int32_t> code = impl_->elements<int32_t>(row.code);
    for (size_t i = 0; i < code.size(); ++i) level.versions += below.empty() || code[i] != below[i];
    below = code;
  }
  return info;
}

} // namespace swage
