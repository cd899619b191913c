// What compiled code and the runtime agree on: structs, runtime functions, trap codes, conventions, and one
// hash over all of it. Header-only, included by lower/ and runtime/; no number of it is written by hand
// anywhere else.
//
// Internal convention ("wasm convention"): swifttailcc; the Context* is the first parameter, marked swiftself
// (pinned: r13 on x86-64, x20 on AArch64; callee-saved but for tail calls into other modules,
// codegen/context_register.h; and so is r14); then the Wasm parameters: i32 i64 float double <16
// x i8>, references as pointers. Up to kMaxRegisterResults results are returned as one value or as a literal
// struct in order; with more, the function returns void and every result k stands in StoreState::overflow[k].
//
// Nothing is ever passed on the stack: parameters beyond kMaxRegisterIntegers integers and references and
// kMaxRegisterFloats floats and vectors stand in StoreState::overflow, parameter k at [k], from right before
// the call to the callee's first instructions. With arguments on the stack a tail call would have to move the
// return address, and no unwind table can describe the caller's frame then: exceptions would land on a wrong
// stack pointer (docs/abi.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "runtime/abi/trap_code.h"
#include "runtime/abi/value.h"

namespace swage::abi {

struct Context;
struct FuncRef;
struct Rtt;
struct StoreState;

/// With more results than this, all of them are returned through StoreState::overflow.
inline constexpr uint32_t kMaxRegisterResults = 4;
/// Parameters that both architectures have registers for; see above.
inline constexpr uint32_t kMaxRegisterIntegers = 6;
inline constexpr uint32_t kMaxRegisterFloats = 8;

/// How compiled code keeps the stack aligned on x86-64. With the 16 bytes of System V, functions in
/// swifttailcc would pop 8 bytes of padding when they return, and callers push them again. What runs in C++
/// finds 16: the runtime's stubs realign.
inline constexpr uint32_t kStackAlignX86 = 8;

/// A 32-bit guard-page memory reserves 4 GiB of index, and this many bytes for the offset of an access;
/// larger static offsets are checked.
inline constexpr uint64_t kGuardIndexBytes = uint64_t{4} << 30;
inline constexpr uint64_t kGuardOffsetBytes = uint64_t{2} << 30;

/// How the host calls a function of some type: reads the arguments from `values`, calls `code` with
/// `context`, and writes the results over them. C convention; the artifact holds one for each function type
/// that escapes.
using EntryFn = void (*)(const void* code, Context* context, Value* values);
/// How a host trampoline (internal convention on its Wasm side) reaches the host. C convention.
using HostEntryFn = void (*)(struct HostContext* host, Value* values);
/// The module's initialiser: evaluates the constant expressions that are not plain constants, writes those of
/// globals to their cells, and every expression k to values[k]. Same convention as EntryFn's `code` with one
/// pointer parameter.

// Runtime functions: one table of pointers.
namespace detail {
template<char> struct Letter;
template<> struct Letter<'c'> {
  using type = Context*;
};
template<> struct Letter<'p'> {
  using type = void*;
};
template<> struct Letter<'i'> {
  using type = uint32_t;
};
template<> struct Letter<'I'> {
  using type = uint64_t;
};
template<> struct Letter<'f'> {
  using type = float;
};
template<> struct Letter<'F'> {
  using type = double;
};
template<> struct Letter<'\0'> {
  using type = void;
};
} // namespace detail

enum class Builtin : uint32_t {
#define BUILTIN(id, signature) id,
#include "runtime/abi/builtins.inc"
  count
};

inline constexpr std::string_view kBuiltinNames[] = {
#define BUILTIN(id, signature) #id,
#include "runtime/abi/builtins.inc"
};
inline constexpr std::string_view kBuiltinSignatures[] = {
#define BUILTIN(id, signature) signature,
#include "runtime/abi/builtins.inc"
};

/// The runtime's functions, in the order of Builtin. The runtime checks each definition against its row's
/// signature.
struct Builtins {
  const void* functions[static_cast<size_t>(Builtin::count)];
};

#define STRUCT(name) struct name {
#define FIELD(type, name) type name;
#define END(name)                                                                                            \
  }                                                                                                          \
  ;                                                                                                          \
  static_assert(std::is_standard_layout_v<name>);
