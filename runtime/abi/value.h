// A value as compiled code, entry functions and host functions pass it in memory. Apart from abi.h because
// public headers show it.
#pragma once

#include <cstdint>

namespace swage::abi {

/// An argument or result in memory: 16 bytes, little-endian, the value in the low bytes.
union alignas(16) Value {
  uint32_t i32;
  uint64_t i64;
  float f32;
  double f64;
  void* ref;
  uint8_t v128[16];
};

} // namespace swage::abi
