// AArch64 stubs, 32 bytes each:
//
//   head:   sub  x9, sp, #4096 * n; ldr xzr, [x9]   stub i:  adrp x16, slot[i]
//           ... for n of 1 to 4                              ldr  x16, [x16, :lo12:slot[i]]
//           adrp x16, slot table                             br   x16
//           add  x16, x16, :lo12:slot table          lazy:    movz w17, #i & 0xffff
//           ldr  x9, [x16, #lazy_entry]                      movk w17, #i >> 16, lsl #16
//           br   x9                                          b    head
//
// x9 to x17 hold no arguments; x16 and x17 are what linkers' veneers may use. Where the guest's stack ends,
// the head's loads fault, where the trap table says "stack exhausted", and not C++ code.
#include "compiler/jit/stubs.h"

#include <cassert>
#include <cstring>

namespace swage::jit {

const size_t kStubHeadSize = 64;
const size_t kStubSize = 32;

namespace {

static_assert(offsetof(SlotTable, module) == 8 && offsetof(SlotTable, resolve) == 16,
              "lazy_entry_aarch64.S reads both");

constexpr size_t kLazyHalf = 12; ///< where the second half of a stub begins
constexpr uint32_t kProbes = 4;  ///< pages of 4 KiB
constexpr uint32_t x9 = 9, x16 = 16, w17 = 17;

/// Appends instructions at a place that does not move.
class Writer {
public:
  explicit Writer(std::byte* place) : at_(place) {}
  void word(uint32_t instruction) {
    std::memcpy(at_, &instruction, sizeof instruction);
    at_ += sizeof instruction;
  }
  void adrp(uint32_t to, const void* target) {
    int64_t pages = static_cast<int64_t>(address(target) >> 12) - static_cast<int64_t>(address(at_) >> 12);
    auto bits = static_cast<uint32_t>(pages);
    word(0x90000000 | (bits & 3) << 29 | (bits >> 2 & 0x7ffff) << 5 | to);
  }
  void add_low12(uint32_t to, uint32_t from, const void* target) {
    word(0x91000000 | static_cast<uint32_t>(address(target) & 0xfff) << 10 | from << 5 | to);
  }
  /// A 64-bit load from a multiple of 8 bytes beyond `base`.
  void load(uint32_t to, uint32_t base, uint64_t offset) {
    word(0xf9400000 | static_cast<uint32_t>(offset / 8) << 10 | base << 5 | to);
  }
  void branch_register(uint32_t to) { word(0xd61f0000 | to << 5); }
  void branch(const void* target) {
    ptrdiff_t bytes = static_cast<const std::byte*>(target) - at_;
    assert(bytes >= -(ptrdiff_t{1} << 27) && "a branch reaches 128 MiB of stubs");
    word(0x14000000 | (static_cast<uint32_t>(bytes >> 2) & 0x3ffffff));
  }
  std::byte* at() const { return at_; }

private:
  static uint64_t address(const void* place) { return reinterpret_cast<uint64_t>(place); }
  std::byte* at_;
};

} // namespace

void write_stubs(std::byte* code, SlotTable& slots, uint32_t count) {
  constexpr uint32_t kZeroRegister = 31;
  Writer head(code);
  for (uint32_t page = 1; page <= kProbes; ++page) {
    head.word(0xd1400000 | page << 10 | kZeroRegister << 5 | x9); // sub x9, sp, #page, lsl #12
    head.load(kZeroRegister, x9, 0);
  }
  head.adrp(x16, &slots);
  head.add_low12(x16, x16, &slots);
  head.load(x9, x16, offsetof(SlotTable, lazy_entry));
  head.branch_register(x9);
  assert(head.at() <= code + kStubHeadSize);

  for (uint32_t i = 0; i < count; ++i) {
    std::byte* stub = code + kStubHeadSize + size_t{i} * kStubSize;
    const void* slot = &slots.slots[i];
    Writer writer(stub);
    writer.adrp(x16, slot);
    writer.load(x16, x16, reinterpret_cast<uint64_t>(slot) & 0xfff);
    writer.branch_register(x16);
    assert(writer.at() == stub + kLazyHalf);
    writer.word(0x52800000 | (i & 0xffff) << 5 | w17); // movz w17, #low
    writer.word(0x72a00000 | (i >> 16) << 5 | w17);    // movk w17, #high, lsl #16
    writer.branch(code);
    slots.slots[i].store(stub + kLazyHalf, std::memory_order_relaxed);
  }
}

// A stub leaves the stack alone, and the return address is in lr. DWARF 5, 6.4.2:
// https://dwarfstd.org/doc/DWARF5.pdf
StubFrames stub_frames() {
  static constexpr uint8_t kCommon[] = {
      1,    'z',  'R', 0, // version; what the augmentation holds
      1,    0x78, 30,     // units of 1 byte of code and -8 of data; the return address is in x30
      1,    0x1b,         // addresses are 32-bit distances
      0x0c, 31,   0,      // def_cfa sp + 0
  };
  return {kCommon, {}, {}};
}

} // namespace swage::jit
