// Values of a wanted type: constants, variables, and whatever instruction gives one.
#include <algorithm>
#include <cassert>

#include "tests/fuzz/generate/body.h"

namespace swage::fuzz {

using wasm::Feature;
using wasm::Instruction;
using wasm::Op;

namespace {

ValType type_of_letter(char letter) {
  switch (letter) {
  case 'I': return kI64;
  case 'f': return kF32;
  case 'F': return kF64;
  case 'v': return kV128;
  default: return kI32;
  }
}

std::string_view operands_of(Op op) {
  std::string_view signature = wasm::op_info(op).signature;
  return signature.substr(0, signature.find('>'));
}

/// Whether the bits of a NaN that the operation gives are not the spec's to say.
bool may_make_nan(Op op) {
  std::string_view text = wasm::op_info(op).text;
  char result = wasm::op_info(op).signature.back();
  if ((!text.starts_with("f32") && !text.starts_with("f64")) || result == 'i') return false;
  constexpr auto kExact = std::to_array<std::string_view>(
      {"load", "reinterpret", "splat", "lane", ".eq", ".ne", ".lt", ".gt", ".le", ".ge"});
  return std::ranges::none_of(kExact, [&](std::string_view part) {
    return text.find(part) != std::string_view::npos && (part != ".ne" || text.ends_with(part));
  });
}

} // namespace

void BodyGenerator::emit(Op op, uint32_t first, uint32_t second) {
  code_.emit({.op = op, .index = {first, second}});
}

void BodyGenerator::i32(int32_t value) {
  code_.emit({.op = Op::i32_const, .bits = static_cast<uint64_t>(int64_t{value})});
}

void BodyGenerator::i64(int64_t value) {
  code_.emit({.op = Op::i64_const, .bits = static_cast<uint64_t>(value)});
}

void BodyGenerator::constant(ValType type) {
  uint64_t low = interesting_bits(type == kV128 ? ValKind::i64 : type.kind, choices_);
  uint64_t high = type == kV128 ? interesting_bits(ValKind::f64, choices_) : 0;
  constant_bits(type, low, high);
}

void BodyGenerator::constant_bits(ValType type, uint64_t low, uint64_t high) {
  switch (type.kind) {
  case ValKind::i32: return i32(static_cast<int32_t>(low));
  case ValKind::i64: return i64(static_cast<int64_t>(low));
  case ValKind::f32: return code_.emit({.op = Op::f32_const, .bits = low & UINT32_MAX});
  case ValKind::f64: return code_.emit({.op = Op::f64_const, .bits = low});
  case ValKind::v128: {
    Instruction instruction{.op = Op::v128_const};
    for (size_t i = 0; i < 16; ++i)
      instruction.bytes[i] = static_cast<uint8_t>((i < 8 ? low : high) >> (i % 8 * 8));
    return code_.emit(instruction);
  }
  default: code_.emit({.op = Op::ref_null, .heap = {type.heap}});
  }
}

/// Not a scratch local, which may hold a NaN that is not canonical yet.
std::optional<uint32_t> BodyGenerator::local_of(ValType type) {
  std::vector<uint32_t> found;
  for (uint32_t i = 0; i < locals_.size(); ++i)
    if (locals_[i] == type && std::ranges::find(scratch_, std::optional(i)) == scratch_.end())
      found.push_back(i);
  return found.empty() ? std::nullopt : std::optional(choices_.of(found));
}

std::optional<uint32_t> BodyGenerator::mutable_global_of(ValType type) {
  std::vector<uint32_t> found;
  for (uint32_t i = 0; i < module().globals.size(); ++i)
    if (i != plan_.fuel.value && module().globals[i].type == GlobalType{type, true}) found.push_back(i);
  return found.empty() ? std::nullopt : std::optional(choices_.of(found));
}

std::optional<uint32_t> BodyGenerator::memory_of(AddressType type) {
  std::vector<uint32_t> found;
  for (uint32_t i = 0; i < module().memories.size(); ++i)
    if (module().memories[i].address == type) found.push_back(i);
  return found.empty() ? std::nullopt : std::optional(choices_.of(found));
}

void BodyGenerator::leaf(ValType type) {
  std::optional<uint32_t> found = choices_.one_in(3) ? std::nullopt : local_of(type);
  if (found) return get(*found);
  found = choices_.one_in(2) ? mutable_global_of(type) : std::nullopt;
  if (found) return emit(Op::global_get, *found);
  if (type.is_ref()) return reference(type, 0);
  constant(type);
}

void BodyGenerator::value(ValType type, unsigned depth) {
  if (is_in_vector_loop_) return lane_value(type, depth);
  if (depth == 0 || budget_ == 0) return leaf(type);
  --budget_;
  if (type.is_ref() && choices_.one_in(2)) return reference(type, depth);
  switch (choices_.below(24)) {
  case 0:
  case 1:
  case 2: return leaf(type);
  case 3:
    value(type, depth - 1);
    value(type, depth - 1);
    value(kI32, depth - 1);
    if (type.is_ref()) return code_.emit({.op = Op::select_t, .types = {type}});
    return emit(Op::select_);
  case 4: return if_else({type}, depth - 1);
  case 5: return block({type}, depth - 1);
  case 6: return loop({type}, depth - 1);
  case 7: return call_for(type, depth);
  case 8:
    value(type, depth - 1);
    if (std::optional<uint32_t> local = local_of(type); local && std::ranges::count(assignable_, *local))
      emit(Op::local_tee, *local);
    return;
  default: break;
  }
  if (type.is_ref()) return reference(type, depth);
  if (plan_.operations.of(type).empty()) return leaf(type);
  operation(choices_.of(plan_.operations.of(type)), type, depth);
}

void BodyGenerator::values(const std::vector<ValType>& types, unsigned depth) {
  for (ValType type : types) value(type, depth == 0 ? 0 : depth - 1);
}

void BodyGenerator::reference(ValType type, unsigned depth) {
  if (type == kFuncRef && choices_.one_in(2)) return emit(Op::ref_func, choices_.below(plan_.callable));
  if (depth > 0 && choices_.one_in(2)) {
    std::vector<uint32_t> tables;
    for (uint32_t i = 0; i < module().tables.size(); ++i)
      if (module().tables[i].type.element == type) tables.push_back(i);
    if (!tables.empty()) {
      uint32_t chosen = choices_.of(tables);
      masked(module().tables[chosen].type.address, choices_.one_in(8) ? 31 : 3, depth - 1);
      return emit(Op::table_get, chosen);
    }
  }
  code_.emit({.op = Op::ref_null, .heap = {type.heap}});
}

void BodyGenerator::operation(Op op, std::optional<ValType> wanted, unsigned depth) {
  Instruction instruction{.op = op};
  immediates(op, instruction, wanted);
  for (char letter : operands_of(op)) operand(letter, instruction, depth == 0 ? 0 : depth - 1);
  code_.emit(instruction);
  if (wanted && plan_.options.nans == Nans::canonical && may_make_nan(op)) make_canonical(op, *wanted);
}

/// From the row's letters; `wanted` decides the address type where it is a result.
void BodyGenerator::immediates(Op op, Instruction& instruction, std::optional<ValType> wanted) {
  const wasm::OpInfo& info = wasm::op_info(op);
  bool gives_address = info.signature.ends_with(">a") || info.signature.ends_with(">A");
  AddressType address = wanted == kI64 ? AddressType::i64 : AddressType::i32;
  auto memory = [&] {
    return gives_address ? *memory_of(address)
                         : choices_.below(static_cast<uint32_t>(module().memories.size()));
  };
  size_t next = 0;
  for (char letter : info.immediates) {
    switch (letter) {
    case 'm': {
      uint32_t natural = wasm::natural_align_log2(op);
      bool is_atomic = info.feature == Feature::threads;
      instruction.memarg.memory = {memory()};
      instruction.memarg.align_log2 = is_atomic ? natural : choices_.below(natural + 1);
      uint64_t offset = choices_.one_in(2) ? 0 : choices_.below(64) << (is_atomic ? natural : 0);
      if (choices_.one_in(250))
        offset = choices_.of(std::array<uint64_t, 4>{65535, 65536, INT32_MAX, UINT32_MAX});
      if (module().memories[instruction.memarg.memory.value].address == AddressType::i64 &&
          choices_.one_in(250))
        offset = choices_.bits();
      instruction.memarg.offset = offset;
      break;
    }
    case 'M': instruction.index[next++] = memory(); break;
    case 'T': {
      uint32_t table = choices_.below(static_cast<uint32_t>(module().tables.size()));
      while (gives_address && module().tables[table].type.address != address)
        table = (table + 1) % static_cast<uint32_t>(module().tables.size());
      instruction.index[next++] = table;
      break;
    }
    case 'd': instruction.index[next++] = choices_.below(static_cast<uint32_t>(module().datas.size())); break;
    case 'e': instruction.index[next++] = choices_.below(static_cast<uint32_t>(module().elems.size())); break;
    case 'n': instruction.index[next++] = choices_.below(wasm::lane_count(op)); break;
    case 'S':
      for (uint8_t& lane : instruction.bytes) lane = static_cast<uint8_t>(choices_.below(32));
      break;
    case 'V':
      for (uint8_t& byte : instruction.bytes) byte = static_cast<uint8_t>(choices_.below(256));
      break;
    case 'i': instruction.bits = static_cast<uint64_t>(int64_t{static_cast<int32_t>(choices_.bits())}); break;
    case 's': instruction.bits = interesting_bits(ValKind::f32, choices_) & UINT32_MAX; break;
    case 'I':
    case 'D': instruction.bits = interesting_bits(ValKind::f64, choices_); break;
    default: break;
    }
  }
}

void BodyGenerator::operand(char letter, const Instruction& instruction, unsigned depth) {
  if (letter != 'a') return value(type_of_letter(letter), depth);
  if (instruction.op == Op::memory_grow) {
    bool is_wide = module().memories[instruction.index[0]].address == AddressType::i64;
    return masked(is_wide ? AddressType::i64 : AddressType::i32, 1, depth);
  }
  address(instruction, depth);
}

/// Nearly always inside of the memory, often where another access was.
void BodyGenerator::address(const Instruction& instruction, unsigned depth) {
  bool has_memarg = wasm::op_info(instruction.op).immediates.starts_with("m");
  std::string_view letters = wasm::op_info(instruction.op).immediates;
  uint32_t index = has_memarg ? instruction.memarg.memory.value : instruction.index[letters.find('M')];
  const MemoryType& memory = module().memories[index];
  uint32_t align = has_memarg ? wasm::natural_align_log2(instruction.op) : 0;
  if (is_in_vector_loop_) return lane_address(memory.address, instruction.op);
  if (counter_ && choices_.one_in(2)) { // what loops over arrays do
    get(*counter_);
    i32(1 << align);
    emit(Op::i32_mul);
    if (memory.address == AddressType::i64) emit(Op::i64_extend_i32_u);
    return;
  }
  if (choices_.one_in(250)) return value(memory.address == AddressType::i64 ? kI64 : kI32, depth);
  uint64_t mask = (choices_.one_in(4) ? 0x7FFF : 0xFF) & ~((uint64_t{1} << align) - 1);
  if (memory.page_size_log2 == 0) mask &= 0x3F;
  masked(memory.address, mask, depth);
}

void BodyGenerator::masked(AddressType type, uint64_t mask, unsigned depth) {
  bool is_wide = type == AddressType::i64;
  value(is_wide ? kI64 : kI32, depth);
  if (is_wide)
    i64(static_cast<int64_t>(mask));
  else
    i32(static_cast<int32_t>(mask));
  emit(is_wide ? Op::i64_and : Op::i32_and);
}

/// x == x ? x : NaN, by lanes of the operation's shape.
void BodyGenerator::make_canonical(Op op, ValType type) {
  bool is_f32 = wasm::op_info(op).text.starts_with("f32");
  uint64_t nan = is_f32 ? uint64_t{0x7FC00000} : uint64_t{0x7FF8} << 48;
  if (type == kV128 && is_f32) nan |= nan << 32;
  std::optional<uint32_t>& scratch = scratch_[type == kV128 ? 2 : is_f32 ? 0 : 1];
  if (!scratch) scratch = new_local(type);
  emit(Op::local_tee, *scratch);
  constant_bits(type, nan, nan);
  get(*scratch);
  get(*scratch);
  if (type == kV128) {
    emit(is_f32 ? Op::f32x4_eq : Op::f64x2_eq);
    return emit(Op::v128_bitselect);
  }
  emit(is_f32 ? Op::f32_eq : Op::f64_eq);
  emit(Op::select_);
}

/// The first result of a function that has one of this type.
void BodyGenerator::call_for(ValType type, unsigned depth) {
  std::vector<uint32_t> found;
  for (uint32_t i = 0; i < plan_.callable; ++i) {
    const FuncType& callee = module().func_type({i});
    if (!callee.results.empty() && callee.results.front() == type) found.push_back(i);
  }
  if (found.empty()) return leaf(type);
  uint32_t callee = choices_.of(found);
  call_operands(module().func_type({callee}), depth);
  emit(Op::call, callee);
  drop(module().func_type({callee}).results.size() - 1);
}

} // namespace swage::fuzz
