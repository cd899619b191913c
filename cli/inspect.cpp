// `swage inspect`: what a person wants to know of a module or an artifact before running it.
#include <memory>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/compile_options.h"
#include "cli/exit_status.h"
#include "cli/files.h"
#include "swage/module.h"

namespace swage::cli {
namespace {

bool is_elf(std::span<const std::byte> bytes) {
  return bytes.size() >= 4 && bytes[0] == std::byte{0x7F} && bytes[1] == std::byte{'E'} &&
         bytes[2] == std::byte{'L'} && bytes[3] == std::byte{'F'};
}

std::string to_string(const ExternType& type) {
  struct Visitor {
    std::string operator()(const FuncType& t) { return "func " + swage::to_string(t); }
    std::string operator()(const TableType& t) { return "table " + swage::to_string(t); }
    std::string operator()(const MemoryType& t) { return "memory " + swage::to_string(t); }
    std::string operator()(const GlobalType& t) { return "global " + swage::to_string(t); }
    std::string operator()(const TagType&) { return "tag"; }
  };
  return std::visit(Visitor{}, type);
}

std::string describe(const std::string& path, const Module& module) {
  ModuleInfo info = module.info();
  std::string out =
      fmt::format("{}: native artifact{}\n", path, info.name.empty() ? "" : " of module " + info.name);
  out += fmt::format("  target     {}, cpu {}\n", info.triple, info.cpu);
  out += fmt::format("  needs      {}\n",
                     info.cpu_features.empty() ? "no CPU features beyond the baseline" : info.cpu_features);
  for (const CpuLevel& level : info.levels)
    out += fmt::format("  version    {}: {} functions{}{}{}\n", level.cpu, level.versions,
                       level.features.empty() ? "" : ", with ", level.features,
                       level.is_used ? "; used on this machine" : "");
  if (info.is_instrumented) out += "  counts     what runs, for --profile\n";
  out += fmt::format("  compiled   {} by {}\n", info.options, info.producer);
  out += fmt::format("  source     XXH3-128 {}\n", info.source_hash);
  out += fmt::format("  size       {} functions, {} bytes of code, {} bytes of data\n", info.functions,
                     info.code_bytes, info.data_bytes);
  out += fmt::format("  memories   {}\n", info.checked_memories ? "checked" : "guard pages");
  for (const ImportType& import : module.imports())
    out += fmt::format("  import     {}.{}: {}\n", import.module, import.name, to_string(import.type));
  for (const ExportType& item : module.exports())
    out += fmt::format("  export     {}: {}\n", item.name, to_string(item.type));
  return out;
}

int inspect(const std::string& path, CompileOptions options) {
  Expected<std::vector<std::byte>> bytes = read_file(path);
  if (!bytes) return report(bytes.error());
  if (is_elf(*bytes)) {
    Expected<Engine> engine = Engine::create();
    if (!engine) return report(engine.error());
    Expected<Module> module = Module::load(*engine, path);
    if (!module) return report(module.error());
    fmt::print("{}", describe(path, *module));
    return kSuccess;
  }
  Expected<Compiler*> compiler = load_compiler();
  if (!compiler) return report(compiler.error());
  options.file = path;
  Expected<std::vector<std::byte>> wasm = (*compiler)->to_binary(*bytes, options);
  if (!wasm) return report(wasm.error());
  options.source = *bytes;
  Expected<std::string> text = (*compiler)->inspect(*wasm, options);
  if (!text) return report(text.error());
  fmt::print("{}", *text);
  return kSuccess;
}

} // namespace

void add_inspect(CLI::App& app, Action& action) {
  struct Options {
    CompileOptions compile;
    std::string file;
  };
  std::shared_ptr<Options> options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("inspect", "Say what is in a module or an artifact, and what it needs");
  command->footer("Examples:\n  swage inspect app.wasm\n  swage inspect app.so");
  command->add_option("FILE", options->file, "A .wasm, a .wat or an artifact")->required();
  add_feature_options(*command, options->compile);
  command->callback(
      [options, &action] { action = [options] { return inspect(options->file, options->compile); }; });
}

} // namespace swage::cli
