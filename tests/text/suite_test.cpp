// Every module of the official suite: text that should parse does, decodes, validates and survives printing;
// text that should be refused is. Which assertions then hold when it runs is for the suite's runner.
#include <cctype>

#include "compiler/text/script.h"
#include "compiler/wasm/validate.h"
#include "tests/text/helpers.h"

namespace swage::text::test {
namespace {

namespace fs = std::filesystem;

fs::path suites() {
  const char* set = std::getenv("SWAGE_SUITES");
  return set ? fs::path(set) : fs::path(SWAGE_SOURCE_DIR) / "../shared/suites";
}

/// The proposals' suites were written against the standard as it was then.
wasm::FeatureSet features_of(const fs::path& file) {
  wasm::FeatureSet features = wasm::FeatureSet::all();
  std::string path = file.generic_string();
  if (path.find("/threads/") != std::string::npos) {
    features.disable(wasm::Feature::memory64);
    features.disable(wasm::Feature::multi_memory);
  }
  if (path.find("/stack-switching/") == std::string::npos) features.disable(wasm::Feature::stack_switching);
  return features;
}

struct Checked {
  std::string failures;
  size_t modules = 0;
};

class ScriptCheck {
public:
  explicit ScriptCheck(const fs::path& file)
      : file_(file.generic_string()), text_(read_file(file)), features_(features_of(file)) {}

  Checked run() {
    Expected<Script> script = parse_script(text_, file_);
    if (!script) {
      checked_.failures = script.error().to_string() + "\n" + script.error().excerpt;
      return std::move(checked_);
    }
    for (const Command& command : script->commands)
      if (command.module) module(command);
    return std::move(checked_);
  }

private:
  void failed(const Command& command, const std::string& what) {
    checked_.failures += file_ + ":" + std::to_string(command.line) + ": " + what + "\n";
  }

  void module(const Command& command) {
    using Kind = Command::Kind;
    checked_.modules++;
    bool expect_malformed =
        command.kind == Kind::assert_malformed || command.kind == Kind::assert_malformed_custom;
    bool expect_invalid = command.kind == Kind::assert_invalid || command.kind == Kind::assert_invalid_custom;
    Expected<Binary> bytes = module_bytes(*command.module, features_, file_);
    if (!bytes) {
      // An annotation's target is checked while parsing.
      bool expected = expect_malformed || (expect_invalid && bytes.error().code == ErrorCode::invalid);
      if (!expected) failed(command, "does not parse: " + bytes.error().to_string());
      return;
    }
    if (expect_malformed && command.module->form != ModuleSource::Form::binary)
      return failed(command, "parses, expected: " + command.message);
    Expected<wasm::Module> module = wasm::decode(*bytes, features_);
    Expected<void> valid = module ? wasm::validate(*module) : std::unexpected(module.error());
    if (expect_malformed || expect_invalid) {
      if (valid) failed(command, "is accepted, expected: " + command.message);
    } else if (!valid) {
      failed(command, "is refused: " + valid.error().to_string());
    }
    if (module && !expect_malformed) round_trip(command, *bytes, *module);
  }

  // A binary module may spell numbers and sections in ways that text cannot ask for: its text's bytes are
  // compared once more.
  void round_trip(const Command& command, const Binary& bytes, const wasm::Module& module) {
    Expected<std::string> text = print_module(module);
    if (!text) return failed(command, "does not print: " + text.error().to_string());
    Expected<Binary> again = parse_module(*text, features_);
    if (!again)
      return failed(command, "does not parse when printed: " + again.error().to_string() + "\n" + *text);
    if (command.module->form != ModuleSource::Form::binary) {
      if (*again != bytes) failed(command, "prints as another module:\n" + *text);
      return;
    }
    Expected<wasm::Module> second = wasm::decode(*again, features_);
    if (!second) return failed(command, "does not decode when printed: " + second.error().to_string());
    Expected<std::string> second_text = print_module(*second);
    Expected<Binary> third =
        second_text ? parse_module(*second_text, features_) : std::unexpected(second_text.error());
    if (!third || *third != *again) failed(command, "does not print twice alike:\n" + *text);
  }

  std::string file_;
  std::string text_;
  wasm::FeatureSet features_;
  Checked checked_;
};

class Suite : public testing::TestWithParam<const char*> {};

TEST_P(Suite, parses_validates_and_survives_printing) {
  fs::path folder = suites() / "spec" / GetParam();
  if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder << ": set SWAGE_SUITES to the official suites";
  size_t modules = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".wast") continue;
    Checked checked = ScriptCheck(entry.path()).run();
    EXPECT_EQ(checked.failures, "");
    modules += checked.modules;
  }
  EXPECT_GT(modules, 0u);
}

INSTANTIATE_TEST_SUITE_P(Spec, Suite,
                         testing::Values("core", "custom", "legacy", "proposals/threads",
                                         "proposals/custom-page-sizes", "proposals/wide-arithmetic",
                                         "proposals/stack-switching"),
                         [](const testing::TestParamInfo<const char*>& test) {
                           std::string name = test.param;
                           for (char& c : name)
                             if (!isalnum(static_cast<unsigned char>(c))) c = '_';
                           return name;
                         });

} // namespace
} // namespace swage::text::test
