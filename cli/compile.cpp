// `swage compile`: a module to a native shared object, or to the stages before it.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <unistd.h>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/compile_options.h"
#include "cli/exit_status.h"
#include "cli/files.h"
#include "cli/progress.h"

namespace swage::cli {
namespace {

struct CompileCommand {
  CompileOptions options;
  std::string input;
  std::string output;
  Emit emit = Emit::so;
  bool timing = false;
};

/// "dir/app.wasm" -> "app.so", in the current directory as compilers do.
std::string default_output(const std::string& input, Emit emit) {
  constexpr const char* kExtensions[] = {".so", ".o", ".ll", ".s"};
  std::string stem = input == "-" ? "out" : std::filesystem::path(input).stem().string();
  return stem + kExtensions[static_cast<size_t>(emit)];
}

/// Of a list of CPU features those that people know by name, or all where there are few.
std::string known_names(const std::string& features) {
  constexpr std::string_view kKnown[] = {"sse4.2",  "avx", "avx2",    "bmi2", "fma",
                                         "avx512f", "lse", "dotprod", "sve",  "sve2"};
  std::string known;
  size_t count = 0;
  for (size_t begin = 0; begin < features.size(); count++) {
    size_t end = std::min(features.find(',', begin), features.size());
    std::string_view name = std::string_view(features).substr(begin, end - begin);
    if (std::ranges::find(kKnown, name) != std::end(kKnown))
      known += fmt::format("{}{}", known.empty() ? "" : ", ", name);
    begin = end + 1;
  }
  return count <= 4 || known.empty() ? features : known;
}

/// What a person at a terminal may want to know of code for a less able CPU than this one.
void advise(Compiler& compiler, const CompileCommand& command) {
  if (command.emit != Emit::so || !isatty(STDERR_FILENO)) return;
  Expected<std::string> unused = compiler.unused_cpu_features(command.options);
  if (!unused || unused->empty()) return;
  fmt::print(stderr,
             "swage: {} runs on {}. --cpu native may be faster here: this machine also has {}.\n"
             "       A list, as in --cpu x86-64-v1,x86-64-v3, makes code for both.\n",
             command.output,
             command.options.cpu.empty() ? "every CPU of its architecture" : "any " + command.options.cpu,
             known_names(*unused));
}

int compile(CompileCommand& command) {
  Expected<Compiler*> compiler = load_compiler();
  if (!compiler) return report(compiler.error());
  Expected<std::vector<std::byte>> input = read_file(command.input);
  if (!input) return report(input.error());

  if (Expected<void> read = read_profiles(command.options); !read) return report(read.error());

  std::vector<StageTime> times;
  ProgressBar bar;
  command.options.file = command.input;
  command.options.times = command.timing ? &times : nullptr;
  command.options.progress = [&bar](size_t done, size_t total) { bar.update(done, total); };
  Expected<std::vector<std::byte>> wasm = (*compiler)->to_binary(*input, command.options);
  if (!wasm) return report(wasm.error());
  command.options.source = *input;
  Expected<std::vector<std::byte>> output = (*compiler)->compile(*wasm, command.options, command.emit);
  if (!output) return report(output.error());
  if (Expected<void> written = write_file(command.output, *output); !written) return report(written.error());
  if (command.timing) print_times(times);
  advise(**compiler, command);
  return kSuccess;
}

} // namespace

void add_compile(CLI::App& app, Action& action) {
  std::shared_ptr<CompileCommand> command = std::make_shared<CompileCommand>();
  CLI::App* sub = app.add_subcommand("compile", "Compile a .wasm or .wat to a native shared object");
  sub->footer("Examples:\n  swage compile app.wasm -o app.so\n  swage compile -O3 --cpu native app.wasm\n"
              "  swage compile --target aarch64-linux-gnu --emit asm app.wasm -o -");
  sub->add_option("FILE", command->input, "The module; - reads standard input")->required();
  sub->add_option("-o,--output", command->output, "The file to write; - is standard output")
      ->type_name("FILE");
  static const std::map<std::string, Emit> kEmits = {
      {"so", Emit::so}, {"obj", Emit::obj}, {"ir", Emit::ir}, {"asm", Emit::asm_}};
  sub->add_option("--emit", command->emit, "What to write: so, obj, ir or asm")
      ->type_name("KIND")
      ->transform(CLI::CheckedTransformer(kEmits).description(""));
  sub->add_option("--target", command->options.triple, "The target triple; the host's when not given")
      ->type_name("TRIPLE");
  static const std::map<std::string, MemoryBounds> kBounds = {
      {"auto", MemoryBounds::automatic}, {"guard", MemoryBounds::guard}, {"checked", MemoryBounds::checked}};
  sub->add_option("--memory", command->options.bounds,
                  "How memories are bounded: guard pages, or checked (runs where address space is short)")
      ->type_name("HOW")
      ->transform(CLI::CheckedTransformer(kBounds).description(""));
  add_code_options(*sub, command->options);
  sub->add_flag("--timing", command->timing, "Print time and memory per stage");
  sub->callback([command, &action] {
    if (command->output.empty()) command->output = default_output(command->input, command->emit);
    action = [command] { return compile(*command); };
  });
}

} // namespace swage::cli
