// Features on and off, from the rows: whatever a proposal brings is refused without it, by its flag's name.
#include <algorithm>
#include <cctype>

#include <gtest/gtest.h>

#include "compiler/text/parse.h"
#include "compiler/wasm/decode.h"
#include "compiler/wasm/opcode.h"
#include "compiler/wasm/validate.h"
#include "tests/proposals/examples.h"

namespace swage::proposals {
namespace {

using wasm::Feature;
using wasm::FeatureSet;

Expected<void> check(std::string_view wat, FeatureSet features) {
  std::vector<std::byte> bytes = SWAGE_TRY(text::parse_module(wat, FeatureSet::all()));
  wasm::Module module = SWAGE_TRY(wasm::decode(bytes, features));
  return wasm::validate(module);
}

std::string flag_of(Feature feature) { return std::string(wasm::feature_info(feature).flag); }

class ExampleTest : public testing::TestWithParam<Example> {};

TEST_P(ExampleTest, is_accepted_with_its_feature) {
  FeatureSet features = FeatureSet::defaults();
  features.enable(GetParam().feature);
  Expected<void> result = check(GetParam().wat, features);
  EXPECT_TRUE(result) << result.error().to_string();
}

TEST_P(ExampleTest, is_refused_without_by_the_flag_s_name) {
  FeatureSet features = FeatureSet::all();
  features.disable(GetParam().feature);
  Expected<void> result = check(GetParam().wat, features);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, std::string(GetParam().what) + " needs " + flag_of(GetParam().feature) +
                                        ", which is switched off");
  EXPECT_EQ(result.error().hint, "--features " + flag_of(GetParam().feature));
  EXPECT_EQ(result.error().code, ErrorCode::unsupported);
}

INSTANTIATE_TEST_SUITE_P(Proposals, ExampleTest, testing::ValuesIn(kExamples), [](const auto& test) {
  std::string name = flag_of(test.param.feature) + "_" + std::string(test.param.what);
  std::ranges::replace_if(name, [](char c) { return std::isalnum(c) == 0; }, '_');
  return name;
});

/// Branch hints are the one exception: a custom section, which is ignored where it is not known.
TEST(ProposalsTest, every_feature_has_instructions_or_an_example) {
  for (const wasm::FeatureInfo& info : wasm::feature_infos()) {
    if (info.feature == Feature::branch_hints) continue;
    EXPECT_TRUE(std::ranges::count(wasm::op_infos(), info.feature, &wasm::OpInfo::feature) > 0 ||
                std::ranges::count(kExamples, info.feature, &Example::feature) > 0)
        << info.flag;
  }
}

TEST(ProposalsTest, hints_of_branches_are_ignored_without_their_feature) {
  std::vector<std::byte> bytes = *text::parse_module(
      R"((func (param i32) (@metadata.code.branch_hint "\00") (if (local.get 0) (then))))",
      FeatureSet::all());
  FeatureSet features = FeatureSet::all();
  EXPECT_EQ(wasm::decode(bytes, features)->branch_hints.size(), 1u);
  features.disable(Feature::branch_hints);
  EXPECT_EQ(wasm::decode(bytes, features)->branch_hints.size(), 0u);
}

} // namespace
} // namespace swage::proposals
