// A program that is nothing but its call graph: function i takes an i32, calls each of its callees with it,
// and returns one plus the sum of their results. So a result counts the calls that were made.
#pragma once

#include <atomic>
#include <vector>

#include "compiler/jit/code_space.h"
#include "compiler/jit/lazy_module.h"
#include "compiler/wasm/encode.h"
#include "tests/jit/fake_registry.h"

namespace swage::jit {

using CallGraph = std::vector<std::vector<uint32_t>>;

/// The Wasm side: bodies that hold the calls and, behind them, as many nops as `padding` says.
struct GraphModule {
  explicit GraphModule(const CallGraph& calls, size_t padding = 0);
  GraphModule(const GraphModule&) = delete;
  std::vector<wasm::Encoder> codes;
  wasm::Module module;
};

/// A graph in the JIT, and the way to call into it.
class GraphProgram {
public:
  explicit GraphProgram(CallGraph calls, LazyOptions options = {}, size_t padding = 0);
  ~GraphProgram();

  /// Calls a function as a host would.
  uint32_t call(uint32_t function, uint32_t argument = 0);
  LazyModule& lazy() { return *lazy_; }
  /// Frees the module's code before the program goes.
  void destroy();

  FakeRegistry registry;
  CallGraph graph;
  Workers workers{2};
  std::atomic<uint32_t> compiled = 0; ///< functions, counted when their batch begins
  std::function<Expected<void>()> before_compile = [] { return Expected<void>(); };

private:
  Expected<codegen::Object> compile(std::span<const wasm::FuncIdx> functions);

  GraphModule wasm_;
  std::unique_ptr<CodeSpace> space_;
  std::unique_ptr<LazyModule> lazy_;
  uint32_t (*enter_)(const void* code, void* context, uint32_t argument) = nullptr;
};

/// LLVM IR of the graph's given functions, callees outside of them declared.
std::string graph_ir(const wasm::Module& module, const CallGraph& calls,
                     std::span<const wasm::FuncIdx> functions);

/// A C function that calls a function of the internal convention: i32 enter(code, context, i32).
extern const char* const kEnterIr;

} // namespace swage::jit
