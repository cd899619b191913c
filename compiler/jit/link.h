// Links one object into the slab with JITLink, the linker under ORC. ORC's sessions and dylibs would stand
// above it, but what they add is symbol tables, and here every name that an object may ask for is known
// without one: functions are stubs by number, the C library's are a short list. Without them the first link
// is 1 ms sooner, each link takes half the time (20 us), and a module of 10,000 functions does not start by
// interning 10,000 names (docs/architecture.md).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <llvm/ADT/STLFunctionalExtras.h>
#include <llvm/ADT/StringRef.h>
#include <llvm/Support/MemoryBufferRef.h>

#include "compiler/jit/slab.h"

namespace llvm::orc {
class SymbolStringPool;
}

namespace swage::jit {

/// Where a symbol that the object defines has come to lie.
struct LinkedSymbol {
  std::string name;
  std::byte* address = nullptr;
  size_t size = 0;
};

/// One section in memory.
struct LinkedSection {
  std::string name;
  std::byte* begin = nullptr;
  std::byte* end = nullptr;
  bool is_code = false;
};

/// An object whose code is ready to run. It lives as long as the slab.
struct LinkedObject {
  std::vector<LinkedSymbol> symbols; ///< those with names, in no order
  std::vector<LinkedSection> sections;
  const std::byte* eh_frame = nullptr; ///< the whole section, with a terminator; null when there is none

  const LinkedSymbol* find(llvm::StringRef name) const;
};

/// The address of an undefined symbol, or null when there is no such thing.
using ResolveSymbol = llvm::function_ref<const void*(llvm::StringRef name)>;

/// Thread-safe for one slab and pool. Errors: resource (the slab is full), unsupported (an undefined symbol
/// that `resolve` does not know, named: a bug in lowering, or a library call of LLVM's that
/// process_symbols.cpp lacks).
Expected<LinkedObject> link_object(llvm::MemoryBufferRef object, Slab& slab, ResolveSymbol resolve,
                                   std::shared_ptr<llvm::orc::SymbolStringPool> names);

} // namespace swage::jit
