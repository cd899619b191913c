// docs/proposals.md says how far each proposal has come. Nothing of its table is written by hand: each stage
// is tried with the modules of the project's own scripts and of examples.h, and the instructions that went
// through are counted.
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "compiler/lower/lower.h"
#include "compiler/text/parse.h"
#include "compiler/text/printer.h"
#include "compiler/text/script.h"
#include "compiler/wasm/decode.h"
#include "compiler/wasm/instruction.h"
#include "compiler/wasm/validate.h"
#include "tests/proposals/examples.h"

namespace swage::proposals {
namespace {

namespace fs = std::filesystem;
using wasm::Feature;
using wasm::FeatureSet;

/// What a module was good for.
struct Stages {
  bool decoded = false, validated = false, printed = false, lowered = false, run = false;
};
constexpr bool Stages::* kStages[] = {&Stages::decoded, &Stages::validated, &Stages::printed,
                                      &Stages::lowered, &Stages::run};

std::string read_file(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return std::move(text).str();
}

/// Bytes may be written in more ways than one; text is the same after a trip through bytes.
bool survives_printing(const wasm::Module& module) {
  Expected<std::string> text = text::print_module(module);
  if (!text) return false;
  Expected<std::vector<std::byte>> bytes = text::parse_module(*text, FeatureSet::all());
  if (!bytes) return false;
  Expected<wasm::Module> again = wasm::decode(*bytes, FeatureSet::all());
  return again && text::print_module(*again) == *text;
}

/// By stage, what went through it: of the modules of the project's scripts and of the examples.
class Survey {
public:
  Survey() {
    for (const Example& example : kExamples)
      add(text::parse_module(example.wat, FeatureSet::all()), Source::example);
    for (const fs::directory_entry& entry :
         fs::recursive_directory_iterator(fs::path(SWAGE_SOURCE_DIR) / "tests/suites/scripts"))
      if (entry.path().extension() == ".wast") add_script(entry.path());
  }

  /// A feature's row of the table: of its instructions how many; without any, whether a module that uses it.
  std::string row(const wasm::FeatureInfo& info) const {
    std::string text =
        fmt::format("| `{}` | {} | {} | {} |", info.flag, info.stage, info.enabled ? "on" : "off", info.text);
    size_t all = instructions_of(info.feature, nullptr);
    text += all == 0 ? " |" : fmt::format(" {} |", all);
    for (bool Stages::* stage : kStages) {
      size_t taken = all == 0 ? features_[static_cast<size_t>(info.feature)].*stage
                              : instructions_of(info.feature, stage);
      text += taken == 0 ? " no |" : taken >= all ? " yes |" : fmt::format(" {} of {} |", taken, all);
    }
    return text + "\n";
  }

  /// Lowered, and in no script.
  std::vector<std::string_view> not_run() const {
    std::vector<std::string_view> found;
    for (size_t i = 0; i < instructions_.size(); i++)
      if (instructions_[i].lowered && !instructions_[i].run) found.push_back(wasm::op_infos()[i].text);
    return found;
  }

private:
  enum class Source : uint8_t { example, script };

  void add_script(const fs::path& file) {
    std::string contents = read_file(file);
    Expected<text::Script> script = text::parse_script(contents, file.string());
    ASSERT_TRUE(script) << script.error().to_string();
    for (const text::Command& command : script->commands)
      if (command.kind == text::Command::Kind::module)
        add(text::module_bytes(*command.module, FeatureSet::all(), file.string()), Source::script);
  }

  void add(const Expected<std::vector<std::byte>>& bytes, Source source) {
    ASSERT_TRUE(bytes) << bytes.error().to_string();
    Expected<wasm::Module> module = wasm::decode(*bytes, FeatureSet::all());
    if (!module) return;
    Stages stages{.decoded = true};
    stages.validated = wasm::validate(*module).has_value();
    stages.printed = survives_printing(*module);
    stages.lowered = stages.validated && lower::check_lowerable(*module);
    stages.run = source == Source::script;
    for (bool Stages::* stage : kStages) {
      for (size_t i = 0; i < features_.size(); i++)
        if (module->features_used >> i & 1) features_[i].*stage |= stages.*stage;
    }
    for (const wasm::Body& body : module->bodies) {
      wasm::InstructionReader reader(body.code, body.offset, *module);
      wasm::Instruction instruction;
      while (!reader.at_end() && reader.next(instruction))
        for (bool Stages::* stage : kStages)
          instructions_[static_cast<size_t>(instruction.op)].*stage |= stages.*stage;
    }
  }

  /// Those that went through a stage; without a stage, all there are.
  size_t instructions_of(Feature feature, bool Stages::* stage) const {
    size_t n = 0;
    for (size_t i = 0; i < instructions_.size(); i++)
      if (wasm::op_infos()[i].feature == feature) n += stage == nullptr || instructions_[i].*stage;
    return n;
  }

  std::array<Stages, wasm::op_infos().size()> instructions_;
  std::array<Stages, 64> features_;
};

std::string table() {
  std::string text =
      "| flag | stage | default | what it is | instructions | decoded | validated | text | lowered "
      "| script of ours |\n|---|---|---|---|---|---|---|---|---|---|\n";
  Survey survey;
  for (const wasm::FeatureInfo& info : wasm::feature_infos()) text += survey.row(info);
  return text;
}

TEST(ProposalsPageTest, is_up_to_date) {
  fs::path path = fs::path(SWAGE_SOURCE_DIR) / "docs/proposals.md";
  std::string page = read_file(path), begin = "<!-- features -->\n", end = "<!-- end of features -->\n";
  size_t from = page.find(begin), to = page.find(end);
  ASSERT_TRUE(from != std::string::npos && to != std::string::npos) << path;
  from += begin.size();
  if (std::getenv("SWAGE_BLESS") != nullptr) {
    std::ofstream(path) << page.substr(0, from) + table() + page.substr(to);
    return;
  }
  EXPECT_EQ(page.substr(from, to - from), table()) << "run with SWAGE_BLESS=1 to rewrite it";
}

TEST(ProposalsPageTest, what_is_lowered_is_in_a_script) {
  EXPECT_EQ(Survey().not_run(), std::vector<std::string_view>()) << "tests/suites/scripts lacks them";
}

} // namespace
} // namespace swage::proposals
