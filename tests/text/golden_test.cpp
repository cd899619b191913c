// Each golden/NAME.wat against golden/NAME.golden: the bytes that it becomes and the text that they print as,
// or the error. SWAGE_BLESS=1 writes the golden files anew.
#include "tests/text/helpers.h"

namespace swage::text::test {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(SWAGE_SOURCE_DIR) / "tests/text/golden";

enum class Which : uint8_t { all, without_errors };

std::vector<std::string> names(Which which) {
  std::vector<std::string> found;
  for (const fs::directory_entry& entry : fs::directory_iterator(kFolder)) {
    std::string name = entry.path().stem().string();
    if (which == Which::without_errors && name.starts_with("error_")) continue;
    if (entry.path().extension() == ".wat") found.push_back(name);
  }
  std::sort(found.begin(), found.end());
  return found;
}

class Golden : public testing::TestWithParam<std::string> {
protected:
  std::string text() const { return read_file(kFolder / (GetParam() + ".wat")); }
  Expected<Binary> parsed() const {
    std::string name = GetParam() + ".wat";
    return parse_module(text(), wasm::FeatureSet::all(), {.file = name});
  }
};

TEST_P(Golden, parses_and_prints_as_before) {
  Expected<Binary> bytes = parsed();
  std::string result;
  if (bytes)
    result = "-- bytes\n" + hex(*bytes) + "-- text\n" + reprint(*bytes);
  else
    result = "-- error\n" + bytes.error().to_string() + "\n" + bytes.error().excerpt;
  fs::path golden = kFolder / (GetParam() + ".golden");
  if (std::getenv("SWAGE_BLESS")) {
    std::ofstream(golden, std::ios::binary) << result;
    return;
  }
  EXPECT_EQ(result, read_file(golden)) << "SWAGE_BLESS=1 accepts the new result";
}

class GoldenModule : public Golden {};

TEST_P(GoldenModule, prints_what_parses_to_the_same_bytes) {
  Expected<Binary> bytes = parsed();
  ASSERT_TRUE(bytes) << bytes.error().to_string();
  Expected<Binary> again = parse(reprint(*bytes));
  ASSERT_TRUE(again) << again.error().to_string() << "\n" << reprint(*bytes);
  EXPECT_EQ(hex(*bytes), hex(*again)) << reprint(*bytes);
}

std::string name_of(const testing::TestParamInfo<std::string>& test) { return test.param; }
INSTANTIATE_TEST_SUITE_P(Text, Golden, testing::ValuesIn(names(Which::all)), name_of);
INSTANTIATE_TEST_SUITE_P(Text, GoldenModule, testing::ValuesIn(names(Which::without_errors)), name_of);

} // namespace
} // namespace swage::text::test
