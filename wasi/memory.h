// The guest's memory as one call sees it: an address and a size. Guest addresses and lengths have 32 bits and
// are widened before they are added, so no check can wrap. A memory never shrinks nor moves: what was inside
// when the call began stays inside.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace swage::wasi {

struct GuestMemory {
  std::byte* base = nullptr;
  uint64_t size = 0;

  bool contains(uint64_t address, uint64_t length) const {
    return length <= size && address <= size - length;
  }
  std::byte* at(uint64_t address) const { return base + address; }

  /// Little-endian and at any alignment. The caller has checked the address.
  template<class T> T load(uint64_t address) const {
    assert(contains(address, sizeof(T)));
    T value;
    std::memcpy(&value, base + address, sizeof value);
    return value;
  }
  template<class T> void store(uint64_t address, T value) const {
    assert(contains(address, sizeof(T)));
    std::memcpy(base + address, &value, sizeof value);
  }
};

} // namespace swage::wasi
