// libswage_compiler.so: the Compiler interface over the front end, the code generator, the JIT and the text
// format. Here and nowhere else the boxes of compiler/ meet; the process around it sees one symbol.
#include <llvm/Config/llvm-config.h>

#include "compiler/codegen/aot.h"
#include "compiler/codegen/input.h"
#include "compiler/codegen/target.h"
#include "compiler/jit/jit.h"
#include "compiler/library/inspect.h"
#include "compiler/text/parse.h"
#include "compiler/text/printer.h"
#include "compiler/wasm/decode.h"
#include "swage/compiler.h"

namespace swage {

namespace {

/// Text and binary are told apart by the magic, whose first byte no text begins with.
/// https://webassembly.github.io/spec/core/binary/modules.html#binary-magic
bool is_binary(std::span<const std::byte> input) { return !input.empty() && input[0] == std::byte{0}; }

bool looks_like_text(std::span<const std::byte> input) {
  for (std::byte b : input) {
    auto c = static_cast<unsigned char>(b);
    if (c == '(' || c == ';') return true;
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != 0xEF && c != 0xBB && c != 0xBF) return false;
  }
  return false;
}

std::string_view as_text(std::span<const std::byte> input) {
  return {reinterpret_cast<const char*>(input.data()), input.size()};
}

/// With the file's name in the error, and its place in the text where the module was made of one.
template<class T> Expected<T> in_file(Expected<T> result, const CompileOptions& options) {
  if (result) return result;
  Error& error = result.error();
  if (error.file.empty()) error.file = options.file;
  if (options.source.empty() || is_binary(options.source)) return result;
  if (Expected<wasm::FeatureSet> features = codegen::features_of(options))
    text::show_place(error, as_text(options.source), *features);
  return result;
}

class Library final : public Compiler {
public:
  Expected<std::vector<std::byte>> to_binary(std::span<const std::byte> input,
                                             const CompileOptions& options) override {
    if (is_binary(input)) return std::vector<std::byte>(input.begin(), input.end());
    if (!looks_like_text(input))
      return in_file<std::vector<std::byte>>(
          fail(ErrorCode::malformed,
               "neither a WebAssembly module nor its text: expected \"\\0asm\" or \"(module\""),
          options);
    wasm::FeatureSet features = SWAGE_TRY(codegen::features_of(options));
    return in_file(text::parse_module(as_text(input), features, {.file = options.file}), options);
  }

  Expected<void> validate(std::span<const std::byte> wasm, const CompileOptions& options) override {
    codegen::Stages stages;
    SWAGE_CHECK(in_file(codegen::load_module(wasm, options, stages), options));
    if (options.times) *options.times = stages.take();
    return {};
  }

  Expected<std::vector<std::byte>> compile(std::span<const std::byte> wasm, const CompileOptions& options,
                                           Emit emit) override {
    return in_file(codegen::compile(wasm, options, emit), options);
  }

  Expected<JitModule> jit(std::span<const std::byte> wasm, const CompileOptions& options,
                          CodeRegistry& registry) override {
    return in_file(jit::jit_module({wasm.begin(), wasm.end()}, options, registry), options);
  }

  Expected<std::string> inspect(std::span<const std::byte> wasm, const CompileOptions& options) override {
    codegen::Stages stages;
    wasm::Module module = SWAGE_TRY(in_file(codegen::load_module(wasm, options, stages), options));
    return describe(module, options.file);
  }

  Expected<std::string> print(std::span<const std::byte> wasm, const CompileOptions& options) override {
    wasm::FeatureSet features = SWAGE_TRY(codegen::features_of(options));
    Expected<wasm::Module> module = in_file(wasm::decode(wasm, features), options);
    if (!module) return std::unexpected(std::move(module).error());
    return in_file(text::print_module(*module), options);
  }

  Expected<std::string> unused_cpu_features(const CompileOptions& options) override {
    return codegen::unused_features(options);
  }

  std::string llvm_version() const override { return LLVM_VERSION_STRING; }
};

} // namespace

extern "C" __attribute__((visibility("default"))) Compiler* swage_compiler_v1() {
  static Library library;
  return &library;
}

} // namespace swage
