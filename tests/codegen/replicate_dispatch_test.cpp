// Without a profile, small interpreters get a dispatch at the end of each of their instructions; what only
// resembles one, and large ones, keep a single one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

ptrdiff_t switches_in(const std::string& ir) {
  ptrdiff_t count = 0;
  for (size_t at = 0; (at = ir.find("  switch i", at)) != std::string::npos; at++) count++;
  return count;
}

/// How many switches are left of one in a loop, whose eight cases all do something and then `go_on`.
ptrdiff_t switches_of(const std::string& go_on, const std::string& rest = "") {
  std::string cases, blocks;
  for (int k = 7; k >= 0; k--) blocks += " (block $c" + std::to_string(k);
  for (int k = 0; k < 8; k++)
    cases += ") (i32.store offset=" + std::to_string(4 * k) +
             " (local.get $n) (i32.mul (local.get $n) (i32.const " + std::to_string(7919 * k + 3) + "))) " +
             go_on;
  std::string text = "(module (memory 1) (func (export \"f\") (param $at i32) (param $n i32)"
                     "  (block $end (loop $again"
                     "    (local.set $n (i32.add (local.get $n) (i32.const 4)))"
                     "    (local.set $at (i32.add (local.get $at) (i32.const 1)))" +
                     blocks +
                     "    (br_table $c0 $c1 $c2 $c3 $c4 $c5 $c6 $c7 $end (i32.load8_u (local.get $at)))" +
                     cases + "))" + rest + "))";
  return switches_in(test::compiled(text, OptLevel::O2, Emit::ir));
}

TEST(ReplicateDispatch, in_a_small_interpreter) { EXPECT_GE(switches_of("(br $again)"), 8); }

TEST(ReplicateDispatch, not_where_cases_leave_the_loop) { EXPECT_EQ(switches_of("(br $end)"), 1); }

TEST(ReplicateDispatch, not_where_a_switch_chooses_among_functions) {
  std::string ir = test::compiled(R"((module (memory 1) (type $t (func (param i32) (result i32)))
    (table funcref (elem $a $b $a $b $c $a $b $c))
    (func $a (type $t) (i32.add (i32.load (local.get 0)) (i32.const 77)))
    (func $b (type $t) (i32.xor (i32.load offset=4 (local.get 0)) (i32.const 77)))
    (func $c (type $t) (i32.mul (i32.load offset=8 (local.get 0)) (i32.const 77)))
    (func (export "f") (param $at i32) (param $n i32) (result i32) (local $sum i32)
      (loop $again
        (local.set $sum (i32.add (local.get $sum)
          (call_indirect (type $t) (local.get $at) (i32.load (local.get $at)))))
        (if (i32.and (local.get $sum) (i32.const 1))
          (then (i32.store (local.get $at) (local.get $sum)))
          (else (i32.store offset=4 (local.get $at) (i32.const 5))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br_if $again (i32.lt_u (local.get $at) (local.get $n))))
      (local.get $sum))))",
                                  OptLevel::O2, Emit::ir);
  EXPECT_EQ(switches_in(ir), 1);
}

TEST(ReplicateDispatch, not_in_a_large_function) {
  std::string much;
  for (int k = 0; k < 800; k++)
    much += "(i32.store offset=" + std::to_string(4096 + 8 * k) +
            " (local.get $at) (i32.rotl (i32.load (local.get $n)) (i32.const 5)))";
  EXPECT_EQ(switches_of("(br $again)", much), 1);
}

} // namespace
} // namespace swage::codegen
