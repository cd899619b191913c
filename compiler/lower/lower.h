// Wasm -> LLVM IR, straight into SSA. One llvm::Module holds a batch of functions; another one the glue of
// the whole module.
//
// Everything in the batches is hidden and named by the functions below, so that the JIT can put stubs and AOT
// the linker behind the same names. Compiled code reaches the runtime only through the context register
// (runtime/abi/abi.h).
//
// Places: every instruction carries a debug location whose line is its offset in the source module plus one,
// and whose column is TrapCode + 1 of the fault that its memory access may raise (0: none). codegen/ turns
// them into the address table and drops the debug sections.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "compiler/lower/profile.h"
#include "compiler/wasm/module.h"
#include "runtime/abi/abi.h"
#include "swage/error.h"

namespace llvm {
class LLVMContext;
class Module;
class DataLayout;
} // namespace llvm

namespace swage::wasm {
struct Instruction;
}

namespace swage::lower {

/// How a memory access is kept inside its memory.
enum class Bounds : uint8_t {
  guard,   ///< guard pages for 32-bit memories of 64 KiB pages, compares for the others
  checked, ///< compares for all
};

/// Whether dead loads keep their trap (docs/architecture.md, "Exact traps").
enum class Traps : uint8_t { exact, relaxed };

/// Whether results that the spec leaves open (NaN bits, relaxed SIMD) are fixed.
enum class Determinism : uint8_t { host, deterministic };

/// Function attributes for the back end: the function may return with another module's context, after a tail
/// call that left its module; a call through a table may do so.
inline constexpr const char* kLosesContext = "swage-loses-context";
inline constexpr const char* kLosesContextIndirectly = "swage-loses-context-indirectly";

struct LowerOptions {
  Bounds bounds = Bounds::guard;
  Traps traps = Traps::exact;
  Determinism determinism = Determinism::host;
  std::string triple;      ///< of the code
  std::string data_layout; ///< of the target
  std::string cpu;         ///< as function attributes target-cpu and target-features
  std::string cpu_features;
  bool optimized = true;  ///< false: the shortest IR to emit, for -O0
  bool for_speed = false; ///< code may be larger for it: -O2 and -O3
  /// Of an artifact with code for several CPUs: which functions have versions, by index, and whose versions
  /// are lowered. Without `version` the code is shared by all CPUs and calls these functions by their plain
  /// names.
  const std::vector<bool>* versioned = nullptr;
  std::string version;
  const ProfileLayout* counting = nullptr; ///< of code that counts; borrowed
  const Profile* profile = nullptr;        ///< of code that knows what ran; borrowed
};

// Symbols. They are stable and unique per module; a name from the name section is part of a function's
// ("f12.fib").
std::string function_symbol(const wasm::Module& module, wasm::FuncIdx function);
std::string entry_symbol(wasm::TypeIdx type);      ///< EntryFn for a function type
std::string trampoline_symbol(wasm::TypeIdx type); ///< from Wasm to a host function of that type
/// A version of a function for one of several CPUs.
std::string version_symbol(const wasm::Module& module, wasm::FuncIdx function, std::string_view cpu);
/// Where the versions in use stand: abi::Descriptor::dispatch.
inline constexpr const char* kDispatchSymbol = "swage_dispatch";
inline constexpr const char* kInitialiserSymbol = "swage_init";
inline constexpr const char* kInitialiserEntrySymbol = "swage_init_entry";

/// What a table always holds that no one can write after its module's instantiation: it is neither imported
/// nor exported, no instruction writes it, and its segments stand at constant places. Calls through it read a
/// constant array (`table_symbol`) in its place. Holes have no function.
struct ClosedTable {
  static constexpr uint32_t kHole = ~uint32_t{0};
  /// Elements of a type up to which they are worth a look at each call.
  static constexpr size_t kFew = 8;

  std::vector<uint32_t> functions; ///< by element; all are defined in the module
  /// By Module::canonical of the functions' type: the elements, where no more than kFew have it.
  std::map<uint32_t, std::vector<uint32_t>> few;

  /// An element of the array: 8 bytes.
  struct Entry {
    int32_t code;  ///< from the array's first byte
    uint32_t type; ///< Module::canonical of the function's, or kHole
  };
};
std::string table_symbol(wasm::TableIdx table);

/// What instantiation has to know of constant expressions: which ones the initialiser computes. Order of
/// numbering: globals, then tables, then element segments (offset, then items), then data segments' offsets;
/// only those that are not plain.
struct Glue {
  std::vector<wasm::FuncIdx> escaping;                   ///< functions that need a FuncRef, ascending
  std::vector<bool> entry_needed;                        ///< by type: some escaping function has it
  std::vector<bool> trampoline_needed;                   ///< by type: some imported function has it
  std::vector<wasm::ConstExpr> expressions;              ///< those that the initialiser evaluates, by number
  std::vector<std::optional<ClosedTable>> closed_tables; ///< by table
  /// By function: whether it may end in a tail call that leaves the module. Empty when none does.
  std::vector<bool> loses_context;
  /// Small functions that reach each other, or one itself, by direct tail calls: a state machine.
  std::vector<std::vector<uint32_t>> tail_cycles;
  static constexpr uint32_t kNoCycle = ~uint32_t{0};
  /// By function: which cycle is entered through it. Empty when there are none.
  std::vector<uint32_t> tail_cycle_of;
};

/// Whether a constant expression is a single number, null or function reference, which the descriptor holds
/// itself.
bool is_plain(const wasm::Module& module, const wasm::ConstExpr& expression);

/// Plain data about a valid module that lowering, the descriptor and the JIT share. Cheap.
Glue glue_of(const wasm::Module& module);

/// Whether a call_indirect or return_call_indirect goes through a closed table.
bool is_closed_call(const wasm::Module& module, const Glue& glue, const wasm::Instruction& call);

/// Refuses, by name and place, what the lowering does not know yet; runs before anything is compiled.
Expected<void> check_lowerable(const wasm::Module& module);

/// Lowers the given defined functions of a valid, lowerable module. Thread-safe for different contexts.
std::unique_ptr<llvm::Module> lower_functions(const wasm::Module& module, const Glue& glue,
                                              std::span<const wasm::FuncIdx> functions,
                                              const LowerOptions& options, llvm::LLVMContext& context);

/// Whether the glue defines the arrays of closed tables, or somebody else does.
enum class TableArrays : uint8_t { define, leave };

/// Lowers the glue: entry functions, host trampolines, the initialiser and its entry, closed tables, and the
/// plain names of functions that have versions, as jumps.
std::unique_ptr<llvm::Module> lower_glue(const wasm::Module& module, const Glue& glue,
                                         const LowerOptions& options, llvm::LLVMContext& context,
                                         TableArrays arrays = TableArrays::define);

} // namespace swage::lower
