// Reads, converts, writes; each failure is one line on stderr.
#include "cli/convert.h"

#include <memory>

#include "cli/compile_options.h"
#include "cli/exit_status.h"
#include "cli/files.h"

namespace swage::cli {
namespace {

struct Options {
  CompileOptions compile;
  std::string output = "-";
};

Expected<void> convert(const Options& options, const Conversion& conversion) {
  Compiler* compiler = SWAGE_TRY(load_compiler());
  std::vector<std::byte> input = SWAGE_TRY(read_file(options.compile.file));
  std::vector<std::byte> wasm = SWAGE_TRY(compiler->to_binary(input, options.compile));
  std::vector<std::byte> output = SWAGE_TRY(conversion(*compiler, std::move(wasm), options.compile));
  return write_file(options.output, output);
}

} // namespace

void add_conversion(CLI::App& app, Action& action, const ConversionCommand& command) {
  std::shared_ptr<Options> options = std::make_shared<Options>();
  CLI::App* sub = app.add_subcommand(command.name, command.description);
  sub->footer(std::string("Example:\n  ") + command.example);
  sub->add_option("FILE", options->compile.file, "A .wat or .wasm; - reads standard input")->required();
  sub->add_option("-o,--output", options->output, "The file to write; - is standard output")
      ->type_name("FILE");
  add_feature_options(*sub, options->compile);
  sub->callback([options, conversion = command.convert, &action] {
    action = [options, conversion] {
      Expected<void> done = convert(*options, conversion);
      return done ? kSuccess : report(done.error());
    };
  });
}

} // namespace swage::cli
