// The file that a profile is kept in: what the runtime writes and the compiler reads.
//
// A header (ProfileKey behind a magic and a version, then a checksum) and the values, of which most are zero:
// pairs of a number of zeros and a number of values, then these values, all as LEB128. A profile belongs to
// the bytes of one module; nothing else in it is believed before they are compared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "swage/error.h"

namespace swage::artifact {

/// What a profile was taken of.
struct ProfileKey {
  uint64_t source_hash_low = 0; ///< XXH3-128 of the module
  uint64_t source_hash_high = 0;
  uint32_t counters = 0; ///< see abi/profile.h
  uint32_t target_sites = 0;
  friend bool operator==(const ProfileKey&, const ProfileKey&) = default;
};

struct Profile {
  ProfileKey key;
  std::vector<uint64_t> values; ///< profile_values() of them: counters, then TargetCounts
};

/// How many 8-byte values there are.
size_t profile_values(uint32_t counters, uint32_t target_sites);
/// Adds another profile's values: counters by saturating addition, targets by abi::count_target.
void add_profile_values(std::span<uint64_t> sum, std::span<const uint64_t> values, uint32_t counters);

std::vector<std::byte> encode_profile(const Profile& profile);
/// Errors: malformed (no profile, truncated, changed), incompatible (of another module, or written by a
/// swage that counts differently).
Expected<Profile> decode_profile(std::span<const std::byte> file, const ProfileKey& expected);

} // namespace swage::artifact
