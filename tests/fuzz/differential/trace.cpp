#include "tests/fuzz/differential/trace.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <fmt/format.h>

#include "swage/instance.h"
#include "swage/typed_func.h"

namespace swage::fuzz {

namespace {

/// FNV-1a. https://datatracker.ietf.org/doc/html/draft-eastlake-fnv
uint32_t hash(std::span<const std::byte> bytes) {
  uint32_t h = 2166136261u;
  for (std::byte b : bytes) h = (h ^ static_cast<uint8_t>(b)) * 16777619u;
  return h;
}

Expected<Module> load_artifact(const Engine& engine, std::span<const std::byte> wasm,
                               const CompileOptions& options) {
  Compiler* compiler = SWAGE_TRY(load_compiler());
  std::vector<std::byte> artifact = SWAGE_TRY(compiler->compile(wasm, options, Emit::so));
  std::string path = (std::filesystem::temp_directory_path() / "swage-fuzz-XXXXXX").string();
  int file = mkstemp(path.data());
  if (file < 0) return fail(ErrorCode::io, "cannot make a temporary file");
  close(file);
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(artifact.data()), static_cast<std::streamsize>(artifact.size()));
  Expected<Module> module = Module::load(engine, path);
  std::filesystem::remove(path);
  return module;
}

/// The host functions that generate.h names. Neither shows a NaN's bits.
void define_imports(Linker& linker) {
  linker.define("env", "mix", Func::wrap(linker.store(), [](int32_t a, int64_t b) {
                  return static_cast<int32_t>(static_cast<uint32_t>(a) * 31 +
                                              static_cast<uint32_t>(b ^ b >> 32));
                }));
  linker.define("env", "blend",
                Func::wrap(linker.store(), [](double x) { return x != x ? 1.5 : x * 0.5 + 1; }));
}

/// Where guard pages find an access out of bounds, LLVM may have moved stores across it:
/// docs/architecture.md. What the guest's state is afterwards, and with it all that follows, is then not
/// compared.
constexpr std::string_view kInexact = "trap out of bounds memory access";

std::string call(const Func& function) {
  Result<std::vector<Val>> results = function.call({});
  if (!results) return " trap " + results.error().message;
  std::string text;
  for (const Val& value : *results)
    text += value.type() == kI64 ? fmt::format(" {}", value.i64()) : fmt::format(" {}", value.i32());
  return text;
}

void add_memories(const Instance& instance, std::vector<std::string>& lines) {
  for (const auto& [name, item] : instance.exports())
    if (const Memory* memory = std::get_if<Memory>(&item))
      lines.push_back(
          fmt::format("{}: {} bytes, {:08x}", name, memory->size(), hash({memory->data(), memory->size()})));
}

} // namespace

Expected<std::vector<std::string>> trace_of(std::span<const std::byte> wasm, const Mode& mode,
                                            CompileOptions options) {
  options.opt = mode.opt;
  options.bounds = mode.bounds;
  options.jobs = 1;
  EngineConfig config;
  config.compile = options;
  Engine engine = SWAGE_TRY(Engine::create(std::move(config)));
  Module module = SWAGE_TRY(mode.link == Mode::Link::jit ? Module::compile(engine, wasm)
                                                         : load_artifact(engine, wasm, options));
  Store store(engine);
  Linker linker(store);
  define_imports(linker);
  std::vector<std::string> lines;
  Trap trap;
  Expected<Instance> instance = linker.instantiate(module, &trap);
  if (!instance && instance.error().code == ErrorCode::trapped) {
    lines.push_back("instantiation: trap " + trap.message);
    return lines;
  }
  if (!instance) return std::unexpected(instance.error());
  Func state = *instance->func("state");
  for (const auto& [name, item] : instance->exports()) {
    const Func* function = std::get_if<Func>(&item);
    if (function == nullptr || name == "state") continue;
    lines.push_back(name + ":" + call(*function));
    if (lines.back().ends_with(kInexact)) break;
    lines.push_back("state:" + call(state));
    add_memories(*instance, lines);
  }
  return lines;
}

} // namespace swage::fuzz
