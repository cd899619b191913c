// IR -> a relocatable ELF object in memory, with what the runtime has to know about its code beside it: which
// Wasm instruction each address belongs to, and which trap a fault there means (lower.h, "Places").
//
// The debug sections stay in the object: neither linker loads them, and lld drops them.
#pragma once

#include <string>
#include <vector>

#include <llvm/ADT/SmallVector.h>

#include "compiler/codegen/guard.h"
#include "compiler/codegen/stages.h"
#include "compiler/codegen/target.h"
#include "runtime/abi/descriptor.h"

namespace swage::codegen {

/// One executable section of an object.
struct CodeSection {
  std::string name;
  std::string symbol;         ///< some symbol in it, visible to the linker
  uint64_t symbol_offset = 0; ///< of that symbol from the section's first byte
  uint64_t size = 0;
  std::vector<abi::AddressRow> addresses; ///< ascending by code_offset, from the section's first byte
  std::vector<uint8_t> traps;             ///< one for each of `addresses`: TrapCode + 1, or 0
  std::vector<abi::InlinedRow> inlined;   ///< that places in `addresses` refer to
};

struct Object {
  llvm::SmallVector<char, 0> bytes;
  std::vector<CodeSection> code; ///< in the object's order
};

/// Optimises and emits; uses `ir` up. Errors: limit, when LLVM gives up.
Expected<Object> compile_object(Ir ir, const Target& target, OptLevel level, Stages& stages);

/// The same as text: IR after optimisation, or assembly.
Expected<std::string> compile_ir_text(Ir ir, const Target& target, OptLevel level, Stages& stages);
Expected<std::string> compile_assembly(Ir ir, const Target& target, OptLevel level, Stages& stages);

} // namespace swage::codegen
