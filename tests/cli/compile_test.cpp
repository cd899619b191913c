// `swage compile`: what it writes, and that it writes all or nothing.
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/process.h"

namespace swage::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kModule = R"((module (func $twice (export "twice") (param i32) (result i32)
  (i32.mul (local.get 0) (i32.const 2)))))";

struct CompileTest : testing::Test {
  Scratch scratch;
  std::string source = scratch.file("a.wat", kModule);

  Outcome compile(const std::vector<std::string>& options) {
    std::vector<std::string> argv = {program("swage"), "compile", source};
    argv.insert(argv.end(), options.begin(), options.end());
    return run(argv, "", scratch.folder());
  }
};

TEST_F(CompileTest, names_its_output_after_the_input) {
  EXPECT_EQ(compile({}).status, 0);
  EXPECT_TRUE(std::filesystem::exists(scratch.path("a.so")));
}

TEST_F(CompileTest, every_level_gives_the_same_result) {
  for (const char* level : {"-O0", "-O1", "-O2", "-O3", "-Os"}) {
    Outcome compiled = compile({level, "-o", scratch.path("a.so")});
    ASSERT_EQ(compiled.status, 0) << level << compiled.err;
    EXPECT_EQ(run({program("swage-run"), "--invoke", "twice", scratch.path("a.so"), "21"}).out, "42\n")
        << level;
  }
}

TEST_F(CompileTest, the_same_input_and_options_give_the_same_bytes) {
  Outcome one = compile({"-o", "-", "--jobs", "1"});
  Outcome two = compile({"-o", "-", "--jobs", "2"});
  EXPECT_THAT(one.out, StartsWith("\x7F"
                                  "ELF"));
  EXPECT_TRUE(one.out == two.out);
}

TEST_F(CompileTest, emits_ir_and_assembly_with_the_function_s_name) {
  EXPECT_THAT(compile({"--emit", "ir", "-o", "-"}).out, HasSubstr("twice"));
  EXPECT_THAT(compile({"--emit", "asm", "-o", "-"}).out, HasSubstr("twice"));
}

TEST_F(CompileTest, compiles_for_another_architecture_which_is_refused_here_by_name) {
  Outcome compiled = compile({"--target", "aarch64-linux-gnu", "-o", scratch.path("arm.so")});
  ASSERT_EQ(compiled.status, 0) << compiled.err;
  Outcome outcome = run({program("swage-run"), "--invoke", "twice", scratch.path("arm.so"), "1"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("AArch64"));
}

TEST_F(CompileTest, an_unknown_cpu_is_refused_by_name) {
  Outcome outcome = compile({"--cpu", "z80"});
  EXPECT_NE(outcome.status, 0);
  EXPECT_THAT(outcome.err, HasSubstr("z80"));
  EXPECT_FALSE(std::filesystem::exists(scratch.path("a.so")));
}

TEST_F(CompileTest, a_bad_module_leaves_the_old_output_alone) {
  std::string output = scratch.file("old.so", "old");
  std::string bad = scratch.file("bad.wat", "(module (func (result i32)))");
  Outcome outcome = run({program("swage"), "compile", bad, "-o", output});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("type mismatch"));
  EXPECT_EQ(std::filesystem::file_size(output), 3u);
}

TEST_F(CompileTest, an_output_that_cannot_be_written_is_an_error) {
  Outcome outcome = compile({"-o", scratch.path("no/such/folder/a.so")});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("No such file"));
}

} // namespace
} // namespace swage::cli
