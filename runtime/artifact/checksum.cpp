#include "runtime/artifact/checksum.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace swage::artifact {

uint64_t checksum(std::initializer_list<std::span<const std::byte>> parts) {
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  for (std::span<const std::byte> part : parts) XXH3_64bits_update(&state, part.data(), part.size());
  return XXH3_64bits_digest(&state);
}

} // namespace swage::artifact
