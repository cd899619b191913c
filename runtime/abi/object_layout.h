// Where the parts of a struct or array lie in the garbage-collected heap: the compiler and the collector
// compute it from the type alone, so that objects of equal types are alike in every module.
//
// A struct is its Rtt, then its fields in order, each at the next multiple of its size (8 at most). A
// subtype's first fields are those of its supertype, so they lie at the same places. An array is an
// ArrayHeader, then its elements.
// https://webassembly.github.io/spec/core/exec/runtime.html#aggregate-instances
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "runtime/abi/abi.h"
#include "swage/types.h"

namespace swage::abi {

/// Objects begin and end at multiples of this.
inline constexpr uint32_t kObjectAlign = 8;

constexpr uint32_t aligned(uint32_t offset, uint32_t unit) { return (offset + unit - 1) / unit * unit; }

/// Bytes that a field or an element takes.
constexpr uint32_t storage_size(const FieldType& field) {
  if (field.packing != Packing::none) return field.packing == Packing::i8 ? 1 : 2;
  switch (field.type.kind) {
  case ValKind::i32:
  case ValKind::f32: return 4;
  case ValKind::v128: return 16;
  default: return 8;
  }
}

constexpr uint32_t storage_align(const FieldType& field) {
  return std::min(storage_size(field), kObjectAlign);
}

struct StructLayout {
  std::vector<uint32_t> offsets; ///< by field, from the object's first byte
  uint32_t size = 0;             ///< of the object
};

inline StructLayout struct_layout(std::span<const FieldType> fields) {
  StructLayout layout;
  layout.offsets.reserve(fields.size());
  uint32_t end = sizeof(void*);
  for (const FieldType& field : fields) {
    layout.offsets.push_back(aligned(end, storage_align(field)));
    end = layout.offsets.back() + storage_size(field);
  }
  layout.size = aligned(end, kObjectAlign);
  return layout;
}

/// An exception is a struct of its tag's parameters, behind the Rtt that belongs to its tag alone.
/// https://webassembly.github.io/spec/core/exec/runtime.html#exception-instances
inline StructLayout exception_layout(const FuncType& tag) {
  std::vector<FieldType> fields;
  for (ValType param : tag.params) fields.push_back({.type = param});
  return struct_layout(fields);
}

} // namespace swage::abi
