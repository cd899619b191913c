// `swage wast`: the specification's test scripts, in one mode, on all cores.
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/compile_options.h"
#include "cli/exit_status.h"
#include "cli/files.h"
#include "cli/wast/runner.h"

namespace swage::cli {
namespace {

/// Every .wast below the given files and folders, sorted within each.
Expected<std::vector<std::string>> scripts_of(const std::vector<std::string>& inputs) {
  namespace fs = std::filesystem;
  std::vector<std::string> scripts;
  for (const std::string& input : inputs) {
    std::error_code error;
    if (!fs::is_directory(input, error)) {
      scripts.push_back(input); // reading it says what is wrong with it
      continue;
    }
    size_t first = scripts.size();
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(input, error))
      if (entry.path().extension() == ".wast") scripts.push_back(entry.path().string());
    if (error) return fail(ErrorCode::io, input + ": " + error.message());
    std::sort(scripts.begin() + static_cast<ptrdiff_t>(first), scripts.end());
  }
  return scripts;
}

int run_scripts(const std::vector<std::string>& inputs, const ScriptOptions& options) {
  Expected<std::vector<std::string>> scripts = scripts_of(inputs);
  if (!scripts) return report(scripts.error());
  unsigned jobs =
      options.compile.jobs ? options.compile.jobs : std::max(1u, std::thread::hardware_concurrency());
  ScriptReport total;
  int status = kSuccess;
  std::atomic<size_t> next = 0;
  std::mutex reporting;
  auto work = [&] {
    for (size_t i = next++; i < scripts->size(); i = next++) {
      Expected<ScriptReport> script = run_script((*scripts)[i], options);
      std::lock_guard lock(reporting);
      if (!script) {
        status = report(script.error());
        if (status == kUsage) next = scripts->size(); // it would be wrong for each of them
        continue;
      }
      for (const std::string& failure : script->failures) fmt::print("{}\n", failure);
      total.add(std::move(*script));
    }
  };
  std::vector<std::jthread> workers;
  for (unsigned i = 1; i < jobs; ++i) workers.emplace_back(work);
  work();
  workers.clear();

  if (status == kUsage) return status;
  fmt::print("{} passed, {} failed\n", total.passed, total.failed);
  return total.failed == 0 ? status : kFailed;
}

} // namespace

void add_wast(CLI::App& app, Action& action) {
  struct Options {
    ScriptOptions script;
    std::vector<std::string> inputs;
  };
  std::shared_ptr<Options> options = std::make_shared<Options>();
  options->script.compile.opt = OptLevel::O1;
  CLI::App* command = app.add_subcommand("wast", "Run the specification's test scripts");
  command->footer("Example:\n  swage wast --aot -O2 suites/spec/core");
  command->add_option("FILE", options->inputs, "Scripts, or folders of them")->required();
  CLI::Option* jit = command->add_flag_callback(
      "--jit", [options] { options->script.mode = ScriptMode::jit; }, "In this process (the default)");
  command
      ->add_flag_callback(
          "--aot", [options] { options->script.mode = ScriptMode::aot; },
          "Compiled to artifacts, which are then loaded")
      ->excludes(jit);
  command->add_flag("--gc-stress", options->script.gc_stress, "Collect garbage at every allocation");
  add_code_options(*command, options->script.compile);
  command->callback(
      [options, &action] { action = [options] { return run_scripts(options->inputs, options->script); }; });
}

} // namespace swage::cli
