#include "compiler/jit/code_space.h"

#include <cassert>

#include <llvm/ExecutionEngine/Orc/SymbolStringPool.h>

namespace swage::jit {

Expected<std::unique_ptr<CodeSpace>> CodeSpace::create(size_t slab_bytes, size_t least_bytes,
                                                       CodeRegistry& registry) {
  std::unique_ptr<Slab> slab = SWAGE_TRY(Slab::reserve(slab_bytes, least_bytes));
  return std::unique_ptr<CodeSpace>(new CodeSpace(std::move(slab), registry));
}

CodeSpace::CodeSpace(std::unique_ptr<Slab> slab, CodeRegistry& registry)
    : slab_(std::move(slab)), registry_(registry), names_(std::make_shared<llvm::orc::SymbolStringPool>()),
      debugger_(debugger_options_from_environment()) {}

CodeSpace::~CodeSpace() {
  for (const std::byte* frames : frames_) registry_.remove_unwind(frames);
  for (const std::byte* code : code_) registry_.remove_code(code);
}

Expected<Stubs> CodeSpace::add_stubs(uint32_t count, void* module, ResolveFn resolve) {
  Stubs stubs = SWAGE_TRY(Stubs::create(*slab_, count, module, resolve));
  std::lock_guard lock(mutex_);
  registry_.add_code(stubs.code().data(), stubs.code().data() + stubs.code().size(), stubs.addresses(),
                     stubs.traps(), {}, descriptor_);
  code_.push_back(stubs.code().data());
  registry_.add_unwind(stubs.eh_frame());
  frames_.push_back(stubs.eh_frame());
  return stubs;
}

Expected<LinkedObject> CodeSpace::add_object(const codegen::Object& object, ResolveSymbol resolve) {
  llvm::MemoryBufferRef buffer(llvm::StringRef(object.bytes.data(), object.bytes.size()), "batch");
  LinkedObject linked = SWAGE_TRY(link_object(buffer, *slab_, resolve, names_));
  announce(linked, object);
  return linked;
}

void CodeSpace::announce(const LinkedObject& linked, const codegen::Object& object) {
  std::lock_guard lock(mutex_);
  if (linked.eh_frame) {
    registry_.add_unwind(linked.eh_frame);
    frames_.push_back(linked.eh_frame);
  }
  // Stubs that JITLink makes for far calls are code as well, but they cannot fault: they have no rows.
  for (const codegen::CodeSection& section : object.code) {
    for (const LinkedSection& place : linked.sections) {
      if (place.name != section.name) continue;
      assert(place.is_code && "codegen gives rows for code only");
      const codegen::CodeSection& kept = sections_.emplace_back(section);
      registry_.add_code(place.begin, place.end, kept.addresses, kept.traps, kept.inlined, descriptor_);
      code_.push_back(place.begin);
      code_bytes_ += static_cast<size_t>(place.end - place.begin);
    }
  }
  if (debugger_.perf) write_perf_map(linked);
  if (debugger_.gdb) debug_objects_.push_back(std::make_unique<DebugObject>(object.bytes, linked));
}

size_t CodeSpace::code_bytes() const {
  std::lock_guard lock(mutex_);
  return code_bytes_;
}

} // namespace swage::jit
