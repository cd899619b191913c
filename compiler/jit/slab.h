// The address range of one JIT module. Descriptor, stubs and code refer to each other by 32-bit offsets, so
// they must lie within 2 GiB of each other wherever the next batch lands: all of it comes from one range that
// is reserved at the start.
//
// Reserved pages cost nothing until they are allocated. Pages are handed out once and go back together, with
// the slab: code that a guest may still be running must not move or vanish. No page is ever writable and
// executable at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "swage/error.h"

namespace swage::jit {

enum class Access : uint8_t { read, read_write, execute };

/// Thread-safe. Destroying it unmaps everything.
class Slab final {
public:
  /// Reserves `bytes`, or what the process's address space limit leaves room for, but no less than `least`.
  /// Errors: resource.
  static Expected<std::unique_ptr<Slab>> reserve(size_t bytes, size_t least);
  ~Slab();
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  /// `bytes`, rounded up to pages, zeroed and writable; null when the slab or the machine's memory is full.
  std::byte* allocate(size_t bytes);
  /// Changes what may be done with whole pages of an allocation.
  [[nodiscard]] bool protect(std::byte* begin, size_t bytes, Access access);

  size_t size() const { return size_; }
  size_t page_size() const { return page_size_; }

private:
  Slab(std::byte* base, size_t size, size_t page_size) : base_(base), size_(size), page_size_(page_size) {}

  std::byte* base_;
  size_t size_;
  size_t page_size_;
  std::mutex mutex_;
  size_t used_ = 0; ///< bytes, under mutex_
};

} // namespace swage::jit
