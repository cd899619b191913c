// Every valid module of the official suites is lowered for each machine and kind of bounds, and LLVM's
// verifier accepts it. What it then does when it runs is for the suite's runner.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "compiler/text/script.h"
#include "compiler/wasm/decode.h"
#include "compiler/wasm/validate.h"
#include "tests/lower/support.h"

namespace swage::lower::test {
namespace {

namespace fs = std::filesystem;

fs::path suites() {
  const char* set = std::getenv("SWAGE_SUITES");
  return set != nullptr ? fs::path(set) : fs::path(SWAGE_SOURCE_DIR) / "../shared/suites";
}

std::string read_file(const fs::path& path) {
  std::ostringstream contents;
  contents << std::ifstream(path, std::ios::binary).rdbuf();
  return std::move(contents).str();
}

bool defines_module(text::Command::Kind kind) {
  using Kind = text::Command::Kind;
  return kind == Kind::module || kind == Kind::module_definition || kind == Kind::assert_trap ||
         kind == Kind::assert_unlinkable;
}

/// The modules of a script that can be lowered.
std::vector<std::vector<std::byte>> modules_of(const fs::path& file) {
  std::vector<std::vector<std::byte>> found;
  std::string contents = read_file(file);
  Expected<text::Script> script = text::parse_script(contents, file.string());
  if (!script) return found;
  for (const text::Command& command : script->commands) {
    if (!command.module || !defines_module(command.kind)) continue;
    Expected<std::vector<std::byte>> bytes =
        text::module_bytes(*command.module, wasm::FeatureSet::all(), file.string());
    if (!bytes) continue;
    Expected<wasm::Module> module = wasm::decode(*bytes, wasm::FeatureSet::all());
    if (module && wasm::validate(*module) && check_lowerable(*module)) found.push_back(std::move(*bytes));
  }
  return found;
}

class Suite : public testing::TestWithParam<std::string> {};

TEST_P(Suite, lowers_to_valid_ir) {
  fs::path folder = suites() / "spec" / GetParam();
  if (!fs::is_directory(folder)) GTEST_SKIP() << "the official suite is not in " << folder;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".wast") continue;
    for (const std::vector<std::byte>& bytes : modules_of(entry.path())) {
      SCOPED_TRACE(entry.path().filename().string());
      lower(source_of(bytes, wasm::FeatureSet::all()), options_for(Machine::x86_64));
      LowerOptions checked = options_for(Machine::aarch64);
      checked.bounds = Bounds::checked;
      lower(source_of(bytes, wasm::FeatureSet::all()), checked);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Spec, Suite,
                         testing::Values("core", "core/simd", "core/relaxed-simd", "core/bulk-memory",
                                         "core/exceptions", "core/memory64", "core/multi-memory",
                                         "legacy/exceptions", "proposals/threads",
                                         "proposals/wide-arithmetic", "proposals/custom-page-sizes"),
                         [](const auto& test) {
                           std::string name = test.param;
                           for (char& c : name)
                             if (c == '/' || c == '-') c = '_';
                           return name;
                         });

} // namespace
} // namespace swage::lower::test
