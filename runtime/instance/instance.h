// An instance: the context that compiled code sees, and what the runtime's functions need behind it.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "runtime/module/module.h"
#include "runtime/store/store.h"

namespace swage {

struct Instance::Impl {
  Store::Impl& store;
  std::shared_ptr<Module::Impl> module;
  abi::Context* context = nullptr; ///< in `block`
  std::unique_ptr<std::byte[]> block;
  std::vector<Memory::Impl*> memories; ///< imports first, as everywhere
  Memory::Impl* main_memory = nullptr; ///< exported as "memory"; null when none is
  std::vector<Table::Impl*> tables;
  std::vector<Tag::Impl*> tags;
  std::vector<Global::Impl*> globals;  ///< null until somebody asks for the object: see global()
  std::vector<abi::HostContext> hosts; ///< of imported host functions: they know who called
  std::vector<abi::Value> expressions; ///< results of the initialiser
  std::vector<uint8_t> dropped_elems;  ///< booleans by segment
  std::vector<uint8_t> dropped_datas;

  Impl(Store::Impl& instance_store, std::shared_ptr<Module::Impl> instance_module);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  const abi::Descriptor& descriptor() const { return module->descriptor; }

  // The variable parts of the context.
  std::span<abi::ImportedFunction> imported_functions() const;
  abi::MemorySlot& memory_slot(uint32_t index) const;
  void*& table_slot(uint32_t index) const;
  abi::Value* global_cell(uint32_t index) const;
  const abi::Rtt*& tag_slot(uint32_t index) const;
  /// Of an imported global, the slot that points to its cell.
  void*& imported_global_slot(uint32_t index) const;

  /// The reference of a function that escapes, by function index.
  abi::FuncRef& function(uint32_t index) const;
  Global::Impl& global(uint32_t index);
  /// The value of a constant expression; `functions` refer to Descriptor::escaping.
  abi::Value value_of(const abi::InitRow& init) const;
  Extern extern_of(ExternKind kind, uint32_t index);

  // Bulk operations that instantiation and compiled code share. Nothing, or the trap; nothing was written
  // then.
  /// https://webassembly.github.io/spec/core/exec/instructions.html#exec-table-init
  std::optional<TrapCode> table_init(uint32_t table, uint32_t segment, uint64_t to, uint64_t from,
                                     uint64_t length) const;
  /// Writes the elements [from, from + length) of a segment, which the caller has checked.
  void copy_elements(uint32_t segment, uint64_t from, uint64_t length, void** to) const;
  /// https://webassembly.github.io/spec/core/exec/instructions.html#exec-memory-init
  std::optional<TrapCode> memory_init(uint32_t memory, uint32_t segment, uint64_t to, uint64_t from,
                                      uint64_t length) const;

  static Impl& of(const abi::Context* running) { return *static_cast<Impl*>(running->instance); }
};

/// Compares every import with what the module expects.
/// https://webassembly.github.io/spec/core/exec/modules.html#external-typing
Expected<void> check_imports(const Store& store, const Module::Impl& module, std::span<const Extern> imports);

/// The table of runtime functions that every context points to.
extern const abi::Builtins kBuiltins;

} // namespace swage
