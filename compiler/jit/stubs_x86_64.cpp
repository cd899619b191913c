// x86-64 stubs, 16 bytes each, as in ELF's procedure linkage table:
//
//   head:   push  slot table        stub i:  jmp  *slot[i]     slot[i] is `lazy` until it is patched
//           test  %al, -4096(%rsp)  lazy:    push $i
//           ... down to -16384               jmp  head
//           jmp   *lazy_entry
//
// The head touches the stack that C++ will need, page by page: where the guest's stack ends, the fault
// happens here, where the trap table says "stack exhausted", and not in C++ code.
#include "compiler/jit/stubs.h"

#include <cassert>
#include <cstring>

namespace swage::jit {

const size_t kStubHeadSize = 64;
const size_t kStubSize = 16;

namespace {

static_assert(offsetof(SlotTable, module) == 8 && offsetof(SlotTable, resolve) == 16,
              "lazy_entry_x86_64.S reads both");

constexpr size_t kLazyHalf = 6; ///< where the second half of a stub begins
constexpr int32_t kProbeStep = 4096;
constexpr int32_t kProbes = 4;

/// Appends instructions at a place that does not move.
class Writer {
public:
  explicit Writer(std::byte* place) : at_(place) {}
  template<class... Bytes> void opcode(Bytes... bytes) { ((*at_++ = static_cast<std::byte>(bytes)), ...); }
  void immediate(int32_t value) {
    std::memcpy(at_, &value, sizeof value);
    at_ += sizeof value;
  }
  /// The 32-bit distance from the end of this field to `target`: jumps and rip-relative operands alike.
  void distance(const void* target) {
    ptrdiff_t bytes = static_cast<const std::byte*>(target) - (at_ + 4);
    assert(bytes == static_cast<int32_t>(bytes) && "a slab is smaller than 2 GiB");
    immediate(static_cast<int32_t>(bytes));
  }
  std::byte* at() const { return at_; }

private:
  std::byte* at_;
};

} // namespace

void write_stubs(std::byte* code, SlotTable& slots, uint32_t count) {
  Writer head(code);
  head.opcode(0xff, 0x35), head.distance(&slots.self); // push self(%rip)
  for (int32_t probe = 1; probe <= kProbes; ++probe)
    head.opcode(0x84, 0x84, 0x24), head.immediate(-probe * kProbeStep); // test %al, -4096 * probe(%rsp)
  head.opcode(0xff, 0x25), head.distance(&slots.lazy_entry);            // jmp *lazy_entry(%rip)
  assert(head.at() <= code + kStubHeadSize);

  for (uint32_t i = 0; i < count; ++i) {
    std::byte* stub = code + kStubHeadSize + size_t{i} * kStubSize;
    Writer writer(stub);
    writer.opcode(0xff, 0x25), writer.distance(&slots.slots[i]); // jmp *slot(%rip)
    assert(writer.at() == stub + kLazyHalf);
    writer.opcode(0x68), writer.immediate(static_cast<int32_t>(i)); // push $i
    writer.opcode(0xe9), writer.distance(code);                     // jmp head
    assert(writer.at() == stub + kStubSize);
    slots.slots[i].store(stub + kLazyHalf, std::memory_order_relaxed);
  }
}

// Where the return address is while a stub runs. DWARF 5, 6.4.2: https://dwarfstd.org/doc/DWARF5.pdf
StubFrames stub_frames() {
  static constexpr uint8_t kCommon[] = {
      1,    'z',  'R', 0, // version; what the augmentation holds
      1,    0x78, 16,     // units of 1 byte of code and -8 of data; the return address is column 16
      1,    0x1b,         // addresses are 32-bit distances
      0x0c, 7,    8,      // def_cfa rsp + 8
      0x90, 1,            // offset 16: at cfa - 8
  };
  static constexpr uint8_t kHead[] = {
      0x0e, 16, // def_cfa_offset: a stub has pushed its index
      0x46,     // advance_loc 6, behind the push
      0x0e, 24, // def_cfa_offset
  };
  // The stubs are alike and aligned to their size, so one expression serves all: rsp + 8 + ((rip & 15) >= 11)
  // * 8.
  static constexpr uint8_t kStub[] = {
      0x0f, 11,               // def_cfa_expression of 11 bytes
      0x77, 8,    0x80, 0,    // breg7 8, breg16 0
      0x3f, 0x1a, 0x3b, 0x2a, // lit15 and lit11 ge
      0x33, 0x24, 0x22,       // lit3 shl plus
  };
  return {kCommon, kHead, kStub};
}

} // namespace swage::jit
