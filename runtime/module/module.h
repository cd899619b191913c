// A module in this process: its descriptor, where its code and constant data came from, and what
// instantiation asks again and again, computed once.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "runtime/abi/descriptor.h"
#include "runtime/engine.h"
#include "runtime/module/counters.h"
#include "swage/module.h"

namespace swage {

/// A run of a memory's initial image, and where the file that holds it can be mapped from.
struct Image {
  uint32_t memory = 0;
  const std::byte* bytes = nullptr;
  uint64_t address = 0; ///< in the memory
  uint64_t size = 0;
  std::optional<uint64_t> file_offset; ///< in the module's file
};

/// What a library was opened as; closes it.
class Library {
public:
  Library() = default;
  explicit Library(void* handle) : handle_(handle) {}
  Library(Library&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Library& operator=(Library&&) = delete;
  ~Library();
  void* symbol(const char* name) const;

private:
  void* handle_ = nullptr;
};

/// A file descriptor; closes it.
class File {
public:
  File() = default;
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~File();
  int get() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }

private:
  int descriptor_ = -1;
};

struct Module::Impl {
  Engine engine;
  const abi::Descriptor& descriptor;
  std::shared_ptr<void> owner;       ///< of JIT code
  Library library;                   ///< of an artifact
  File file;                         ///< the artifact, for mapping images; not open when there are none
  std::vector<uint32_t> types;       ///< canonical id of each type
  std::vector<const abi::Rtt*> rtts; ///< of each struct or array type, null for others
  std::vector<Image> images;
  std::vector<uint64_t> image_ids; ///< of each memory, unique in the process; 0 where it has none to map
  abi::ContextLayout layout;
  std::optional<Counters> counters;        ///< of an instrumented module
  const abi::CpuLevelRow* level = nullptr; ///< of several, the one whose code is used
  bool has_registered_code = false;

  Impl(Engine module_engine, const abi::Descriptor& module_descriptor, std::shared_ptr<void> module_owner);
  Impl(Engine module_engine, const abi::Descriptor& module_descriptor, Library module_library);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  /// Once, after construction: types, images, layout; registers the code.
  void prepare();
  /// Once, before anything runs: which of several CPUs' code. Errors: usage, incompatible (EngineConfig::
  /// cpu_level), resource.
  Expected<void> choose_level();

  template<class T> std::span<const T> elements(abi::Span span) const {
    return abi::elements<T>(descriptor, span);
  }
  std::string_view text(abi::Span span) const { return abi::text(descriptor, span); }
  const void* code(int32_t offset) const {
    return offset == 0 ? nullptr : abi::code_address(descriptor, offset);
  }

  /// A defined function's code, that of the level in use.
  const void* function_code(uint32_t index) const;

  /// The code of a host trampoline for a canonical type, or null.
  const void* trampoline(uint32_t canonical_type) const;

  // Types with canonical ids.
  ValType val_type(abi::TypeRef type) const;
  MemoryType memory_type(uint32_t index) const;
  TableType table_type(uint32_t index) const;
  GlobalType global_type(uint32_t index) const;
  uint32_t function_type(uint32_t index) const {
    return types[elements<uint32_t>(descriptor.functions)[index]];
  }
  uint32_t tag_type(uint32_t index) const { return types[elements<uint32_t>(descriptor.tags)[index]]; }
  ExternType extern_type(ExternKind kind, uint32_t index) const;
};

} // namespace swage
