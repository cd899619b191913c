// Exact traps (docs/architecture.md): a load out of bounds traps whether its value is needed or not, at every
// level and in both modes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/process.h"

namespace swage::cli {
namespace {

using testing::HasSubstr;

struct Case {
  const char* name;
  const char* body; ///< of a function of one i32, which is called with an address out of bounds
};

constexpr Case kCases[] = {
    {"dropped", "(drop (i32.load (local.get 0))) (i32.const 1)"},
    {"masked_away", "(i32.and (i32.load (local.get 0)) (i32.const 0))"},
    {"multiplied_by_zero", "(i32.mul (i32.load (local.get 0)) (i32.const 0))"},
    {"shifted_out", "(i32.wrap_i64 (i64.shl (i64.load (local.get 0)) (i64.const 32)))"},
    {"overwritten_local",
     "(local $x i32) (local.set $x (i32.load (local.get 0))) (local.set $x (i32.const 2)) (local.get $x)"},
    {"needed_on_one_path_only",
     "(local $x i32) (local.set $x (i32.load (local.get 0)))"
     "(if (result i32) (i32.eqz (local.get 0)) (then (local.get $x)) (else (i32.const 7)))"},
    {"stored_on_one_path_only",
     "(local $x i32) (local.set $x (i32.load (local.get 0)))"
     "(if (i32.eqz (local.get 0)) (then (i32.store (i32.const 8) (local.get $x)))) (i32.const 7)"},
    {"select_of_the_other", "(select (i32.load (local.get 0)) (i32.const 3) (i32.const 0))"},
    {"dead_vector", "(drop (v128.load (local.get 0))) (i32.const 1)"},
};

class ExactTraps : public testing::TestWithParam<std::tuple<Case, const char*>> {};

TEST_P(ExactTraps, hold_in_both_modes) {
  const auto& [which, level] = GetParam();
  Scratch scratch;
  std::string text =
      std::string("(module (memory 1) (func (export \"f\") (param i32) (result i32) ") + which.body + "))";
  std::string source = scratch.file("a.wat", text);
  std::string artifact = scratch.path("a.so");
  ASSERT_EQ(run({program("swage"), "compile", level, source, "-o", artifact}).status, 0);
  for (const std::vector<std::string>& argv :
       {std::vector<std::string>{program("swage"), "run", level, "--invoke", "f", source, "0x7fffffff"},
        std::vector<std::string>{program("swage-run"), "--invoke", "f", artifact, "0x7fffffff"}}) {
    Outcome outcome = run(argv);
    EXPECT_EQ(outcome.status, 134) << argv[0] << " " << outcome.out;
    EXPECT_THAT(outcome.err, HasSubstr("out of bounds memory access"));
  }
  EXPECT_EQ(run({program("swage-run"), "--invoke", "f", artifact, "16"}).status, 0);
}

INSTANTIATE_TEST_SUITE_P(Levels, ExactTraps,
                         testing::Combine(testing::ValuesIn(kCases), testing::Values("-O0", "-O1", "-O2")),
                         [](const auto& one) {
                           return std::string(std::get<0>(one.param).name) + "_" +
                                  (std::get<1>(one.param) + 1);
                         });

} // namespace
} // namespace swage::cli
