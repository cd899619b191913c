// The official suite, as far as the front end goes: every module of every script gets the verdict that the
// script says, and every valid one survives encode and decode. What the modules do when run is tests/suites'
// business.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "compiler/text/parse.h"
#include "compiler/text/script.h"
#include "compiler/wasm/decode.h"
#include "compiler/wasm/encode.h"
#include "compiler/wasm/validate.h"

namespace swage::wasm {
namespace {

namespace fs = std::filesystem;

fs::path suites() {
  if (const char* folder = std::getenv("SWAGE_SUITES")) return folder;
  return fs::path(SWAGE_SOURCE_DIR).parent_path() / "shared" / "suites";
}

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> files(const fs::path& folder, const char* extension) {
  std::vector<fs::path> found;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == extension) found.push_back(entry.path());
  return found;
}

/// Decodes, validates, and checks that encode gives the same module again. The error, if any, is the first of
/// the former two.
Expected<void> check(Bytes bytes, FeatureSet features) {
  Module module = SWAGE_TRY(decode(bytes, features));
  SWAGE_CHECK(validate(module));
  std::vector<std::byte> encoded = encode(module);
  Module again = SWAGE_TRY(decode(encoded, features));
  SWAGE_CHECK(validate(again));
  EXPECT_EQ(encode(again), encoded) << "encode is not stable";
  return {};
}

std::string verdict(const Expected<void>& result) {
  if (result) return "valid";
  switch (result.error().code) {
  case ErrorCode::malformed: return "malformed";
  case ErrorCode::invalid: return "invalid";
  case ErrorCode::unsupported:
    return "invalid"; // a suite that is older than a proposal tests that it is not there
  default: return "another error";
  }
}

const char* expected_verdict(text::Command::Kind kind) {
  using Kind = text::Command::Kind;
  switch (kind) {
  case Kind::assert_malformed: return "malformed";
  case Kind::assert_invalid: return "invalid";
  case Kind::module:
  case Kind::module_definition:
  case Kind::assert_unlinkable:
  case Kind::assert_trap: return "valid";
  default: return nullptr; // faults in annotations are the text parser's
  }
}

void check_script(const fs::path& path, FeatureSet features) {
  std::string text = contents(path);
  Expected<text::Script> script = text::parse_script(text, path.string());
  ASSERT_TRUE(script.has_value()) << script.error().to_string();
  for (const text::Command& command : script->commands) {
    const char* expected = command.module ? expected_verdict(command.kind) : nullptr;
    if (!expected) continue;
    auto bytes = text::module_bytes(*command.module, features, path.string());
    Expected<void> result = bytes ? check(*bytes, features) : Expected<void>(std::unexpected(bytes.error()));
    // What is malformed in quoted text, a number say, may only be invalid in the binary.
    bool is_quote = command.module->form == text::ModuleSource::Form::quote;
    if (is_quote && command.kind == text::Command::Kind::assert_malformed && verdict(result) == "invalid")
      continue;
    EXPECT_EQ(verdict(result), expected) << path.string() << ":" << command.line << ": " << command.message
                                         << (result ? "" : "\n  got: " + result.error().to_string());
  }
}

void check_folder(const char* folder, FeatureSet features = FeatureSet::defaults()) {
  fs::path path = suites() / "spec" / folder;
  if (!fs::exists(path)) GTEST_SKIP() << "the official suite is not at " << path << ": set SWAGE_SUITES";
  for (const fs::path& file : files(path, ".wast")) check_script(file, features);
}

TEST(Suite, Core) { check_folder("core"); }
TEST(Suite, Custom) { check_folder("custom"); }
TEST(Suite, LegacyExceptions) { check_folder("legacy"); }
TEST(Suite, CustomPageSizes) { check_folder("proposals/custom-page-sizes"); }
TEST(Suite, WideArithmetic) { check_folder("proposals/wide-arithmetic"); }

TEST(Suite, Threads) {
  FeatureSet features = FeatureSet::defaults();
  features.disable(Feature::multi_memory); // its scripts are older than that
  check_folder("proposals/threads", features);
}

TEST(Suite, StackSwitching) {
  FeatureSet features = FeatureSet::defaults();
  features.enable(Feature::stack_switching);
  check_folder("proposals/stack-switching", features);
}

TEST(Suite, PrebuiltWasiPrograms) {
  fs::path folder = suites() / "wasi";
  if (!fs::exists(folder)) GTEST_SKIP() << "the WASI suite is not at " << folder << ": set SWAGE_SUITES";
  for (const fs::path& file : files(folder, ".wasm")) {
    std::string bytes = contents(file);
    Expected<void> result = check(std::as_bytes(std::span(bytes)), FeatureSet::defaults());
    EXPECT_TRUE(result.has_value()) << file << ": " << result.error().to_string();
  }
}

} // namespace
} // namespace swage::wasm
