// A proposal's scripts are written against the standard of their day: they assert that what came later is not
// there. A script does not say what it needs, so its folder does. Everything outside of these folders runs
// with the defaults.
//
// https://github.com/WebAssembly/testsuite#readme
#include "cli/wast/suite_features.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

namespace swage::cli {
namespace {

struct Row {
  std::string_view folder; ///< of proposals/
  std::array<std::string_view, 2> enable = {};
  std::array<std::string_view, 2> disable = {};
};
constexpr std::array kRows = std::to_array<Row>({
    {.folder = "threads", .disable = {"memory64", "multi-memory"}},
    {.folder = "stack-switching", .enable = {"stack-switching"}},
});

void put_first(std::vector<std::string>& flags, const std::array<std::string_view, 2>& added) {
  for (std::string_view flag : added)
    if (!flag.empty()) flags.emplace(flags.begin(), flag);
}

} // namespace

void add_suite_features(const std::string& file, CompileOptions& options) {
  std::error_code error;
  std::filesystem::path folder = std::filesystem::absolute(file, error).parent_path();
  for (; folder.has_relative_path(); folder = folder.parent_path()) {
    if (folder.parent_path().filename() != "proposals") continue;
    auto row = std::ranges::find(kRows, folder.filename().string(), &Row::folder);
    if (row == kRows.end()) return;
    put_first(options.enable, row->enable);
    put_first(options.disable, row->disable);
    return;
  }
}

} // namespace swage::cli
