// Opening modules: what is refused, how it is said, and memories with and without guard pages.
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "tests/runtime/guest.h"

using namespace swage;
using swage::testing_guest::bytes_of;
using swage::testing_guest::compile_artifact;
using swage::testing_guest::TemporaryFile;
using testing::HasSubstr;

namespace {

struct Loading : testing::Test {
  void SetUp() override {
    if (!load_compiler()) GTEST_SKIP() << load_compiler().error().to_string();
  }
  Engine engine = *Engine::create();
};

constexpr const char* kSmall =
    R"((module (memory 1) (func (export "get") (param i32) (result i32) (i32.load8_u (local.get 0)))))";

TEST_F(Loading, FileDecidesHowItIsOpened) {
  TemporaryFile artifact, text;
  artifact.write(*compile_artifact(kSmall));
  text.write(bytes_of(kSmall));
  EXPECT_TRUE(Module::from_file(engine, artifact.path()));
  EXPECT_TRUE(Module::from_file(engine, text.path()));
}

TEST_F(Loading, MissingFileDirectoryAndEmptyFile) {
  TemporaryFile empty;
  EXPECT_EQ(Module::from_file(engine, "/nowhere/app.wasm").error().to_string(),
            "/nowhere/app.wasm: cannot be opened: No such file or directory");
  EXPECT_EQ(Module::from_file(engine, "/").error().to_string(), "/: expected a module, got a directory");
  EXPECT_EQ(Module::load(engine, empty.path()).error().code, ErrorCode::malformed);
}

TEST_F(Loading, EveryTruncationIsRefused) {
  std::vector<std::byte> artifact = *compile_artifact(kSmall);
  TemporaryFile file;
  for (size_t size = 0; size < artifact.size(); size += 97) {
    file.write(std::span(artifact).first(size));
    auto module = Module::load(engine, file.path());
    ASSERT_FALSE(module) << size;
    ASSERT_EQ(module.error().file, file.path());
  }
}

TEST_F(Loading, EveryChangedByteIsRefused) {
  std::vector<std::byte> artifact = *compile_artifact(kSmall);
  TemporaryFile file;
  for (size_t at = 0; at < artifact.size(); at += 61) {
    artifact[at] ^= std::byte{0x10};
    file.write(artifact);
    ASSERT_FALSE(Module::load(engine, file.path())) << at;
    artifact[at] ^= std::byte{0x10};
  }
}

TEST_F(Loading, ForeignSharedObjectIsRefused) {
  auto module = Module::load(engine, "/proc/self/exe");
  ASSERT_FALSE(module);
  EXPECT_THAT(module.error().message, HasSubstr("not made by swage"));
}

TEST_F(Loading, SameArtifactMayBeLoadedTwice) {
  TemporaryFile file;
  file.write(*compile_artifact("(module (func $f (export \"run\") unreachable))"));
  auto first = std::make_unique<Module>(*Module::load(engine, file.path()));
  Module second = *Module::load(engine, file.path());
  first.reset();
  Store store(engine);
  Linker linker(store);
  auto result = linker.instantiate(second)->func("run")->call({});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().frames.at(0).name, "f");
}

/// Leaves this process one more GiB of address space.
void shorten_address_space() {
  uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  uint64_t bytes = pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) + (uint64_t{1} << 30);
  rlimit limit{bytes, bytes};
  setrlimit(RLIMIT_AS, &limit);
}

/// What a guest sees at the edge of its memory, in a child process that has little address space.
int run_with_short_address_space(const std::string& artifact) {
  pid_t child = fork();
  if (child == 0) {
    shorten_address_space();
    Engine engine = *Engine::create();
    auto module = Module::load(engine, artifact);
    if (!module) _exit(10);
    Store store(engine);
    Linker linker(store);
    auto instance = linker.instantiate(*module);
    if (!instance) _exit(instance.error().hint.find("--memory checked") != std::string::npos ? 11 : 12);
    auto get = *instance->func("get")->typed<int32_t(int32_t)>();
    bool is_right = get(65535) == 0 && !get(65536) && get(-1).error().code == TrapCode::memory_out_of_bounds;
    _exit(is_right ? 0 : 13);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(Loading, CheckedArtifactRunsWhereAddressSpaceIsShort) {
  CompileOptions options;
  options.bounds = MemoryBounds::checked;
  TemporaryFile file;
  file.write(*compile_artifact(kSmall, options));
  EXPECT_EQ(run_with_short_address_space(file.path()), 0);
}

TEST_F(Loading, GuardedArtifactSaysWhatHelpsWhereAddressSpaceIsShort) {
  TemporaryFile file;
  file.write(*compile_artifact(kSmall));
  EXPECT_EQ(run_with_short_address_space(file.path()), 11);
}

} // namespace
