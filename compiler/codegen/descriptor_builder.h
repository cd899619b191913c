// wasm::Module -> the bytes behind "swage_module" (runtime/abi/descriptor.inc). One blob of constant data in
// which everything is found by offsets, and a list of the few int32 that only a linker knows: no LLVM value
// is made per row, so that a module of 50,000 functions takes milliseconds.
//
// The AOT compiler writes blob and fixups as a relocatable object (elf_writer.h); the JIT puts the blob into
// memory and fills the fixups itself.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "compiler/codegen/images.h"
#include "compiler/codegen/object.h"
#include "compiler/codegen/target.h"
#include "compiler/lower/lower.h"
#include "compiler/wasm/module.h"
#include "runtime/abi/descriptor.h"

namespace swage::codegen {

/// An int32 at `offset` of the blob that must become the distance from the blob's first byte to the target.
/// `index`: version: a position in DescriptorInput::versioned, `level` one in its levels; function: a defined
/// function's index in the module; entry, trampoline: a type's; range_*: position in `code`; image: of the
/// image run.
struct Fixup {
  enum class Target : uint8_t {
    function,
    entry,
    trampoline,
    initialiser,
    initialiser_entry,
    version,
    dispatch,
    range_begin,
    range_end,
    image
  };
  uint32_t offset = 0;
  Target target = Target::function;
  uint32_t index = 0;
  uint32_t level = 0;
};

struct DescriptorData {
  std::vector<std::byte> bytes; ///< begins with the abi::Descriptor; 16-byte aligned wherever it goes
  std::vector<Fixup> fixups;    ///< ascending by offset
  std::vector<ImageRun> images;
};

/// Code for one of several CPUs. By position in `versioned` the level whose version is used: its own, or the
/// lower one that is the same.
struct LevelCode {
  const Target* target = nullptr;
  std::vector<uint32_t> from;
};

struct DescriptorInput {
  const wasm::Module& module;
  const lower::Glue& glue;
  const Target& target;
  const CompileOptions& options;
  std::span<const CodeSection>
      code; ///< every piece of machine code; empty in the JIT, which registers code as it comes
  Images images = Images::none;
  const lower::ProfileLayout* counting = nullptr; ///< of code that counts
  std::span<const LevelCode> levels = {};         ///< none where all code is for one CPU
  std::span<const wasm::FuncIdx> versioned = {};  ///< ascending
};

/// The options that decide the code, as on the command line: "-O2 --cpu znver4".
std::string options_text(const CompileOptions& options, const Target& target);

/// How accesses to a memory are kept inside of it: what lowering did.
bool is_checked(const MemoryType& memory, const CompileOptions& options);

/// Errors: limit, when the descriptor would not fit its 32-bit offsets.
Expected<DescriptorData> build_descriptor(const DescriptorInput& input);

} // namespace swage::codegen
