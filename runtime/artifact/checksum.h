// The checksum of artifacts and profiles: it finds damage, not malice. In one object, because the functions
// of xxHash are inlined whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace swage::artifact {

/// XXH3-64 of all parts, one behind the other.
uint64_t checksum(std::initializer_list<std::span<const std::byte>> parts);

} // namespace swage::artifact
