// Runs our programs as a user does, and a scratch folder for each test.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace swage::cli {

struct Outcome {
  int status = -1; ///< exit status, or 128 + signal as a shell has it
  std::string out;
  std::string err;
};

/// Runs `argv` with `input` as standard input, in `directory` when given.
Outcome run(const std::vector<std::string>& argv, std::string_view input = "",
            const std::string& directory = "");
/// The path of build/bin/NAME.
std::string program(std::string_view name);

/// A new empty folder, removed with everything in it.
class Scratch {
public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  /// Writes a file and gives its path.
  std::string file(std::string_view name, std::string_view content) const;
  std::string path(std::string_view name) const { return path_ + "/" + std::string(name); }
  const std::string& folder() const { return path_; }

private:
  std::string path_;
};

} // namespace swage::cli
