// An Engine: what modules and stores share. It holds the configuration and, once something is compiled, the
// compiler.
#pragma once

#include <memory>

#include "swage/compiler.h"
#include "swage/error.h"

namespace swage {

/// How a guest's memories get their address space.
enum class MemoryStrategy : uint8_t {
  automatic, ///< guard pages where the process may reserve them, else checks (compiled code must have them)
  guard,
  checked,
};

struct EngineConfig {
  uint64_t max_wasm_stack = uint64_t{8} << 20; ///< bytes of stack for guests, per running store
  MemoryStrategy memory = MemoryStrategy::automatic;
  uint64_t max_gc_heap = uint64_t{1} << 30; ///< bytes of garbage-collected objects, per store
  bool gc_stress = false; ///< collect at every allocation: finds what a collector gets wrong
  /// For artifacts with code for several CPUs: which of them to use, instead of the best that this machine
  /// has. Errors of Module::load: usage, when there is none of this name; incompatible, when this machine is
  /// less.
  std::string cpu_level;
  CompileOptions
      compile; ///< for Module::compile; its defaults are those of the JIT (quick level, native CPU)
};

/// Cheap to copy (a shared handle); usable from any thread.
class Engine {
public:
  static Expected<Engine> create(EngineConfig config = {});
  const EngineConfig& config() const;

  struct Impl;
  explicit Engine(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  Impl& impl() const { return *impl_; }
  const std::shared_ptr<Impl>& shared() const { return impl_; }

private:
  std::shared_ptr<Impl> impl_;
};

/// Whether this process may reserve the address space of a guard-page memory (`ulimit -v` may forbid it).
/// Asked once per engine; MemoryStrategy::checked answers no. What Module::compile goes by when
/// CompileOptions::bounds is automatic.
bool guard_memories_available(const Engine& engine);

} // namespace swage
