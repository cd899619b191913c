// `swage validate`: says nothing about a good module, and the earliest error of a bad one.
#include <memory>

#include "cli/commands.h"
#include "cli/compile_options.h"
#include "cli/exit_status.h"
#include "cli/files.h"

namespace swage::cli {
namespace {

int validate(const std::vector<std::string>& files, CompileOptions options) {
  Expected<Compiler*> compiler = load_compiler();
  if (!compiler) return report(compiler.error());
  int status = kSuccess;
  for (const std::string& file : files) {
    options.file = file;
    Expected<std::vector<std::byte>> input = read_file(file);
    if (!input) {
      status = report(input.error());
      continue;
    }
    Expected<std::vector<std::byte>> wasm = (*compiler)->to_binary(*input, options);
    if (!wasm) {
      status = report(wasm.error());
      continue;
    }
    options.source = *input;
    if (Expected<void> valid = (*compiler)->validate(*wasm, options); !valid) status = report(valid.error());
  }
  return status;
}

} // namespace

void add_validate(CLI::App& app, Action& action) {
  struct Options {
    CompileOptions compile;
    std::vector<std::string> files;
  };
  std::shared_ptr<Options> options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("validate", "Check modules against the spec");
  command->footer("Example:\n  swage validate --disable simd a.wasm b.wat");
  command->add_option("FILE", options->files, "Modules, binary or text")->required();
  add_feature_options(*command, options->compile);
  command->callback(
      [options, &action] { action = [options] { return validate(options->files, options->compile); }; });
}

} // namespace swage::cli
