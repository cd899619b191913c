// posix_spawn with files for the three streams: no pipe can fill up and block.
#include "tests/cli/process.h"

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace swage::cli {
namespace {

std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void redirect(const std::string& path, int flags, int to) {
  int fd = open(path.c_str(), flags, 0600);
  if (fd < 0 || dup2(fd, to) < 0) _exit(127);
  close(fd);
}

} // namespace

Scratch::Scratch() {
  std::string name = (std::filesystem::temp_directory_path() / "swage-test-XXXXXX").string();
  path_ = mkdtemp(name.data()) ? name : "";
}

Scratch::~Scratch() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

std::string Scratch::file(std::string_view name, std::string_view content) const {
  std::string full = path(name);
  std::ofstream(full, std::ios::binary) << content;
  return full;
}

std::string program(std::string_view name) {
  return std::string(SWAGE_BINARY_DIR) + "/bin/" + std::string(name);
}

Outcome run(const std::vector<std::string>& argv, std::string_view input, const std::string& directory) {
  Scratch streams;
  std::string in = streams.file("in", input);
  std::string out = streams.file("out", "");
  std::string err = streams.file("err", "");
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  pid_t child = fork();
  if (child == 0) {
    redirect(in, O_RDONLY, STDIN_FILENO);
    redirect(out, O_WRONLY, STDOUT_FILENO);
    redirect(err, O_WRONLY, STDERR_FILENO);
    if (!directory.empty() && chdir(directory.c_str()) != 0) _exit(127);
    execv(words[0], words.data());
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), slurp(out), slurp(err)};
}

} // namespace swage::cli
