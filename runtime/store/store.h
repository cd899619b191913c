// A store and what it owns. Everything has a stable address: compiled code and handles point to it.
#pragma once

#include <forward_list>
#include <memory>
#include <vector>

#include "runtime/abi/abi.h"
#include "runtime/call/interrupt.h"
#include "runtime/engine.h"
#include "runtime/exception/exception.h"
#include "runtime/gc/heap.h"
#include "runtime/memory/memory.h"
#include "swage/instance.h"
#include "swage/store.h"

namespace swage {

/// A host function. HostContext::function points here.
struct HostFunctionObject {
  RawHostFunction raw = nullptr;
  void* data = nullptr;
  void (*destroy)(void*) = nullptr; ///< of data; null when the embedder owns it
  Store* store = nullptr;
  FuncType type;
  abi::HostContext context{}; ///< of calls that come from no instance
  abi::FuncRef reference{};

  HostFunctionObject() = default;
  ~HostFunctionObject() {
    if (destroy != nullptr) destroy(data);
  }
  HostFunctionObject(const HostFunctionObject&) = delete;
  HostFunctionObject& operator=(const HostFunctionObject&) = delete;
};

/// Elements are references as compiled code holds them.
struct Table::Impl {
  abi::TableState state{};
  TableType type;

  explicit Impl(const TableType& table_type);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::optional<uint64_t> grow(uint64_t delta, void* init);
  TableType current_type() const;
};

struct Global::Impl {
  GlobalType type;
  abi::Value* cell = nullptr; ///< in an instance's context, or `own`
  abi::Value own{};
};

/// The Rtt comes first: an exception says by it which tag it has.
struct Tag::Impl {
  abi::Rtt rtt{};
  std::vector<uint32_t> references; ///< of the Rtt
  std::string name;                 ///< for people, may be empty
  uint32_t index = 0;               ///< in its module

  explicit Impl(uint32_t type); ///< a canonical function type
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
};

struct Store::Impl final : gc::RootSource {
  abi::StoreState state{};
  Interruption interruption;
  uint64_t max_wasm_stack = 0;
  Engine engine;
  std::forward_list<Memory::Impl> memories;
  std::vector<Memory::Impl*> guarded_memories; ///< read by the signal handler
  std::forward_list<Table::Impl> tables;
  std::forward_list<Global::Impl> globals;
  std::forward_list<Tag::Impl> tags;
  std::forward_list<HostFunctionObject> functions;
  std::forward_list<std::shared_ptr<void>> externs;
  std::forward_list<Instance::Impl> instances;
  /// As many parameters or results as a function may have.
  static constexpr size_t kMaxOverflow = 1'000;
  std::unique_ptr<abi::Value[]> overflow; ///< abi::StoreState::overflow
  gc::Heap heap;
  std::vector<void*> handles;               ///< references that the host holds, by RefScope
  std::vector<void*> rooted;                ///< by RootedRef
  std::vector<Exception::Root*> exceptions; ///< that the host holds

  explicit Impl(const Engine& store_engine);
  ~Impl();

  Expected<Memory::Impl*> add_memory(const MemoryType& type, NeedsGuard needs, uint64_t image);
  Expected<Table::Impl*> add_table(const TableType& type, void* init);
  /// The signal handler takes faults behind this memory as traps of this store's guests.
  void know_guarded(Memory::Impl& memory);

  void mark_roots(gc::Heap& marked) override;
  /// Remembers a reference that goes to the host, in the innermost RefScope.
  void keep(const void* reference);
};

/// Whether a function reference is a host function's, and which.
HostFunctionObject* host_function_of(const abi::FuncRef& reference);

/// Runs code on a guest's stack: see swage_enter.
Result<void> enter_guest(Store::Impl& store, abi::EntryFn entry, const void* code, abi::Context* context,
                         abi::Value* values);

/// Values between their boxed and their raw form.
inline abi::Value to_raw(const Val& value) {
  abi::Value raw{};
  raw.i64 = value.low();
  uint64_t high = value.high();
  __builtin_memcpy(raw.v128 + 8, &high, sizeof high);
  return raw;
}
inline Val to_val(Store::Impl& store, ValType type, const abi::Value& raw) {
  if (type.is_ref()) store.keep(raw.ref);
  uint64_t high = 0;
  if (type.kind == ValKind::v128) __builtin_memcpy(&high, raw.v128 + 8, sizeof high);
  bool is_narrow = type.kind == ValKind::i32 || type.kind == ValKind::f32;
  return Val::from_bits(type, is_narrow ? raw.i32 : raw.i64, high);
}

} // namespace swage
