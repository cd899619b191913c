// An index that the loop itself has computed is not moved once more to clear its upper half; one that a
// caller may have left anything in is.
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

/// How many moves from one 32-bit register to another a function has.
ptrdiff_t moves_in(const std::string& body) {
  std::string text = test::compiled(
      "(module (memory 1) (func $f (param $p i32) (param $n i32) (result i32) (local $at i32) " + body + "))",
      OptLevel::O1, Emit::asm_);
  static const std::regex move("\tmovl\t%[a-z0-9]+, %[a-z0-9]+\n");
  return std::distance(std::sregex_iterator(text.begin(), text.end(), move), std::sregex_iterator());
}

TEST(ZeroExtensions, of_what_a_loop_computes_are_free) {
  EXPECT_EQ(moves_in(R"((local.set $at (i32.load (i32.const 8)))
                        (loop $l
                          (local.set $at (i32.load (local.get $at)))
                          (br_if $l (i32.load8_u offset=9 (local.get $at))))
                        (i32.const 0))"),
            0);
}

TEST(ZeroExtensions, of_what_branches_compute_are_free) {
  EXPECT_EQ(moves_in(R"((if (i32.load (i32.const 8))
                          (then (local.set $at (i32.load (i32.const 16))))
                          (else (local.set $at (i32.load16_u (i32.const 24)))))
                        (i32.load (local.get $at)))"),
            0);
}

TEST(ZeroExtensions, of_what_a_caller_passes_are_made) {
  EXPECT_EQ(moves_in("(i32.load (local.get $p))"), 1);
  EXPECT_GE(moves_in(R"((local.set $at (local.get $p))
                        (loop $l
                          (local.set $at (i32.add (local.get $at) (i32.load (local.get $at))))
                          (br_if $l (local.get $at)))
                        (i32.const 0))"),
            1);
}

TEST(ZeroExtensions, of_half_an_i64_are_made) {
  EXPECT_EQ(moves_in(R"((local $wide i64)
                        (local.set $wide (i64.load (i32.const 8)))
                        (if (i64.lt_s (local.get $wide) (i64.const 0)) (then
                          (i64.store (i32.const 16) (local.get $wide))))
                        (i32.load (i32.wrap_i64 (local.get $wide))))"),
            1);
}

} // namespace
} // namespace swage::codegen
