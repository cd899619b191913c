// The stubs of a module, but for the machine code: memory, protection, and the row that explains their
// faults.
#include "compiler/jit/stubs.h"

#include <array>
#include <bit>
#include <cstring>

#include <llvm/Support/Memory.h>

#include "runtime/abi/trap_code.h"

namespace swage::jit {

namespace {
// A stub touches the stack and nothing else, so its faults mean that the stack is used up.
constexpr abi::AddressRow kAddresses[] = {{0, 0}};
constexpr uint8_t kTraps[] = {static_cast<uint8_t>(TrapCode::stack_exhausted) + 1};

/// Writes an .eh_frame section in place.
/// https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/ehframechpt.html
class FrameWriter {
public:
  explicit FrameWriter(std::byte* place) : at_(place) {}

  void common_entry(std::span<const uint8_t> contents) {
    common_ = begin();
    number(0);
    bytes(contents);
    end();
  }
  void entry(const std::byte* code, size_t size, std::span<const uint8_t> rules) {
    begin();
    number(static_cast<int32_t>(at_ - common_));
    number(static_cast<int32_t>(code - at_));
    number(static_cast<int32_t>(size));
    bytes(std::array<uint8_t, 1>{0}); // no augmentation of its own
    bytes(rules);
    end();
  }
  void terminator() { number(0); }

private:
  std::byte* begin() {
    length_ = at_;
    number(0);
    return length_;
  }
  /// Pads with DW_CFA_nop, which is zero as the memory is.
  void end() {
    while ((at_ - length_) % 4 != 0) ++at_;
    auto length = static_cast<int32_t>(at_ - length_ - 4);
    std::memcpy(length_, &length, sizeof length);
  }
  void number(int32_t value) { bytes(std::bit_cast<std::array<uint8_t, 4>>(value)); }
  void bytes(std::span<const uint8_t> values) {
    std::memcpy(at_, values.data(), values.size());
    at_ += values.size();
  }

  std::byte* at_;
  std::byte* length_ = nullptr;
  std::byte* common_ = nullptr;
};

void write_frames(std::byte* place, std::span<const std::byte> code) {
  StubFrames frames = stub_frames();
  FrameWriter writer(place);
  writer.common_entry(frames.common);
  writer.entry(code.data(), kStubHeadSize, frames.head_rules);
  writer.entry(code.data() + kStubHeadSize, code.size() - kStubHeadSize, frames.stub_rules);
  writer.terminator();
}

} // namespace

Expected<Stubs> Stubs::create(Slab& slab, uint32_t count, void* module, ResolveFn resolve) {
  size_t code_size = kStubHeadSize + size_t{count} * kStubSize;
  std::byte* code = slab.allocate(code_size);
  std::byte* table = slab.allocate(sizeof(SlotTable) + size_t{count} * sizeof(SlotTable::slots[0]));
  std::byte* frames = slab.allocate(slab.page_size());
  if (!code || !table || !frames)
    return fail(ErrorCode::resource,
                "no memory for the call stubs of " + std::to_string(count) + " functions");
  auto* slots = reinterpret_cast<SlotTable*>(table);
  slots->self = slots;
  slots->module = module;
  slots->resolve = resolve;
  slots->lazy_entry = reinterpret_cast<const void*>(&swage_jit_lazy_entry);
  write_stubs(code, *slots, count);
  llvm::sys::Memory::InvalidateInstructionCache(code, code_size);
  write_frames(frames, {code, code_size});
  if (!slab.protect(code, code_size, Access::execute) ||
      !slab.protect(frames, slab.page_size(), Access::read))
    return fail(ErrorCode::resource, "the system does not let this process make code executable");
  Stubs stubs;
  stubs.code_ = {code, code_size};
  stubs.eh_frame_ = frames;
  stubs.slots_ = slots;
  return stubs;
}

const void* Stubs::stub(uint32_t index) const {
  return code_.data() + kStubHeadSize + size_t{index} * kStubSize;
}
std::span<const abi::AddressRow> Stubs::addresses() const { return kAddresses; }
std::span<const uint8_t> Stubs::traps() const { return kTraps; }

} // namespace swage::jit
