// swage: the command line. main() names the subcommands and nothing else; `swage app.wasm args...` is `swage
// run app.wasm args...`.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/version.h"
#include "swage/compiler.h"

namespace swage::cli {
namespace {

constexpr const char* kFooter = R"(Examples:
  swage app.wasm input.txt                     run in this process (the JIT)
  swage --dir . --env LANG=C app.wasm          with a directory and a variable
  swage --invoke fib fib.wat 30                call an export
  swage compile -O2 app.wasm -o app.so         to a native shared object ...
  swage-run app.so input.txt                   ... that needs no compiler to run
  swage inspect app.so                         what is in it, and what it needs
)";

std::string version() {
  std::string text(kVersion);
  Expected<Compiler*> compiler = load_compiler();
  return text + (compiler ? " (LLVM " + (*compiler)->llvm_version() + ")" : " (without compiler)");
}

/// The arguments in the order that CLI11 wants them (last first), with `run` put in where no subcommand is
/// named.
std::vector<std::string> arguments_of(const CLI::App& app, int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  auto is_ours = [&](const std::string& first) {
    if (first == "--help" || first == "-h" || first == "--version") return true;
    return std::ranges::any_of(app.get_subcommands(nullptr),
                               [&](const CLI::App* sub) { return sub->get_name() == first; });
  };
  if (!arguments.empty() && !is_ours(arguments.front())) arguments.insert(arguments.begin(), "run");
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

} // namespace
} // namespace swage::cli

int main(int argc, char** argv) {
  using namespace swage;
  CLI::App app{"Shapes WebAssembly into native code: runs it in this process, or compiles it ahead of time",
               "swage"};
  app.footer(cli::kFooter);
  app.set_version_flag("--version", cli::version);
  app.require_subcommand(1);

  cli::Action action;
  cli::add_run(app, action);
  cli::add_compile(app, action);
  cli::add_validate(app, action);
  cli::add_inspect(app, action);
  cli::add_parse(app, action);
  cli::add_print(app, action);
  cli::add_wast(app, action);
  cli::add_bench(app, action);

  try {
    app.parse(cli::arguments_of(app, argc, argv));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? cli::kSuccess : cli::kUsage;
  }
  return action();
}
