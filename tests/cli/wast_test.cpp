// The script runner, by scripts that should fail as much as by those that should pass: a runner that passes
// everything would otherwise look best.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/process.h"

namespace swage::cli {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

/// Both modes.
class Wast : public testing::TestWithParam<const char*> {
protected:
  Outcome wast(std::string_view script, std::vector<std::string> options = {}) const {
    std::vector<std::string> command = {program("swage"), "wast", GetParam()};
    command.insert(command.end(), options.begin(), options.end());
    command.push_back(scratch_.file("a.wast", script));
    return run(command);
  }

  Scratch scratch_;
};

TEST_P(Wast, counts_what_holds) {
  Outcome outcome = wast(R"~((module (func (export "one") (result i32) (i32.const 1)))
    (assert_return (invoke "one") (i32.const 1))
    (assert_return (invoke "one") (either (i32.const 0) (i32.const 1)))
    (assert_invalid (module (func (result i32))) "type mismatch"))~");
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_EQ(outcome.out, "3 passed, 0 failed\n");
}

TEST_P(Wast, names_the_line_of_what_does_not_hold) {
  Outcome outcome = wast(R"~((module (func (export "one") (result i32) (i32.const 1)))
    (assert_return (invoke "one") (i32.const 2))
    (assert_trap (invoke "one") "unreachable")
    (assert_invalid (module) "type mismatch")
    (assert_malformed (module quote "(func)") "unexpected token")
    (assert_unlinkable (module) "unknown import"))~");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, HasSubstr("a.wast:2: assert_return: expected i32 0x2, got 1"));
  for (const char* place : {"a.wast:3: assert_trap", "a.wast:4: assert_invalid", "a.wast:5: assert_malformed",
                            "a.wast:6: assert_unlinkable"})
    EXPECT_THAT(outcome.out, HasSubstr(place));
  EXPECT_THAT(outcome.out, EndsWith("0 passed, 5 failed\n"));
}

TEST_P(Wast, takes_no_trap_for_another) {
  Outcome outcome = wast(R"~((module (func (export "f") unreachable))
    (assert_trap (invoke "f") "unreachable")
    (assert_trap (invoke "f") "integer overflow"))~");
  EXPECT_THAT(outcome.out, EndsWith("1 passed, 1 failed\n"));
}

TEST_P(Wast, tells_references_apart) {
  Outcome outcome = wast(R"~((module
      (func (export "extern") (param externref) (result externref) (local.get 0))
      (func (export "func") (result funcref) (ref.null func)))
    (assert_return (invoke "extern" (ref.extern 1)) (ref.extern 1))
    (assert_return (invoke "extern" (ref.extern 1)) (ref.extern 2))
    (assert_return (invoke "extern" (ref.null extern)) (ref.null extern))
    (assert_return (invoke "extern" (ref.null extern)) (ref.extern))
    (assert_return (invoke "func") (ref.null func))
    (assert_return (invoke "func") (ref.null extern)))~");
  EXPECT_THAT(outcome.out, EndsWith("3 passed, 3 failed\n"));
}

TEST_P(Wast, runs_a_thread_beside_the_rest) {
  Outcome outcome = wast(R"~((module $Mem (memory (export "shared") 1 1 shared))
    (thread $T (shared (module $Mem))
      (register "mem" $Mem)
      (module (memory (import "mem" "shared") 1 1 shared)
        (func (export "wait") (result i32)
          (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))
      (assert_return (invoke "wait") (i32.const 0)))
    (register "mem" $Mem)
    (module (memory (import "mem" "shared") 1 1 shared)
      (func (export "wake")
        (loop (br_if 0 (i32.eqz (memory.atomic.notify (i32.const 0) (i32.const 1)))))))
    (invoke "wake")
    (wait $T))~");
  EXPECT_EQ(outcome.out, "1 passed, 0 failed\n");
}

TEST_P(Wast, shows_a_thread_only_what_is_shared_with_it) {
  Outcome outcome = wast(R"~((module $Mem (memory (export "shared") 1 1 shared) (memory (export "own") 1))
    (register "mem" $Mem)
    (thread $T (shared (module $Mem))
      (assert_unlinkable (module (memory (import "mem" "shared") 1 1 shared)) "unknown import")
      (register "mem" $Mem)
      (module (memory (import "mem" "shared") 1 1 shared))
      (assert_unlinkable (module (memory (import "mem" "own") 1)) "unknown import")
      (invoke $Mem "f"))
    (wait $T)
    (wait $T))~");
  EXPECT_THAT(outcome.out, HasSubstr("a.wast:8: action: no such instance"));
  EXPECT_THAT(outcome.out, HasSubstr("a.wast:10: wait: no such thread"));
  EXPECT_THAT(outcome.out, EndsWith("2 passed, 2 failed\n"));
}

TEST_P(Wast, switches_features) {
  constexpr std::string_view kScript =
      R"~((assert_invalid (module (memory 1) (memory 1)) "multiple memories"))~";
  EXPECT_THAT(wast(kScript).out, EndsWith("0 passed, 1 failed\n"));
  EXPECT_THAT(wast(kScript, {"--disable", "multi-memory"}).out, EndsWith("1 passed, 0 failed\n"));
  EXPECT_EQ(wast(kScript, {"--disable", "no-such"}).status, 2);
}

INSTANTIATE_TEST_SUITE_P(Mode, Wast, testing::Values("--jit", "--aot"),
                         [](const auto& test) { return std::string(test.param + 2); });

TEST(WastFiles, a_missing_one_is_an_error_and_no_result) {
  Outcome outcome = run({program("swage"), "wast", "/no/such/file"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("swage: error: /no/such/file: cannot open"));
  EXPECT_EQ(outcome.out, "0 passed, 0 failed\n");
}

TEST(WastFiles, a_script_that_is_none_shows_the_place) {
  Scratch scratch;
  Outcome outcome = run({program("swage"), "wast", scratch.file("a.wast", "(module)\n(assert_nothing)")});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("a.wast:2:2: unknown operator assert_nothing"));
  EXPECT_THAT(outcome.err, HasSubstr("  (assert_nothing)\n   ^\n"));
}

} // namespace
} // namespace swage::cli
