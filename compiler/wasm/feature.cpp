// Features as bits. Switching one on or off keeps the set closed under "implies", so that nobody can ask for
// gc without the function references that its types are made of.
#include "compiler/wasm/feature.h"

#include <array>

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

} // namespace swage::wasm
