// A Wasm value with its type, as the host sees it. Plain data of 24 bytes and its type; references stay valid
// as long as their store.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string>

#include "swage/types.h"

namespace swage {

namespace abi {
struct FuncRef;
}

/// 128 bits, little-endian lanes.
struct V128 {
  alignas(16) std::array<uint8_t, 16> bytes{};
  friend bool operator==(const V128&, const V128&) = default;
};

/// A reference as 64 opaque bits; 0 is null. What they mean depends on the type beside them: a FuncRef of the
/// store, a host reference made by Store::make_extern, an i31, or an object of the store's heap (RefScope in
/// swage/store.h says how long the host may keep one).
struct Ref {
  uint64_t bits = 0;
  bool is_null() const { return bits == 0; }
  friend bool operator==(Ref, Ref) = default;
};

/// A tagged value. https://webassembly.github.io/spec/core/exec/runtime.html#values
class Val {
public:
  Val() = default;
  Val(int32_t x) : type_(kI32) { bits_.low = static_cast<uint32_t>(x); }
  Val(uint32_t x) : type_(kI32) { bits_.low = x; }
  Val(int64_t x) : type_(kI64) { bits_.low = static_cast<uint64_t>(x); }
  Val(uint64_t x) : type_(kI64) { bits_.low = x; }
  Val(float x) : type_(kF32) { bits_.low = std::bit_cast<uint32_t>(x); }
  Val(double x) : type_(kF64) { bits_.low = std::bit_cast<uint64_t>(x); }
  Val(V128 x) : type_(kV128), bits_(std::bit_cast<Bits>(x)) {}
  Val(Ref ref, ValType type) : type_(type) { bits_.low = ref.bits; }
  /// From raw bits, as f32 and f64 NaNs need.
  static Val from_bits(ValType type, uint64_t low, uint64_t high = 0) {
    Val v;
    v.type_ = type;
    v.bits_ = {low, high};
    return v;
  }

  ValType type() const { return type_; }
  int32_t i32() const { return static_cast<int32_t>(bits_.low); }
  int64_t i64() const { return static_cast<int64_t>(bits_.low); }
  float f32() const { return std::bit_cast<float>(static_cast<uint32_t>(bits_.low)); }
  double f64() const { return std::bit_cast<double>(bits_.low); }
  V128 v128() const { return std::bit_cast<V128>(bits_); }
  Ref ref() const { return {bits_.low}; }
  uint64_t low() const { return bits_.low; }
  uint64_t high() const { return bits_.high; }

private:
  struct alignas(16) Bits {
    uint64_t low = 0, high = 0;
  };
  ValType type_ = kI32;
  Bits bits_;
};

/// "42", "1.5", "v128:0x...": what `--invoke` prints.
std::string to_string(const Val& value);

} // namespace swage
