// The runtime's side of the JIT, for tests that have no runtime: remembers what was registered, hands unwind
// tables to the real unwinder, and turns a trap into a value.
#pragma once

#include <csetjmp>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include <llvm/ADT/STLFunctionalExtras.h>

#include "runtime/abi/descriptor.h"
#include "swage/compiler.h"

extern "C" void __register_frame(const void*);
extern "C" void __deregister_frame(const void*);

namespace swage::jit {

class FakeRegistry final : public CodeRegistry {
public:
  struct Range {
    const std::byte* end = nullptr;
    std::span<const abi::AddressRow> addresses;
    std::span<const uint8_t> traps;
  };

  void add_code(const std::byte* begin, const std::byte* end, std::span<const abi::AddressRow> addresses,
                std::span<const uint8_t> traps, std::span<const abi::InlinedRow>,
                const abi::Descriptor*) override {
    std::lock_guard lock(mutex_);
    ranges[begin] = {end, addresses, traps};
  }
  void remove_code(const std::byte* begin) override {
    std::lock_guard lock(mutex_);
    ranges.erase(begin);
  }
  void add_unwind(const std::byte* eh_frame) override {
    __register_frame(eh_frame);
    std::lock_guard lock(mutex_);
    frames.insert(eh_frame);
  }
  void remove_unwind(const std::byte* eh_frame) override {
    __deregister_frame(eh_frame);
    std::lock_guard lock(mutex_);
    frames.erase(eh_frame);
  }
  const std::byte* stack_limit() const override { return limit; }
  [[noreturn]] void raise_trap(uint8_t trap_code) override {
    trap = static_cast<TrapCode>(trap_code);
    std::longjmp(landing_, 1);
  }

  /// Runs `guest` and gives the trap that it raised, if any.
  std::optional<TrapCode> trap_of(llvm::function_ref<void()> guest) {
    trap.reset();
    if (setjmp(landing_) == 0) guest();
    return trap;
  }

  /// The row of the code at an address: TrapCode + 1 of its access, or 0; nothing outside of registered code.
  std::optional<uint8_t> trap_row(const void* address) const {
    auto* pc = static_cast<const std::byte*>(address);
    auto range = ranges.upper_bound(pc);
    if (range == ranges.begin() || pc >= (--range)->second.end) return std::nullopt;
    uint8_t row = 0;
    for (size_t i = 0; i < range->second.addresses.size(); ++i)
      if (range->first + range->second.addresses[i].code_offset <= pc) row = range->second.traps[i];
    return row;
  }

  std::map<const std::byte*, Range> ranges;
  std::set<const std::byte*> frames;
  const std::byte* limit = nullptr;
  std::optional<TrapCode> trap;

private:
  std::mutex mutex_;
  std::jmp_buf landing_;
};

} // namespace swage::jit
