// A program of the official suites and what its .json says: arguments, environment, folder, expected status
// and output.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

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

/// Where the official suites are: SWAGE_SUITES, else beside the sources. Empty when they are nowhere.
std::filesystem::path suites_folder();
/// All programs below a folder of the suites, sorted by name.
std::vector<SuiteCase> suite_cases(const std::filesystem::path& folder);

} // namespace swage::wasi
