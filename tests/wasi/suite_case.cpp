// Finds the programs, and reads the little of JSON that their descriptions use: one object of strings,
// numbers, lists and maps of strings.
#include "tests/wasi/suite_case.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace swage::wasi {

namespace {

class Json {
public:
  explicit Json(std::string text) : text_(std::move(text)) {}

  bool next_is(char c) {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string string() {
    std::string value;
    if (!next_is('"')) return value;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] != '\\')
        value += text_[at_];
      else
        value += text_[++at_] == 'n' ? '\n' : text_[at_];
    }
    ++at_;
    return value;
  }
  int number() {
    next_is(' ');
    size_t end = text_.find_first_not_of("-0123456789", at_);
    int value = std::atoi(text_.substr(at_, end - at_).c_str());
    at_ = end;
    return value;
  }
  template<class F> void members(F member) {
    if (!next_is('{')) return;
    while (!next_is('}') && at_ < text_.size()) {
      std::string key = string();
      next_is(':');
      member(key);
      next_is(',');
    }
  }
  template<class F> void elements(F element) {
    if (!next_is('[')) return;
    while (!next_is(']') && at_ < text_.size()) {
      element();
      next_is(',');
    }
  }

private:
  std::string text_;
  size_t at_ = 0;
};

void describe(SuiteCase& program, const std::filesystem::path& description) {
  std::ostringstream text;
  text << std::ifstream(description).rdbuf();
  Json json(text.str());
  json.members([&](const std::string& key) {
    if (key == "args")
      json.elements([&] { program.arguments.push_back(json.string()); });
    else if (key == "env")
      json.members([&](const std::string& name) { program.environment[name] = json.string(); });
    else if (key == "root")
      program.root = json.string();
    else if (key == "exit_code")
      program.exit_code = json.number();
    else if (key == "stdout") {
      program.stdout_text = json.string();
      program.checks_stdout = true;
    }
  });
}

} // namespace

std::string SuiteCase::name() const {
  std::string text = wasm.parent_path().parent_path().filename().string() + "_" + wasm.stem().string();
  std::ranges::replace_if(text, [](unsigned char c) { return !std::isalnum(c); }, '_');
  return text;
}

std::string param_name(const SuiteParam& param) {
  return std::get<SuiteCase>(param).name() + (std::get<Mode>(param) == Mode::jit ? "_jit" : "_artifact");
}

Expected<Module> load(const Engine& engine, const SuiteParam& param, const std::filesystem::path& folder) {
  const auto& [program, mode] = param;
  if (mode == Mode::jit) return Module::from_file(engine, program.wasm);
  Compiler* compiler = SWAGE_TRY(load_compiler());
  std::ostringstream wasm;
  wasm << std::ifstream(program.wasm, std::ios::binary).rdbuf();
  CompileOptions options;
  options.opt = OptLevel::O1;
  std::string bytes = wasm.str();
  std::vector<std::byte> artifact =
      SWAGE_TRY(compiler->compile(std::as_bytes(std::span(bytes)), options, Emit::so));
  std::filesystem::path path = folder / "program.so";
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(artifact.data()), std::ssize(artifact));
  return Module::load(engine, path);
}

std::filesystem::path suites_folder() {
  const char* given = std::getenv("SWAGE_SUITES");
  std::filesystem::path folder =
      given != nullptr ? given : std::filesystem::path(SWAGE_SOURCE_DIR) / "../shared/suites";
  return std::filesystem::is_directory(folder) ? folder : std::filesystem::path();
}

std::vector<SuiteCase> suite_cases(const std::filesystem::path& folder) {
  std::vector<SuiteCase> cases;
  if (!std::filesystem::is_directory(folder)) return cases;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".wasm") continue;
    SuiteCase program;
    program.wasm = entry.path();
    std::filesystem::path description = std::filesystem::path(entry.path()).replace_extension(".json");
    if (std::filesystem::exists(description)) describe(program, description);
    cases.push_back(std::move(program));
  }
  std::ranges::sort(cases, {}, &SuiteCase::wasm);
  return cases;
}

} // namespace swage::wasi
