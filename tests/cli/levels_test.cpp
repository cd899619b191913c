// `--cpu A,B,C`: one artifact with code for several CPUs.
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/process.h"

namespace swage::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A loop that each level vectorises in its own way, a function that is the same for all, one that calls the
/// loop from shared code, and one through a table.
constexpr std::string_view kGuest = R"((module $guest
  (memory 1)
  (type $op (func (param i32) (result i32)))
  (table funcref (elem $sum))
  (func $fill (param $n i32)
    (loop $next
      (i32.store (i32.shl (local.get $n) (i32.const 2)) (i32.mul (local.get $n) (local.get $n)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func $sum (param $n i32) (result i32) (local $x i32)
    (loop $next
      (local.set $x (i32.add (local.get $x) (i32.load offset=4 (i32.shl (local.get $n) (i32.const 2)))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x))
  (func (export "sum") (param $n i32) (result i32) (call $fill (local.get $n)) (call $sum (local.get $n)))
  (func (export "through_table") (param $n i32) (result i32)
    (call $fill (local.get $n)) (call_indirect (type $op) (local.get $n) (i32.const 0)))
  (func (export "loop_that_traps") (param $n i32) (result i32) (call $sum (local.get $n)))))";

struct CpuLevelTest : testing::Test {
  Scratch scratch;
  std::string source = scratch.file("guest.wat", kGuest);
  std::string artifact = scratch.path("guest.so");

  void SetUp() override {
#ifndef __x86_64__
    GTEST_SKIP() << "names CPUs of x86-64";
#endif
  }
  Outcome compile(const std::string& cpu, const std::vector<std::string>& options = {}) {
    std::vector<std::string> argv = {program("swage"), "compile", source, "-o", artifact, "--cpu", cpu};
    argv.insert(argv.end(), options.begin(), options.end());
    return run(argv);
  }
  Outcome invoke(const std::vector<std::string>& options, const std::string& function, const std::string& n) {
    std::vector<std::string> argv = {program("swage-run")};
    argv.insert(argv.end(), options.begin(), options.end());
    argv.insert(argv.end(), {"--invoke", function, artifact, n});
    return run(argv);
  }
  std::string inspect() { return run({program("swage"), "inspect", artifact}).out; }
};

constexpr const char* kThree = "x86-64-v1,x86-64-v3,x86-64-v4";

TEST_F(CpuLevelTest, runs_whatever_the_level) {
  ASSERT_EQ(compile(kThree).status, 0);
  for (const char* function : {"sum", "through_table"}) {
    EXPECT_EQ(invoke({}, function, "1000").out, invoke({"--cpu-level", "x86-64-v1"}, function, "1000").out);
    EXPECT_EQ(invoke({}, function, "1000").status, 0);
  }
}

TEST_F(CpuLevelTest, inspect_says_which_one_is_used) {
  ASSERT_EQ(compile(kThree).status, 0);
  EXPECT_THAT(inspect(), HasSubstr("version    x86-64-v1: "));
  EXPECT_THAT(inspect(), HasSubstr("needs      no CPU features beyond the baseline"));
  size_t used = inspect().find("used on this machine");
  ASSERT_NE(used, std::string::npos);
  EXPECT_EQ(inspect().find("used on this machine", used + 1), std::string::npos);
}

TEST_F(CpuLevelTest, the_best_one_that_the_machine_has_is_used) {
  ASSERT_EQ(compile("x86-64-v1,native").status, 0);
  std::string text = inspect();
  size_t second = text.find("version    ", text.find("version    ") + 1);
  ASSERT_NE(second, std::string::npos);
  EXPECT_THAT(text.substr(second, text.find('\n', second) - second), HasSubstr("used on this machine"));
}

TEST_F(CpuLevelTest, a_trap_names_function_and_place_at_every_level) {
  ASSERT_EQ(compile(kThree).status, 0);
  Outcome least = invoke({"--cpu-level", "x86-64-v1"}, "loop_that_traps", "100000");
  EXPECT_EQ(least.status, 134);
  EXPECT_THAT(least.err, HasSubstr("guest!sum"));
  EXPECT_EQ(invoke({}, "loop_that_traps", "100000").err, least.err);
}

TEST_F(CpuLevelTest, the_same_input_gives_the_same_bytes) {
  auto bytes = [&] {
    std::ifstream file(artifact, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  ASSERT_EQ(compile(kThree, {"--jobs", "1"}).status, 0);
  std::string one = bytes();
  ASSERT_EQ(compile(kThree, {"--jobs", "3"}).status, 0);
  EXPECT_TRUE(one == bytes());
}

TEST_F(CpuLevelTest, the_wrong_order_names_what_is_missing) {
  Outcome outcome = compile("x86-64-v3,x86-64-v1");
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("\"x86-64-v1\" lacks"));
  EXPECT_THAT(outcome.err, HasSubstr("avx2"));
  EXPECT_THAT(outcome.err, HasSubstr("least CPU first"));
}

TEST_F(CpuLevelTest, two_that_are_the_same_are_refused) {
  EXPECT_THAT(compile("x86-64,x86-64-v1").err, HasSubstr("cannot be told apart"));
}

TEST_F(CpuLevelTest, an_unknown_name_in_the_list_names_near_ones) {
  EXPECT_THAT(compile("x86-64-v1,x86-64-v33").err, HasSubstr("unknown CPU \"x86-64-v33\""));
}

TEST_F(CpuLevelTest, only_a_shared_object_takes_several) {
  for (const char* kind : {"asm", "ir", "obj"})
    EXPECT_THAT(compile(kThree, {"--emit", kind}).err, HasSubstr("only a shared object")) << kind;
  EXPECT_THAT(run({program("swage"), "run", "--cpu", kThree, source}).err, HasSubstr("expected one CPU"));
}

TEST_F(CpuLevelTest, a_level_that_is_not_there_names_those_that_are) {
  ASSERT_EQ(compile(kThree).status, 0);
  Outcome outcome = invoke({"--cpu-level", "x86-64-v2"}, "sum", "10");
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("x86-64-v1, x86-64-v3, x86-64-v4"));
}

TEST_F(CpuLevelTest, other_architectures_have_levels_too) {
  Outcome outcome = compile("generic,neoverse-n1,neoverse-v1", {"--target", "aarch64-linux-gnu"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(compile("neoverse-v1,generic", {"--target", "aarch64-linux-gnu"}).err, HasSubstr("sve"));
}

TEST_F(CpuLevelTest, exceptions_pass_from_version_to_version) {
  source = scratch.file("throws.wat", R"((module
    (tag $odd (param i32))
    (func $check (param i32) (if (i32.and (local.get 0) (i32.const 1)) (then (throw $odd (local.get 0)))))
    (func (export "sum") (param $n i32) (result i32) (local $x i32)
      (loop $next
        (block $caught (result i32)
          (try_table (catch $odd $caught) (call $check (local.get $n)))
          (i32.const 0))
        (local.set $x (i32.add (local.get $x)))
        (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (local.get $x))))");
  ASSERT_EQ(compile(kThree).status, 0);
  EXPECT_EQ(invoke({}, "sum", "9").out, "25\n");
  EXPECT_EQ(invoke({"--cpu-level", "x86-64-v1"}, "sum", "9").out, "25\n");
}

TEST_F(CpuLevelTest, goes_with_a_profile) {
  ASSERT_EQ(compile("x86-64-v1", {"--instrument"}).status, 0);
  std::string profile = scratch.path("p");
  std::string expected = invoke({"--profile-out", profile}, "sum", "1000").out;
  Outcome both = compile(kThree, {"--profile", profile});
  ASSERT_EQ(both.status, 0) << both.err;
  EXPECT_EQ(invoke({}, "sum", "1000").out, expected);
}

} // namespace
} // namespace swage::cli
