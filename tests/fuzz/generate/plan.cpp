// The tables that choices are made from.
#include "tests/fuzz/generate/plan.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace swage::fuzz {

using wasm::Feature;
using wasm::Op;

namespace {

/// Waiting is generated with a timeout, by BodyGenerator::wait.
bool is_generated(Op op) { return op != Op::memory_atomic_wait32 && op != Op::memory_atomic_wait64; }

bool has_immediates(const wasm::Module& module, std::string_view letters) {
  return std::ranges::all_of(letters, [&](char letter) {
    switch (letter) {
    case 'm':
    case 'M': return !module.memories.empty();
    case 'T': return !module.tables.empty();
    case 'd': return !module.datas.empty();
    case 'e': return !module.elems.empty();
    default: return true;
    }
  });
}

bool has_memory(const wasm::Module& module, AddressType type) {
  return std::ranges::find(module.memories, type, &MemoryType::address) != module.memories.end();
}
bool has_table(const wasm::Module& module, AddressType type) {
  return std::ranges::any_of(module.tables,
                             [&](const wasm::Table& table) { return table.type.address == type; });
}

} // namespace

Operations::Operations(const wasm::Module& module, wasm::FeatureSet features) {
  for (uint16_t i = 0; i < static_cast<uint16_t>(Op::count); ++i) {
    Op op = static_cast<Op>(i);
    const wasm::OpInfo& info = wasm::op_info(op);
    size_t arrow = info.signature.find('>');
    if (arrow == std::string_view::npos || !features.has(info.feature) || !is_generated(op) ||
        !has_immediates(module, info.immediates))
      continue;
    std::string_view results = info.signature.substr(arrow + 1);
    if (results.empty()) effects_.push_back(op);
    if (results == "II") pairs_.push_back(op);
    if (results.size() != 1) continue;
    switch (results[0]) {
    case 'i': i32_.push_back(op); break;
    case 'I': i64_.push_back(op); break;
    case 'f': f32_.push_back(op); break;
    case 'F': f64_.push_back(op); break;
    case 'v': v128_.push_back(op); break;
    case 'a':
      if (has_memory(module, AddressType::i32)) i32_.push_back(op);
      if (has_memory(module, AddressType::i64)) i64_.push_back(op);
      break;
    case 'A':
      if (has_table(module, AddressType::i32)) i32_.push_back(op);
      if (has_table(module, AddressType::i64)) i64_.push_back(op);
      break;
    default: break;
    }
  }
}

const std::vector<Op>& Operations::of(ValType type) const {
  switch (type.kind) {
  case ValKind::i32: return i32_;
  case ValKind::i64: return i64_;
  case ValKind::f32: return f32_;
  case ValKind::f64: return f64_;
  default: return v128_;
  }
}

ValType any_number(const Plan& plan, Choices& choices) {
  constexpr std::array kTypes = {kI32, kI32, kI64, kF64, kF32, kV128};
  ValType type = choices.of(kTypes);
  return type == kV128 && !plan.has(Feature::simd) ? kI64 : type;
}

ValType any_type(const Plan& plan, Choices& choices) {
  if (!plan.has(Feature::reference_types) || !choices.one_in(8)) return any_number(plan, choices);
  return choices.one_in(3) ? kExternRef : kFuncRef;
}

uint64_t interesting_bits(ValKind kind, Choices& choices) {
  constexpr auto kIntegers = std::to_array<int64_t>({0,          1,
                                                     -1,         2,
                                                     7,          8,
                                                     15,         31,
                                                     32,         63,
                                                     64,         127,
                                                     128,        255,
                                                     256,        -128,
                                                     32767,      -32768,
                                                     65535,      65536,
                                                     INT32_MAX,  INT32_MIN,
                                                     UINT32_MAX, INT64_MAX,
                                                     INT64_MIN,  0x0102030405060708,
                                                     -256,       0x5555555555555555});
  constexpr auto kFloats = std::to_array<double>({0.0,
                                                  -0.0,
                                                  1.0,
                                                  -1.0,
                                                  0.5,
                                                  1.5,
                                                  2.5,
                                                  -3.7,
                                                  1e10,
                                                  -1e10,
                                                  2147483647.0,
                                                  2147483648.0,
                                                  -2147483649.0,
                                                  4294967296.0,
                                                  9223372036854775808.0,
                                                  1.8446744073709552e19,
                                                  1e-40,
                                                  5e-324,
                                                  3.4028235e38,
                                                  1.7e308,
                                                  1e300});
  bool is_float = kind == ValKind::f32 || kind == ValKind::f64;
  if (choices.one_in(4)) return choices.bits();
  if (!is_float) return static_cast<uint64_t>(choices.of(kIntegers));
  if (choices.one_in(8)) { // infinities and a NaN, which the top bits alone make
    constexpr auto kSpecial = std::to_array<uint64_t>({0x7FF0, 0xFFF0, 0x7FF8});
    constexpr auto kSpecial32 = std::to_array<uint64_t>({0x7F80, 0xFF80, 0x7FC0});
    return kind == ValKind::f64 ? choices.of(kSpecial) << 48 : choices.of(kSpecial32) << 16;
  }
  double value = choices.of(kFloats);
  if (kind == ValKind::f32 && std::abs(value) > std::numeric_limits<float>::max()) value = 1;
  return kind == ValKind::f64 ? std::bit_cast<uint64_t>(value)
                              : std::bit_cast<uint32_t>(static_cast<float>(value));
}

} // namespace swage::fuzz
