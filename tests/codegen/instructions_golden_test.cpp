// The machine instructions of each instruction that should be one or few: vectors and 128-bit arithmetic, for
// each kind of host. golden/NAME.txt has a line for each: what it became, without operands, the return left
// out. SWAGE_BLESS=1 writes the golden files anew; a line that got longer is a loss.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "compiler/wasm/opcode.h"
#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

namespace fs = std::filesystem;
using wasm::Feature;

struct Host {
  const char* name;
  const char* triple;
  const char* cpu;
};
constexpr Host kHosts[] = {
    {"x86-64-v3", "x86_64-linux-gnu", "x86-64-v3"}, // AVX2
    {"x86-64-v4", "x86_64-linux-gnu", "x86-64-v4"}, // AVX-512
    {"aarch64", "aarch64-linux-gnu", ""},           // NEON
};

const char* type_of(char letter) {
  switch (letter) {
  case 'a':
  case 'i': return "i32";
  case 'I': return "i64";
  case 'f': return "f32";
  case 'F': return "f64";
  default: return "v128";
  }
}

/// As text, the first lane or a byte order that no shorter instruction has.
std::string immediates_of(const wasm::OpInfo& info) {
  if (info.immediates.ends_with('n')) return " 1";
  if (info.immediates == "S") return " 3 20 5 17 31 0 9 12 7 22 1 30 14 2 28 11";
  if (info.immediates == "V") return " i32x4 1 2 3 4";
  return "";
}

/// A function of its operands for each instruction of the features; those of one text are one.
std::vector<const wasm::OpInfo*> instructions_of(std::initializer_list<Feature> features) {
  std::vector<const wasm::OpInfo*> found;
  for (const wasm::OpInfo& info : wasm::op_infos())
    if (std::ranges::find(features, info.feature) != features.end()) found.push_back(&info);
  return found;
}

std::string module_with(const std::vector<const wasm::OpInfo*>& instructions) {
  std::string text = "(module (memory 1)\n";
  for (const wasm::OpInfo* info : instructions) {
    size_t end = info->signature.find('>');
    std::string params, operands, results;
    for (size_t k = 0; k < end; k++) {
      params += fmt::format(" {}", type_of(info->signature[k]));
      operands += fmt::format(" (local.get {})", k);
    }
    for (char letter : info->signature.substr(end + 1)) results += fmt::format(" {}", type_of(letter));
    text += fmt::format("(func (param{}) (result{}) ({}{}{}))\n", params, results, info->text,
                        immediates_of(*info), operands);
  }
  return text + ")";
}

/// By function, its instructions without operands, up to the first return.
std::map<std::string, std::string> functions_in(const std::string& assembly) {
  std::map<std::string, std::string> found;
  std::istringstream lines(assembly);
  std::string function;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('f') && line.ends_with(':')) function = line.substr(0, line.size() - 1);
    if (function.empty() || !line.starts_with('\t') || line.starts_with("\t.")) continue;
    std::string instruction = line.substr(1, line.find('\t', 1) - 1);
    if (instruction.starts_with("ret"))
      function.clear();
    else
      found[function] += " " + instruction;
  }
  return found;
}

enum class Results : uint8_t { of_the_host, fixed };

std::string machine_instructions(const Host& host, std::initializer_list<Feature> features, Results results) {
  std::vector<const wasm::OpInfo*> instructions = instructions_of(features);
  CompileOptions options;
  options.triple = host.triple;
  options.cpu = host.cpu;
  options.opt = OptLevel::O2;
  options.deterministic = results == Results::fixed;
  Expected<std::vector<std::byte>> assembly =
      compile(test::bytes_of(module_with(instructions)), options, Emit::asm_);
  EXPECT_TRUE(assembly) << assembly.error().to_string();
  if (!assembly) return {};
  std::map<std::string, std::string> functions = functions_in(test::text_of(*assembly));
  std::string text;
  for (size_t k = 0; k < instructions.size(); k++)
    text += fmt::format("{}:{}\n", instructions[k]->text, functions[fmt::format("f{}", k)]);
  return text;
}

void compare(const std::string& name, const std::string& result) {
  fs::path golden = fs::path(SWAGE_SOURCE_DIR) / "tests/codegen/golden" / (name + ".txt");
  if (std::getenv("SWAGE_BLESS") != nullptr) {
    std::ofstream(golden, std::ios::binary) << result;
    return;
  }
  std::ostringstream expected;
  expected << std::ifstream(golden, std::ios::binary).rdbuf();
  EXPECT_EQ(result, expected.str()) << "SWAGE_BLESS=1 accepts the new result";
}

class InstructionsGolden : public testing::TestWithParam<Host> {};

TEST_P(InstructionsGolden, vectors) {
  compare(fmt::format("simd.{}", GetParam().name),
          machine_instructions(GetParam(), {Feature::simd}, Results::of_the_host));
}

TEST_P(InstructionsGolden, relaxed_vectors) {
  compare(fmt::format("relaxed_simd.{}", GetParam().name),
          machine_instructions(GetParam(), {Feature::relaxed_simd}, Results::of_the_host));
}

TEST_P(InstructionsGolden, relaxed_vectors_with_fixed_results) {
  compare(fmt::format("relaxed_simd.deterministic.{}", GetParam().name),
          machine_instructions(GetParam(), {Feature::relaxed_simd}, Results::fixed));
}

TEST_P(InstructionsGolden, wide_arithmetic) {
  compare(fmt::format("wide_arithmetic.{}", GetParam().name),
          machine_instructions(GetParam(), {Feature::wide_arithmetic}, Results::of_the_host));
}

INSTANTIATE_TEST_SUITE_P(, InstructionsGolden, testing::ValuesIn(kHosts), [](const auto& test) {
  std::string name = test.param.name;
  std::ranges::replace(name, '-', '_');
  return name;
});

} // namespace
} // namespace swage::codegen
