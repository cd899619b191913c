// What the unwind tables say of one call in compiled code: how the frame's caller gets its registers back,
// and where an exception lands that the call lets through.
//
// libgcc's unwinder finds and runs the tables' program anew for each frame of each throw, which made three
// quarters of what a throw cost. Compiled code asks little of such tables: the frame's address is a register
// plus a constant, and what was saved lies a constant below it. So a call's rule fits in some bytes, is read
// once, and a throw is a look-up and a few loads for each frame.
//
// https://dwarfstd.org/doc/DWARF5.pdf (6.4), and the Linux Standard Base's .eh_frame
// https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/ehframechpt.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "runtime/platform/registers.h"

namespace swage {

struct FrameRule {
  const std::byte* return_address = nullptr;
  const std::byte* landing_pad = nullptr; ///< null: the exception goes on to the caller
  uint32_t cfa_offset = 0;                ///< of the canonical frame address: the caller's stack pointer
  uint8_t cfa_base = 0;                   ///< from this register's value
  /// Where the caller's registers are, in words below the canonical frame address; 0: where they were.
  uint8_t saved[platform::kMostRegisters] = {};
};

/// Reads the rule of the frame whose call returns to this address from the function's entry in the tables (an
/// FDE). Nothing when it asks for more than a rule can say.
std::optional<FrameRule> read_frame_rule(const uint8_t* entry, const std::byte* function,
                                         const std::byte* return_address);

/// The rules that a thread has met, so that nobody waits for others; direct-mapped.
class FrameRules {
public:
  /// Those about code that was unloaded are forgotten first.
  static FrameRules& of_this_thread();

  /// The rule of the frame whose call returns to this address, until the next one is asked for. Null where
  /// the guest was entered.
  const FrameRule* find(const std::byte* return_address) {
    constexpr uint64_t kGolden = 0x9e3779b97f4a7c15;
    uint64_t hash = reinterpret_cast<uintptr_t>(return_address) * kGolden;
    FrameRule& place = rules_[hash >> (64 - kBits)];
    if (place.return_address == return_address || fill(place, return_address)) return &place;
    return nullptr;
  }

private:
  static constexpr uint32_t kBits = 9;

  static bool fill(FrameRule& place, const std::byte* return_address);

  uint64_t generation_ = 0; ///< of code (trap/code_ranges.h)
  FrameRule rules_[size_t{1} << kBits];
};

} // namespace swage
