// The writers of encode.h for single things: numbers, types, instructions. Sections are encode_module.cpp's.
// https://webassembly.github.io/spec/core/binary/index.html
#include "compiler/wasm/encode.h"

#include <cassert>

#include "compiler/wasm/binary_codes.h"

namespace swage::wasm {

void Encoder::u64(uint64_t value) {
  while (value >= 0x80) {
    byte(static_cast<uint8_t>(value | 0x80));
    value >>= 7;
  }
  byte(static_cast<uint8_t>(value));
}

void Encoder::s64(int64_t value) {
  while (value < -64 || value >= 64) {
    byte(static_cast<uint8_t>(value | 0x80));
    value >>= 7;
  }
  byte(static_cast<uint8_t>(value & 0x7F));
}

void Encoder::f32(uint32_t bits) {
  for (int i = 0; i < 4; i++) byte(static_cast<uint8_t>(bits >> 8 * i));
}

void Encoder::f64(uint64_t bits) {
  for (int i = 0; i < 8; i++) byte(static_cast<uint8_t>(bits >> 8 * i));
}

void Encoder::name(std::string_view text) { sized(std::as_bytes(std::span(text))); }

void Encoder::sized(Bytes contents) {
  u64(contents.size());
  bytes(contents);
}

void Encoder::heap_type(HeapType type) {
  if (type.is_concrete())
    s33(type.index);
  else
    byte(static_cast<uint8_t>(type.kind));
}

void Encoder::val_type(ValType type) {
  if (!type.is_ref()) return byte(static_cast<uint8_t>(type.kind));
  if (!type.nullable || type.heap.is_concrete()) byte(type.nullable ? 0x63 : 0x64);
  heap_type(type.heap);
}

void Encoder::field_type(const FieldType& type) {
  if (type.packing == Packing::none)
    val_type(type.type);
  else
    byte(type.packing == Packing::i8 ? kPackedI8 : kPackedI16);
  byte(type.is_mutable);
}

// https://webassembly.github.io/spec/core/binary/types.html#composite-types
void Encoder::composite_type(const CompositeType& type) {
  auto val_types = [this](const std::vector<ValType>& types) {
    u64(types.size());
    for (ValType value : types) val_type(value);
  };
  switch (type.kind) {
  case CompositeKind::func:
    byte(kFuncType);
    val_types(type.func.params);
    val_types(type.func.results);
    break;
  case CompositeKind::struct_:
    byte(kStructType);
    u64(type.fields.size());
    for (const FieldType& field : type.fields) field_type(field);
    break;
  case CompositeKind::array:
    byte(kArrayType);
    field_type(type.fields.front());
    break;
  case CompositeKind::cont:
    byte(kContType);
    s33(type.cont_func);
    break;
  }
}

void Encoder::sub_type(const SubType& type) {
  if (!type.is_final || type.super) {
    byte(type.is_final ? kSubFinalType : kSubType);
    u32(type.super ? 1 : 0);
    if (type.super) u32(*type.super);
  }
  composite_type(type.composite);
}

void Encoder::block_type(const BlockType& type) {
  switch (type.kind) {
  case BlockType::Kind::none: byte(0x40); break;
  case BlockType::Kind::value: val_type(type.value); break;
  case BlockType::Kind::index: s33(type.type.value); break;
  }
}

// https://webassembly.github.io/spec/core/binary/types.html#limits
namespace {

void write_limits(Encoder& out, const Limits& limits, AddressType address, uint8_t other_flags) {
  out.byte(static_cast<uint8_t>((limits.max ? kLimitsMax : 0) |
                                (address == AddressType::i64 ? kLimits64 : 0) | other_flags));
  out.u64(limits.min);
  if (limits.max) out.u64(*limits.max);
}

} // namespace

void Encoder::table_type(const TableType& type) {
  val_type(type.element);
  write_limits(*this, type.limits, type.address, 0);
}

void Encoder::memory_type(const MemoryType& type) {
  bool custom_page = type.page_size_log2 != kDefaultPageLog2;
  write_limits(
      *this, type.limits, type.address,
      static_cast<uint8_t>((type.is_shared ? kLimitsShared : 0) | (custom_page ? kLimitsPageSize : 0)));
  if (custom_page) u32(type.page_size_log2);
}

void Encoder::global_type(const GlobalType& type) {
  val_type(type.type);
  byte(type.is_mutable);
}

void Encoder::tag_type(const TagType& type) {
  byte(0); // the only attribute: an exception
  u32(type.type_index);
}

// https://webassembly.github.io/spec/core/binary/instructions.html
void Encoder::emit(const Instruction& instruction) {
  const OpInfo& info = op_info(instruction.op);
  if (uint32_t prefix = info.code >> 16; prefix != 0) {
    byte(static_cast<uint8_t>(prefix));
    u32(info.code & 0xFFFF);
  } else {
    byte(static_cast<uint8_t>(info.code));
  }
  const uint32_t* index = instruction.index.data();
  const HeapType* heap = instruction.heap.data();
  for (char letter : info.immediates) {
    switch (letter) {
    case 'x':
    case 'g':
    case 'f':
    case 'l':
    case 't':
    case 'e':
    case 'G':
    case 'k':
    case 'u':
    case 'd':
    case 'T':
    case 'M': u32(*index++); break;
    case 'n': byte(static_cast<uint8_t>(*index++)); break;
    case 'm': {
      const MemArg& memarg = instruction.memarg;
      bool has_memory = memarg.memory.value != 0;
      u32(memarg.align_log2 | (has_memory ? 0x40u : 0u));
      if (has_memory) u32(memarg.memory.value);
      u64(memarg.offset);
      break;
    }
    case 'B': block_type(instruction.block); break;
    case 'i': s32(static_cast<int32_t>(instruction.bits)); break;
    case 'I': s64(static_cast<int64_t>(instruction.bits)); break;
    case 's': f32(static_cast<uint32_t>(instruction.bits)); break;
    case 'D': f64(instruction.bits); break;
    case 'V':
    case 'S': bytes(std::as_bytes(std::span(instruction.bytes))); break;
    case 'L':
      assert(!instruction.labels.empty() && "the default target is the last label");
      u64(instruction.labels.size() - 1);
      for (uint32_t label : instruction.labels) u32(label);
      break;
    case 'R':
      u64(instruction.types.size());
      for (ValType type : instruction.types) val_type(type);
      break;
    case 'h': heap_type(*heap++); break;
    case 'c': byte(instruction.cast_flags); break;
    case 'C':
      u64(instruction.catches.size());
      for (const Catch& clause : instruction.catches) {
        byte(static_cast<uint8_t>(clause.kind));
        if (clause.kind == Catch::Kind::tag || clause.kind == Catch::Kind::tag_ref) u32(clause.tag.value);
        u32(clause.label);
      }
      break;
    case 'H':
      u64(instruction.handlers.size());
      for (const Handler& handler : instruction.handlers) {
        byte(handler.kind);
        u32(handler.tag.value);
        if (handler.kind == 0) u32(handler.label);
      }
      break;
    case 'z': byte(0); break;
    default: assert(false && "a letter that opcode.h does not know");
    }
  }
}

} // namespace swage::wasm
