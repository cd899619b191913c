// The sections of a module in order. Bodies and expressions are only cut out here; their instructions are
// validate's. https://webassembly.github.io/spec/core/binary/modules.html
#include "compiler/wasm/decode.h"

#include <algorithm>

#include "compiler/wasm/binary_codes.h"
#include "compiler/wasm/decoder.h"

namespace swage::wasm {

namespace {

// A component has the same magic, and this in place of the version.
// https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
constexpr uint32_t kComponentLayer = 0x0001;

/// Where a section stands in the order, from 1; 0 for an unknown one.
size_t rank(uint8_t id) {
  auto found = std::ranges::find(kSectionOrder, static_cast<Section>(id));
  return found == kSectionOrder.end() ? 0 : static_cast<size_t>(found - kSectionOrder.begin()) + 1;
}

} // namespace

Expected<Module> decode(Bytes bytes, FeatureSet features) { return Decoder(bytes, features).decode(); }

Expected<Module> Decoder::decode() {
  Reader whole = std::move(reader_);
  if (whole.remaining() > kMaxModuleBytes)
    return fail(ErrorCode::limit,
                fmt::format("module of {} bytes, the limit is {}", whole.remaining(), kMaxModuleBytes));

  reader_ = Reader(whole.take(std::min(whole.remaining(), sizeof kMagicAndVersion)), 0, whole.features());
  header();
  if (reader_.failed()) return std::unexpected(reader_.error());

  uint64_t used = 0;
  size_t last_rank = 0;
  while (!whole.at_end()) {
    uint64_t at = whole.offset();
    uint8_t id = whole.byte();
    if (id != 0 && rank(id) == 0) whole.fail_at(at, fmt::format("malformed section id {}", id));
    uint32_t size = whole.u32();
    uint64_t start = whole.offset();
    Bytes contents = whole.take(size, "length out of bounds");
    if (whole.failed()) return std::unexpected(whole.error());
    reader_ = Reader(contents, start, whole.features());
    if (id == 0) {
      custom();
    } else {
      if (rank(id) <= last_rank) reader_.fail_at(at, "unexpected content after last section");
      last_rank = rank(id);
      section(static_cast<Section>(id));
      last_section_ = id;
      if (!reader_.at_end()) reader_.fail("section size mismatch");
    }
    if (reader_.failed()) return std::unexpected(reader_.error());
    used |= reader_.features_used();
  }
  reader_ = std::move(whole);
  check_counts();
  if (reader_.failed()) return std::unexpected(reader_.error());
  module_.features_used |= used;
  return std::move(module_);
}

void Decoder::header() {
  Bytes expected = std::as_bytes(std::span(kMagicAndVersion));
  size_t size = reader_.remaining();
  Bytes got = reader_.take(size);
  size_t magic = std::min<size_t>(size, 4);
  if (!std::ranges::equal(got.first(magic), expected.first(magic)))
    return reader_.fail_at(0, "magic header not detected: not a WebAssembly module");
  if (size < expected.size()) return reader_.fail_at(size, "unexpected end");
  uint32_t layer = std::to_integer<uint32_t>(got[6]) | std::to_integer<uint32_t>(got[7]) << 8;
  if (layer == kComponentLayer)
    return reader_.fail_at(4, "unknown binary version: this is a component, not a core module");
  if (!std::ranges::equal(got, expected)) reader_.fail_at(4, "unknown binary version");
}

void Decoder::section(Section id) {
  switch (id) {
  case Section::type: return types();
  case Section::import: return imports();
  case Section::function: return functions();
  case Section::table: return tables();
  case Section::memory: return memories();
  case Section::tag: return tags();
  case Section::global: return globals();
  case Section::export_: return exports();
  case Section::start: module_.start = FuncIdx{reader_.u32()}; return;
  case Section::element: return elements();
  case Section::data_count: {
    uint64_t at = reader_.offset();
    module_.data_count = reader_.u32();
    reader_.require(Feature::bulk_memory, at, "a data count section");
    return;
  }
  case Section::code: return code();
  case Section::data: return data();
  case Section::custom: break;
  }
}

// https://webassembly.github.io/spec/core/binary/modules.html#binary-module: lengths that two sections must
// agree on.
void Decoder::check_counts() {
  if (module_.functions.size() - module_.imported_functions != module_.bodies.size())
    reader_.fail("function and code section have inconsistent lengths");
  if (module_.data_count && *module_.data_count != module_.datas.size())
    reader_.fail("data count and data section have inconsistent lengths");
}

uint32_t Decoder::count(uint32_t limit, const char* what, size_t already) {
  uint64_t at = reader_.offset();
  uint32_t n = reader_.count();
  if (n + already > limit)
    reader_.fail_at(at, fmt::format("{} {}, the limit is {}", n + already, what, limit), ErrorCode::limit);
  return reader_.failed() ? 0 : n;
}

// https://webassembly.github.io/spec/core/binary/modules.html#function-section
void Decoder::functions() {
  uint32_t n = count(kMaxFunctions, "functions", module_.functions.size());
  module_.functions.reserve(module_.functions.size() + n);
  for (uint32_t i = 0; i < n && !reader_.failed(); i++) module_.functions.push_back({reader_.u32()});
}

void Decoder::another_table() {
  if (!module_.tables.empty()) reader_.require(Feature::reference_types, reader_.offset(), "a second table");
}

void Decoder::another_memory() {
  if (!module_.memories.empty()) reader_.require(Feature::multi_memory, reader_.offset(), "a second memory");
}

// https://webassembly.github.io/spec/core/binary/modules.html#table-section
void Decoder::tables() {
  uint32_t n = count(kMaxTables, "tables", module_.tables.size());
  for (uint32_t i = 0; i < n && !reader_.failed(); i++) {
    another_table();
    Table table;
    bool has_init = reader_.peek() == kTableWithInit;
    if (has_init) {
      reader_.require(Feature::function_references, reader_.offset(), "a table with an initializer");
      reader_.byte();
      if (reader_.byte() != 0) reader_.fail("zero byte expected");
    }
    table.type = table_type();
    if (has_init) table.init = const_expr();
    module_.tables.push_back(table);
  }
}

// https://webassembly.github.io/spec/core/binary/modules.html#memory-section
void Decoder::memories() {
  uint32_t n = count(kMaxMemories, "memories", module_.memories.size());
  for (uint32_t i = 0; i < n && !reader_.failed(); i++) {
    another_memory();
    module_.memories.push_back(memory_type());
  }
}

// https://webassembly.github.io/spec/core/binary/modules.html#tag-section
void Decoder::tags() {
  uint32_t n = count(kMaxTags, "tags", module_.tags.size());
  for (uint32_t i = 0; i < n && !reader_.failed(); i++) module_.tags.push_back(tag_type());
}

// https://webassembly.github.io/spec/core/binary/modules.html#global-section
void Decoder::globals() {
  uint32_t n = count(kMaxGlobals, "globals", module_.globals.size());
  for (uint32_t i = 0; i < n && !reader_.failed(); i++) {
    Global global;
    global.type = global_type();
    global.init = const_expr();
    module_.globals.push_back(global);
  }
}

// https://webassembly.github.io/spec/core/binary/modules.html#export-section
void Decoder::exports() {
  uint32_t n = count(kMaxExports, "exports");
  for (uint32_t i = 0; i < n && !reader_.failed(); i++) {
    Export exported;
    exported.offset = reader_.offset();
    exported.name = reader_.name();
    uint64_t at = reader_.offset();
    uint8_t kind = reader_.byte();
    if (kind > static_cast<uint8_t>(ExternKind::tag)) reader_.fail_at(at, "malformed export kind");
    exported.kind = static_cast<ExternKind>(kind);
    exported.index = reader_.u32();
    if (exported.kind == ExternKind::global && exported.index < module_.globals.size() &&
        module_.globals[exported.index].type.is_mutable)
      reader_.require(Feature::mutable_globals, at, "an exported mutable global");
    module_.exports.push_back(exported);
  }
}

// https://webassembly.github.io/spec/core/binary/types.html#limits
Limits Decoder::limits(bool has_max) {
  // 64 bits whatever the address type: what is out of its range is invalid, not malformed.
  Limits limits;
  limits.min = reader_.u64();
  if (has_max) limits.max = reader_.u64();
  return limits;
}

TableType Decoder::table_type() {
  TableType type;
  type.element = reader_.ref_type();
  uint64_t at = reader_.offset();
  uint8_t flags = reader_.byte();
  if (flags & ~(kLimitsMax | kLimits64)) reader_.fail_at(at, "malformed limits flags");
  if (flags & kLimits64 && reader_.require(Feature::memory64, at, "a 64-bit table"))
    type.address = AddressType::i64;
  type.limits = limits(flags & kLimitsMax);
  return type;
}

MemoryType Decoder::memory_type() {
  MemoryType type;
  uint64_t at = reader_.offset();
  uint8_t flags = reader_.byte();
  if (flags & ~(kLimitsMax | kLimitsShared | kLimits64 | kLimitsPageSize))
    reader_.fail_at(at, "malformed limits flags");
  if (flags & kLimits64 && reader_.require(Feature::memory64, at, "a 64-bit memory"))
    type.address = AddressType::i64;
  if (flags & kLimitsShared && reader_.require(Feature::threads, at, "a shared memory"))
    type.is_shared = true;
  type.limits = limits(flags & kLimitsMax);
  type.page_size_log2 = kDefaultPageLog2;
  if (flags & kLimitsPageSize && reader_.require(Feature::custom_page_sizes, at, "a custom page size")) {
    at = reader_.offset();
    uint32_t log2 = reader_.u32();
    if (log2 >= 64) reader_.fail_at(at, "invalid custom page size");
    type.page_size_log2 = static_cast<uint8_t>(log2);
  }
  return type;
}

// https://webassembly.github.io/spec/core/binary/types.html#global-types
GlobalType Decoder::global_type() {
  GlobalType type;
  type.type = reader_.val_type();
  uint64_t at = reader_.offset();
  uint8_t mutability = reader_.byte();
  if (mutability > 1) reader_.fail_at(at, "malformed mutability");
  type.is_mutable = mutability == 1;
  return type;
}

// https://webassembly.github.io/spec/core/binary/types.html#tag-types
TagType Decoder::tag_type() {
  uint64_t at = reader_.offset();
  reader_.require(Feature::exceptions, at, "a tag");
  if (reader_.byte() != 0) reader_.fail_at(at, "malformed tag attribute");
  return {reader_.u32()};
}

// https://webassembly.github.io/spec/core/binary/instructions.html#expressions
ConstExpr Decoder::const_expr() {
  if (reader_.failed()) return {};
  uint64_t at = reader_.offset();
  Bytes rest = module_.bytes.subspan(static_cast<size_t>(at), reader_.remaining());
  InstructionReader instructions(rest, at, module_);
  // Only constant instructions are valid here, but an invalid module still has to be cut at the right `end`.
  for (uint32_t depth = 1; depth != 0;) {
    if (!instructions.read(instruction_)) {
      reader_.fail(instructions.error());
      return {};
    }
    if (instruction_.op == Op::end) depth--;
    if (op_info(instruction_.op).immediates.starts_with('B')) depth++;
  }
  return {reader_.take(instructions.position()), at};
}

// https://webassembly.github.io/spec/core/binary/modules.html#code-section
void Decoder::code() {
  uint32_t n = count(kMaxFunctions, "bodies");
  module_.bodies.reserve(n);
  for (uint32_t i = 0; i < n && !reader_.failed(); i++) {
    Body body;
    body.start = reader_.offset();
    uint32_t size = reader_.u32();
    if (size > kMaxBodyBytes)
      reader_.fail_at(body.start, fmt::format("a body of {} bytes, the limit is {}", size, kMaxBodyBytes),
                      ErrorCode::limit);
    uint64_t at = reader_.offset();
    Reader contents(reader_.take(size, "unexpected end of section or function"), at, reader_.features());
    if (reader_.failed()) return;

    uint32_t runs = contents.count();
    uint64_t total = 0;
    for (uint32_t k = 0; k < runs && !contents.failed(); k++) {
      uint64_t run_at = contents.offset();
      LocalRun run;
      run.count = contents.u32();
      run.type = contents.val_type();
      total += run.count;
      if (total > UINT32_MAX) contents.fail_at(run_at, "too many locals");
      body.locals.push_back(run);
    }
    if (total > kMaxLocals)
      contents.fail_at(at, fmt::format("{} locals, the limit is {}", total, kMaxLocals), ErrorCode::limit);
    body.offset = contents.offset();
    body.code = contents.take(contents.remaining());
    if (contents.failed()) return reader_.fail(contents.error());
    module_.features_used |= contents.features_used();
    module_.bodies.push_back(std::move(body));
  }
}

} // namespace swage::wasm
