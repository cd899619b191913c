// A module's machine code in this process: linked into the slab, and announced to those who have to know of
// it - the unwinder, the runtime's trap handler, and, on request, debugger and profiler. All of it is taken
// back at the end.
#pragma once

#include <deque>
#include <memory>
#include <mutex>

#include "compiler/codegen/object.h"
#include "compiler/jit/debugger.h"
#include "compiler/jit/link.h"
#include "compiler/jit/slab.h"
#include "compiler/jit/stubs.h"
#include "swage/compiler.h"

namespace swage::jit {

class CodeSpace final {
public:
  /// `registry` must outlive the code space. Errors: resource.
  static Expected<std::unique_ptr<CodeSpace>> create(size_t slab_bytes, size_t least_bytes,
                                                     CodeRegistry& registry);
  /// Nothing may run in the code then.
  ~CodeSpace();

  /// Creates and announces a module's stubs.
  Expected<Stubs> add_stubs(uint32_t count, void* module, ResolveFn resolve);
  /// Links an object and announces its code; it may run from then on. Thread-safe. Errors: see link_object.
  Expected<LinkedObject> add_object(const codegen::Object& object, ResolveSymbol resolve);
  /// Memory for `bytes` of data, writable until it is sealed. Null when the slab is full.
  std::byte* allocate_data(size_t bytes) { return slab_->allocate(bytes); }
  [[nodiscard]] bool seal_data(std::byte* begin, size_t bytes) {
    return slab_->protect(begin, bytes, Access::read);
  }
  /// What the runtime's rows refer to from now on; code that was added earlier has none.
  void set_descriptor(const abi::Descriptor* descriptor) { descriptor_ = descriptor; }

  CodeRegistry& registry() { return registry_; }
  size_t code_bytes() const;

private:
  CodeSpace(std::unique_ptr<Slab> slab, CodeRegistry& registry);
  void announce(const LinkedObject& linked, const codegen::Object& object);

  std::unique_ptr<Slab> slab_;
  CodeRegistry& registry_;
  std::shared_ptr<llvm::orc::SymbolStringPool> names_;
  std::atomic<const abi::Descriptor*> descriptor_ = nullptr;
  const DebuggerOptions debugger_;

  mutable std::mutex mutex_;                  // of what follows
  std::deque<codegen::CodeSection> sections_; ///< the runtime borrows their tables
  std::vector<const std::byte*> code_;
  std::vector<const std::byte*> frames_;
  std::vector<std::unique_ptr<DebugObject>> debug_objects_;
  size_t code_bytes_ = 0;
};

} // namespace swage::jit
