// swage-run: runs artifacts, and nothing else. It links neither LLVM nor the compiler, so a small program is
// done in the time that a native one takes.
#include <cstdio>
#include <unistd.h>

#include "cli/exit_status.h"
#include "cli/files.h"
#include "cli/guest.h"
#include "cli/version.h"

namespace swage::cli {
namespace {

int run_artifact(const GuestOptions& options) {
  Expected<Engine> engine = Engine::create(engine_config(options));
  if (!engine) return report(engine.error());
  Expected<Module> module = Module::load(*engine, options.file);
  if (!module) return report(module.error());
  return run_guest(*engine, *module, options);
}

} // namespace
} // namespace swage::cli

int main(int argc, char** argv) {
  using namespace swage;
  cli::GuestOptions options;
  CLI::App app{"Runs FILE, a native artifact made by `swage compile`, with ARGS", "swage-run"};
  app.set_version_flag("--version", std::string(cli::kVersion));
  app.footer("Options stand before FILE; everything after it is the guest's.\n\nExample:\n  swage compile "
             "app.wasm -o app.so && swage-run --dir . app.so input.txt");
  cli::add_guest_options(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? cli::kSuccess : cli::kUsage;
  }
  if (Expected<void> file = cli::take_file(app, options); !file) return cli::report(file.error());
  // The process ends here: unmapping gigabytes of reservations one by one would only cost time.
  int status = cli::run_artifact(options);
  std::fflush(nullptr);
  _exit(status);
}
