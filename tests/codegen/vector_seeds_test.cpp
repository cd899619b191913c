// Only loops that do the same to neighbours get vectors of their scalars.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kVector = "<4 x i32>";

std::string in_function(const std::string& body) {
  return test::compiled("(module (memory 1) (func (param $to i32) (param $from i32) (local $a i32) (local $b "
                        "i32) (local $c i32) (local $d i32) " +
                            body + "))",
                        OptLevel::O2, Emit::ir);
}

/// Nobody can tell how often it goes round, so that only neighbours can become vectors.
std::string in_loop(const std::string& body) {
  return in_function("(loop $next " + body + "(br_if $next (i32.load offset=64 (local.get $from))))");
}

/// Four words from one place to another, each a little more than it was.
constexpr const char* kNeighbours =
    "(local.set $a (i32.load (local.get $from))) (local.set $b (i32.load offset=4 (local.get $from)))"
    "(local.set $c (i32.load offset=8 (local.get $from))) (local.set $d (i32.load offset=12 (local.get "
    "$from)))"
    "(i32.store (local.get $to) (i32.add (local.get $a) (i32.const 5)))"
    "(i32.store offset=4 (local.get $to) (i32.add (local.get $b) (i32.const 6)))"
    "(i32.store offset=8 (local.get $to) (i32.add (local.get $c) (i32.const 7)))"
    "(i32.store offset=12 (local.get $to) (i32.add (local.get $d) (i32.const 8)))";

TEST(VectorSeeds, are_neighbours_in_a_loop) { EXPECT_THAT(in_loop(kNeighbours), HasSubstr(kVector)); }

TEST(VectorSeeds, are_nowhere_outside_of_loops) {
  EXPECT_THAT(in_function(kNeighbours), Not(HasSubstr(kVector)));
}

TEST(VectorSeeds, are_not_sums_that_need_each_other) {
  std::string sums;
  for (int offset = 0; offset < 16; offset += 4) {
    std::string at = "offset=" + std::to_string(offset) + " ";
    sums += "(local.set $a (i32.add (local.get $a) (i32.load " + at + "(local.get $from)))) (i32.store " +
            at + "(local.get $to) (local.get $a))";
  }
  EXPECT_THAT(in_loop(sums), Not(HasSubstr(kVector)));
}

TEST(VectorSeeds, are_not_sums_of_one_value_and_constants) {
  std::string ramp = "(local.set $a (i32.load (local.get $from)))";
  for (int offset = 0; offset < 16; offset += 4)
    ramp += "(i32.store offset=" + std::to_string(offset) +
            " (local.get $to) (i32.add (local.get $a) (i32.const " + std::to_string(offset * offset + 1) +
            ")))";
  EXPECT_THAT(in_loop(ramp), Not(HasSubstr(kVector)));
}

TEST(VectorSeeds, are_not_what_a_loop_stores_in_each_round) {
  std::string fill;
  for (int offset = 0; offset < 16; offset += 4)
    fill += "(i32.store offset=" + std::to_string(offset) + " (local.get $to) (local.get $b))";
  EXPECT_THAT(in_function("(local.set $b (i32.mul (local.get $from) (i32.const 3)))"
                          "(loop $next " +
                          fill + "(br_if $next (i32.load offset=64 (local.get $from))))"),
              Not(HasSubstr(kVector)));
}

} // namespace
} // namespace swage::codegen
