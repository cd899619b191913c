// Functions compiled when they are first called. A function's stub leads here until its code is ready: the
// calling guest waits while a worker compiles the function with its likely callees as one batch, and calls
// through the stub are direct afterwards. What those may call next is compiled in the background, as far as
// cores are idle and as long as it stays in proportion to what was really needed.
//
// A function is in one batch only. Two guests that need the same one wait for the same batch.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "compiler/jit/batch.h"
#include "compiler/jit/code_space.h"
#include "compiler/jit/workers.h"
#include "compiler/lower/lower.h"
#include "compiler/wasm/module.h"

namespace swage::jit {

/// What was compiled so far.
struct JitStats {
  uint32_t demand_batches = 0; ///< that a guest waited for
  uint32_t background_batches = 0;
  uint32_t functions = 0;
  size_t code_bytes = 0;
  double compile_seconds = 0; ///< summed over threads
};

struct LazyOptions {
  BatchLimits demand = {.functions = 200, .bytes = 4096, .callee_bytes = 1024};
  /// Smaller: who destroys the module waits for the batch that is being compiled, as much as 2 KiB in 0.1 s
  /// at -O2.
  BatchLimits background = {.functions = 100, .bytes = 2048, .callee_bytes = 2048};
  size_t background_allowance = 16384; ///< bytes of bodies that may be compiled ahead of any call
  size_t background_ratio = 2;         ///< and this many more for each byte that was needed
};

class LazyModule final {
public:
  /// Compiles the given functions into one object that defines their symbols. Called on worker threads,
  /// several at once.
  using CompileBatch = std::function<Expected<codegen::Object>(std::span<const wasm::FuncIdx>)>;

  /// Borrows all but `compile`. The module is valid.
  LazyModule(const wasm::Module& module, CodeSpace& space, Workers& workers, CompileBatch compile,
             LazyOptions options);
  /// Drops what is queued and waits for the batches that are being compiled, which end at their next stage.
  ~LazyModule();
  LazyModule(const LazyModule&) = delete;
  LazyModule& operator=(const LazyModule&) = delete;

  /// Makes the stubs; first, and once. Errors: resource.
  Expected<void> create_stubs();
  /// Before anything is compiled: data that code refers to by this name. Borrowed.
  void add_data(std::string symbol, const void* address) { data_.emplace_back(std::move(symbol), address); }
  /// Before anything is compiled: from now on `distance` leads from `from` to the function, or to its stub.
  void add_distance(wasm::FuncIdx function, int32_t& distance, const std::byte* from);
  /// What the world calls: a defined function's stub.
  const void* stub(wasm::FuncIdx function) const { return stubs_.stub(slot(function)); }
  /// The address of any symbol that code of this module may refer to, or null.
  const void* resolve_symbol(std::string_view name) const;
  /// Compiles these in the background, if there are idle cores: they are about to be called.
  void expect(std::span<const wasm::FuncIdx> functions);
  /// True once the owner is about to go: a compilation may stop early, with any error.
  bool is_cancelled() const { return is_cancelled_.load(std::memory_order_relaxed); }

  JitStats stats() const;

private:
  enum class State : uint8_t { absent, requested, claimed, ready, failed };

  static const void* resolve_call(void* module, uint32_t index);
  const void* wait_for(uint32_t index);
  void report_failure() const;
  void run_demand(wasm::FuncIdx root);
  void run_background();
  void compile_batch(Batch batch, Priority priority);
  Expected<LinkedObject> compile_and_link(std::span<const wasm::FuncIdx> functions);
  void publish(const Batch& batch, const LinkedObject& linked); ///< under mutex_
  Batch choose(std::span<const wasm::FuncIdx> roots, const BatchLimits& limits) const;
  void set_state(std::span<const wasm::FuncIdx> functions, State state);
  /// Queues what a batch may call next, within the allowance. Under mutex_.
  void queue_background(std::span<const wasm::FuncIdx> functions);

  /// A place in data that says where a function is.
  struct Distance {
    int32_t* place;
    const std::byte* from;

    void set(const void* code) const {
      std::atomic_ref(*place).store(static_cast<int32_t>(static_cast<const std::byte*>(code) - from),
                                    std::memory_order_release);
    }
  };

  uint32_t slot(wasm::FuncIdx function) const { return function.value - module_.imported_functions; }
  wasm::FuncIdx function(uint32_t slot) const { return {slot + module_.imported_functions}; }
  /// The function that a symbol names.
  std::optional<wasm::FuncIdx> find_function(std::string_view symbol) const;
  bool is_wanted(wasm::FuncIdx function) const;
  bool may_look_ahead() const { ///< under mutex_
    return background_bytes_ < options_.background_allowance + options_.background_ratio * demanded_bytes_;
  }

  const wasm::Module& module_;
  CodeSpace& space_;
  Workers& workers_;
  const CompileBatch compile_;
  const LazyOptions options_;
  Stubs stubs_;
  std::vector<std::pair<std::string, const void*>> data_;
  std::unordered_multimap<uint32_t, Distance> distances_; ///< by slot
  std::atomic<bool> is_cancelled_ = false;

  // Written under mutex_; states are read without it where a stale answer does no harm.
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::atomic<State>> states_;
  std::vector<wasm::FuncIdx> background_; ///< roots that wait for a background task
  size_t demanded_bytes_ = 0;
  size_t background_bytes_ = 0;
  std::string failure_; ///< why the last function could not be compiled
  JitStats stats_;
};

} // namespace swage::jit