#include "runtime/abi/structs.inc"

/// Pointers behind an Rtt. Validation allows 63 declared supertypes.
inline constexpr uint32_t kDisplaySize = 64;
/// Where entry `depth` of the display stands in an Rtt.
constexpr uint64_t display_offset(uint32_t depth) { return sizeof(Rtt) + uint64_t{depth} * sizeof(void*); }

/// Low bits of a reference that tell objects (0) from what is no object: an i31 is (value << 1) | kI31Tag in
/// 32 bits, a reference of the host's carries kHostTag.
/// https://webassembly.github.io/spec/core/exec/runtime.html#values
inline constexpr uint64_t kI31Tag = 1;
inline constexpr uint64_t kHostTag = 2;
inline constexpr uint64_t kTagMask = 3;

static_assert(offsetof(HostContext, store) == offsetof(Context, store),
              "entry functions read either one's store");

/// Where an instance's variable parts stand behind its Context, computed from counts by compiler and runtime
/// alike.
struct ContextLayout {
  uint32_t imported_functions = 0; ///< counts
  uint32_t memories = 0;
  uint32_t tables = 0;
  uint32_t imported_globals = 0;
  uint32_t tags = 0;    ///< imported ones included
  uint32_t globals = 0; ///< imported ones included

  constexpr uint64_t imported_function_offset(uint32_t i) const {
    return sizeof(Context) + uint64_t{i} * sizeof(ImportedFunction);
  }
  constexpr uint64_t memory_offset(uint32_t i) const {
    return imported_function_offset(imported_functions) + uint64_t{i} * sizeof(MemorySlot);
  }
  /// Slots of TableState*.
  constexpr uint64_t table_offset(uint32_t i) const {
    return memory_offset(memories) + uint64_t{i} * sizeof(void*);
  }
  /// An imported global's slot is a pointer to its cell.
  constexpr uint64_t imported_global_offset(uint32_t i) const {
    return table_offset(tables) + uint64_t{i} * sizeof(void*);
  }
  /// A tag's slot is a pointer to the Rtt of its exceptions, which no other tag has.
  constexpr uint64_t tag_offset(uint32_t i) const {
    return imported_global_offset(imported_globals) + uint64_t{i} * sizeof(void*);
  }
  /// A defined global's cell (a Value), by its index in the module.
  constexpr uint64_t global_offset(uint32_t i) const {
    return ((tag_offset(tags) + 15) & ~uint64_t{15}) + uint64_t{i - imported_globals} * sizeof(Value);
  }
  constexpr uint64_t size() const { return global_offset(globals); }
};

/// FNV-1a over every row: names, types, signatures, messages, in order. It stands first in every artifact.
constexpr uint64_t hash(std::string_view text, uint64_t seed = 0xcbf29ce484222325u) {
  for (char c : text) seed = (seed ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  return seed;
}

/// Raised by hand when a convention changes that no row shows (the comment above, the descriptor's meaning).
inline constexpr std::string_view kConventionVersion = "4";

inline constexpr uint64_t kHash = [] {
  uint64_t h = hash(kConventionVersion);
#define TRAP(id, message) h = hash(#id, h);
#include "runtime/abi/traps.inc"
#define BUILTIN(id, signature) h = hash(#id ":" signature, h);
#include "runtime/abi/builtins.inc"
#define STRUCT(name) h = hash("struct " #name, h);
#define FIELD(type, name) h = hash(#type " " #name, h);
#define END(name)
#include "runtime/abi/structs.inc"
#define STRUCT(name) h = hash("struct " #name, h);
#define FIELD(type, name) h = hash(#type " " #name, h);
#define END(name)
#include "runtime/abi/descriptor.inc"
  return h;
}();

} // namespace swage::abi
