// https://webassembly.github.io/spec/core/valid/matching.html
#include "runtime/types/matching.h"

#include "runtime/abi/abi.h"
#include "runtime/types/canonical.h"

namespace swage {

namespace {

/// The abstract type right above, or `concrete` at the top of a hierarchy.
HeapKind above(HeapKind kind) {
  switch (kind) {
  case HeapKind::i31:
  case HeapKind::struct_:
  case HeapKind::array: return HeapKind::eq;
  case HeapKind::eq: return HeapKind::any;
  default: return HeapKind::concrete;
  }
}

HeapKind kind_of(CompositeKind kind) {
  switch (kind) {
  case CompositeKind::func: return HeapKind::func;
  case CompositeKind::struct_: return HeapKind::struct_;
  case CompositeKind::array: return HeapKind::array;
  case CompositeKind::cont: return HeapKind::cont;
  }
  return HeapKind::any;
}

bool abstract_matches(HeapKind kind, HeapKind super) {
  for (; kind != HeapKind::concrete; kind = above(kind))
    if (kind == super) return true;
  return false;
}

/// The top of the hierarchy that a bottom type closes, or `concrete` for other types.
HeapKind top_of_bottom(HeapKind kind) {
  switch (kind) {
  case HeapKind::none: return HeapKind::any;
  case HeapKind::nofunc: return HeapKind::func;
  case HeapKind::noextern: return HeapKind::extern_;
  case HeapKind::noexn: return HeapKind::exn;
  case HeapKind::nocont: return HeapKind::cont;
  default: return HeapKind::concrete;
  }
}

} // namespace

bool is_subtype(uint32_t type, uint32_t super) {
  // Validation bounds the depth of a hierarchy to 63.
  while (type != super) {
    const SubType& definition = canonical_type(type);
    if (!definition.super) return false;
    type = *definition.super;
  }
  return true;
}

bool matches(HeapType type, HeapType super) {
  if (type == super) return true;
  HeapKind top = top_of_bottom(type.kind);
  if (top != HeapKind::concrete) {
    HeapKind kind = super.is_concrete() ? kind_of(canonical_type(super.index).composite.kind) : super.kind;
    return kind == type.kind || abstract_matches(kind, top);
  }
  if (!type.is_concrete()) return !super.is_concrete() && abstract_matches(type.kind, super.kind);
  if (super.is_concrete()) return is_subtype(type.index, super.index);
  return abstract_matches(kind_of(canonical_type(type.index).composite.kind), super.kind);
}

bool matches(ValType type, ValType super) {
  if (!type.is_ref() || !super.is_ref()) return type.kind == super.kind;
  return (super.nullable || !type.nullable) && matches(type.heap, super.heap);
}

HeapType heap_type_of(const Val& value) {
  HeapType heap = value.type().heap;
  if (matches(HeapType{HeapKind::nofunc}, heap))
    return HeapType::concrete(reinterpret_cast<const abi::FuncRef*>(value.low())->type);
  if (!matches(HeapType{HeapKind::none}, heap)) return heap;
  if ((value.low() & abi::kI31Tag) != 0) return {HeapKind::i31};
  if ((value.low() & abi::kTagMask) == abi::kHostTag) return {HeapKind::any};
  return HeapType::concrete((*reinterpret_cast<const abi::Rtt* const*>(value.low()))->type);
}

bool value_matches(const Val& value, ValType type) {
  if (!type.is_ref() || !value.type().is_ref()) return value.type().kind == type.kind;
  if (value.ref().is_null()) {
    ValType null = ValType::ref(value.type().heap, true);
    ValType nullable = ValType::ref(type.heap, true);
    // Null has the bottom type of its hierarchy, so it fits wherever some reference of its hierarchy does.
    return type.nullable && (matches(null, nullable) || matches(nullable, null));
  }
  return matches(heap_type_of(value), type.heap);
}

bool matches(const Limits& actual, const Limits& expected) {
  if (actual.min < expected.min) return false;
  return !expected.max || (actual.max && *actual.max <= *expected.max);
}

bool matches(const MemoryType& actual, const MemoryType& expected) {
  return matches(actual.limits, expected.limits) && actual.address == expected.address &&
         actual.is_shared == expected.is_shared && actual.page_size_log2 == expected.page_size_log2;
}

bool matches(const TableType& actual, const TableType& expected) {
  return matches(actual.limits, expected.limits) && actual.address == expected.address &&
         actual.element == expected.element;
}

bool matches(const GlobalType& actual, const GlobalType& expected) {
  if (actual.is_mutable != expected.is_mutable) return false;
  return actual.is_mutable ? actual.type == expected.type : matches(actual.type, expected.type);
}

} // namespace swage
