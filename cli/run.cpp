// `swage run`: a .wasm or .wat through the JIT, an artifact as it is.
#include <cstdio>
#include <memory>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/compile_options.h"
#include "cli/files.h"
#include "cli/guest.h"

namespace swage::cli {
namespace {

struct RunOptions {
  GuestOptions guest;
  CompileOptions compile;
  bool timing = false;
};

int run(RunOptions& options) {
  if (Expected<void> read = read_profiles(options.compile); !read) return report(read.error());
  std::vector<StageTime> times;
  EngineConfig config = engine_config(options.guest);
  config.compile = options.compile;
  config.compile.file = options.guest.file;
  if (options.timing) config.compile.times = &times;
  Expected<Engine> engine = Engine::create(std::move(config));
  if (!engine) return report(engine.error());
  Expected<Module> module = Module::from_file(*engine, options.guest.file);
  if (!module) return report(module.error());
  int status = run_guest(*engine, *module, options.guest);
  if (options.timing) print_times(times);
  return status;
}

} // namespace

void add_run(CLI::App& app, Action& action) {
  std::shared_ptr<RunOptions> options = std::make_shared<RunOptions>();
  options->compile.opt = OptLevel::O1; // quick to compile; `compile` is where time is spent on speed
  CLI::App* command =
      app.add_subcommand("run", "Run FILE, a .wasm, a .wat or an artifact, with ARGS (the default command)");
  command->footer("Options stand before FILE; everything after it is the guest's.\n\nExamples:\n  swage run "
                  "app.wasm a b\n  swage run --dir data::/data:ro --invoke total app.wasm 7");
  add_guest_options(*command, options->guest);
  add_code_options(*command, options->compile);
  command->add_flag("--timing", options->timing, "Print time and memory per stage");
  command->callback([command, options, &action] {
    action = [command, options] {
      if (Expected<void> file = take_file(*command, options->guest); !file) return report(file.error());
      // The process ends here: tearing the JIT and gigabytes of reservations down would only cost time.
      int status = run(*options);
      std::fflush(nullptr);
      _exit(status);
    };
  });
}

} // namespace swage::cli
