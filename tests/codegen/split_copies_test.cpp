// A loop that copies what it has stored in smaller pieces copies these.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Goes round for as long as a load from another place says.
std::string in_loop(const std::string& body) {
  return test::compiled(
      "(module (memory 1) (func (param $at i32) (param $to i32) (param $x i32) (loop $next " + body +
          "(br_if $next (i32.load offset=64 (local.get $at))))))",
      OptLevel::O2, Emit::ir);
}

constexpr const char* kStore = "(i32.store (local.get $at) (i32.load offset=32 (local.get $at)))";

TEST(SplitCopies, of_what_a_narrower_store_has_changed) {
  std::string ir =
      in_loop(std::string("(i64.store offset=128 (local.get $to) (i64.load (local.get $at)))") + kStore);
  EXPECT_THAT(ir, Not(HasSubstr("load i64")));
  EXPECT_THAT(ir, HasSubstr("store volatile i32"));
}

TEST(SplitCopies, of_an_array_that_moves_by_one_element) {
  std::string ir = in_loop("(i64.store (i32.add (local.get $at) (i32.const 4)) (i64.load (local.get $at)))");
  EXPECT_THAT(ir, Not(HasSubstr("load i64")));
}

TEST(SplitCopies, leave_what_was_stored_whole) {
  EXPECT_THAT(in_loop("(i64.store offset=128 (local.get $to) (i64.load (local.get $at)))"
                      "(i64.store (local.get $at) (i64.load offset=32 (local.get $at)))"),
              HasSubstr("load i64"));
}

TEST(SplitCopies, leave_what_is_stored_elsewhere) {
  EXPECT_THAT(
      in_loop(std::string("(i64.store offset=128 (local.get $to) (i64.load offset=8 (local.get $at)))") +
              kStore),
      HasSubstr("load i64"));
}

TEST(SplitCopies, leave_what_is_more_than_copied) {
  EXPECT_THAT(in_loop(std::string("(i64.store offset=128 (local.get $to) (i64.add (i64.const 3) (i64.load "
                                  "(local.get $at))))") +
                      kStore),
              HasSubstr("load i64"));
}

} // namespace
} // namespace swage::codegen
