// Proposals as a set of bits, from the rows of features.inc. Opcodes are gated by their row's column,
// everything else by one require(feature, offset) in decode; lowering and runtime never ask.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "swage/error.h"

namespace swage::wasm {

enum class Feature : uint8_t {
#define FEATURE(id, flag, stage, enabled, implied, text) id,
#include "compiler/wasm/features.inc"
};

struct FeatureInfo {
  Feature feature;
  std::string_view flag; ///< as on the command line
  int stage;             ///< of the proposal process; 5 is finished
  bool enabled;          ///< by default
  uint64_t implied;      ///< bits of what it switches on with it
  std::string_view text;
};

/// All rows, in order.
std::span<const FeatureInfo> feature_infos();
const FeatureInfo& feature_info(Feature feature);
std::optional<Feature> find_feature(std::string_view flag);

class FeatureSet {
public:
  static FeatureSet defaults();
  static FeatureSet all();
  constexpr bool has(Feature feature) const { return bits_ >> static_cast<int>(feature) & 1; }
  /// Switches on, with everything it implies.
  void enable(Feature feature);
  /// Switches off, with everything that implies it.
  void disable(Feature feature);
  constexpr uint64_t bits() const { return bits_; }
  friend constexpr bool operator==(FeatureSet, FeatureSet) = default;

private:
  uint64_t bits_ = 0;
};

/// The defaults, with flags switched on and then off; "all" switches everything on. Errors: usage, naming an
/// unknown flag.
Expected<FeatureSet> select_features(std::span<const std::string> enable,
                                     std::span<const std::string> disable);

} // namespace swage::wasm
