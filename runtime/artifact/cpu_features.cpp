#include <iterator>

#include "runtime/artifact/artifact.h"
#include "runtime/vocabulary/text.h"

namespace swage::artifact {

namespace {

constexpr const char* kNames[] = {
#define CPU_FEATURE(id, name, architecture, leaf, subleaf, reg, bit) name,
#include "runtime/abi/cpu_features.inc"
};
static_assert(std::size(kNames) <= 128);

} // namespace

std::string feature_names(CpuFeatures features, std::string_view separator) {
  std::string text;
  for (size_t i = 0; i < 128; i++) {
    if (((i < 64 ? features.low : features.high) >> (i % 64) & 1) == 0) continue;
    text += join({text.empty() ? "" : separator, i < std::size(kNames) ? kNames[i] : "unknown"});
  }
  return text;
}

std::string missing_features(CpuFeatures needed, CpuFeatures present) {
  return feature_names({needed.low & ~present.low, needed.high & ~present.high});
}

} // namespace swage::artifact
