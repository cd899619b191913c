// https://webassembly.github.io/spec/core/valid/types.html
#include "compiler/wasm/type_rules.h"

#include <fmt/core.h>

#include <algorithm>

#include "compiler/wasm/limits.h"

namespace swage::wasm {

namespace {

std::string unknown_type(uint32_t index) { return fmt::format("unknown type {}", index); }

/// Calls `visit` with every type index that a composite type names.
template<class Visit> void for_each_index(const CompositeType& type, Visit visit) {
  auto value = [&](ValType v) {
    if (v.is_ref() && v.heap.is_concrete()) visit(v.heap.index);
  };
  std::ranges::for_each(type.func.params, value);
  std::ranges::for_each(type.func.results, value);
  for (const FieldType& field : type.fields) value(field.type);
  if (type.kind == CompositeKind::cont) visit(type.cont_func);
}

HeapKind heap_kind(CompositeKind kind) {
  switch (kind) {
  case CompositeKind::func: return HeapKind::func;
  case CompositeKind::struct_: return HeapKind::struct_;
  case CompositeKind::array: return HeapKind::array;
  case CompositeKind::cont: return HeapKind::cont;
  }
  return HeapKind::any;
}

/// Whether `sub` is `super` or below it.
/// https://webassembly.github.io/spec/core/valid/matching.html#heap-types
bool abstract_matches(HeapKind sub, HeapKind super) {
  if (sub == super) return true;
  switch (super) {
  case HeapKind::any:
    return sub == HeapKind::eq || sub == HeapKind::i31 || sub == HeapKind::struct_ ||
           sub == HeapKind::array || sub == HeapKind::none;
  case HeapKind::eq:
    return sub == HeapKind::i31 || sub == HeapKind::struct_ || sub == HeapKind::array ||
           sub == HeapKind::none;
  case HeapKind::i31:
  case HeapKind::struct_:
  case HeapKind::array: return sub == HeapKind::none;
  case HeapKind::func: return sub == HeapKind::nofunc;
  case HeapKind::extern_: return sub == HeapKind::noextern;
  case HeapKind::exn: return sub == HeapKind::noexn;
  case HeapKind::cont: return sub == HeapKind::nocont;
  default: return false;
  }
}

} // namespace

Expected<TypeRules> TypeRules::make(Module& module) {
  TypeRules rules(module);
  size_t size = module.types.size();
  module.canonical.resize(size);
  rules.depth_.resize(size);
  std::unordered_map<std::string, uint32_t> groups; // key -> first type of the first such group
  for (size_t g = 0; g < module.rec_group_starts.size(); g++) {
    uint32_t start = module.rec_group_starts[g];
    uint32_t end =
        static_cast<uint32_t>(g + 1 < module.rec_group_starts.size() ? module.rec_group_starts[g + 1] : size);
    SWAGE_CHECK(rules.check_indices(start, end));
    uint32_t first = groups.try_emplace(rules.key(start, end), start).first->second;
    for (uint32_t i = start; i < end; i++) module.canonical[i] = first + (i - start);
    for (uint32_t i = start; i < end; i++) SWAGE_CHECK(rules.check_super(i));
  }
  return rules;
}

// A group's types may name each other and what came before; a super type must have come before. The depth is
// checked here, before anything walks up, so that a walk is short whatever the module says.
Expected<void> TypeRules::check_indices(uint32_t start, uint32_t end) {
  for (uint32_t i = start; i < end; i++) {
    const SubType& type = module_->types[i];
    if (type.super) {
      if (*type.super >= i)
        return fail(ErrorCode::invalid, unknown_type(*type.super) + fmt::format(" as super type of {}", i));
      if (depth_[*type.super] == kMaxSubtypeDepth)
        return fail(ErrorCode::limit,
                    fmt::format("type {} has more than {} super types, the limit", i, kMaxSubtypeDepth));
      depth_[i] = static_cast<uint8_t>(depth_[*type.super] + 1);
    }
    std::optional<uint32_t> unknown;
    for_each_index(type.composite, [&](uint32_t index) {
      if (index >= end && !unknown) unknown = index;
    });
    if (unknown) return fail(ErrorCode::invalid, unknown_type(*unknown) + fmt::format(" in type {}", i));
    if (type.composite.kind == CompositeKind::cont &&
        module_->types[type.composite.cont_func].composite.kind != CompositeKind::func)
      return fail(ErrorCode::invalid,
                  fmt::format("non-function type {} in continuation type {}", type.composite.cont_func, i));
  }
  return {};
}

// https://webassembly.github.io/spec/core/valid/types.html#sub-types
Expected<void> TypeRules::check_super(uint32_t index) const {
  const SubType& type = module_->types[index];
  if (!type.super) return {};
  const SubType& super = module_->types[*type.super];
  if (super.is_final)
    return fail(ErrorCode::invalid,
                fmt::format("sub type {} does not match super type {}, which is final", index, *type.super));
  if (!matches(type.composite, super.composite))
    return fail(ErrorCode::invalid,
                fmt::format("sub type {} does not match super type {}", index, *type.super));
  return {};
}

std::string TypeRules::key(uint32_t start, uint32_t end) const {
  std::string out;
  auto byte = [&](int value) { out.push_back(static_cast<char>(value)); };
  auto number = [&](uint32_t value) {
    for (int i = 0; i < 4; i++) byte(static_cast<int>(value >> 8 * i & 0xFF));
  };
  auto index = [&](uint32_t type) {
    bool own = type >= start;
    byte(own);
    number(own ? type - start : module_->canonical[type]);
  };
  auto value = [&](ValType type) {
    byte(static_cast<int>(type.kind));
    if (!type.is_ref()) return;
    byte(type.nullable);
    byte(static_cast<int>(type.heap.kind));
    if (type.heap.is_concrete()) index(type.heap.index);
  };
  auto values = [&](const std::vector<ValType>& types) {
    number(static_cast<uint32_t>(types.size()));
    std::ranges::for_each(types, value);
  };
  for (uint32_t i = start; i < end; i++) {
    const SubType& type = module_->types[i];
    byte(type.is_final);
    byte(type.super.has_value());
    if (type.super) index(*type.super);
    byte(static_cast<int>(type.composite.kind));
    values(type.composite.func.params);
    values(type.composite.func.results);
    number(static_cast<uint32_t>(type.composite.fields.size()));
    for (const FieldType& field : type.composite.fields) {
      byte(static_cast<int>(field.packing));
      byte(field.is_mutable);
      value(field.type);
    }
    if (type.composite.kind == CompositeKind::cont) index(type.composite.cont_func);
  }
  return out;
}

std::string TypeRules::problem(HeapType type) const {
  return type.is_concrete() && type.index >= module_->types.size() ? unknown_type(type.index) : std::string();
}

HeapKind TypeRules::top(HeapType type) const {
  switch (type.is_concrete() ? heap_kind(composite(type.index).kind) : type.kind) {
  case HeapKind::func:
  case HeapKind::nofunc: return HeapKind::func;
  case HeapKind::extern_:
  case HeapKind::noextern: return HeapKind::extern_;
  case HeapKind::exn:
  case HeapKind::noexn: return HeapKind::exn;
  case HeapKind::cont:
  case HeapKind::nocont: return HeapKind::cont;
  default: return HeapKind::any;
  }
}

bool TypeRules::concrete_matches(uint32_t sub, uint32_t super) const {
  // A canonical type's declared super type counts for all of its equals: they agree on it by definition.
  const std::vector<uint32_t>& canonical = module_->canonical;
  uint32_t target = canonical[super];
  uint32_t current = canonical[sub];
  for (;;) {
    if (current == target) return true;
    const std::optional<uint32_t>& next = module_->types[current].super;
    if (!next) return false;
    current = canonical[*next];
  }
}

bool TypeRules::matches(HeapType sub, HeapType super) const {
  if (sub == super || sub.kind == kBottomHeap) return true;
  if (sub.is_concrete() && super.is_concrete()) return concrete_matches(sub.index, super.index);
  if (sub.is_concrete()) return abstract_matches(heap_kind(composite(sub.index).kind), super.kind);
  if (super.is_concrete()) {
    // Only a hierarchy's bottom is below a concrete type.
    switch (sub.kind) {
    case HeapKind::none:
    case HeapKind::nofunc:
    case HeapKind::nocont: return abstract_matches(sub.kind, heap_kind(composite(super.index).kind));
    default: return false;
    }
  }
  return abstract_matches(sub.kind, super.kind);
}

// https://webassembly.github.io/spec/core/valid/matching.html#function-types
bool TypeRules::matches(const FuncType& sub, const FuncType& super) const {
  auto match = [this](ValType a, ValType b) { return matches(a, b); };
  return std::ranges::equal(super.params, sub.params, match) &&
         std::ranges::equal(sub.results, super.results, match);
}

// https://webassembly.github.io/spec/core/valid/matching.html#field-types
bool TypeRules::matches(const FieldType& sub, const FieldType& super) const {
  if (sub.is_mutable != super.is_mutable || sub.packing != super.packing) return false;
  if (sub.packing != Packing::none) return true;
  return matches(sub.type, super.type) && (!sub.is_mutable || matches(super.type, sub.type));
}

bool TypeRules::matches(const CompositeType& sub, const CompositeType& super) const {
  if (sub.kind != super.kind) return false;
  switch (sub.kind) {
  case CompositeKind::func: return matches(sub.func, super.func);
  case CompositeKind::cont: return concrete_matches(sub.cont_func, super.cont_func);
  case CompositeKind::struct_:
  case CompositeKind::array:
    if (sub.fields.size() < super.fields.size()) return false;
    for (size_t i = 0; i < super.fields.size(); i++)
      if (!matches(sub.fields[i], super.fields[i])) return false;
    return true;
  }
  return false;
}

} // namespace swage::wasm
