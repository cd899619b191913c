// Instances and how their imports are found.
#pragma once

#include <string_view>
#include <vector>

#include "swage/store.h"

namespace swage {

/// An instance of a module, in a store.
/// https://webassembly.github.io/spec/core/exec/modules.html#instantiation
class Instance {
public:
  /// `imports` in the module's order. Runs segments and the start function: a trap there comes back as
  /// Error::trapped with the trap in `trap` when given (the instance stays in the store, as the spec asks,
  /// but is not returned).
  static Expected<Instance> create(Store& store, const Module& module, std::span<const Extern> imports,
                                   Trap* trap = nullptr);

  std::optional<Extern> get(std::string_view name) const;
  std::optional<Func> func(std::string_view name) const;
  std::optional<Memory> memory(std::string_view name) const;
  std::optional<Table> table(std::string_view name) const;
  std::optional<Global> global(std::string_view name) const;
  std::vector<std::pair<std::string, Extern>> exports() const;

  struct Impl;
  Instance(Store& store, Impl& impl) : store_(&store), impl_(&impl) {}
  Impl& impl() const { return *impl_; }
  Store& store() const { return *store_; }

private:
  Store* store_;
  Impl* impl_;
};

/// Names to externs: module name, item name. One store per linker.
class Linker {
public:
  explicit Linker(Store& store);
  ~Linker();
  Linker(Linker&&) noexcept;
  Linker& operator=(Linker&&) noexcept;

  /// Later definitions of the same name replace earlier ones.
  void define(std::string_view module, std::string_view name, Extern item);
  /// All exports of an instance, under a module name.
  void define_instance(std::string_view module, const Instance& instance);
  std::optional<Extern> get(std::string_view module, std::string_view name) const;
  /// Errors: unlinkable, naming the import, what was expected and what was found, and near names.
  Expected<Instance> instantiate(const Module& module, Trap* trap = nullptr);
  Store& store() const;

private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace swage
