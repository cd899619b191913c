// The spec's types, as plain data: what a value, a function, a memory, a table or a global may be.
//
// One vocabulary serves the decoder, the descriptor's loader and the embedder. What differs is only the space
// that a concrete heap type's index counts in: a module's own type section in the compiler, the process-wide
// canonical types (spec: "type equality", iso-recursive) in the runtime and its API. Nothing here allocates
// but std::vector; nothing throws.
//
// https://webassembly.github.io/spec/core/syntax/types.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace swage {

/// An abstract heap type, or `concrete` for one given by an index. Values are the spec's one-byte binary
/// codes. https://webassembly.github.io/spec/core/syntax/types.html#heap-types
enum class HeapKind : uint8_t {
  noexn = 0x74,
  nofunc = 0x73,
  noextern = 0x72,
  none = 0x71,
  func = 0x70,
  extern_ = 0x6F,
  any = 0x6E,
  eq = 0x6D,
  i31 = 0x6C,
  struct_ = 0x6B,
  array = 0x6A,
  exn = 0x69,
  cont = 0x68,
  nocont = 0x75,
  concrete = 0x00,
};

/// A heap type: abstract, or the index of a defined type.
struct HeapType {
  HeapKind kind = HeapKind::func;
  uint32_t index = 0; ///< meaningful only when kind == concrete

  static constexpr HeapType concrete(uint32_t type_index) { return {HeapKind::concrete, type_index}; }
  constexpr bool is_concrete() const { return kind == HeapKind::concrete; }
  friend constexpr bool operator==(const HeapType&, const HeapType&) = default;
};

/// What a value type is before its heap type is asked. Values are the spec's binary codes; `ref` is ours, and
/// `bottom` is the validator's type of an operand that unreachable code leaves open (never in a module).
enum class ValKind : uint8_t {
  i32 = 0x7F,
  i64 = 0x7E,
  f32 = 0x7D,
  f64 = 0x7C,
  v128 = 0x7B,
  ref = 0x64,
  bottom = 0
};

/// A value type. https://webassembly.github.io/spec/core/syntax/types.html#value-types
struct ValType {
  ValKind kind = ValKind::i32;
  bool nullable = false; ///< of a reference
  HeapType heap = {};    ///< of a reference

  static constexpr ValType ref(HeapType heap, bool nullable) { return {ValKind::ref, nullable, heap}; }
  constexpr bool is_ref() const { return kind == ValKind::ref; }
  /// Whether a local of this type has a default value (everything but a non-nullable reference).
  constexpr bool is_defaultable() const { return !is_ref() || nullable; }
  friend constexpr bool operator==(const ValType&, const ValType&) = default;
};

inline constexpr ValType kI32{ValKind::i32};
inline constexpr ValType kI64{ValKind::i64};
inline constexpr ValType kF32{ValKind::f32};
inline constexpr ValType kF64{ValKind::f64};
inline constexpr ValType kV128{ValKind::v128};
inline constexpr ValType kFuncRef = ValType::ref({HeapKind::func}, true);
inline constexpr ValType kExternRef = ValType::ref({HeapKind::extern_}, true);
inline constexpr ValType kExnRef = ValType::ref({HeapKind::exn}, true);

struct FuncType {
  std::vector<ValType> params;
  std::vector<ValType> results;
  friend bool operator==(const FuncType&, const FuncType&) = default;
};

/// A field's storage: a value type, or one of the two packed integers.
/// https://webassembly.github.io/spec/core/syntax/types.html#field-types
enum class Packing : uint8_t { none, i8, i16 };
struct FieldType {
  ValType type = kI32; ///< i32 when packed
  Packing packing = Packing::none;
  bool is_mutable = false;
  friend bool operator==(const FieldType&, const FieldType&) = default;
};

enum class CompositeKind : uint8_t { func, struct_, array, cont };

/// A composite type: one of the members below is meaningful, as `kind` says. An array has exactly one field.
struct CompositeType {
  CompositeKind kind = CompositeKind::func;
  FuncType func;
  std::vector<FieldType> fields;
  uint32_t cont_func = 0; ///< of a continuation: its function type
  friend bool operator==(const CompositeType&, const CompositeType&) = default;
};

/// A defined type with its place in the hierarchy.
/// https://webassembly.github.io/spec/core/syntax/types.html#recursive-types
struct SubType {
  bool is_final = true;
  std::optional<uint32_t> super;
  CompositeType composite;
  friend bool operator==(const SubType&, const SubType&) = default;
};

enum class AddressType : uint8_t { i32, i64 };

/// Limits count pages for a memory and elements for a table.
struct Limits {
  uint64_t min = 0;
  std::optional<uint64_t> max;
  friend bool operator==(const Limits&, const Limits&) = default;
};

struct MemoryType {
  Limits limits;
  AddressType address = AddressType::i32;
  bool is_shared = false;
  uint8_t page_size_log2 = 16; ///< 16 (64 KiB), or 0 with custom-page-sizes
  friend bool operator==(const MemoryType&, const MemoryType&) = default;
};

struct TableType {
  ValType element = kFuncRef;
  Limits limits;
  AddressType address = AddressType::i32;
  friend bool operator==(const TableType&, const TableType&) = default;
};

struct GlobalType {
  ValType type = kI32;
  bool is_mutable = false;
  friend bool operator==(const GlobalType&, const GlobalType&) = default;
};

/// A tag's type is a function type without results (exceptions) or with them (stack switching), by index.
struct TagType {
  uint32_t type_index = 0;
  friend bool operator==(const TagType&, const TagType&) = default;
};

/// What can be imported and exported. Values are the spec's binary codes.
enum class ExternKind : uint8_t { func = 0, table = 1, memory = 2, global = 3, tag = 4 };

/// "i32", "(ref null func)", "funcref", "(param i32) (result i64)": the text format's spelling.
std::string to_string(HeapType type);
std::string to_string(ValType type);
std::string to_string(const FuncType& type);
std::string to_string(const MemoryType& type);
std::string to_string(const TableType& type);
std::string to_string(const GlobalType& type);
const char* to_string(ExternKind kind);

} // namespace swage
