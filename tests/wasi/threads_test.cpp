// The official wasi-threads suite. A program ends by ending its process, as on the command line (some of its
// threads never stop by themselves), so each runs in a child process.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "swage/wasi.h"
#include "tests/wasi/scratch_folder.h"
#include "tests/wasi/suite_case.h"

namespace swage::wasi {

namespace {

constexpr int kBroken = 250;
constexpr auto kLongest = std::chrono::seconds(120);

int status_of(const Trap& trap) {
  if (trap.code == TrapCode::exit) return trap.exit_status;
  std::fprintf(stderr, "%s\n", trap.to_string().c_str());
  return kBroken;
}

[[noreturn]] void give_up(const Error& error) {
  std::fprintf(stderr, "%s\n", error.to_string().c_str());
  _exit(kBroken);
}

/// In the child: runs the program and ends the process with its status.
[[noreturn]] void run(const SuiteParam& param, const std::filesystem::path& folder) {
  const SuiteCase& program = std::get<SuiteCase>(param);
  Config config;
  config.arguments({program.wasm.filename().string()}).inherit_stdin().inherit_stdout().inherit_stderr();
  Expected<std::unique_ptr<Context>> context = Context::create(std::move(config));
  if (!context) give_up(context.error());
  Expected<Engine> engine = Engine::create();
  if (!engine) give_up(engine.error());
  Expected<Module> module = load(*engine, param, folder);
  if (!module) give_up(module.error());
  auto ends = [](const Trap& trap) { _exit(status_of(trap)); };
  Threads threads(**context, *engine, *module, ends);
  Store store(*engine);
  Linker linker(store);
  if (Expected<void> added = threads.add_to(linker); !added) give_up(added.error());
  Expected<Instance> instance = linker.instantiate(*module);
  if (!instance) give_up(instance.error());
  Result<std::vector<Val>> result = instance->func("_start")->call({});
  _exit(result ? 0 : status_of(result.error()));
}

struct WasiThreadsSuite : testing::TestWithParam<SuiteParam> {};

TEST_P(WasiThreadsSuite, passes) {
  // A read of stdin must block: a pipe that nobody writes to.
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  ScratchFolder scratch;
  pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::dup2(ends[0], 0);
    run(GetParam(), scratch.path());
  }
  auto give_up_at = std::chrono::steady_clock::now() + kLongest;
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > give_up_at) {
      ::kill(child, SIGKILL);
      ADD_FAILURE() << "did not end";
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ::close(ends[0]);
  ::close(ends[1]);
  ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), std::get<SuiteCase>(GetParam()).exit_code);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(WasiThreadsSuite);
INSTANTIATE_TEST_SUITE_P(Official, WasiThreadsSuite,
                         testing::Combine(testing::ValuesIn(suite_cases(suites_folder() / "wasi-threads")),
                                          testing::Values(Mode::jit, Mode::artifact)),
                         [](const auto& test) { return param_name(test.param); });

TEST(WasiThreadsSuiteTest, is_whole) {
  if (suites_folder().empty()) GTEST_SKIP() << "the official suites are not here: set SWAGE_SUITES";
  EXPECT_EQ(suite_cases(suites_folder() / "wasi-threads").size(), 14u);
}

} // namespace

} // namespace swage::wasi
