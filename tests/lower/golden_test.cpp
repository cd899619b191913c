// Each golden/NAME.wat against golden/NAME.ll: the IR that its functions become. A first line `;; options`
// chooses how. SWAGE_BLESS=1 writes the golden files anew.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/lower/support.h"

namespace swage::lower::test {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(SWAGE_SOURCE_DIR) / "tests/lower/golden";

std::string read_file(const fs::path& path) {
  std::ostringstream contents;
  contents << std::ifstream(path, std::ios::binary).rdbuf();
  return std::move(contents).str();
}

std::vector<std::string> names() {
  std::vector<std::string> found;
  for (const fs::directory_entry& entry : fs::directory_iterator(kFolder))
    if (entry.path().extension() == ".wat") found.push_back(entry.path().stem().string());
  std::ranges::sort(found);
  return found;
}

/// ";; checked aarch64"
LowerOptions options_of(std::string_view text) {
  std::string_view line = text.substr(0, text.find('\n'));
  auto has = [&](std::string_view word) {
    return line.starts_with(";;") && line.find(word) != std::string_view::npos;
  };
  LowerOptions options = options_for(has("aarch64") ? Machine::aarch64 : Machine::x86_64);
  if (has("checked")) options.bounds = Bounds::checked;
  if (has("deterministic")) options.determinism = Determinism::deterministic;
  if (has("relaxed")) options.traps = Traps::relaxed;
  return options;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, lowers_as_before) {
  std::string text = read_file(kFolder / (GetParam() + ".wat"));
  Lowered lowered = lower(text, options_of(text));
  ASSERT_NE(lowered.functions, nullptr);
  std::string result = ir_of(*lowered.functions) + ir_of(*lowered.glue_functions);
  fs::path golden = kFolder / (GetParam() + ".ll");
  if (std::getenv("SWAGE_BLESS") != nullptr) {
    std::ofstream(golden, std::ios::binary) << result;
    return;
  }
  EXPECT_EQ(result, read_file(golden)) << "SWAGE_BLESS=1 accepts the new result";
}

INSTANTIATE_TEST_SUITE_P(Lower, Golden, testing::ValuesIn(names()),
                         [](const auto& test) { return test.param; });

} // namespace
} // namespace swage::lower::test
