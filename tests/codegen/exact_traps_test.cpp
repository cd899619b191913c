// What keeps the traps of loads costs no more than it must. That they trap, tests/cli/traps_test.cpp shows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

size_t count(const std::string& text, std::string_view part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) found++;
  return found;
}

// InstCombine makes one load of both, in the next round, and the last of them would not happen. The passes
// ran twice for that, the second time with both of them volatile.
TEST(ExactTraps, hold_only_the_load_that_would_move_to_the_next_round) {
  std::string ir = test::compiled(R"((module (memory 1)
    (func (param $at i32) (param $to i32) (result i32) (local $sum i32) (local $x i32)
      (local.set $x (i32.load (local.get $at)))
      (loop $next
        (i32.store (local.get $to) (local.tee $sum (i32.xor (local.get $sum) (local.get $x))))
        (local.set $to (i32.add (local.get $to) (i32.const 4)))
        (local.set $x (i32.load offset=8 (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.and (local.get $sum) (i32.const 64))))
        (br_if $next (i32.rem_u (local.get $sum) (i32.const 3))))
      (local.get $sum))))",
                                  OptLevel::O2, Emit::ir);
  EXPECT_EQ(count(ir, "load volatile i32"), 1) << ir;
  EXPECT_EQ(count(ir, "load i32"), 1) << ir;
}

} // namespace
} // namespace swage::codegen
