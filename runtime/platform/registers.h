// The registers that an unwinder follows from frame to frame: those that functions keep for their callers.
// Their values stand in an array that assembly fills and reads, in an order of each architecture's own which
// begins with these two.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace swage::platform {

inline constexpr uint8_t kStackPointer = 0;
inline constexpr uint8_t kReturnAddress = 1;

/// Room for any architecture's.
inline constexpr size_t kMostRegisters = 21;

/// The numbers that unwind tables have for them, in the array's order.
extern const std::span<const uint8_t> kRegisterNumbers;

} // namespace swage::platform
