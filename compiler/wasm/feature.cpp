// Features as bits. Switching one on or off keeps the set closed under "implies", so that nobody can ask for
// gc without the function references that its types are made of.
#include "compiler/wasm/feature.h"

#include <array>

#include <fmt/format.h>

namespace swage::wasm {

namespace {

constexpr bool on = true;
constexpr bool off = false;
constexpr uint64_t none = 0;
constexpr uint64_t bit(Feature feature) { return uint64_t{1} << static_cast<int>(feature); }

constexpr FeatureInfo row(Feature feature, std::string_view flag, int stage, bool enabled, uint64_t implied,
                          std::string_view text) {
  return {feature, flag, stage, enabled, implied, text};
}

// The rows name implied features without their enum's name.
using enum Feature;
constexpr auto kFeatureInfos = std::to_array<FeatureInfo>({
#define FEATURE(id, flag, stage, enabled, implied, text)                                                     \
  row(Feature::id, flag, stage, enabled, implied, text),
#include "compiler/wasm/features.inc"
});
static_assert(kFeatureInfos.size() <= 64);

Expected<Feature> find_flag(const std::string& flag) {
  if (std::optional<Feature> feature = find_feature(flag)) return *feature;
  std::string known = "all";
  for (const FeatureInfo& info : kFeatureInfos) known += fmt::format(", {}", info.flag);
  return fail(ErrorCode::usage, fmt::format("unknown feature \"{}\": expected one of {}", flag, known));
}

} // namespace

std::span<const FeatureInfo> feature_infos() { return kFeatureInfos; }

const FeatureInfo& feature_info(Feature feature) { return kFeatureInfos[static_cast<size_t>(feature)]; }

std::optional<Feature> find_feature(std::string_view flag) {
  for (const FeatureInfo& info : kFeatureInfos)
    if (info.flag == flag) return info.feature;
  return std::nullopt;
}

FeatureSet FeatureSet::defaults() {
  FeatureSet set;
  for (const FeatureInfo& info : kFeatureInfos)
    if (info.enabled) set.enable(info.feature);
  return set;
}

FeatureSet FeatureSet::all() {
  FeatureSet set;
  for (const FeatureInfo& info : kFeatureInfos) set.enable(info.feature);
  return set;
}

void FeatureSet::enable(Feature feature) {
  if (has(feature)) return;
  bits_ |= bit(feature);
  for (const FeatureInfo& info : kFeatureInfos)
    if (feature_info(feature).implied & bit(info.feature)) enable(info.feature);
}

void FeatureSet::disable(Feature feature) {
  if (!has(feature)) return;
  bits_ &= ~bit(feature);
  for (const FeatureInfo& info : kFeatureInfos)
    if (info.implied & bit(feature)) disable(info.feature);
}

Expected<FeatureSet> select_features(std::span<const std::string> enable,
                                     std::span<const std::string> disable) {
  FeatureSet features = FeatureSet::defaults();
  for (const std::string& flag : enable) {
    if (flag == "all")
      features = FeatureSet::all();
    else
      features.enable(SWAGE_TRY(find_flag(flag)));
  }
  for (const std::string& flag : disable) features.disable(SWAGE_TRY(find_flag(flag)));
  return features;
}

} // namespace swage::wasm
