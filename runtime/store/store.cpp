// https://webassembly.github.io/spec/core/exec/runtime.html#store
#include "runtime/store/store.h"

#include <algorithm>

#include "runtime/instance/instance.h"
#include "runtime/types/canonical.h"
#include "runtime/types/matching.h"
#include "runtime/vocabulary/text.h"

namespace swage {

Store::Impl::Impl(const Engine& store_engine)
    : max_wasm_stack(store_engine.config().max_wasm_stack), engine(store_engine),
      overflow(std::make_unique<abi::Value[]>(kMaxOverflow)),
      heap({store_engine.config().max_gc_heap, store_engine.config().gc_stress}, state, *this) {
  state.overflow = overflow.get();
}

// Before the instances, which hold the modules whose images the memories may map.
Store::Impl::~Impl() {
  for (Exception::Root* root : exceptions) root->store = nullptr;
  memories.clear();
}

Expected<Memory::Impl*> Store::Impl::add_memory(const MemoryType& type, NeedsGuard needs, uint64_t image) {
  Memory::Impl& memory = memories.emplace_front();
  if (auto reserved = memory.reserve(engine.shared(), type, needs, image); !reserved) {
    memories.pop_front();
    return std::unexpected(std::move(reserved).error());
  }
  know_guarded(memory);
  return &memory;
}

void Store::Impl::know_guarded(Memory::Impl& memory) {
  bool is_known =
      std::find(guarded_memories.begin(), guarded_memories.end(), &memory) != guarded_memories.end();
  if (memory.is_guarded && !is_known) guarded_memories.push_back(&memory);
}

Store::Store(const Engine& engine) : impl_(std::make_unique<Impl>(engine)) { impl_->state.store = this; }
Store::~Store() = default;

const Engine& Store::engine() const { return impl_->engine; }

Ref Store::make_extern(std::shared_ptr<void> value) {
  auto& record = impl_->externs.emplace_front(std::move(value));
  static_assert(alignof(std::shared_ptr<void>) > abi::kTagMask);
  return {reinterpret_cast<uintptr_t>(&record) | abi::kHostTag};
}

std::shared_ptr<void> Store::extern_value(Ref ref) const {
  // An externref may also be an object or an i31 that extern.convert_any has made one.
  if ((ref.bits & abi::kTagMask) != abi::kHostTag) return nullptr;
  return *reinterpret_cast<const std::shared_ptr<void>*>(ref.bits - abi::kHostTag);
}

bool Store::is_instance(const Val& value, HeapType type) const {
  return !value.ref().is_null() && value_matches(value, ValType::ref(type, false));
}

Expected<Memory> Memory::create(Store& store, const MemoryType& type) {
  return Memory(store, *SWAGE_TRY(store.impl().add_memory(type, NeedsGuard::no, 0)));
}

MemoryType Memory::type() const { return impl_->type; }
std::byte* Memory::data() const { return impl_->state.base; }
uint64_t Memory::size() const { return impl_->size(); }
uint64_t Memory::pages() const { return impl_->pages(); }
std::optional<uint64_t> Memory::grow(uint64_t delta_pages) { return impl_->grow(delta_pages); }

std::optional<std::span<std::byte>> Memory::slice(uint64_t address, uint64_t length) const {
  uint64_t bytes = size();
  if (address > bytes || length > bytes - address) return std::nullopt;
  return std::span(data() + address, length);
}

Memory Memory::share(Store& store) const {
  // Its faults are the other store's traps, too.
  store.impl().know_guarded(*impl_);
  return Memory(store, *impl_);
}

Expected<Global> Global::create(Store& store, const GlobalType& type, Val init) {
  if (!value_matches(init, type.type))
    return failure(ErrorCode::usage, {"initial value of a global: expected ", to_string(type.type), ", got ",
                                      to_string(init.type())});
  Impl& global = store.impl().globals.emplace_front();
  global.type = type;
  global.own = to_raw(init);
  global.cell = &global.own;
  return Global(store, global);
}

GlobalType Global::type() const { return impl_->type; }
Val Global::get() const { return to_val(store_->impl(), impl_->type.type, *impl_->cell); }

bool Global::set(const Val& value) {
  if (!impl_->type.is_mutable || !value_matches(value, impl_->type.type)) return false;
  *impl_->cell = to_raw(value);
  return true;
}

Expected<Tag> Tag::create(Store& store, const FuncType& type) {
  return Tag(store, store.impl().tags.emplace_front(canonical_id(type)));
}

FuncType Tag::type() const { return canonical_type(impl_->rtt.type).composite.func; }

std::optional<Memory> Caller::memory() const {
  auto* instance = static_cast<Instance::Impl*>(instance_);
  if (instance == nullptr || instance->main_memory == nullptr) return std::nullopt;
  return Memory(*store_, *instance->main_memory);
}

std::optional<Memory> Caller::memory(std::string_view name) const {
  if (instance_ == nullptr) return std::nullopt;
  return Instance(*store_, *static_cast<Instance::Impl*>(instance_)).memory(name);
}

} // namespace swage
