// Profiles: instrumented code counts, what it counted changes the code and never what a program does, and
// what is no profile of the module is refused. In both modes, for a profile is a profile.
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/process.h"

namespace swage::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Calls through a closed table and an open one, a switch, both sides of branches, a select, a small function
/// that is inlined into a hot loop, and a trap inside of it.
constexpr std::string_view kGuest = R"((module $guest
  (memory 1)
  (type $op (func (param i32) (result i32)))
  (table $closed funcref (elem $double $square $broken))
  (table $open (export "table") 4 funcref)
  (elem (table $open) (i32.const 0) func $double $square $broken)
  (func $double (param i32) (result i32) (i32.shl (local.get 0) (i32.const 1)))
  (func $square (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
  (func $broken (param i32) (result i32) (i32.div_s (local.get 0) (i32.const 0)))
  (func $load (param i32) (result i32) (i32.load (local.get 0)))
  (func $step (param $x i32) (result i32)
    (block $c (block $b (block $a (br_table $a $b $c (i32.rem_u (local.get $x) (i32.const 5))))
      (return (i32.add (local.get $x) (i32.const 3))))
      (return (i32.xor (local.get $x) (i32.const 9))))
    (select (i32.add (local.get $x) (i32.const 7)) (i32.const 1) (i32.lt_u (local.get $x) (i32.const 1000))))
  (func $run (export "run") (param $rounds i32) (param $which i32) (param $at i32) (result i32) (local $x i32)
    (loop $next
      (local.set $x (call $step (local.get $x)))
      (local.set $x (i32.add (local.get $x) (call_indirect $closed (type $op) (i32.const 3) (local.get $which))))
      (local.set $x (i32.add (local.get $x) (call_indirect $open (type $op) (i32.const 5) (local.get $which))))
      (local.set $x (i32.add (local.get $x) (call $load (local.get $at))))
      (br_if $next (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
    (local.get $x))
  (func $deep (export "deep") (param i32) (result i32)
    (i32.add (call $deeper (local.get 0)) (i32.const 1)))
  (func $deeper (param i32) (result i32) (i32.add (call $deep (local.get 0)) (i32.const 1)))))";

enum class Mode { jit, artifact };

struct ProfileTest : testing::TestWithParam<Mode> {
  Scratch scratch;
  std::string source = scratch.file("guest.wat", kGuest);
  std::string profile = scratch.path("guest.swageprof");

  Outcome invoke(const std::vector<std::string>& code_options, const std::vector<std::string>& run_options,
                 const std::string& function, const std::vector<std::string>& arguments) {
    std::vector<std::string> argv = {program(GetParam() == Mode::jit ? "swage" : "swage-run")};
    std::string file = source;
    if (GetParam() == Mode::jit) {
      argv.push_back("run");
      argv.insert(argv.end(), code_options.begin(), code_options.end());
    } else {
      file = scratch.path("guest.so");
      std::vector<std::string> compile = {program("swage"), "compile", source, "-o", file};
      compile.insert(compile.end(), code_options.begin(), code_options.end());
      Outcome compiled = run(compile);
      if (compiled.status != 0) return compiled;
    }
    argv.insert(argv.end(), run_options.begin(), run_options.end());
    argv.insert(argv.end(), {"--invoke", function, file});
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return run(argv, "", scratch.folder());
  }
  Outcome train(const std::vector<std::string>& arguments) {
    return invoke({"--instrument"}, {"--profile-out", profile}, "run", arguments);
  }
};

TEST_P(ProfileTest, counting_changes_no_result) {
  Outcome plain = invoke({}, {}, "run", {"1000", "0", "0"});
  Outcome counted = train({"1000", "0", "0"});
  EXPECT_EQ(counted.status, 0) << counted.err;
  EXPECT_EQ(counted.out, plain.out);
  EXPECT_GT(std::filesystem::file_size(profile), 48u);
}

TEST_P(ProfileTest, code_for_a_profile_gives_the_same_results_also_for_what_was_not_trained) {
  ASSERT_EQ(train({"100000", "0", "0"}).status, 0);
  for (const char* which : {"0", "1"})
    EXPECT_EQ(invoke({"--profile", profile}, {}, "run", {"77", which, "16"}).out,
              invoke({}, {}, "run", {"77", which, "16"}).out)
        << which;
}

TEST_P(ProfileTest, every_level_takes_a_profile) {
  ASSERT_EQ(train({"100000", "0", "0"}).status, 0);
  std::string expected = invoke({}, {}, "run", {"99", "1", "0"}).out;
  for (const char* level : {"-O0", "-O1", "-O2", "-O3", "-Os"})
    EXPECT_EQ(invoke({level, "--profile", profile}, {}, "run", {"99", "1", "0"}).out, expected) << level;
}

TEST_P(ProfileTest, a_trap_in_an_inlined_function_names_it_and_its_callers) {
  ASSERT_EQ(train({"100000", "0", "0"}).status, 0);
  Outcome plain = invoke({}, {}, "run", {"5", "0", "65536"});
  Outcome profiled = invoke({"--profile", profile}, {}, "run", {"5", "0", "65536"});
  EXPECT_EQ(profiled.status, 134);
  EXPECT_THAT(profiled.err, HasSubstr("guest!load"));
  EXPECT_EQ(profiled.err, plain.err);
}

TEST_P(ProfileTest, an_indirect_call_to_what_was_not_trained_traps_as_ever) {
  ASSERT_EQ(train({"100000", "1", "0"}).status, 0);
  for (const char* which : {"2", "3", "-1"}) {
    Outcome profiled = invoke({"--profile", profile}, {}, "run", {"5", which, "0"});
    EXPECT_EQ(profiled.status, 134) << which;
    EXPECT_EQ(profiled.err, invoke({}, {}, "run", {"5", which, "0"}).err) << which;
  }
}

TEST_P(ProfileTest, endless_recursion_still_exhausts_the_stack) {
  Outcome trained = invoke({"--instrument"}, {"--profile-out", profile}, "deep", {"1"});
  EXPECT_THAT(trained.err, HasSubstr("call stack exhausted")); // and the profile is written after a trap
  EXPECT_THAT(invoke({"--profile", profile}, {}, "deep", {"1"}).err, HasSubstr("call stack exhausted"));
}

TEST_P(ProfileTest, the_profile_is_named_after_the_module_where_no_name_is_given) {
  ASSERT_EQ(invoke({"--instrument"}, {}, "run", {"10", "0", "0"}).status, 0);
  EXPECT_TRUE(std::filesystem::exists(profile));
}

TEST_P(ProfileTest, several_profiles_add_up) {
  ASSERT_EQ(train({"100000", "0", "0"}).status, 0);
  std::string second = scratch.path("second.swageprof");
  std::filesystem::rename(profile, second);
  ASSERT_EQ(train({"100000", "1", "0"}).status, 0);
  Outcome both = invoke({"--profile", profile, "--profile", second}, {}, "run", {"9", "1", "0"});
  EXPECT_EQ(both.out, invoke({}, {}, "run", {"9", "1", "0"}).out) << both.err;
}

TEST_P(ProfileTest, a_profile_of_another_module_is_refused) {
  ASSERT_EQ(train({"10", "0", "0"}).status, 0);
  source = scratch.file("other.wat", R"((module (func (export "run"))))");
  Outcome outcome = invoke({"--profile", profile}, {}, "run", {});
  EXPECT_NE(outcome.status, 0);
  EXPECT_THAT(outcome.err, HasSubstr("guest.swageprof: a profile of another module"));
}

TEST_P(ProfileTest, what_is_no_profile_is_refused) {
  Outcome outcome = invoke({"--profile", source}, {}, "run", {"1", "0", "0"});
  EXPECT_NE(outcome.status, 0);
  EXPECT_THAT(outcome.err, HasSubstr("not a profile"));
  EXPECT_THAT(invoke({"--profile", scratch.path("none")}, {}, "run", {"1", "0", "0"}).err,
              HasSubstr("No such file"));
}

TEST_P(ProfileTest, exceptions_leave_inlined_functions) {
  source = scratch.file("throws.wat", R"((module $throws
    (tag $odd (param i32))
    (func $check (param i32) (if (i32.and (local.get 0) (i32.const 1)) (then (throw $odd (local.get 0)))))
    (func (export "run") (param $n i32) (result i32) (local $x i32)
      (loop $next
        (block $caught (result i32)
          (try_table (catch $odd $caught) (call $check (local.get $n)))
          (i32.const 0))
        (local.set $x (i32.add (local.get $x)))
        (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (local.get $x))
    (func (export "uncaught") (param $n i32) (call $check (local.get $n)))))");
  EXPECT_EQ(train({"1000"}).out, "250000\n");
  EXPECT_EQ(invoke({"--profile", profile}, {}, "run", {"9"}).out, "25\n");
  EXPECT_EQ(invoke({"--profile", profile}, {}, "uncaught", {"9"}).err, invoke({}, {}, "uncaught", {"9"}).err);
}

TEST_P(ProfileTest, an_exit_writes_the_profile) {
  source = scratch.file("exits.wat", R"((module
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "leave") (call $exit (i32.const 7)))))");
  EXPECT_EQ(invoke({"--instrument"}, {"--profile-out", profile}, "leave", {}).status, 7);
  EXPECT_TRUE(std::filesystem::exists(profile));
}

INSTANTIATE_TEST_SUITE_P(, ProfileTest, testing::Values(Mode::jit, Mode::artifact), [](const auto& row) {
  return row.param == Mode::jit ? std::string("jit") : std::string("artifact");
});

} // namespace
} // namespace swage::cli
