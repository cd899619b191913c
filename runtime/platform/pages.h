// Address space, page by page: what memories, stacks and images need of the operating system. Implemented by
// one file for each system. Every size and address is a multiple of page_size(); failures are values, the
// errno is lost on purpose: all of them mean "the host has no more of that".
#pragma once

#include <cstddef>
#include <cstdint>

namespace swage::platform {

enum class Access : uint8_t { none, read, read_write };

size_t page_size();

/// Fresh address space that faults, or null. Counts against RLIMIT_AS, not against memory.
std::byte* reserve(uint64_t bytes);
void release(std::byte* begin, uint64_t bytes);
bool protect(std::byte* begin, uint64_t bytes, Access access);
/// Forgets the content: anonymous pages read as zero again, pages of a file as in the file. False where the
/// host refuses.
bool discard(std::byte* begin, uint64_t bytes);
/// Replaces whatever is mapped there by fresh zero pages.
bool map_zero(std::byte* begin, uint64_t bytes, Access access);
/// Maps a file's bytes privately: writes stay in this process.
bool map_file(std::byte* begin, uint64_t bytes, int file, uint64_t offset);
/// Asks for large pages where the host has them; only a hint.
void prefer_large_pages(std::byte* begin, uint64_t bytes);

inline uint64_t round_up_to_page(uint64_t bytes) {
  uint64_t mask = page_size() - 1;
  return (bytes + mask) & ~mask;
}

} // namespace swage::platform
