// `swage bench`: how long a user's own program takes in each of swage's modes, as whole processes, side by
// side.
//
// The modes take turns, so that a machine whose speed drifts is as unfair to one as to the other; what is
// quoted is the median.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/files.h"
#include "swage/compiler.h"

namespace swage::cli {
namespace {

using std::chrono::steady_clock;

/// One way to run the guest, and how long it took each time.
struct Mode {
  std::string name;
  std::vector<std::string> command;
  double prepare_seconds = 0; ///< compiling ahead of time
  std::vector<double> seconds = {};
};

/// Wall time of one run with its output thrown away. Errors: io when it cannot be started or does not end
/// with status 0.
Expected<double> run_once(const std::vector<std::string>& command) {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  steady_clock::time_point start = steady_clock::now();
  pid_t child = 0;
  int failure = posix_spawn(&child, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) return fail(ErrorCode::io, fmt::format("cannot start {}", command[0]));
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  double seconds = std::chrono::duration<double>(steady_clock::now() - start).count();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return fail(ErrorCode::io,
                fmt::format("{} did not end with status 0: run it alone to see why", command.back()));
  return seconds;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Compiles to `artifact`; gives the seconds that it took.
Expected<double> compile_to(const std::string& file, const std::string& artifact) {
  steady_clock::time_point start = steady_clock::now();
  Compiler* compiler = SWAGE_TRY(load_compiler());
  CompileOptions options;
  options.file = file;
  options.cpu = "native";
  std::vector<std::byte> input = SWAGE_TRY(read_file(file));
  std::vector<std::byte> wasm = SWAGE_TRY(compiler->to_binary(input, options));
  std::vector<std::byte> output = SWAGE_TRY(compiler->compile(wasm, options, Emit::so));
  SWAGE_CHECK(write_file(artifact, output));
  return std::chrono::duration<double>(steady_clock::now() - start).count();
}

Expected<void> bench(const std::string& file, const std::vector<std::string>& arguments, unsigned runs) {
  std::error_code error;
  std::string self = std::filesystem::read_symlink("/proc/self/exe", error).string();
  std::string folder = (std::filesystem::temp_directory_path() / "swage-bench-XXXXXX").string();
  if (!mkdtemp(folder.data())) return fail(ErrorCode::io, "cannot make a temporary folder");
  struct Folder {
    std::string path;
    ~Folder() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
  } owned{folder};
  std::string artifact = folder + "/guest.so";

  std::vector<Mode> modes = {{"jit -O0", {self, "run", "-O0", file}},
                             {"jit -O1", {self, "run", "-O1", file}},
                             {"jit -O2", {self, "run", "-O2", file}},
                             {"aot -O2 --cpu native", {self, "run", artifact}}};
  modes.back().prepare_seconds = SWAGE_TRY(compile_to(file, artifact));
  for (Mode& mode : modes) mode.command.insert(mode.command.end(), arguments.begin(), arguments.end());
  for (unsigned round = 0; round <= runs; ++round)
    for (Mode& mode : modes) {
      double seconds = SWAGE_TRY(run_once(mode.command));
      if (round > 0) mode.seconds.push_back(seconds); // the first is a warm-up
    }

  double best = median(modes.back().seconds);
  fmt::print("{:<22} {:>10} {:>10} {:>10} {:>8} {:>10}\n", "mode", "min s", "median s", "max s", "ratio",
             "compile s");
  for (const Mode& mode : modes) {
    auto [min, max] = std::minmax_element(mode.seconds.begin(), mode.seconds.end());
    fmt::print("{:<22} {:>10.4f} {:>10.4f} {:>10.4f} {:>8.2f} {:>10.3f}\n", mode.name, *min,
               median(mode.seconds), *max, median(mode.seconds) / best, mode.prepare_seconds);
  }
  auto fastest = std::min_element(modes.begin(), modes.end(), [](const Mode& a, const Mode& b) {
    return median(a.seconds) < median(b.seconds);
  });
  fmt::print("Fastest here, start to exit: {}.\n", fastest->name);
  return {};
}

} // namespace

void add_bench(CLI::App& app, Action& action) {
  std::shared_ptr<unsigned> runs = std::make_shared<unsigned>(5);
  CLI::App* command = app.add_subcommand("bench", "Time FILE with ARGS in each of swage's modes");
  command->footer("Options stand before FILE; everything after it is the guest's.\n\nExample:\n  swage bench "
                  "-n 9 app.wasm 1000");
  command->add_option("-n,--runs", *runs, "Counted runs of each mode")
      ->check(CLI::Range(1u, 1000u))
      ->capture_default_str();
  command->prefix_command();
  command->callback([command, runs, &action] {
    action = [command, runs] {
      std::vector<std::string> rest = command->remaining();
      if (rest.empty() || rest[0].starts_with('-'))
        return report(
            fail(ErrorCode::usage, "a file is missing: swage bench [OPTIONS] FILE [ARGS...]").error());
      Expected<void> done = bench(rest[0], {rest.begin() + 1, rest.end()}, *runs);
      return done ? kSuccess : report(done.error());
    };
  });
}

} // namespace swage::cli
