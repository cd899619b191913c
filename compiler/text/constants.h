// Numeric and vector constants, for instructions and for script values.
// https://webassembly.github.io/spec/core/text/instructions.html#numeric-instructions
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "compiler/text/cursor.h"

namespace swage::text {

/// How a 128-bit vector is seen.
/// https://webassembly.github.io/spec/core/text/instructions.html#vector-instructions
struct VectorShape {
  std::string_view text;
  unsigned lane_bits;
  bool is_float;
  unsigned lanes() const { return 128 / lane_bits; }
};

/// An integer of `bits` bits, in its low bits.
uint64_t integer_constant(Cursor& cursor, unsigned bits);
/// The IEEE 754 bits of a float of 32 or 64 bits.
uint64_t float_constant(Cursor& cursor, unsigned bits);
/// Sign-extends the low `bits` bits.
int64_t sign_extend(uint64_t value, unsigned bits);

using VectorBytes = std::array<uint8_t, 16>;

/// "i8x16" and so on, taken.
VectorShape vector_shape(Cursor& cursor);
/// A lane that comes next, as its bits.
uint64_t lane_constant(Cursor& cursor, const VectorShape& shape);
void set_lane(VectorBytes& vector, const VectorShape& shape, unsigned lane, uint64_t bits);
/// Shape and lanes.
VectorBytes vector_constant(Cursor& cursor);

} // namespace swage::text
