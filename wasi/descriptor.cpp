// The table of descriptors. Descriptors that leave it are released outside of the lock, since that closes
// host descriptors.
#include "wasi/descriptor.h"

#include <algorithm>

namespace swage::wasi {

DescriptorRef DescriptorTable::get(Fd fd) const {
  uint32_t index = static_cast<uint32_t>(fd);
  std::lock_guard lock(mutex_);
  return index < slots_.size() ? slots_[index] : nullptr;
}

ErrnoOr<Fd> DescriptorTable::insert(DescriptorRef descriptor) {
  std::lock_guard lock(mutex_);
  uint32_t index = lowest_free_;
  while (index < slots_.size() && slots_[index]) ++index;
  if (index >= kMaxDescriptors) return fail_with(Errno::mfile);
  if (index == slots_.size()) slots_.emplace_back();
  slots_[index] = std::move(descriptor);
  lowest_free_ = index + 1;
  return static_cast<Fd>(index);
}

Errno DescriptorTable::close(Fd fd) {
  DescriptorRef closed;
  uint32_t index = static_cast<uint32_t>(fd);
  std::lock_guard lock(mutex_);
  if (index >= slots_.size() || !slots_[index]) return Errno::badf;
  closed.swap(slots_[index]);
  lowest_free_ = std::min(lowest_free_, index);
  return Errno::success;
}

Errno DescriptorTable::renumber(Fd from, Fd to) {
  DescriptorRef replaced;
  uint32_t source = static_cast<uint32_t>(from), target = static_cast<uint32_t>(to);
  std::lock_guard lock(mutex_);
  if (source >= slots_.size() || !slots_[source]) return Errno::badf;
  if (target >= slots_.size() || !slots_[target]) return Errno::badf;
  if (source == target) return Errno::success;
  replaced = std::exchange(slots_[target], std::move(slots_[source]));
  lowest_free_ = std::min(lowest_free_, source);
  return Errno::success;
}

size_t DescriptorTable::open_count() const {
  std::lock_guard lock(mutex_);
  return static_cast<size_t>(
      std::ranges::count_if(slots_, [](const DescriptorRef& slot) { return slot != nullptr; }));
}

} // namespace swage::wasi
