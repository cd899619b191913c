// validate, inspect, parse, print, help and version.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/cli/process.h"

namespace swage::cli {
namespace {

using testing::HasSubstr;

constexpr std::string_view kModule = R"((module
  (import "env" "log" (func $log (param i32)))
  (memory (export "memory") 1 2)
  (func (export "run") (call $log (i32.const 1)))))";

TEST(Tools, help_lists_the_commands_and_examples) {
  Outcome outcome = run({program("swage"), "--help"});
  EXPECT_EQ(outcome.status, 0);
  for (const char* word : {"run", "compile", "validate", "inspect", "wast", "bench", "Examples"})
    EXPECT_THAT(outcome.out, HasSubstr(word));
}

TEST(Tools, version_names_llvm) {
  EXPECT_THAT(run({program("swage"), "--version"}).out, HasSubstr("LLVM 22"));
}

TEST(Tools, no_command_at_all_is_wrong_usage) { EXPECT_EQ(run({program("swage")}).status, 2); }

TEST(Tools, validate_is_silent_about_a_good_module) {
  Scratch scratch;
  Outcome outcome = run({program("swage"), "validate", scratch.file("a.wat", kModule)});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out + outcome.err, "");
}

/// Each command that takes a module.
class TextErrors : public testing::TestWithParam<std::vector<std::string>> {
protected:
  Outcome run_with(std::string_view text) const {
    std::vector<std::string> command = {program("swage")};
    command.insert(command.end(), GetParam().begin(), GetParam().end());
    command.push_back(scratch_.file("a.wat", text));
    return run(command);
  }
  Scratch scratch_;
};

TEST_P(TextErrors, show_the_line_and_what_was_expected) {
  Outcome outcome = run_with("(module\n  (func (export \"f\") (local.get $n)))");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("a.wat:2:33: unknown local $n\n"
                                     "    (func (export \"f\") (local.get $n)))\n"
                                     "                                  ^\n"));
}

/// Those that validate it.
class InvalidText : public TextErrors {};

TEST_P(InvalidText, is_shown_where_it_is_invalid) {
  Outcome outcome = run_with("(module\n  (func $f\n    (drop (i32.add (i64.const 1) (i32.const 2)))))");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err,
              HasSubstr("a.wat:3:12: type mismatch: expected i32, got i64 (function 0 \"f\", i32.add)\n"
                        "      (drop (i32.add (i64.const 1) (i32.const 2)))))\n"
                        "             ^\n"));
}

using Words = std::vector<std::string>;
const Words kConverting[] = {{"parse"}, {"print"}};
const Words kValidating[] = {
    {"validate"}, {"inspect"}, {"compile", "-o", "/dev/null"}, {"run", "--invoke", "f"}};
std::string name_of(const testing::TestParamInfo<Words>& test) { return test.param[0]; }
INSTANTIATE_TEST_SUITE_P(Convert, TextErrors, testing::ValuesIn(kConverting), name_of);
INSTANTIATE_TEST_SUITE_P(Commands, TextErrors, testing::ValuesIn(kValidating), name_of);
INSTANTIATE_TEST_SUITE_P(Commands, InvalidText, testing::ValuesIn(kValidating), name_of);

TEST(Tools, a_disabled_feature_is_named_with_its_flag) {
  Scratch scratch;
  Outcome outcome = run({program("swage"), "validate", "--disable", "simd",
                         scratch.file("a.wat", "(module (func (drop (v128.const i64x2 0 0))))")});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("simd"));
}

TEST(Tools, inspect_shows_imports_exports_and_memories) {
  Scratch scratch;
  std::string source = scratch.file("a.wat", kModule);
  Outcome outcome = run({program("swage"), "inspect", source});
  for (const char* word : {"env", "log", "run", "memory"})
    EXPECT_THAT(outcome.out, HasSubstr(word)) << outcome.err;

  std::string artifact = scratch.path("a.so");
  ASSERT_EQ(run({program("swage"), "compile", source, "-o", artifact}).status, 0);
  outcome = run({program("swage"), "inspect", artifact});
  for (const char* word : {"env", "log", "run", "memory", "x86", "-O2", "XXH3"})
    EXPECT_THAT(outcome.out, HasSubstr(word)) << outcome.err;
}

TEST(Tools, bench_times_every_mode_and_names_the_fastest) {
  Scratch scratch;
  std::string file = scratch.file("a.wat", "(module (func (export \"_start\")))");
  Outcome outcome = run({program("swage"), "bench", "--runs", "1", file});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  for (const char* word : {"swage -O0", "swage -O1", "swage -O2", "swage compile -O2", "Fastest"})
    EXPECT_THAT(outcome.out, HasSubstr(word));
}

TEST(Tools, bench_runs_other_engines_on_path_and_checks_what_they_print) {
  Scratch scratch;
  std::string file = scratch.file("a.wat", "(module (func (export \"_start\")))");
  std::string silent = scratch.file("wasm3", "#!/bin/sh\n"),
              other = scratch.file("wasmi", "#!/bin/sh\necho no\n");
  for (const std::string& path : {silent, other}) ASSERT_EQ(chmod(path.c_str(), 0755), 0);
  Outcome outcome =
      run({"/usr/bin/env", "PATH=" + scratch.path(""), program("swage"), "bench", "-n", "1", file});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, testing::ContainsRegex("wasm3 +[0-9.]+ +"));
  EXPECT_THAT(outcome.out, testing::ContainsRegex("wasmi +printed something else"));
  EXPECT_THAT(outcome.out, testing::ContainsRegex("Not on PATH.*wasmtime"));
}

TEST(Tools, bench_refuses_a_guest_that_fails) {
  Scratch scratch;
  std::string file = scratch.file("a.wat", "(module (func (export \"_start\") unreachable))");
  EXPECT_EQ(run({program("swage"), "bench", "--runs", "1", file}).status, 1);
}

TEST(Tools, bench_says_once_what_is_wrong_with_a_file) {
  Scratch scratch;
  Outcome outcome = run({program("swage"), "bench", scratch.file("a.txt", "no module")});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, testing::MatchesRegex("swage: error: [^\n]*a.txt: [^\n]*\n"));
}

TEST(Tools, print_after_parse_is_stable) {
  Scratch scratch;
  std::string wasm = scratch.path("a.wasm");
  ASSERT_EQ(run({program("swage"), "parse", scratch.file("a.wat", kModule), "-o", wasm}).status, 0);
  Outcome first = run({program("swage"), "print", wasm});
  Outcome second = run({program("swage"), "print", scratch.file("b.wat", first.out)});
  EXPECT_THAT(first.out, HasSubstr("$log"));
  EXPECT_EQ(first.out, second.out);
}

} // namespace
} // namespace swage::cli
