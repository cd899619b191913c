// A Store: all instances, memories, tables, globals and functions of one guest (or of several that trust each
// other). Handles below point into it and die with it. One thread at a time uses a store; interrupt() alone
// may come from any thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "swage/module.h"
#include "swage/trap.h"
#include "swage/value.h"

namespace swage {

class Instance;
class Store;

namespace abi {
struct MemoryState;
struct TableState;
union Value;
} // namespace abi

/// Of a store's garbage-collected heap.
struct GcStatistics {
  uint64_t collections = 0;
  uint64_t live_bytes = 0;      ///< after the last collection
  uint64_t allocated_bytes = 0; ///< ever
};

/// Owns; neither copied nor moved after use. https://webassembly.github.io/spec/core/exec/runtime.html#store
class Store {
public:
  explicit Store(const Engine& engine);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Wraps a host value as an externref that keeps it alive as long as the store.
  Ref make_extern(std::shared_ptr<void> value);
  /// The value behind an externref of this store; null for a null reference.
  std::shared_ptr<void> extern_value(Ref ref) const;

  /// Whether a value is a non-null reference of this heap type (an index is a canonical one), whatever the
  /// static type beside it says. https://webassembly.github.io/spec/core/exec/values.html#valid-ref
  bool is_instance(const Val& value, HeapType type) const;
  /// Keeps the object behind a reference alive until the innermost RefScope ends.
  void keep(Ref ref);
  /// Frees the objects that nothing refers to any more. Never needed: allocation does it when it is time.
  /// Does nothing in a store that was interrupted, which frees all of them in the end.
  void collect_garbage();
  GcStatistics gc_statistics() const;

  const Engine& engine() const;
  /// Ends the guests that run in this store, and every later call into it, with TrapCode::interrupted: for
  /// good, since a guest may be met in the middle of anything. Costs a guest nothing while it runs: its
  /// thread gets a signal (SIGURG: not to be blocked there, nor taken over later). Returns when no
  /// instruction of a guest is executed any more, which a compilation or a long memory.fill can delay. False:
  /// a host function has not returned yet; the guest ends when it does. Every call also interrupts the system
  /// call that a host function may wait in (EINTR). From any thread.
  bool interrupt();
  struct Impl;
  Impl& impl() const { return *impl_; }

private:
  std::unique_ptr<Impl> impl_;
};

/// While one stands, references to garbage-collected objects that the host gets (results of calls, arguments
/// of host functions, elements, globals) are kept alive; its end lets go of those that came after its
/// beginning. Scopes end in the reverse order of their beginnings. Every call of a host function has one
/// around it. References that come outside of any scope are kept as long as the store.
class RefScope {
public:
  explicit RefScope(Store& store);
  ~RefScope();
  RefScope(const RefScope&) = delete;
  RefScope& operator=(const RefScope&) = delete;

private:
  Store& store_;
  size_t mark_;
};

/// Keeps one reference alive as long as it stands, whatever scopes end.
class RootedRef {
public:
  RootedRef(Store& store, Ref ref);
  ~RootedRef();
  RootedRef(const RootedRef&) = delete;
  RootedRef& operator=(const RootedRef&) = delete;
  Ref get() const { return ref_; }

private:
  Store& store_;
  Ref ref_;
};

/// A linear memory. The bytes may move under no circumstances while the store lives; growing only makes
/// `size` larger.
class Memory {
public:
  static Expected<Memory> create(Store& store, const MemoryType& type);
  MemoryType type() const;
  std::byte* data() const; ///< first byte; stable
  uint64_t size() const;   ///< bytes now
  uint64_t pages() const;
  /// The old size in pages; nothing when the limits or the host refuse.
  std::optional<uint64_t> grow(uint64_t delta_pages);
  /// The bytes [address, address + length), or nothing when any of them is outside.
  std::optional<std::span<std::byte>> slice(uint64_t address, uint64_t length) const;
  /// The same memory for another store, as threads need a shared one. This memory's store must outlive the
  /// other.
  Memory share(Store& store) const;

