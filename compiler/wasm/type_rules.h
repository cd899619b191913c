// Equality and subtyping of types within one module.
//
// Type equality is iso-recursive: two types are equal when their recursion groups are, member by member, with
// references into the group itself compared by position. Each group is therefore written out as a string in
// which earlier types stand as canonical indices and own members as positions, and looked up in a hash table:
// linear in the size of the type section. After that equality is one compare, and subtyping a walk up at most
// 63 declared super types.
//
// https://webassembly.github.io/spec/core/valid/conventions.html#defined-types
// https://webassembly.github.io/spec/core/valid/matching.html
#pragma once

#include <string>

#include "compiler/wasm/module.h"
#include "swage/error.h"

namespace swage::wasm {

/// The validator's heap type below every other: of a reference that unreachable code leaves open.
inline constexpr HeapKind kBottomHeap = static_cast<HeapKind>(0x01);

class TypeRules {
public:
  /// Checks the module's types and fills `module.canonical`. Borrows the module; its types must not change
  /// afterwards.
  static Expected<TypeRules> make(Module& module);

  /// Whether a value of type `sub` can stand where `super` is expected.
  bool matches(ValType sub, ValType super) const {
    if (sub == super || sub.kind == ValKind::bottom) return true;
    return sub.is_ref() && super.is_ref() && (!sub.nullable || super.nullable) &&
           matches(sub.heap, super.heap);
  }
  bool matches(HeapType sub, HeapType super) const;
  bool matches(const FuncType& sub, const FuncType& super) const;
  bool matches(const FieldType& sub, const FieldType& super) const;
  /// Both ways: the same type under another index.
  bool equal(ValType a, ValType b) const { return matches(a, b) && matches(b, a); }

  /// The top of the hierarchy that a heap type is in: any, func, extern, exn or cont.
  HeapKind top(HeapType type) const;

  const SubType& type(uint32_t index) const { return module_->types[index]; }
  const CompositeType& composite(uint32_t index) const { return module_->types[index].composite; }

  /// Why a type cannot stand here: its index is unknown. Empty when it can.
  std::string problem(ValType type) const { return type.is_ref() ? problem(type.heap) : std::string(); }
  std::string problem(HeapType type) const;

private:
  explicit TypeRules(Module& module) : module_(&module) {}
  Expected<void> check_indices(uint32_t start, uint32_t end);
  Expected<void> check_super(uint32_t index) const;
  bool matches(const CompositeType& sub, const CompositeType& super) const;
  bool concrete_matches(uint32_t sub, uint32_t super) const;
  std::string key(uint32_t start, uint32_t end) const;

  Module* module_;
  std::vector<uint8_t> depth_; ///< declared super types above each type
};

} // namespace swage::wasm
