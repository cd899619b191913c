// The set of features stays closed under "implies".
#include "compiler/wasm/feature.h"

#include <gtest/gtest.h>

namespace swage::wasm {
namespace {

TEST(Features, FlagsAreFound) {
  for (const FeatureInfo& info : feature_infos()) EXPECT_EQ(find_feature(info.flag), info.feature);
  EXPECT_FALSE(find_feature("sidm"));
}

TEST(Features, RowsStandInTheEnumsOrder) {
  for (size_t i = 0; i < feature_infos().size(); i++)
    EXPECT_EQ(static_cast<size_t>(feature_infos()[i].feature), i);
}

TEST(Features, EnablingBringsWhatIsImplied) {
  FeatureSet set;
  set.enable(Feature::gc);
  EXPECT_TRUE(set.has(Feature::function_references));
  EXPECT_TRUE(set.has(Feature::reference_types));
  EXPECT_FALSE(set.has(Feature::simd));
}

TEST(Features, DisablingTakesWhatImpliesIt) {
  FeatureSet set = FeatureSet::all();
  set.disable(Feature::reference_types);
  EXPECT_FALSE(set.has(Feature::function_references));
  EXPECT_FALSE(set.has(Feature::gc));
  EXPECT_FALSE(set.has(Feature::stack_switching));
  EXPECT_TRUE(set.has(Feature::simd));
}

TEST(Features, DefaultsAreWebAssembly3AndMore) {
  FeatureSet set = FeatureSet::defaults();
  EXPECT_TRUE(set.has(Feature::gc));
  EXPECT_TRUE(set.has(Feature::threads));
  EXPECT_FALSE(set.has(Feature::stack_switching));
}

} // namespace
} // namespace swage::wasm
