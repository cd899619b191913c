// `swage bench`: how long a user's own program takes in each of swage's modes and in every other engine that
// is on PATH, as whole processes, side by side.
//
// All take turns, so that a machine whose speed drifts is as unfair to one as to the other; what is quoted is
// the median. What a guest prints must be what it printed in swage the first time. ./dev bench measures
// kernels, without the start.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/bench_peers.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/files.h"
#include "swage/error.h"

namespace swage::cli {
namespace {

using std::chrono::steady_clock;

/// What one process cost.
struct Run {
  double wall = 0; ///< seconds
  double cpu = 0;  ///< seconds, user and system, all threads
  double peak = 0; ///< MiB
  int status = 0;  ///< 0, or the exit status or signal that it ended with
};

/// One way to run the guest, and what it cost each time.
struct Mode {
  std::string name;
  std::vector<std::string> command;
  bool is_ours = true;
  double compile_seconds = 0; ///< ahead of time
  std::vector<Run> runs = {};
  std::string failure = {}; ///< why it takes no further part
};

struct Options {
  std::string file;
  std::vector<std::string> arguments;
  std::vector<std::string> directories; ///< as --dir takes them
  unsigned runs = 5;
};

/// A folder that goes with its contents.
struct ScratchFolder {
  std::string path;
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path.empty()) std::filesystem::remove_all(path, ignored);
  }
};

enum class Stderr { inherited, thrown_away };

