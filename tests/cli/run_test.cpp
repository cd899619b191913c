// `swage run` and `swage-run`: the same guest gives the same output and status in both modes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/text_guests.h"

namespace swage::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

using RunTest = TextGuests;

constexpr std::string_view kMath = R"((module $math
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "swap") (param i64 f64) (result f64 i64) (local.get 1) (local.get 0))
  (func $quotient (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))))";

TEST_P(RunTest, invoke_prints_the_results_of_a_typed_call) {
  Outcome outcome = run_text(kMath, {"--invoke", "add"}, {"40", "0x2"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "42\n");
}

TEST_P(RunTest, invoke_prints_several_results_one_a_line) {
  Outcome outcome = run_text(kMath, {"--invoke", "swap"}, {"-7", "1.5"});
  EXPECT_EQ(outcome.out, "1.5\n-7\n") << outcome.err;
}

TEST_P(RunTest, a_trap_prints_message_function_and_offset_and_gives_134) {
  Outcome outcome = run_text(kMath, {"--invoke", "div"}, {"1", "0"});
  EXPECT_EQ(outcome.status, 134);
  EXPECT_THAT(outcome.err, HasSubstr("integer divide by zero"));
  EXPECT_THAT(outcome.err, HasSubstr("quotient"));
  EXPECT_THAT(outcome.err, HasSubstr("0x"));
}

TEST_P(RunTest, an_uncaught_exception_prints_tag_values_and_functions_and_gives_134) {
  Outcome outcome = run_text(R"((module
    (tag $overdrawn (param i32 i64))
    (func $pay (param i32) (throw $overdrawn (local.get 0) (i64.const -3)))
    (func $shop (export "shop") (param i32) (call $pay (local.get 0)) (nop))))",
                             {"--invoke", "shop"}, {"20"});
  EXPECT_EQ(outcome.status, 134);
  EXPECT_THAT(outcome.err, HasSubstr("unhandled exception: overdrawn (i32 20, i64 -3)"));
  EXPECT_THAT(outcome.err, HasSubstr("pay"));
  EXPECT_THAT(outcome.err, HasSubstr("shop"));
}

TEST_P(RunTest, wrong_number_of_arguments_is_wrong_usage) {
  Outcome outcome = run_text(kMath, {"--invoke", "add"}, {"1"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("expected 2 arguments"));
}

TEST_P(RunTest, an_unknown_export_names_the_known_ones) {
  Outcome outcome = run_text(kMath, {"--invoke", "sub"}, {});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("add, "));
}

TEST_P(RunTest, the_guests_exit_code_is_the_process_s) {
  Outcome outcome = run_text(R"((module
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "_start") (call $exit (i32.const 42)) unreachable)))",
                             {}, {});
  EXPECT_EQ(outcome.status, 42) << outcome.err;
  EXPECT_EQ(outcome.err, "");
}

TEST_P(RunTest, standard_output_carries_what_the_guest_writes) {
  Outcome outcome = run_text(R"((module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\08\00\00\00\06\00\00\00hello\0a")
    (func (export "_start") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 64))))))",
                             {}, {});
  EXPECT_EQ(outcome.out, "hello\n") << outcome.err;
}

TEST_P(RunTest, what_stands_after_the_file_is_the_guests) {
  // The guest's exit code is its number of arguments: program, "--help", "x".
  Outcome outcome = run_text(R"((module
    (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "_start") (drop (call $sizes (i32.const 0) (i32.const 4))) (call $exit (i32.load (i32.const 0))))))",
                             {}, {"--help", "x"});
  EXPECT_EQ(outcome.status, 3) << outcome.err;
}

TEST_P(RunTest, endless_recursion_exhausts_the_stack) {
  Outcome outcome = run_text(R"((module (func $f (export "f") (param i32) (result i32)
    (i32.add (call $f (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))))",
                             {"--invoke", "f"}, {"0"});
  EXPECT_EQ(outcome.status, 134);
  EXPECT_THAT(outcome.err, HasSubstr("call stack exhausted"));
}

TEST_P(RunTest, an_access_past_the_end_of_memory_traps) {
  Outcome outcome =
      run_text(R"((module (memory 1) (func (export "f") (param i32) (result i32) (i32.load (local.get 0)))))",
               {"--invoke", "f"}, {"65533"});
  EXPECT_EQ(outcome.status, 134);
  EXPECT_THAT(outcome.err, HasSubstr("out of bounds memory access"));
}

TEST_P(RunTest, a_missing_import_is_named) {
  Outcome outcome = run_text(R"((module (import "env" "missing" (func)) (func (export "_start"))))", {}, {});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("env"));
  EXPECT_THAT(outcome.err, HasSubstr("missing"));
}

SWAGE_BOTH_WAYS(RunTest);

TEST(Run, is_the_default_command) {
  Scratch scratch;
  std::string file = scratch.file("a.wat", kMath);
  EXPECT_EQ(run({program("swage"), "--invoke", "add", file, "1", "2"}).out, "3\n");
}

TEST(Run, gives_the_guest_no_variable_that_was_not_granted) {
  Scratch scratch;
  std::string file = scratch.file("a.wat", R"((module
    (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "count") (result i32) (drop (call $sizes (i32.const 0) (i32.const 4))) (i32.load (i32.const 0)))))");
  EXPECT_EQ(run({program("swage"), "--invoke", "count", file}).out, "0\n");
  EXPECT_EQ(run({program("swage"), "--env", "A=1", "--env", "B=2", "--invoke", "count", file}).out, "2\n");
}

TEST(Run, times_its_stages) {
  Scratch scratch;
  std::string file = scratch.file("a.wat", kMath);
  Outcome outcome = run({program("swage"), "run", "--timing", "--invoke", "add", file, "1", "2"});
  EXPECT_THAT(outcome.err, HasSubstr("validate"));
  EXPECT_EQ(outcome.out, "3\n");
}

} // namespace
} // namespace swage::cli
