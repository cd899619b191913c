// Address space on Linux. Reservations are PROT_NONE and MAP_NORESERVE: 6 GiB cost a few microseconds and no
// memory.
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/platform/pages.h"

namespace swage::platform {

namespace {

int protection(Access access) {
  if (access == Access::none) return PROT_NONE;
  return access == Access::read ? PROT_READ : PROT_READ | PROT_WRITE;
}

} // namespace

size_t page_size() {
  static const size_t size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

std::byte* reserve(uint64_t bytes) {
  void* address = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return address == MAP_FAILED ? nullptr : static_cast<std::byte*>(address);
}

void release(std::byte* begin, uint64_t bytes) {
  if (begin != nullptr) munmap(begin, bytes);
}

bool protect(std::byte* begin, uint64_t bytes, Access access) {
  return bytes == 0 || mprotect(begin, bytes, protection(access)) == 0;
}

bool discard(std::byte* begin, uint64_t bytes) {
  return bytes == 0 || madvise(begin, bytes, MADV_DONTNEED) == 0;
}

bool map_zero(std::byte* begin, uint64_t bytes, Access access) {
  if (bytes == 0) return true;
  void* address =
      mmap(begin, bytes, protection(access), MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  return address != MAP_FAILED;
}

bool map_file(std::byte* begin, uint64_t bytes, int file, uint64_t offset) {
  void* address = mmap(begin, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE | MAP_FIXED, file,
                       static_cast<off_t>(offset));
  return address != MAP_FAILED;
}

void prefer_large_pages(std::byte* begin, uint64_t bytes) { (void)madvise(begin, bytes, MADV_HUGEPAGE); }

} // namespace swage::platform
