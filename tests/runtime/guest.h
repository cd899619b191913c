// Guests for the runtime's tests: text in, a module in this process out, by the JIT or as an artifact that is
// loaded back.
#pragma once

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <stdexcept>
#include <unistd.h>

#include "swage/instance.h"
#include "swage/typed_func.h"

namespace swage::testing_guest {

enum class Mode { jit, artifact };

inline std::string name_of(const testing::TestParamInfo<Mode>& info) {
  return info.param == Mode::jit ? "jit" : "artifact";
}

/// A file of its own for each module of each test process, removed again.
class TemporaryFile {
public:
  TemporaryFile() {
    std::string pattern = (std::filesystem::temp_directory_path() / "swage-test-XXXXXX.so").string();
    int file = mkstemps(pattern.data(), 3);
    if (file >= 0) close(file);
    path_ = pattern;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }
  void write(std::span<const std::byte> bytes) const {
    std::ofstream(path_, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }

private:
  std::string path_;
};

inline std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

inline Expected<std::vector<std::byte>> compile_artifact(std::string_view wat,
                                                         const CompileOptions& options = {}) {
  Compiler* compiler = SWAGE_TRY(load_compiler());
  std::vector<std::byte> wasm = SWAGE_TRY(compiler->to_binary(bytes_of(wat), options));
  return compiler->compile(wasm, options, Emit::so);
}

inline Expected<Module> module_of(const Engine& engine, Mode mode, std::string_view wat,
                                  const CompileOptions& options = {}) {
  if (mode == Mode::jit) return Module::compile(engine, bytes_of(wat));
  std::vector<std::byte> artifact = SWAGE_TRY(compile_artifact(wat, options));
  TemporaryFile file;
  file.write(artifact);
  return Module::load(engine, file.path());
}

/// The value, or the end of the test.
template<class T> T value_of(Expected<T> result) {
  if (!result) throw std::runtime_error(result.error().to_string());
  return *std::move(result);
}

/// One store, and instances in it by name.
class Guests : public testing::TestWithParam<Mode> {
protected:
  void SetUp() override {
    if (!load_compiler()) GTEST_SKIP() << load_compiler().error().to_string();
  }

  Module compile(std::string_view wat) { return value_of(module_of(engine, GetParam(), wat)); }
  Instance instantiate(std::string_view wat) { return value_of(linker.instantiate(compile(wat))); }
  Error instantiation_error(std::string_view wat) {
    Expected<Instance> instance = linker.instantiate(compile(wat));
    if (instance) ADD_FAILURE() << "expected an error";
    return instance ? Error{} : instance.error();
  }
  template<class Signature> TypedFunc<Signature> typed(const Instance& instance, std::string_view name) {
    return *instance.func(name)->typed<Signature>();
  }
  /// The trap of a call.
  Trap trap_of(const Instance& instance, std::string_view name, std::vector<Val> arguments = {}) {
    auto result = instance.func(name)->call(arguments);
    if (result) ADD_FAILURE() << name << " did not trap";
    return result ? Trap{} : result.error();
  }

  Engine engine = *Engine::create();
  Store store{engine};
  Linker linker{store};
};

} // namespace swage::testing_guest

/// Every test of the fixture in both modes.
#define SWAGE_BOTH_MODES(fixture)                                                                            \
  INSTANTIATE_TEST_SUITE_P(                                                                                  \
      , fixture, testing::Values(swage::testing_guest::Mode::jit, swage::testing_guest::Mode::artifact),     \
      swage::testing_guest::name_of)
