#include "runtime/artifact/profile.h"

#include <cstring>

#include "runtime/abi/profile.h"
#include "runtime/artifact/checksum.h"
#include "runtime/vocabulary/text.h"

namespace swage::artifact {

namespace {

constexpr char kMagic[8] = {'s', 'w', 'a', 'g', 'e', 'p', 'r', 'o'};
/// Raised when the same counters come to mean something else, or the format changes.
constexpr uint32_t kVersion = 1;
constexpr size_t kWordsPerSite = abi::kTargetsPerSite * sizeof(abi::TargetCount) / sizeof(uint64_t);

struct Header {
  char magic[sizeof kMagic];
  uint32_t version;
  uint32_t unused;
  ProfileKey key;
  uint64_t checksum; ///< XXH3-64 of all that follows
};
static_assert(sizeof(Header) == 48);

void put(std::vector<std::byte>& to, uint64_t number) {
  for (; number >= 0x80; number >>= 7) to.push_back(static_cast<std::byte>(number | 0x80));
  to.push_back(static_cast<std::byte>(number));
}

/// Reads LEB128 numbers; a broken one is `failed` and reads as 0.
struct Reader {
  std::span<const std::byte> rest;
  bool failed = false;

  uint64_t next() {
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest.empty()) break;
      auto byte = static_cast<uint64_t>(rest[0]);
      rest = rest.subspan(1);
      number |= (byte & 0x7F) << shift;
      if (byte < 0x80) return number;
    }
    failed = true;
    return 0;
  }
};

std::unexpected<Error> malformed(const char* what) {
  return failure(ErrorCode::malformed, {"not a profile that can be used: ", what});
}

} // namespace

size_t profile_values(uint32_t counters, uint32_t target_sites) {
  return size_t{counters} + size_t{target_sites} * kWordsPerSite;
}

void add_profile_values(std::span<uint64_t> sum, std::span<const uint64_t> values, uint32_t counters) {
  for (size_t i = 0; i < counters; ++i) sum[i] = abi::add_saturating(sum[i], values[i]);
  for (size_t i = counters; i < values.size(); i += kWordsPerSite) {
    abi::TargetCount site[abi::kTargetsPerSite];
    for (size_t k = 0; k < abi::kTargetsPerSite; ++k) site[k] = {sum[i + 2 * k], sum[i + 2 * k + 1]};
    for (size_t k = i; k < i + kWordsPerSite; k += 2)
      if (values[k] != 0) abi::count_target(site, values[k], values[k + 1]);
    for (size_t k = 0; k < abi::kTargetsPerSite; ++k) {
      sum[i + 2 * k] = site[k].target;
      sum[i + 2 * k + 1] = site[k].count;
    }
  }
}

std::vector<std::byte> encode_profile(const Profile& profile) {
  std::vector<std::byte> file(sizeof(Header));
  std::span<const uint64_t> values = profile.values;
  for (size_t at = 0; at < values.size();) {
    size_t zeros = at;
    while (zeros < values.size() && values[zeros] == 0) ++zeros;
    size_t end = zeros;
    while (end < values.size() && values[end] != 0) ++end;
    put(file, zeros - at);
    put(file, end - zeros);
    for (size_t i = zeros; i < end; ++i) put(file, values[i]);
    at = end;
  }
  Header header = {{}, kVersion, 0, profile.key, 0};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.checksum = checksum({std::span<const std::byte>(file).subspan(sizeof header)});
  std::memcpy(file.data(), &header, sizeof header);
  return file;
}

Expected<Profile> decode_profile(std::span<const std::byte> file, const ProfileKey& expected) {
  Header header;
  if (file.size() < sizeof header) return malformed("it is too short");
  std::memcpy(&header, file.data(), sizeof header);
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0)
    return malformed("swage did not write this file");
  if (header.version != kVersion)
    return failure(ErrorCode::incompatible, {"a profile of another version of swage: expected format ",
                                             decimal(kVersion), ", got ", decimal(header.version)});
  if (header.key.source_hash_low != expected.source_hash_low ||
      header.key.source_hash_high != expected.source_hash_high)
    return failure(ErrorCode::incompatible, "a profile of another module: it must be of exactly these bytes");
  if (header.key != expected)
    return failure(ErrorCode::incompatible,
                   "a profile of the same module, but of a swage that counts differently");
  if (header.checksum != checksum({std::span<const std::byte>(file).subspan(sizeof header)}))
    return malformed("its checksum does not match");

  Profile profile{expected, {}};
  profile.values.resize(profile_values(expected.counters, expected.target_sites));
  Reader reader{file.subspan(sizeof header)};
  for (size_t at = 0; at < profile.values.size();) {
    uint64_t zeros = reader.next(), count = reader.next();
    uint64_t room = profile.values.size() - at;
    if (reader.failed || zeros > room || count > room - zeros || zeros + count == 0)
      return malformed("its values do not fit");
    at += zeros;
    for (uint64_t i = 0; i < count; ++i) profile.values[at++] = reader.next();
  }
  if (reader.failed || !reader.rest.empty()) return malformed("its values do not fit");
  return profile;
}

} // namespace swage::artifact