/// Runs a command with its output in a file. Errors: io when it cannot be started.
Expected<Run> run_once(const std::vector<std::string>& command, const std::string& output, Stderr errors) {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                   0600);
  if (errors == Stderr::thrown_away)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  steady_clock::time_point start = steady_clock::now();
  pid_t child = 0;
  int failure = posix_spawn(&child, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) return fail(ErrorCode::io, fmt::format("cannot start {}", command[0]));
  int status = 0;
  rusage usage = {};
  while (wait4(child, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  auto seconds = [](timeval time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  Run run;
  run.wall = std::chrono::duration<double>(steady_clock::now() - start).count();
  run.cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  run.peak = static_cast<double>(usage.ru_maxrss) / 1024;
  run.status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
  return run;
}

double median(const std::vector<Run>& runs, double Run::* figure) {
  std::vector<double> values;
  for (const Run& run : runs) values.push_back(run.*figure);
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// For a process of ours that has failed, and said why.
std::unexpected<Error> said_already() { return fail(ErrorCode::io, ""); }

/// The module in the binary format at `module`, and its artifact for this CPU; gives the seconds of the
/// latter. Other processes do it, as Linux counts a parent's memory in the peak of its children.
Expected<double> compile_to(const std::string& self, const std::string& file, const std::string& module,
                            const std::string& artifact) {
  Run parsed = SWAGE_TRY(run_once({self, "parse", file, "-o", module}, "/dev/null", Stderr::inherited));
  if (parsed.status != 0) return said_already();
  Run compiled = SWAGE_TRY(run_once({self, "compile", "-O2", "--cpu", "native", module, "-o", artifact},
                                    "/dev/null", Stderr::inherited));
  if (compiled.status != 0) return said_already();
  return compiled.wall;
}

/// HOST, HOST::GUEST or HOST::GUEST:ro.
BenchDirectory directory_of(const std::string& grant) {
  size_t colons = grant.find("::");
  if (colons == std::string::npos) return {grant, grant};
  std::string guest = grant.substr(colons + 2);
  if (guest.ends_with(":ro")) guest.resize(guest.size() - 3);
  return {grant.substr(0, colons), guest};
}

/// swage's own modes and the peers, ready to run. `missing`: peers that are not there.
Expected<std::vector<Mode>> make_modes(const Options& options, const std::string& folder,
                                       std::vector<std::string>& missing) {
  std::error_code error;
  std::string self = std::filesystem::read_symlink("/proc/self/exe", error).string();
  std::string module = folder + "/guest.wasm", artifact = folder + "/guest.so";
  double seconds = SWAGE_TRY(compile_to(self, options.file, module, artifact));
  std::vector<Mode> modes = {{"swage -O0", {self, "run", "-O0"}},
                             {"swage -O1", {self, "run", "-O1"}},
                             {"swage -O2", {self, "run", "-O2"}},
                             {"swage compile -O2", {self, "run"}}};
  for (Mode& mode : modes)
    for (const std::string& grant : options.directories) mode.command.push_back("--dir=" + grant);
  for (Mode& mode : modes) mode.command.push_back(module);
  modes.back().command.back() = artifact;
  modes.back().compile_seconds = seconds;
  std::vector<BenchDirectory> directories;
  for (const std::string& grant : options.directories) directories.push_back(directory_of(grant));
  for (BenchPeer& peer : bench_peers(module, directories, missing))
    modes.push_back({std::move(peer.name), std::move(peer.command), false});
  for (Mode& mode : modes)
    mode.command.insert(mode.command.end(), options.arguments.begin(), options.arguments.end());
  return modes;
}

/// Runs a mode once more. The first run of all leaves what the guest must print. Errors: a mode of swage
/// fails.
Expected<void> take_turn(Mode& mode, const std::string& folder, bool is_counted) {
  std::string expected = folder + "/expected", got = folder + "/output";
  bool is_first = !std::filesystem::exists(expected);
  Run run = SWAGE_TRY(run_once(mode.command, is_first ? expected : got, Stderr::thrown_away));
  if (run.status != 0) {
    if (mode.is_ours)
      return fail(ErrorCode::io, fmt::format("the guest ended with status {} in {}: run it alone to see why",
                                             run.status, mode.name));
    mode.failure = fmt::format("failed with status {}", run.status);
    return {};
  }
  if (!is_first) {
    std::vector<std::byte> theirs = SWAGE_TRY(read_file(got)), ours = SWAGE_TRY(read_file(expected));
    if (theirs != ours) mode.failure = "printed something else";
  }
  if (is_counted && mode.failure.empty()) mode.runs.push_back(run);
  return {};
}

/// Where it is, on a terminal only.
void show_progress(const Mode& mode, unsigned round, unsigned rounds) {
  if (isatty(STDERR_FILENO) != 1) return;
  fmt::print(stderr, "\r\033[K{}, run {} of {}", mode.name, round, rounds);
  std::fflush(stderr);
}

void print_table(const std::vector<Mode>& modes, double reference) {
  fmt::print("{:<24}{:>9}{:>9}{:>9}{:>8}{:>9}{:>9}{:>11}\n", "start to exit", "min s", "median s", "max s",
             "ratio", "CPU s", "MiB", "compile s");
  for (const Mode& mode : modes) {
    if (!mode.failure.empty() || mode.runs.empty()) {
      fmt::print("{:<24}{}\n", mode.name, mode.failure);
      continue;
    }
    auto [min, max] = std::minmax_element(mode.runs.begin(), mode.runs.end(),
                                          [](const Run& a, const Run& b) { return a.wall < b.wall; });
    double middle = median(mode.runs, &Run::wall);
    std::string compile = mode.compile_seconds > 0 ? fmt::format("{:.3f}", mode.compile_seconds) : "";
    fmt::print("{:<24}{:>9.4f}{:>9.4f}{:>9.4f}{:>8.2f}{:>9.4f}{:>9.1f}{:>11}\n", mode.name, min->wall, middle,
               max->wall, middle / reference, median(mode.runs, &Run::cpu), median(mode.runs, &Run::peak),
               compile);
  }
}

/// The closing sentence: who was fastest, and by how much the best of swage and of the others differ.
std::string verdict(const std::vector<Mode>& modes) {
  const Mode *ours = nullptr, *other = nullptr;
  for (const Mode& mode : modes) {
    if (mode.runs.empty() || !mode.failure.empty()) continue;
    const Mode*& best = mode.is_ours ? ours : other;
    if (!best || median(mode.runs, &Run::wall) < median(best->runs, &Run::wall)) best = &mode;
  }
  if (!ours) return "Nothing ran.";
  if (!other) return fmt::format("Fastest here, start to exit: {}.", ours->name);
  double mine = median(ours->runs, &Run::wall), theirs = median(other->runs, &Run::wall);
  const Mode *first = mine <= theirs ? ours : other, *second = mine <= theirs ? other : ours;
  double lead = std::max(mine, theirs) / std::min(mine, theirs);
  if (lead < 1.03)
    return fmt::format("Fastest here, start to exit: {} and {}, which are level.", first->name, second->name);
  return fmt::format("Fastest here, start to exit: {}, {:.2f} times as fast as {}.", first->name, lead,
                     second->name);
}

Expected<void> bench(const Options& options) {
  ScratchFolder folder{(std::filesystem::temp_directory_path() / "swage-bench-XXXXXX").string()};
  if (!mkdtemp(folder.path.data())) return fail(ErrorCode::io, "cannot make a temporary folder");
  std::vector<std::string> missing;
  std::vector<Mode> modes = SWAGE_TRY(make_modes(options, folder.path, missing));
  for (unsigned round = 0; round <= options.runs; ++round) // the first is a warm-up
    for (Mode& mode : modes) {
      if (!mode.failure.empty()) continue;
      show_progress(mode, round, options.runs);
      SWAGE_CHECK(take_turn(mode, folder.path, round > 0));
    }
  if (isatty(STDERR_FILENO) == 1) fmt::print(stderr, "\r\033[K");

  auto compiled =
      std::find_if(modes.begin(), modes.end(), [](const Mode& mode) { return mode.compile_seconds > 0; });
  if (compiled->runs.empty()) return fail(ErrorCode::io, "the guest prints something else each time");
  print_table(modes, median(compiled->runs, &Run::wall));
  if (!missing.empty()) fmt::print("Not on PATH, or without directories: {}.\n", fmt::join(missing, ", "));
  fmt::print("{}\n", verdict(modes));
  return {};
}

} // namespace

void add_bench(CLI::App& app, Action& action) {
  std::shared_ptr<Options> options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "bench", "Time FILE with ARGS in each of swage's modes and in other engines on PATH");
  command->footer("Options stand before FILE; everything after it is the guest's.\n\nExample:\n  swage bench "
                  "-n 9 app.wasm 1000");
  command->add_option("-n,--runs", options->runs, "Counted runs of each mode")
      ->check(CLI::Range(1u, 1000u))
      ->capture_default_str();
  command->add_option("--dir", options->directories, "Grant a directory: HOST[::GUEST][:ro]")
      ->type_name("DIR")
      ->allow_extra_args(false);
  command->prefix_command();
  command->callback([command, options, &action] {
    action = [command, options] {
      std::vector<std::string> rest = command->remaining();
      if (rest.empty() || rest[0].starts_with('-'))
        return report(
            fail(ErrorCode::usage, "a file is missing: swage bench [OPTIONS] FILE [ARGS...]").error());
      options->file = rest[0];
      options->arguments.assign(rest.begin() + 1, rest.end());
      Expected<void> done = bench(*options);
      if (done) return kSuccess;
      return done.error().message.empty() ? kFailed : report(done.error());
    };
  });
}

} // namespace swage::cli
