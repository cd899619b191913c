// Instantiation, in the spec's order. What came before a trap stays done: functions may already stand in an
// imported table, so the instance stays in the store even when it is not returned.
//
// https://webassembly.github.io/spec/core/exec/modules.html#instantiation
#include <algorithm>
#include <cstring>

#include "runtime/instance/instance.h"
#include "runtime/platform/entry.h"
#include "runtime/platform/pages.h"
#include "runtime/types/canonical.h"
#include "runtime/vocabulary/text.h"

namespace swage {

namespace {

/// A run of an image that is shorter is copied. Measured on a loaded two-core machine with two pages touched:
/// 8 KiB copied 11 us, mapped 17; 16 KiB 27 and 16; 256 KiB 617 and 25.
constexpr uint64_t kMapThreshold = uint64_t{16} << 10;

enum class SegmentMode : uint32_t { active, passive, declarative };

using Impl = Instance::Impl;

/// A host function in this instance's hands: it is told who called, also through a reference.
void bind_host_function(Impl& instance, HostFunctionObject& function, abi::HostContext& host,
                        const void* trampoline) {
  host = function.context;
  host.caller = &instance;
  if (function.reference.code == swage_bind_stub) function.reference.code = trampoline;
}

void link_functions(Impl& instance, std::span<const Extern> imports) {
  const Module::Impl& module = *instance.module;
  const abi::Descriptor& d = module.descriptor;
  std::span<const uint32_t> functions = module.elements<uint32_t>(d.functions);
  std::span<const int32_t> trampolines = module.elements<int32_t>(d.trampolines);
  std::span<const int32_t> entries = module.elements<int32_t>(d.entries);
  std::span<abi::ImportedFunction> slots = instance.imported_functions();

  // Pointers into `hosts` stand in the slots: it must not grow.
  size_t host_functions = 0;
  for (const Extern& item : imports)
    if (auto* function = std::get_if<Func>(&item))
      host_functions += host_function_of(function->raw()) != nullptr;
  instance.hosts.reserve(host_functions);

  size_t index = 0;
  for (const Extern& item : imports) {
    auto* import = std::get_if<Func>(&item);
    if (import == nullptr) continue;
    abi::FuncRef& reference = import->raw();
    abi::ImportedFunction& slot = slots[index];
    slot = {reference.code, reference.context, &reference};
    if (HostFunctionObject* host = host_function_of(reference)) {
      slot.code = module.code(trampolines[functions[index]]);
      bind_host_function(instance, *host, instance.hosts.emplace_back(), slot.code);
      slot.context = reinterpret_cast<abi::Context*>(&instance.hosts.back());
    }
    ++index;
  }

  abi::FuncRef* reference = instance.context->functions;
  for (uint32_t function : module.elements<uint32_t>(d.escaping)) {
    uint32_t type = functions[function];
    if (function < d.imported_functions) {
      abi::ImportedFunction& slot = slots[function];
      *reference = *slot.reference;
      reference->code = slot.code;
      reference->context = slot.context;
      slot.reference = reference;
    } else {
      *reference = {module.function_code(function), instance.context, module.types[type], function,
                    module.code(entries[type])};
    }
    ++reference;
  }
}

void link_imports(Impl& instance, std::span<const Extern> imports) {
  link_functions(instance, imports);
  uint32_t tables = 0, memories = 0, globals = 0, tags = 0;
  for (const Extern& item : imports) {
    if (auto* table = std::get_if<Table>(&item)) instance.tables[tables++] = &table->impl();
    if (auto* memory = std::get_if<Memory>(&item)) {
      instance.memories[memories++] = &memory->impl();
      instance.store.know_guarded(memory->impl()); // a shared memory may belong to another thread's store
    }
    if (auto* tag = std::get_if<Tag>(&item)) instance.tags[tags++] = &tag->impl();
    if (auto* global = std::get_if<Global>(&item)) {
      instance.globals[globals] = &global->impl();
      instance.imported_global_slot(globals++) = global->impl().cell;
    }
  }
}

Expected<void> create_memories(Impl& instance) {
  const Module::Impl& module = *instance.module;
  std::span<const abi::LimitsRow> rows = module.elements<abi::LimitsRow>(module.descriptor.memories);
  for (uint32_t i = module.descriptor.imported_memories; i < rows.size(); ++i) {
    NeedsGuard needs = rows[i].is_checked != 0 ? NeedsGuard::no : NeedsGuard::yes;
    uint64_t image = module.file.is_open() ? module.image_ids[i] : 0;
    instance.memories[i] = SWAGE_TRY(instance.store.add_memory(module.memory_type(i), needs, image));
  }
  for (uint32_t i = 0; i < rows.size(); ++i)
    instance.memory_slot(i) = {instance.memories[i]->state.base, &instance.memories[i]->state};
  Instance handle(*static_cast<Store*>(instance.store.state.store), instance);
  if (std::optional<Memory> exported = handle.memory("memory")) instance.main_memory = &exported->impl();
  return {};
}

void create_tags(Impl& instance) {
  const Module::Impl& module = *instance.module;
  std::span<const abi::Span> names = module.elements<abi::Span>(module.descriptor.tag_names);
  for (uint32_t i = module.descriptor.imported_tags; i < instance.tags.size(); ++i) {
    Tag::Impl& tag = instance.store.tags.emplace_front(module.tag_type(i));
    tag.name = module.text(names[i]);
    tag.index = i;
    instance.tags[i] = &tag;
  }
  for (uint32_t i = 0; i < instance.tags.size(); ++i) instance.tag_slot(i) = &instance.tags[i]->rtt;
}

void initialize_globals(Impl& instance) {
  std::span<const abi::GlobalRow> rows =
      instance.module->elements<abi::GlobalRow>(instance.descriptor().globals);
  for (uint32_t i = instance.descriptor().imported_globals; i < rows.size(); ++i) {
    constexpr uint32_t kByInitialiser = 2; // it wrote the cell or will
    if (rows[i].init.kind != kByInitialiser) *instance.global_cell(i) = instance.value_of(rows[i].init);
  }
}

/// Runs the module's initialiser, if it has one.
Result<void> evaluate_expressions(Impl& instance) {
  const abi::Descriptor& d = instance.descriptor();
  if (d.initialiser == 0) return {};
  instance.expressions = std::vector<abi::Value>(std::max(d.expressions, uint32_t{1}));
  auto entry =
      reinterpret_cast<abi::EntryFn>(reinterpret_cast<uintptr_t>(instance.module->code(d.initialiser_entry)));
  return enter_guest(instance.store, entry, instance.module->code(d.initialiser), instance.context,
                     instance.expressions.data());
}

Expected<void> create_tables(Impl& instance) {
  const abi::Descriptor& d = instance.descriptor();
  std::span<const abi::TableRow> rows = instance.module->elements<abi::TableRow>(d.tables);
  for (uint32_t i = 0; i < rows.size(); ++i) {
    if (i >= d.imported_tables) {
      void* init = instance.value_of(rows[i].init).ref;
      instance.tables[i] = SWAGE_TRY(instance.store.add_table(instance.module->table_type(i), init));
    }
    instance.table_slot(i) = &instance.tables[i]->state;
  }
  return {};
}

std::optional<TrapCode> run_elems(Impl& instance) {
  std::span<const abi::ElemRow> rows = instance.module->elements<abi::ElemRow>(instance.descriptor().elems);
  for (uint32_t i = 0; i < rows.size(); ++i) {
    const abi::ElemRow& row = rows[i];
    auto mode = static_cast<SegmentMode>(row.mode);
    if (mode == SegmentMode::passive) continue;
    if (mode == SegmentMode::active) {
      uint64_t to = instance.value_of(row.offset).i64;
      if (auto trap =
              instance.table_init(row.table, i, to, 0, uint64_t{row.functions.count} + row.expressions.count))
        return trap;
    }
    instance.dropped_elems[i] = true;
  }
  return std::nullopt;
}

/// An image that is only partly mapped from the file: matches no other.
constexpr uint64_t kPartialImage = ~uint64_t{0};

bool map_image(const Module::Impl& module, const Image& image, std::byte* to) {
  if (!image.file_offset) return false;
  uint64_t numbers = image.address | image.size | *image.file_offset;
  return numbers % platform::page_size() == 0 &&
         platform::map_file(to, image.size, module.file.get(), *image.file_offset);
}

/// The images of the module's own memories: long runs are mapped from the artifact, the others copied. A slot
/// from the pool may hold its mapped runs already.
void fill_images(Impl& instance) {
  const Module::Impl& module = *instance.module;
  for (const Image& image : module.images) {
    Memory::Impl& memory = *instance.memories[image.memory];
    uint64_t id = module.image_ids[image.memory];
    std::byte* to = memory.state.base + image.address;
    if (!module.file.is_open() || image.size < kMapThreshold) {
      std::memcpy(to, image.bytes, image.size);
    } else if (!memory.has_image) {
      bool is_mapped = map_image(module, image, to);
      if (!is_mapped) std::memcpy(to, image.bytes, image.size);
      memory.slot.image = is_mapped && memory.slot.image != kPartialImage ? id : kPartialImage;
    }
  }
}

/// A trap before the data segments' turn: their bytes must not be there.
void forget_images(Impl& instance) {
  for (uint32_t i = instance.descriptor().imported_memories; i < instance.memories.size(); ++i)
    if (instance.memories[i]->has_image) clear_slot(instance.memories[i]->slot);
}

std::optional<TrapCode> run_datas(Impl& instance) {
  std::span<const abi::DataRow> rows = instance.module->elements<abi::DataRow>(instance.descriptor().datas);
  for (uint32_t i = 0; i < rows.size(); ++i) {
    const abi::DataRow& row = rows[i];
    if (static_cast<SegmentMode>(row.mode) != SegmentMode::active) continue;
    if (row.in_image == 0) {
      uint64_t to = instance.value_of(row.offset).i64;
      if (auto trap = instance.memory_init(row.memory, i, to, 0, row.bytes.count)) return trap;
    }
    instance.dropped_datas[i] = true;
  }
  return std::nullopt;
}

Result<void> run_start(Impl& instance) {
  uint32_t start = instance.descriptor().start;
  if (start == abi::kNone) return {};
  abi::Value none{};
  return call_raw(*static_cast<Store*>(instance.store.state.store), instance.function(start), &none);
}

Result<void> run_segments_and_start(Impl& instance) {
  if (auto trap = run_elems(instance)) {
    forget_images(instance);
    return std::unexpected(Trap::of(*trap));
  }
  fill_images(instance);
  if (auto trap = run_datas(instance)) return std::unexpected(Trap::of(*trap));
  return run_start(instance);
}

std::unexpected<Error> trapped(Trap trap, Trap* out) {
  std::unexpected<Error> error = failure(ErrorCode::trapped, {"instantiation trapped: ", trap.message});
  if (out != nullptr) *out = std::move(trap);
  return error;
}

} // namespace

Expected<Instance> Instance::create(Store& store, const Module& module, std::span<const Extern> imports,
                                    Trap* trap) {
  SWAGE_CHECK(check_imports(store, module.impl(), imports));
  Store::Impl& owner = store.impl();
  Impl& instance = owner.instances.emplace_front(owner, module.shared());
  if (instance.module->counters && instance.context->counters == nullptr)
    return failure(ErrorCode::resource, "no memory for the counters of instrumented code");
  link_imports(instance, imports);
  create_tags(instance);
  SWAGE_CHECK(create_memories(instance));
  initialize_globals(instance);
  if (auto result = evaluate_expressions(instance); !result) return trapped(std::move(result).error(), trap);
  SWAGE_CHECK(create_tables(instance));
  if (auto result = run_segments_and_start(instance); !result)
    return trapped(std::move(result).error(), trap);
  return Instance(store, instance);
}

} // namespace swage
