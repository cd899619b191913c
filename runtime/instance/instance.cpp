// The parts of an instance, and what the embedder asks of it.
//
// One block holds the context with its variable parts and the FuncRefs of the functions that escape.
#include "runtime/instance/instance.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "runtime/types/canonical.h"

namespace swage {

namespace {

enum class InitKind : uint32_t { bits, function, expression, none };

template<class T> T& at(const abi::Context* context, uint64_t offset) {
  return *reinterpret_cast<T*>(reinterpret_cast<std::byte*>(const_cast<abi::Context*>(context)) + offset);
}

} // namespace

Instance::Impl::Impl(Store::Impl& instance_store, std::shared_ptr<Module::Impl> instance_module)
    : store(instance_store), module(std::move(instance_module)), memories(descriptor().memories.count),
      tables(descriptor().tables.count), tags(descriptor().tags.count), globals(descriptor().globals.count),
      dropped_elems(descriptor().elems.count), dropped_datas(descriptor().datas.count) {
  uint64_t context_bytes = module->layout.size();
  uint64_t bytes = context_bytes + uint64_t{descriptor().escaping.count} * sizeof(abi::FuncRef);
  block = std::make_unique<std::byte[]>(bytes); // zero; aligned for a Value
  static_assert(__STDCPP_DEFAULT_NEW_ALIGNMENT__ >= alignof(abi::Value));
  context = reinterpret_cast<abi::Context*>(block.get());
  context->builtins = &kBuiltins;
  context->store = &store.state;
  context->instance = this;
  context->types = module->types.data();
  context->rtts = module->rtts.data();
  context->functions = reinterpret_cast<abi::FuncRef*>(block.get() + context_bytes);
  if (module->counters) context->counters = module->counters->add();
}

Instance::Impl::~Impl() {
  if (context->counters != nullptr) module->counters->retire(context->counters);
}

std::span<abi::ImportedFunction> Instance::Impl::imported_functions() const {
  return {&at<abi::ImportedFunction>(context, module->layout.imported_function_offset(0)),
          descriptor().imported_functions};
}
abi::MemorySlot& Instance::Impl::memory_slot(uint32_t index) const {
  return at<abi::MemorySlot>(context, module->layout.memory_offset(index));
}
void*& Instance::Impl::table_slot(uint32_t index) const {
  return at<void*>(context, module->layout.table_offset(index));
}
void*& Instance::Impl::imported_global_slot(uint32_t index) const {
  return at<void*>(context, module->layout.imported_global_offset(index));
}
const abi::Rtt*& Instance::Impl::tag_slot(uint32_t index) const {
  return at<const abi::Rtt*>(context, module->layout.tag_offset(index));
}
abi::Value* Instance::Impl::global_cell(uint32_t index) const {
  if (index < descriptor().imported_globals) return static_cast<abi::Value*>(imported_global_slot(index));
  return &at<abi::Value>(context, module->layout.global_offset(index));
}

abi::FuncRef& Instance::Impl::function(uint32_t index) const {
  std::span<const uint32_t> escaping = module->elements<uint32_t>(descriptor().escaping);
  auto found = std::lower_bound(escaping.begin(), escaping.end(), index);
  assert(found != escaping.end() && *found == index && "the function does not escape");
  return context->functions[found - escaping.begin()];
}

Global::Impl& Instance::Impl::global(uint32_t index) {
  if (globals[index] == nullptr) {
    Global::Impl& object = store.globals.emplace_front();
    object.type = module->global_type(index);
    object.cell = global_cell(index);
    globals[index] = &object;
  }
  return *globals[index];
}

abi::Value Instance::Impl::value_of(const abi::InitRow& init) const {
  abi::Value value{};
  switch (static_cast<InitKind>(init.kind)) {
  case InitKind::bits:
    value.i64 = init.low;
    std::memcpy(value.v128 + 8, &init.high, sizeof init.high);
    break;
  case InitKind::function: value.ref = &context->functions[init.low]; break;
  case InitKind::expression: value = expressions[init.low]; break;
  case InitKind::none: break;
  }
  return value;
}

Extern Instance::Impl::extern_of(ExternKind kind, uint32_t index) {
  Store& handle = *static_cast<Store*>(store.state.store);
  switch (kind) {
  case ExternKind::table: return Table(handle, *tables[index]);
  case ExternKind::memory: return Memory(handle, *memories[index]);
  case ExternKind::global: return Global(handle, global(index));
  case ExternKind::tag: return Tag(handle, *tags[index]);
  case ExternKind::func: break;
  }
  return Func(handle, function(index));
}

void Instance::Impl::copy_elements(uint32_t segment, uint64_t from, uint64_t length, void** to) const {
  const abi::ElemRow& row = module->elements<abi::ElemRow>(descriptor().elems)[segment];
  std::span<const uint32_t> indices = module->elements<uint32_t>(row.functions);
  if (!indices.empty()) {
    for (uint32_t index : indices.subspan(from, length))
      *to++ = index == abi::kNone ? nullptr : &context->functions[index];
    return;
  }
  for (const abi::InitRow& value : module->elements<abi::InitRow>(row.expressions).subspan(from, length))
    *to++ = value_of(value).ref;
}

std::optional<TrapCode> Instance::Impl::table_init(uint32_t table, uint32_t segment, uint64_t to,
                                                   uint64_t from, uint64_t length) const {
  const abi::ElemRow& row = module->elements<abi::ElemRow>(descriptor().elems)[segment];
  uint64_t available = dropped_elems[segment] ? 0 : uint64_t{row.functions.count} + row.expressions.count;
  const abi::TableState& state = tables[table]->state;
  if (from > available || length > available - from) return TrapCode::table_out_of_bounds;
  if (to > state.size || length > state.size - to) return TrapCode::table_out_of_bounds;
  copy_elements(segment, from, length, state.elements + to);
  return std::nullopt;
}

std::optional<TrapCode> Instance::Impl::memory_init(uint32_t memory, uint32_t segment, uint64_t to,
                                                    uint64_t from, uint64_t length) const {
  const abi::DataRow& row = module->elements<abi::DataRow>(descriptor().datas)[segment];
  std::span<const std::byte> bytes = module->elements<std::byte>(row.bytes);
  uint64_t available = dropped_datas[segment] ? 0 : bytes.size();
  uint64_t size = memories[memory]->size();
  if (from > available || length > available - from) return TrapCode::memory_out_of_bounds;
  if (to > size || length > size - to) return TrapCode::memory_out_of_bounds;
  if (length != 0) std::memcpy(memories[memory]->state.base + to, bytes.data() + from, length);
  return std::nullopt;
}

std::optional<Extern> Instance::get(std::string_view name) const {
  std::span<const abi::ExportRow> rows = impl_->module->elements<abi::ExportRow>(impl_->descriptor().exports);
  auto row = std::lower_bound(rows.begin(), rows.end(), name,
                              [this](const abi::ExportRow& r, std::string_view wanted) {
                                return impl_->module->text(r.name) < wanted;
                              });
  if (row == rows.end() || impl_->module->text(row->name) != name) return std::nullopt;
  return impl_->extern_of(static_cast<ExternKind>(row->kind), row->index);
}

namespace {

template<class T> std::optional<T> only(const std::optional<Extern>& item) {
  if (!item || !std::holds_alternative<T>(*item)) return std::nullopt;
  return std::get<T>(*item);
}

} // namespace

std::optional<Func> Instance::func(std::string_view name) const { return only<Func>(get(name)); }
std::optional<Memory> Instance::memory(std::string_view name) const { return only<Memory>(get(name)); }
std::optional<Table> Instance::table(std::string_view name) const { return only<Table>(get(name)); }
std::optional<Global> Instance::global(std::string_view name) const { return only<Global>(get(name)); }

std::vector<std::pair<std::string, Extern>> Instance::exports() const {
  std::vector<std::pair<std::string, Extern>> exports;
  for (const abi::ExportRow& row : impl_->module->elements<abi::ExportRow>(impl_->descriptor().exports))
    exports.emplace_back(impl_->module->text(row.name),
                         impl_->extern_of(static_cast<ExternKind>(row.kind), row.index));
  return exports;
}

} // namespace swage
