// The slab with mmap: PROT_NONE pages are address space only; allocation gives them to the process, page by
// page.
#include "compiler/jit/slab.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace swage::jit {

namespace {

/// A module may take a sixteenth of a limited address space (`ulimit -v`) for its code: linear memories want
/// the rest.
constexpr size_t kShareOfLimit = 16;

size_t round_up(size_t bytes, size_t page) { return (bytes + page - 1) & ~(page - 1); }

int protection(Access access) {
  switch (access) {
  case Access::read: return PROT_READ;
  case Access::read_write: return PROT_READ | PROT_WRITE;
  case Access::execute: return PROT_READ | PROT_EXEC;
  }
  return PROT_NONE;
}

} // namespace

Expected<std::unique_ptr<Slab>> Slab::reserve(size_t bytes, size_t least) {
  auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  least = round_up(least, page);
  struct rlimit limit = {};
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
    bytes = std::min<size_t>(bytes, limit.rlim_cur / kShareOfLimit);
  bytes = std::max(round_up(bytes, page), least);
  for (;; bytes = std::max(round_up(bytes / 2, page), least)) {
    void* base = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base != MAP_FAILED)
      return std::unique_ptr<Slab>(new Slab(static_cast<std::byte*>(base), bytes, page));
    if (bytes == least)
      return fail(ErrorCode::resource,
                  "no address space for machine code: " + std::to_string(least >> 20) + " MiB needed");
  }
}

Slab::~Slab() { munmap(base_, size_); }

std::byte* Slab::allocate(size_t bytes) {
  std::lock_guard lock(mutex_);
  if (bytes > size_ - used_) return nullptr;
  bytes = round_up(bytes, page_size_);
  if (bytes > size_ - used_) return nullptr;
  std::byte* begin = base_ + used_;
  if (!protect(begin, bytes, Access::read_write)) return nullptr;
  used_ += bytes;
  return begin;
}

bool Slab::protect(std::byte* begin, size_t bytes, Access access) {
  return mprotect(begin, round_up(bytes, page_size_), protection(access)) == 0;
}

} // namespace swage::jit
