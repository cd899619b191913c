#include "compiler/codegen/profiles.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace swage::codegen {

artifact::ProfileKey profile_key(const wasm::Module& module, const lower::ProfileLayout* layout) {
  XXH128_hash_t source = XXH3_128bits(module.bytes.data(), module.bytes.size());
  artifact::ProfileKey key = {source.low64, source.high64, 0, 0};
  if (layout) {
    key.counters = layout->all_counters();
    key.target_sites = layout->all_targets();
  }
  return key;
}

Expected<Profiles> load_profiles(const wasm::Module& module, const CompileOptions& options) {
  Profiles profiles;
  if (!options.instrument && options.profiles.empty()) return profiles;
  lower::ProfileLayout layout = SWAGE_TRY(lower::profile_layout(module));
  if (options.instrument) profiles.counting = layout;
  if (options.profiles.empty()) return profiles;

  std::vector<uint64_t> sum;
  for (const ProfileFile& file : options.profiles) {
    Expected<artifact::Profile> profile = artifact::decode_profile(file.bytes, profile_key(module, &layout));
    if (!profile) {
      profile.error().file = file.file;
      return std::unexpected(std::move(profile).error());
    }
    if (sum.empty())
      sum = std::move(profile->values);
    else
      artifact::add_profile_values(sum, profile->values, layout.all_counters());
  }
  profiles.used.emplace(module, std::move(layout), std::move(sum));
  return profiles;
}

} // namespace swage::codegen
