// The compiler as the rest of swage sees it: an interface behind a shared library (libswage_compiler.so, with
// LLVM in it) that is opened on first use, so that a process which only runs artifacts never loads LLVM.
//
// An Engine opens it when Module::compile needs it; tools may call it directly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "swage/error.h"

namespace swage {

namespace abi {
struct Descriptor;
struct CodeRange;
struct AddressRow;
struct InlinedRow;
} // namespace abi

enum class OptLevel : uint8_t { O0, O1, O2, O3, Os };

/// How accesses to linear memories are kept inside. `automatic`: guard pages where the process has the
/// address space, else checks.
enum class MemoryBounds : uint8_t { automatic, guard, checked };

enum class Emit : uint8_t { so, obj, ir, asm_ };

/// One finished stage of a compilation.
struct StageTime {
  std::string stage;       ///< "decode", "validate", "lower", "optimise", "emit", "link"
  double wall_seconds = 0; ///< summed over threads for the parallel stages
  uint64_t peak_bytes = 0; ///< of the process when the stage ended
};

/// What instrumented code has counted, as Module::profile gives it.
struct ProfileFile {
  std::string file; ///< its name in errors
  std::vector<std::byte> bytes;
};

/// Everything that decides the bytes that come out: the same input and options give the same output.
struct CompileOptions {
  OptLevel opt = OptLevel::O2;
  std::string triple; ///< empty: the host's
  /// LLVM's name, or "native"; empty: portable for artifacts, native for the JIT. An artifact may hold code
  /// for several, the least first: "x86-64-v1,x86-64-v3". The best one that a machine has is chosen when it
  /// is loaded.
  std::string cpu;
  std::string cpu_features;                      ///< "+avx2,-bmi2"
  MemoryBounds bounds = MemoryBounds::automatic; ///< an artifact takes `automatic` as guard
  bool relaxed_traps = false;                    ///< dead loads may lose their trap
  bool deterministic = false;                    ///< fixed NaN bits and relaxed SIMD results
  bool instrument = false;                       ///< count what runs: see Module::profile
  std::vector<ProfileFile> profiles;             ///< what ran in earlier runs, added up
  std::vector<std::string> enable;               ///< feature flags
  std::vector<std::string> disable;              ///< feature flags
  std::string file;                              ///< the source's name in errors
  // Not part of the output:
  std::span<const std::byte> source =
      {};            ///< the text that the module was made of, for errors to show; borrowed
  unsigned jobs = 0; ///< threads; 0: all cores
  std::function<void(size_t done, size_t total)>
      progress;                            ///< functions compiled; called from any thread, one at a time
  std::vector<StageTime>* times = nullptr; ///< filled when not null
};

/// How the JIT tells the runtime about machine code that it has just written. Implemented by the runtime;
/// thread-safe.
struct CodeRegistry {
  virtual ~CodeRegistry() = default;
  /// `addresses` ascend by code_offset from `begin`; `traps` has one entry for each. All must outlive the
  /// registration.
  virtual void add_code(const std::byte* begin, const std::byte* end,
                        std::span<const abi::AddressRow> addresses, std::span<const uint8_t> traps,
                        std::span<const abi::InlinedRow> inlined, const abi::Descriptor* descriptor) = 0;
  virtual void remove_code(const std::byte* begin) = 0;
  /// .eh_frame sections, in the form that the unwinder linked into the runtime wants.
  virtual void add_unwind(const std::byte* eh_frame) = 0;
  virtual void remove_unwind(const std::byte* eh_frame) = 0;
  /// The lowest address of the running guest's stack that host code may use, or null outside of a guest.
  virtual const std::byte* stack_limit() const = 0;
  /// Ends the running guest with a trap; never returns. Called by stubs of the JIT that cannot go on.
  [[noreturn]] virtual void raise_trap(uint8_t trap_code) = 0;
};

/// A module in this process's memory. `owner` frees the code; nothing may run in it then.
struct JitModule {
  const abi::Descriptor* descriptor = nullptr;
  std::shared_ptr<void> owner;
};

/// The compiler. Stateless but for caches; every member function may be called from any thread.
class Compiler {
public:
  virtual ~Compiler() = default;
  /// Bytes of a .wasm or text of a .wat module -> the module's binary form.
  virtual Expected<std::vector<std::byte>> to_binary(std::span<const std::byte> input,
                                                     const CompileOptions& options) = 0;
  virtual Expected<void> validate(std::span<const std::byte> wasm, const CompileOptions& options) = 0;
  /// The output file's bytes: an ELF shared object or relocatable object, LLVM IR text, or assembly text.
  virtual Expected<std::vector<std::byte>> compile(std::span<const std::byte> wasm,
                                                   const CompileOptions& options, Emit emit) = 0;
  /// Decodes, validates and prepares for lazy compilation: functions are compiled when first called. Copies
  /// `wasm`.
  virtual Expected<JitModule> jit(std::span<const std::byte> wasm, const CompileOptions& options,
                                  CodeRegistry& registry) = 0;
  /// What `swage inspect` says of a .wasm, as text for people.
  virtual Expected<std::string> inspect(std::span<const std::byte> wasm, const CompileOptions& options) = 0;
  /// The text format of a binary module.
  virtual Expected<std::string> print(std::span<const std::byte> wasm, const CompileOptions& options) = 0;
  /// "avx2,bmi2": what this machine's CPU offers and code compiled with these options leaves unused. Empty
  /// when there is nothing, or the code is for another architecture. Errors: those of the options' CPU.
  virtual Expected<std::string> unused_cpu_features(const CompileOptions& options) = 0;
  /// "22.1.8"
  virtual std::string llvm_version() const = 0;
};

/// Opens libswage_compiler.so beside the running library or program, else by the system's rules; once per
/// process, thread-safe. Errors: unsupported, when it is not installed ("this swage was built without the
/// compiler").
Expected<Compiler*> load_compiler();

/// The symbol that libswage_compiler.so exports: `extern "C" swage::Compiler* swage_compiler_v1()`.
inline constexpr const char* kCompilerEntrySymbol = "swage_compiler_v1";

} // namespace swage