  struct Impl;
  Memory(Store& store, Impl& impl) : store_(&store), impl_(&impl) {}
  Impl& impl() const { return *impl_; }
  Store& store() const { return *store_; }

private:
  Store* store_;
  Impl* impl_;
};

class Table {
public:
  static Expected<Table> create(Store& store, const TableType& type, Val init);
  TableType type() const;
  uint64_t size() const;
  std::optional<Val> get(uint64_t index) const;
  bool set(uint64_t index, const Val& value); ///< false: outside, or a value of another type
  std::optional<uint64_t> grow(uint64_t delta, const Val& init);

  struct Impl;
  Table(Store& store, Impl& impl) : store_(&store), impl_(&impl) {}
  Impl& impl() const { return *impl_; }
  Store& store() const { return *store_; }

private:
  Store* store_;
  Impl* impl_;
};

class Global {
public:
  static Expected<Global> create(Store& store, const GlobalType& type, Val init);
  GlobalType type() const;
  Val get() const;
  bool set(const Val& value); ///< false: immutable, or a value of another type

  struct Impl;
  Global(Store& store, Impl& impl) : store_(&store), impl_(&impl) {}
  Impl& impl() const { return *impl_; }
  Store& store() const { return *store_; }

private:
  Store* store_;
  Impl* impl_;
};

/// A tag of exceptions.
class Tag {
public:
  static Expected<Tag> create(Store& store, const FuncType& type);
  FuncType type() const;
  /// Whether it is the same tag, not merely one of the same type.
  friend bool operator==(const Tag& a, const Tag& b) { return a.impl_ == b.impl_; }

  struct Impl;
  Tag(Store& store, Impl& impl) : store_(&store), impl_(&impl) {}
  Impl& impl() const { return *impl_; }
  Store& store() const { return *store_; }

private:
  Store* store_;
  Impl* impl_;
};

/// What a host function sees of the guest that called it.
class Caller {
public:
  Store& store() const { return *store_; }
  /// The calling instance's export of that name, if it is a memory.
  std::optional<Memory> memory(std::string_view name) const;
  /// memory("memory"), the name that toolchains and WASI agree on, without the search.
  std::optional<Memory> memory() const;

  Caller(Store& store, void* instance) : store_(&store), instance_(instance) {}

private:
  Store* store_;
  void* instance_;
};

/// Reads `args`, writes all of `results`. Runs on the guest's stack, of which at least 128 KiB are left. Must
/// not throw.
using HostFunction =
    std::function<Result<void>(Caller& caller, std::span<const Val> args, std::span<Val> results)>;
/// The same without boxing: arguments and results lie in `values`, one abi::Value each, results over
/// arguments.
using RawHostFunction = Result<void> (*)(void* data, Caller& caller, abi::Value* values);

template<class Signature> class TypedFunc;

/// A function, Wasm's or the host's.
class Func {
public:
  static Func create(Store& store, FuncType type, HostFunction function);
  /// `data` must outlive the store.
  static Func create_raw(Store& store, FuncType type, RawHostFunction function, void* data);
  /// The same with a `data` that `destroy` ends together with the store.
  static Func create_owned(Store& store, FuncType type, RawHostFunction function, void* data,
                           void (*destroy)(void*));
  /// From a C++ callable: `Func::wrap(store, [](int32_t a, int32_t b) { return a + b; })`. See
  /// swage/typed_func.h.
  template<class F> static Func wrap(Store& store, F function);

  FuncType type() const;
  /// Calls with checked types; a mismatch is a host trap. Results: one Val each.
  Result<std::vector<Val>> call(std::span<const Val> args) const;
  /// A checked-once, unboxed handle: `auto f = func.typed<int32_t(int32_t)>()`. See swage/typed_func.h.
  template<class Signature> Expected<TypedFunc<Signature>> typed() const;
  Val as_ref() const;
  /// The function behind a non-null funcref of this store.
  static Func from_ref(Store& store, Ref ref);

  Func(Store& store, abi::FuncRef& ref) : store_(&store), ref_(&ref) {}
  abi::FuncRef& raw() const { return *ref_; }
  Store& store() const { return *store_; }

private:
  Store* store_;
  abi::FuncRef* ref_;
};

/// Anything that can be imported or exported.
using Extern = std::variant<Func, Table, Memory, Global, Tag>;

/// Calls an unboxed function: `values` holds the arguments and room for the results. Used by TypedFunc.
Result<void> call_raw(Store& store, abi::FuncRef& function, abi::Value* values);

} // namespace swage
