// A program of the official suites and what its .json says: arguments, environment, folder, expected status
// and output.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "swage/module.h"

namespace swage::wasi {

struct SuiteCase {
  std::filesystem::path wasm;
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;
  std::string root; ///< folder beside the program, preopened as "/"; empty: none
  int exit_code = 0;
  std::string stdout_text;
  bool checks_stdout = false;

  std::string name() const; ///< "rust_path_link"
};

/// Both ways to run a program: compiled in this process, and as an artifact.
enum class Mode { jit, artifact };
using SuiteParam = std::tuple<SuiteCase, Mode>;

/// "rust_path_link_jit"
std::string param_name(const SuiteParam& param);
inline void PrintTo(const SuiteParam& param, std::ostream* out) { *out << param_name(param); }
/// The program's module. `folder`, for the artifact, must stay as long as the module.
Expected<Module> load(const Engine& engine, const SuiteParam& param, const std::filesystem::path& folder);

/// Where the official suites are: SWAGE_SUITES, else beside the sources. Empty when they are nowhere.
std::filesystem::path suites_folder();
/// All programs below a folder of the suites, sorted by name.
std::vector<SuiteCase> suite_cases(const std::filesystem::path& folder);

} // namespace swage::wasi
