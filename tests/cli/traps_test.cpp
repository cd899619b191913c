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
    {"stored_and_overwritten", "(i32.store (i32.const 8) (i32.load (local.get 0)))"
                               "(i64.store (i32.const 8) (i64.const 0)) (i32.const 7)"},
    {"stored_with_others_and_overwritten",
     "(i32.store (i32.const 8) (i32.add (i32.load (local.get 0)) (i32.const 3)))"
     "(i32.store (i32.const 64) (local.get 0)) (i64.store (i32.const 4) (i64.const 0)) (i32.const 7)"},
    {"select_of_the_other", "(select (i32.load (local.get 0)) (i32.const 3) (i32.const 0))"},
    {"dead_vector", "(drop (v128.load (local.get 0))) (i32.const 1)"},
    {"subtracted_from_itself", "(i32.sub (i32.load (local.get 0)) (i32.load (local.get 0)))"},
    {"needed_after_one_exit_of_a_loop",
     "(local $i i32) (local $x i32)"
     "(block $out (loop $next (local.set $x (i32.load (local.get 0)))"
     "  (br_if $out (i32.gt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3)))"
     "  (br_if $next (i32.ne (local.get $i) (i32.load (i32.const 64)))) (return (local.get $x))))"
     "(i32.const 5)"},
    {"needed_in_the_next_round_only",
     "(local $i i32) (local $x i32) (local.set $x (i32.load (i32.const 16)))"
     "(loop $next (local.set $i (i32.add (local.get $i) (i32.add (local.get $x) (i32.const 1))))"
     "  (local.set $x (i32.load (local.get 0))) (br_if $next (i32.eqz (local.get $i))))"
     "(local.get $i)"},
};

/// Of the loaded bytes only the first, or none after folding, are needed: the function is called with an
/// address where memory ends in the middle of them.
constexpr Case kPartial[] = {
    {"low_byte", "(i32.and (i32.load (local.get 0)) (i32.const 255))"},
    {"low_half", "(i32.wrap_i64 (i64.load offset=0 (i32.sub (local.get 0) (i32.const 4))))"},
    {"sign_extended_byte", "(i32.extend8_s (i32.load (local.get 0)))"},
    {"one_bit_tested", "(if (result i32) (i32.and (i32.load (local.get 0)) (i32.const 1)) (then (i32.const "
                       "1)) (else (i32.const 2)))"},
    {"first_lane", "(i32x4.extract_lane 0 (v128.load (i32.sub (local.get 0) (i32.const 12))))"},
    {"low_half_of_a_vector", "(i32.wrap_i64 (i64x2.extract_lane 0 (i64x2.extend_low_i32x4_u"
                             "  (v128.load (i32.sub (local.get 0) (i32.const 12))))))"},
    {"one_bit_set",
     "(i32.store (local.get 0) (i32.or (i32.load (local.get 0)) (i32.const 1))) (i32.const 0)"},
    {"low_byte_replaced",
     "(i32.store (local.get 0) (i32.or (i32.and (i32.load (local.get 0)) (i32.const 0xffffff00))"
     "  (i32.const 0x41))) (i32.const 0)"},
    {"byte_of_a_sum", "(i32.and (i32.add (i32.load (local.get 0)) (i32.const 3)) (i32.const 255))"},
    {"byte_stored", "(i32.store8 (i32.const 8) (i32.load (local.get 0))) (i32.const 0)"},
};

class ExactTraps : public testing::TestWithParam<std::tuple<Case, const char*>> {
protected:
  /// Calls the case's function in both modes: with `bad` it traps, with `good` it does not.
  static void expect_traps(const char* bad, const char* good) {
    const auto& [which, level] = GetParam();
    Scratch scratch;
    std::string text =
        std::string("(module (memory 1) (func (export \"f\") (param i32) (result i32) ") + which.body + "))";
    std::string source = scratch.file("a.wat", text);
    std::string artifact = scratch.path("a.so");
    ASSERT_EQ(run({program("swage"), "compile", level, source, "-o", artifact}).status, 0);
    for (const std::vector<std::string>& argv :
         {std::vector<std::string>{program("swage"), "run", level, "--invoke", "f", source, bad},
          std::vector<std::string>{program("swage-run"), "--invoke", "f", artifact, bad}}) {
      Outcome outcome = run(argv);
      EXPECT_EQ(outcome.status, 134) << argv[0] << " " << outcome.out;
      EXPECT_THAT(outcome.err, HasSubstr("out of bounds memory access"));
    }
    EXPECT_EQ(run({program("swage-run"), "--invoke", "f", artifact, good}).status, 0);
  }
};

TEST_P(ExactTraps, hold_in_both_modes) { expect_traps("0x7fffffff", "16"); }

class PartialLoads : public ExactTraps {};

TEST_P(PartialLoads, trap_where_memory_ends_in_the_middle) { expect_traps("65533", "65532"); }

std::string name_of(const testing::TestParamInfo<std::tuple<Case, const char*>>& info) {
  return std::string(std::get<0>(info.param).name) + "_" + (std::get<1>(info.param) + 1);
}

INSTANTIATE_TEST_SUITE_P(Levels, ExactTraps,
                         testing::Combine(testing::ValuesIn(kCases), testing::Values("-O0", "-O1", "-O2")),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Levels, PartialLoads,
                         testing::Combine(testing::ValuesIn(kPartial), testing::Values("-O0", "-O1", "-O2")),
                         name_of);

// A load that only the next round needs stays where it is for its trap alone.
TEST(RelaxedTraps, make_no_load_volatile) {
  Scratch scratch;
  std::string source = scratch.file("a.wat", R"((module (memory 1)
    (func (param $at i32) (param $sum i32) (result i32) (local $x i32)
      (local.set $x (i32.load (local.get $at)))
      (loop $next
        (local.set $sum (i32.xor (local.get $sum) (local.get $x)))
        (i32.store (i32.const 64) (local.get $sum))
        (local.set $x (i32.load offset=8 (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.and (local.get $sum) (i32.const 64))))
        (br_if $next (i32.rem_u (local.get $sum) (i32.const 3))))
      (local.get $sum))))");
  auto ir = [&](std::vector<std::string> flags) {
    std::vector<std::string> argv = {program("swage"), "compile", "-O2", "--emit", "ir", source, "-o", "-"};
    argv.insert(argv.end(), flags.begin(), flags.end());
    return run(argv).out;
  };
  EXPECT_THAT(ir({}), HasSubstr("load volatile"));
  EXPECT_THAT(ir({"--relaxed-traps"}), testing::Not(HasSubstr("load volatile")));
}

// A chunk of a copy, too, is the load or the store that it stands for.
TEST(CopyLoops, trap_where_the_loop_would) {
  Scratch scratch;
  std::string source = scratch.file("a.wat", R"((module (memory 1)
    (func $copy (param $to i32) (param $from i32) (param $n i32)
      (loop $next
        (i32.store8 (local.get $to) (i32.load8_u (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func (export "from") (call $copy (i32.const 0) (i32.const 65500) (i32.const 100)))
    (func (export "to") (call $copy (i32.const 65500) (i32.const 0) (i32.const 100)))))");
  auto error = [&](const char* level, const char* function) {
    return run({program("swage"), "run", level, "--invoke", function, source}).err;
  };
  for (const char* function : {"from", "to"}) EXPECT_EQ(error("-O2", function), error("-O0", function));
  EXPECT_NE(error("-O2", "from"), error("-O2", "to"));
}

} // namespace
} // namespace swage::cli
