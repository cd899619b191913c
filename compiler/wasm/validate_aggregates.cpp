// Rules of references and aggregates, and of those table and memory instructions that name two spaces or an
// element type. https://webassembly.github.io/spec/core/valid/instructions.html#reference-instructions
#include <fmt/core.h>

#include <algorithm>

#include "compiler/wasm/function_validator.h"
#include "compiler/wasm/limits.h"

namespace swage::wasm {

namespace {

constexpr ValType kAnyRef = ValType::ref({HeapKind::any}, true);
constexpr ValType kEqRef = ValType::ref({HeapKind::eq}, true);
constexpr ValType kI31Ref = ValType::ref({HeapKind::i31}, true);
constexpr ValType kArrayRef = ValType::ref({HeapKind::array}, true);

ValType nullable(uint32_t type) { return ValType::ref(HeapType::concrete(type), true); }
ValType non_null(uint32_t type) { return ValType::ref(HeapType::concrete(type), false); }

} // namespace

void FunctionValidator::ref_null(const Instruction& insn) { push(ValType::ref(insn.heap[0], true)); }

void FunctionValidator::ref_is_null(const Instruction&) {
  pop_ref();
  push(kI32);
}

void FunctionValidator::ref_func(const Instruction& insn) {
  uint32_t function = insn.index[0];
  // Naming a function outside of bodies is what declares it.
  if (context_ == Context::constant)
    references_.push_back({function});
  else if (!module_.declared_functions[function])
    return fail(fmt::format("undeclared function reference {}", function));
  push(non_null(module_.functions[function].value));
}

void FunctionValidator::ref_eq(const Instruction&) {
  pop(kEqRef);
  pop(kEqRef);
  push(kI32);
}

void FunctionValidator::ref_as_non_null(const Instruction&) {
  ValType type = pop_ref();
  push(ValType::ref(type.is_ref() ? type.heap : HeapType{kBottomHeap}, false));
}

// A cast stays within its hierarchy: the operand may be anything below the same top. Continuations carry no
// type to ask for.

void FunctionValidator::check_castable(HeapType type) {
  if (types_.top(type) == HeapKind::cont)
    fail(fmt::format("invalid cast to {}", to_string(ValType::ref(type, false))));
}

void FunctionValidator::pop_castable(HeapType target) {
  check_castable(target);
  pop(ValType::ref({types_.top(target)}, true));
}

void FunctionValidator::ref_test(const Instruction& insn) {
  pop_castable(insn.heap[0]);
  push(kI32);
}

void FunctionValidator::ref_test_null(const Instruction& insn) { ref_test(insn); }

void FunctionValidator::ref_cast(const Instruction& insn) {
  pop_castable(insn.heap[0]);
  push(ValType::ref(insn.heap[0], false));
}

void FunctionValidator::ref_cast_null(const Instruction& insn) {
  pop_castable(insn.heap[0]);
  push(ValType::ref(insn.heap[0], true));
}

void FunctionValidator::any_convert_extern(const Instruction&) {
  ValType type = pop_ref();
  if (type.is_ref() && !types_.matches(type, kExternRef)) return mismatch(kExternRef, type);
  push(ValType::ref({HeapKind::any}, type.is_ref() && type.nullable));
}

void FunctionValidator::extern_convert_any(const Instruction&) {
  ValType type = pop_ref();
  if (type.is_ref() && !types_.matches(type, kAnyRef)) return mismatch(kAnyRef, type);
  push(ValType::ref({HeapKind::extern_}, type.is_ref() && type.nullable));
}

void FunctionValidator::ref_i31(const Instruction&) {
  pop(kI32);
  push(ValType::ref({HeapKind::i31}, false));
}

void FunctionValidator::i31_get_s(const Instruction&) {
  pop(kI31Ref);
  push(kI32);
}

void FunctionValidator::i31_get_u(const Instruction& insn) { i31_get_s(insn); }

// Structs. https://webassembly.github.io/spec/core/valid/instructions.html#aggregate-reference-instructions

const std::vector<FieldType>* FunctionValidator::struct_fields(uint32_t type) {
  const CompositeType& composite = types_.composite(type);
  if (composite.kind == CompositeKind::struct_) return &composite.fields;
  fail(fmt::format("type mismatch: expected a struct type, type {} is none", type));
  return nullptr;
}

const FieldType* FunctionValidator::struct_field(const Instruction& insn) {
  const std::vector<FieldType>* fields = struct_fields(insn.index[0]);
  if (!fields) return nullptr;
  if (insn.index[1] < fields->size()) return &(*fields)[insn.index[1]];
  unknown("field", insn.index[1]);
  return nullptr;
}

void FunctionValidator::check_defaultable(const FieldType& field) {
  if (!field.type.is_defaultable())
    fail(fmt::format("type mismatch: {} is not defaultable", to_string(field.type)));
}

/// The value that a get pushes: a packed field needs a sign, another must have none.
void FunctionValidator::field_get(const FieldType& field, Packing packed) {
  bool wants_packed = packed != Packing::none;
  if (wants_packed != (field.packing != Packing::none))
    return fail(wants_packed ? "type mismatch: the field is not packed"
                             : "type mismatch: the field is packed, say _s or _u");
  push(unpacked(field));
}

void FunctionValidator::struct_new(const Instruction& insn) {
  const std::vector<FieldType>* fields = struct_fields(insn.index[0]);
  if (!fields) return;
  for (size_t i = fields->size(); i-- > 0;) pop(unpacked((*fields)[i]));
  push(non_null(insn.index[0]));
}

void FunctionValidator::struct_new_default(const Instruction& insn) {
  const std::vector<FieldType>* fields = struct_fields(insn.index[0]);
  if (!fields) return;
  for (const FieldType& field : *fields) check_defaultable(field);
  push(non_null(insn.index[0]));
}

void FunctionValidator::struct_get(const Instruction& insn) {
  const FieldType* field = struct_field(insn);
  pop(nullable(insn.index[0]));
  if (field) field_get(*field, Packing::none);
}

void FunctionValidator::struct_get_s(const Instruction& insn) {
  const FieldType* field = struct_field(insn);
  pop(nullable(insn.index[0]));
  if (field) field_get(*field, Packing::i8);
}

void FunctionValidator::struct_get_u(const Instruction& insn) { struct_get_s(insn); }

void FunctionValidator::struct_set(const Instruction& insn) {
  const FieldType* field = struct_field(insn);
  if (!field) return;
  if (!field->is_mutable) return fail(fmt::format("immutable field {}", insn.index[1]));
  pop(unpacked(*field));
  pop(nullable(insn.index[0]));
}

// Arrays.

const FieldType* FunctionValidator::array_field(uint32_t type) {
  const CompositeType& composite = types_.composite(type);
  if (composite.kind == CompositeKind::array) return &composite.fields.front();
  fail(fmt::format("type mismatch: expected an array type, type {} is none", type));
  return nullptr;
}

const FieldType* FunctionValidator::mutable_array(const Instruction& insn) {
  const FieldType* field = array_field(insn.index[0]);
  if (!field || field->is_mutable) return field;
  fail(fmt::format("immutable array type {}", insn.index[0]));
  return nullptr;
}

void FunctionValidator::array_new(const Instruction& insn) {
  const FieldType* field = array_field(insn.index[0]);
  if (!field) return;
  pop(kI32);
  pop(unpacked(*field));
  push(non_null(insn.index[0]));
}

void FunctionValidator::array_new_default(const Instruction& insn) {
  const FieldType* field = array_field(insn.index[0]);
  if (!field) return;
  check_defaultable(*field);
  pop(kI32);
  push(non_null(insn.index[0]));
}

void FunctionValidator::array_new_fixed(const Instruction& insn) {
  const FieldType* field = array_field(insn.index[0]);
  uint32_t length = insn.index[1];
  if (!field) return;
  if (length > kMaxArrayNewFixed)
    return fail(fmt::format("array.new_fixed of {} elements, the limit is {}", length, kMaxArrayNewFixed),
                ErrorCode::limit);
  for (uint32_t i = 0; i < length; i++) pop(unpacked(*field));
  push(non_null(insn.index[0]));
}

void FunctionValidator::array_new_data(const Instruction& insn) {
  const FieldType* field = array_field(insn.index[0]);
  if (!field) return;
  if (field->type.is_ref()) return fail("array type is not numeric or vector: data has no references");
  pop(kI32);
  pop(kI32);
  push(non_null(insn.index[0]));
}

void FunctionValidator::array_new_elem(const Instruction& insn) {
  const FieldType* field = array_field(insn.index[0]);
  if (!field) return;
  ValType segment = module_.elems[insn.index[1]].type;
  if (field->packing != Packing::none || !types_.matches(segment, field->type))
    return mismatch(field->type, segment);
  pop(kI32);
  pop(kI32);
  push(non_null(insn.index[0]));
}

void FunctionValidator::array_get(const Instruction& insn) {
  const FieldType* field = array_field(insn.index[0]);
  pop(kI32);
  pop(nullable(insn.index[0]));
  if (field) field_get(*field, Packing::none);
}

void FunctionValidator::array_get_s(const Instruction& insn) {
  const FieldType* field = array_field(insn.index[0]);
  pop(kI32);
  pop(nullable(insn.index[0]));
  if (field) field_get(*field, Packing::i8);
}

void FunctionValidator::array_get_u(const Instruction& insn) { array_get_s(insn); }

void FunctionValidator::array_set(const Instruction& insn) {
  const FieldType* field = mutable_array(insn);
  if (!field) return;
  pop(unpacked(*field));
  pop(kI32);
  pop(nullable(insn.index[0]));
}

void FunctionValidator::array_len(const Instruction&) {
  pop(kArrayRef);
  push(kI32);
}

void FunctionValidator::array_fill(const Instruction& insn) {
  const FieldType* field = mutable_array(insn);
  if (!field) return;
  pop(kI32);
  pop(unpacked(*field));
  pop(kI32);
  pop(nullable(insn.index[0]));
}

void FunctionValidator::array_copy(const Instruction& insn) {
  const FieldType* to = mutable_array(insn);
  const FieldType* from = to ? array_field(insn.index[1]) : nullptr;
  if (!from) return;
  if (from->packing != to->packing || !types_.matches(from->type, to->type))
    return fail("array types do not match");
  pop(kI32);
  pop(kI32);
  pop(nullable(insn.index[1]));
  pop(kI32);
  pop(nullable(insn.index[0]));
}

void FunctionValidator::array_init_data(const Instruction& insn) {
  const FieldType* field = mutable_array(insn);
  if (!field) return;
  if (field->type.is_ref()) return fail("array type is not numeric or vector: data has no references");
  for (int i = 0; i < 3; i++) pop(kI32);
  pop(nullable(insn.index[0]));
}

void FunctionValidator::array_init_elem(const Instruction& insn) {
  const FieldType* field = mutable_array(insn);
  if (!field) return;
  ValType segment = module_.elems[insn.index[1]].type;
  if (field->packing != Packing::none || !types_.matches(segment, field->type))
    return mismatch(field->type, segment);
  for (int i = 0; i < 3; i++) pop(kI32);
  pop(nullable(insn.index[0]));
}

// Tables. https://webassembly.github.io/spec/core/valid/instructions.html#table-instructions

void FunctionValidator::table_get(const Instruction& insn) {
  pop(address(TableIdx{insn.index[0]}));
  push(element(insn.index[0]));
}

void FunctionValidator::table_set(const Instruction& insn) {
  written_tables_ |= Module::table_bit({insn.index[0]});
  pop(element(insn.index[0]));
  pop(address(TableIdx{insn.index[0]}));
}

void FunctionValidator::table_init(const Instruction& insn) {
  written_tables_ |= Module::table_bit({insn.index[1]});
  ValType segment = module_.elems[insn.index[0]].type;
  if (!types_.matches(segment, element(insn.index[1]))) return mismatch(element(insn.index[1]), segment);
  pop(kI32);
  pop(kI32);
  pop(address(TableIdx{insn.index[1]}));
}

namespace {

/// The count of a copy is as wide as the narrower of its two addresses.
ValType narrower(ValType a, ValType b) { return a == kI32 ? a : b; }

} // namespace

void FunctionValidator::table_copy(const Instruction& insn) {
  written_tables_ |= Module::table_bit({insn.index[0]});
  TableIdx to{insn.index[0]};
  TableIdx from{insn.index[1]};
  if (!types_.matches(element(from.value), element(to.value)))
    return mismatch(element(to.value), element(from.value));
  pop(narrower(address(to), address(from)));
  pop(address(from));
  pop(address(to));
}

void FunctionValidator::table_grow(const Instruction& insn) {
  written_tables_ |= Module::table_bit({insn.index[0]});
  ValType address_type = address(TableIdx{insn.index[0]});
  pop(address_type);
  pop(element(insn.index[0]));
  push(address_type);
}

void FunctionValidator::table_fill(const Instruction& insn) {
  written_tables_ |= Module::table_bit({insn.index[0]});
  ValType address_type = address(TableIdx{insn.index[0]});
  pop(address_type);
  pop(element(insn.index[0]));
  pop(address_type);
}

void FunctionValidator::memory_copy(const Instruction& insn) {
  ValType to = address(MemIdx{insn.index[0]});
  ValType from = address(MemIdx{insn.index[1]});
  pop(narrower(to, from));
  pop(from);
  pop(to);
}

} // namespace swage::wasm
