// The profile's file: what is written is read again, and nothing else is taken.
#include <gtest/gtest.h>

#include "runtime/abi/profile.h"
#include "runtime/artifact/profile.h"

namespace swage::artifact {
namespace {

constexpr ProfileKey kKey = {1, 2, 300, 2};

Profile some_profile() {
  Profile profile{kKey, std::vector<uint64_t>(profile_values(kKey.counters, kKey.target_sites))};
  profile.values[7] = 1;
  profile.values[8] = ~uint64_t{0};
  profile.values[250] = 129;
  profile.values[300] = 5; // a target and its count
  profile.values[301] = 77;
  return profile;
}

TEST(ProfileFile, what_is_written_is_read_again) {
  Expected<Profile> read = decode_profile(encode_profile(some_profile()), kKey);
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(read->values, some_profile().values);
}

TEST(ProfileFile, zeros_cost_little) { EXPECT_LT(encode_profile(some_profile()).size(), 80u); }

TEST(ProfileFile, no_truncated_file_is_taken) {
  std::vector<std::byte> file = encode_profile(some_profile());
  for (size_t size = 0; size < file.size(); size++)
    EXPECT_FALSE(decode_profile(std::span(file).first(size), kKey)) << size;
}

TEST(ProfileFile, no_changed_file_is_taken) {
  std::vector<std::byte> file = encode_profile(some_profile());
  for (size_t i = 0; i < file.size(); i++) {
    if (i >= 12 && i < 16) continue; // unused
    std::vector<std::byte> changed = file;
    changed[i] ^= std::byte{0x41};
    EXPECT_FALSE(decode_profile(changed, kKey)) << i;
  }
}

TEST(ProfileFile, another_module_s_is_told_from_a_broken_one) {
  Expected<Profile> other = decode_profile(encode_profile(some_profile()), {1, 3, 300, 2});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::incompatible);
  std::vector<std::byte> text(100, std::byte{'x'});
  EXPECT_EQ(decode_profile(text, kKey).error().code, ErrorCode::malformed);
}

TEST(ProfileFile, counters_add_up_and_never_wrap) {
  std::vector<uint64_t> sum = some_profile().values;
  add_profile_values(sum, some_profile().values, kKey.counters);
  EXPECT_EQ(sum[7], 2u);
  EXPECT_EQ(sum[8], ~uint64_t{0});
  EXPECT_EQ(sum[300], 5u);
  EXPECT_EQ(sum[301], 154u);
}

TEST(CountTarget, the_most_frequent_one_comes_first) {
  abi::TargetCount site[abi::kTargetsPerSite] = {};
  for (uint64_t i = 0; i < 900; i++) abi::count_target(site, i % 3 == 0 ? 1 + i % 50 : 77, 1);
  EXPECT_EQ(site[0].target, 77u);
  EXPECT_GT(site[0].count, 400u);
}

TEST(CountTarget, no_target_has_two_places) {
  abi::TargetCount site[abi::kTargetsPerSite] = {};
  for (uint64_t i = 0; i < 5000; i++) abi::count_target(site, 1 + i * i % 31, 1);
  for (uint32_t a = 0; a < abi::kTargetsPerSite; a++)
    for (uint32_t b = 0; b < a; b++) EXPECT_TRUE(site[a].target == 0 || site[a].target != site[b].target);
}

} // namespace
} // namespace swage::artifact
