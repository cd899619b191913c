// The official preview 1 suite, through the public API: each program compiled in this process, and as an
// artifact.
#include <gtest/gtest.h>

#include "swage/wasi.h"
#include "tests/wasi/scratch_folder.h"
#include "tests/wasi/suite_case.h"

namespace swage::wasi {

namespace {

struct Outcome {
  int status = -1;
  std::string out, err;
};

Outcome run(const SuiteParam& param) {
  const SuiteCase& program = std::get<SuiteCase>(param);
  Outcome outcome;
  auto fails = [&](const std::string& why) {
    outcome.err += why;
    return outcome;
  };
  auto appends_to = [](std::string& text) {
    return [&text](std::span<const std::byte> bytes) {
      text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return bytes.size();
    };
  };
  ScratchFolder scratch;
  Config config;
  std::vector<std::string> arguments = {program.wasm.filename().string()};
  arguments.insert(arguments.end(), program.arguments.begin(), program.arguments.end());
  config.arguments(std::move(arguments))
      .stdout_to(appends_to(outcome.out))
      .stderr_to(appends_to(outcome.err));
  for (const auto& [name, value] : program.environment) config.environment(name, value);
  if (!program.root.empty()) {
    std::filesystem::path root = scratch / "root";
    std::filesystem::copy(program.wasm.parent_path() / program.root, root,
                          std::filesystem::copy_options::recursive);
    std::filesystem::permissions(root, std::filesystem::perms::owner_all, std::filesystem::perm_options::add);
    config.directory(root, "/");
  }

  Expected<std::unique_ptr<Context>> context = Context::create(std::move(config));
  if (!context) return fails(context.error().to_string());
  Expected<Engine> engine = Engine::create();
  if (!engine) return fails(engine.error().to_string());
  Expected<Module> module = load(*engine, param, scratch.path());
  if (!module) return fails(module.error().to_string());
  Store store(*engine);
  Linker linker(store);
  (*context)->add_to(linker);
  Expected<Instance> instance = linker.instantiate(*module);
  if (!instance) return fails(instance.error().to_string());
  std::optional<Func> start = instance->func("_start");
  if (!start) return fails("no _start");
  Result<std::vector<Val>> result = start->call({});
  if (result)
    outcome.status = 0;
  else if (result.error().code == TrapCode::exit)
    outcome.status = result.error().exit_status;
  else
    return fails(result.error().to_string());
  return outcome;
}

struct WasiSuite : testing::TestWithParam<SuiteParam> {};

TEST_P(WasiSuite, passes) {
  const SuiteCase& program = std::get<SuiteCase>(GetParam());
  Outcome outcome = run(GetParam());
  EXPECT_EQ(outcome.status, program.exit_code) << outcome.out << outcome.err;
  if (program.checks_stdout) {
    EXPECT_EQ(outcome.out, program.stdout_text);
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(WasiSuite);
INSTANTIATE_TEST_SUITE_P(Official, WasiSuite,
                         testing::Combine(testing::ValuesIn(suite_cases(suites_folder() / "wasi")),
                                          testing::Values(Mode::jit, Mode::artifact)),
                         [](const auto& test) { return param_name(test.param); });

TEST(WasiSuiteTest, is_whole) {
  if (suites_folder().empty()) GTEST_SKIP() << "the official suites are not here: set SWAGE_SUITES";
  EXPECT_EQ(suite_cases(suites_folder() / "wasi").size(), 72u);
}

} // namespace

} // namespace swage::wasi
