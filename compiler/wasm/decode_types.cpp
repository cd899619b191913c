// The type section: recursion groups of sub types, flattened.
// https://webassembly.github.io/spec/core/binary/types.html
#include "compiler/wasm/binary_codes.h"
#include "compiler/wasm/decoder.h"

namespace swage::wasm {

void Decoder::types() {
  uint32_t groups = count(kMaxTypes, "types");
  for (uint32_t i = 0; i < groups && !reader_.failed(); i++) {
    module_.rec_group_starts.push_back(static_cast<uint32_t>(module_.types.size()));
    uint32_t size = 1;
    if (reader_.peek() == kRecType) {
      reader_.require(Feature::gc, reader_.offset(), "a recursion group");
      reader_.byte();
      size = count(kMaxTypes, "types", module_.types.size());
    }
    for (uint32_t k = 0; k < size && !reader_.failed(); k++) {
      if (module_.types.size() == kMaxTypes)
        reader_.fail_at(reader_.offset(), fmt::format("more than {} types, the limit", kMaxTypes),
                        ErrorCode::limit);
      module_.types.push_back(sub_type());
    }
  }
}

// https://webassembly.github.io/spec/core/binary/types.html#recursive-types
SubType Decoder::sub_type() {
  SubType type;
  uint8_t first = reader_.peek();
  if (first == kSubType || first == kSubFinalType) {
    reader_.require(Feature::gc, reader_.offset(), "a sub type");
    reader_.byte();
    type.is_final = first == kSubFinalType;
    uint64_t at = reader_.offset();
    uint32_t supers = reader_.count();
    if (supers > 1)
      reader_.fail_at(at, fmt::format("{} super types, expected at most one", supers), ErrorCode::invalid);
    if (supers == 1) type.super = reader_.u32();
  }
  type.composite = composite_type();
  return type;
}

// https://webassembly.github.io/spec/core/binary/types.html#composite-types
CompositeType Decoder::composite_type() {
  CompositeType type;
  uint64_t at = reader_.offset();
  uint8_t form = reader_.byte();
  if (reader_.failed()) return type;
  switch (form) {
  case kFuncType:
    type.kind = CompositeKind::func;
    type.func.params = result_type(kMaxParams, "parameters");
    type.func.results = result_type(kMaxResults, "results");
    if (type.func.results.size() > 1)
      reader_.require(Feature::multi_value, at, "a function with several results");
    break;
  case kStructType: {
    reader_.require(Feature::gc, at, "a struct type");
    type.kind = CompositeKind::struct_;
    uint32_t fields = count(kMaxFields, "fields");
    type.fields.reserve(fields);
    for (uint32_t i = 0; i < fields && !reader_.failed(); i++) type.fields.push_back(field_type());
    break;
  }
  case kArrayType:
    reader_.require(Feature::gc, at, "an array type");
    type.kind = CompositeKind::array;
    type.fields.push_back(field_type());
    break;
  case kContType: {
    reader_.require(Feature::stack_switching, at, "a continuation type");
    type.kind = CompositeKind::cont;
    HeapType function = reader_.heap_type();
    if (!function.is_concrete()) reader_.fail_at(at + 1, "malformed continuation type");
    type.cont_func = function.index;
    break;
  }
  default: reader_.fail_at(at, "malformed definition type");
  }
  return type;
}

FieldType Decoder::field_type() {
  FieldType field;
  uint8_t first = reader_.peek();
  if (first == kPackedI8 || first == kPackedI16) {
    reader_.byte();
    field.packing = first == kPackedI8 ? Packing::i8 : Packing::i16;
  } else {
    field.type = reader_.val_type("malformed storage type");
  }
  uint64_t at = reader_.offset();
  uint8_t mutability = reader_.byte();
  if (mutability > 1) reader_.fail_at(at, "malformed mutability");
  field.is_mutable = mutability == 1;
  return field;
}

std::vector<ValType> Decoder::result_type(uint32_t limit, const char* what) {
  uint32_t n = count(limit, what);
  std::vector<ValType> types;
  types.reserve(n);
  for (uint32_t i = 0; i < n && !reader_.failed(); i++) types.push_back(reader_.val_type());
  return types;
}

} // namespace swage::wasm
