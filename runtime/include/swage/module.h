// A Module: code and its description, not yet an instance. Immutable; usable from any thread; cheap to copy.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "swage/engine.h"
#include "swage/types.h"

namespace swage {

/// The type of something imported or exported. Concrete heap types are canonical (process-wide) type ids.
/// https://webassembly.github.io/spec/core/syntax/types.html#external-types
using ExternType = std::variant<FuncType, TableType, MemoryType, GlobalType, TagType>;

struct ImportType {
  std::string module;
  std::string name;
  ExternType type;
};

struct ExportType {
  std::string name;
  ExternType type;
};

/// One of the CPUs that an artifact has code for.
struct CpuLevel {
  std::string cpu, features;
  uint32_t versions = 0; ///< functions whose code is this level's own
  bool is_used = false;  ///< by this process
};

/// What an artifact's descriptor says of how it was made.
struct ModuleInfo {
  std::string name;
  std::string triple, cpu, cpu_features, options, producer;
  std::string source_hash; ///< XXH3-128 of the source module, 32 hex digits
  uint32_t functions = 0;  ///< defined ones
  uint64_t code_bytes = 0, data_bytes = 0;
  bool checked_memories = false;
  std::vector<CpuLevel> levels; ///< the least first; empty when all code is for one CPU
  bool is_instrumented = false; ///< it counts what runs
};

class Module {
public:
  /// Compiles in this process (ORC JIT). `input` is a binary module, or text when it does not begin with the
  /// magic.
  static Expected<Module> compile(const Engine& engine, std::span<const std::byte> input);
  /// Loads an artifact that Compiler::compile made. Checks it before the dynamic linker sees it; never loads
  /// the compiler.
  static Expected<Module> load(const Engine& engine, const std::string& path);
  /// By what the file holds: an artifact is loaded, anything else compiled.
  static Expected<Module> from_file(const Engine& engine, const std::string& path);

  std::vector<ImportType> imports() const;
  std::vector<ExportType> exports() const;
  ModuleInfo info() const;
  /// What all instances so far have run, ended ones and those that run now included, for
  /// CompileOptions::profiles. From any thread. Errors: usage, when the code is not instrumented.
  Expected<std::vector<std::byte>> profile() const;

  struct Impl;
  explicit Module(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  Impl& impl() const { return *impl_; }
  const std::shared_ptr<Impl>& shared() const { return impl_; }

private:
  std::shared_ptr<Impl> impl_;
};

} // namespace swage
