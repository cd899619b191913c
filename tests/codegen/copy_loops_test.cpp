// A loop that only copies moves a chunk at once; one that does anything else does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string optimised(const std::string& body, int step, OptLevel level = OptLevel::O2) {
  std::string by = "(i32.const " + std::to_string(step) + ")";
  std::string text =
      "(module (memory 1) (func (param $to i32) (param $from i32) (param $n i32) (loop $next " + body +
      "(local.set $to (i32.add (local.get $to) " + by + ")) (local.set $from (i32.add (local.get $from) " +
      by + ")) (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))";
  return test::compiled(text, level, Emit::ir);
}

std::string byte(int to, int from) {
  return "(i32.store8 offset=" + std::to_string(to) +
         " (local.get $to) (i32.load8_u offset=" + std::to_string(from) + " (local.get $from)))";
}

constexpr const char* kChunk = "copy.chunk";

TEST(CopyLoops, move_bytes_by_32) {
  std::string ir = optimised(byte(0, 0), 1);
  EXPECT_THAT(ir, HasSubstr(kChunk));
  EXPECT_THAT(ir, HasSubstr("store <32 x i8>"));
  EXPECT_THAT(ir, Not(HasSubstr("vector.body")));
}

TEST(CopyLoops, move_what_was_unrolled) {
  EXPECT_THAT(optimised(byte(0, 4) + byte(1, 5) + byte(2, 6) + byte(3, 7), 4), HasSubstr(kChunk));
}

TEST(CopyLoops, stay_as_they_are_where_bytes_are_left_out) {
  EXPECT_THAT(optimised(byte(0, 0), 2), Not(HasSubstr(kChunk)));
  EXPECT_THAT(optimised(byte(0, 0) + byte(2, 2), 4), Not(HasSubstr(kChunk)));
}

// Downwards within a round, what was just stored may be read next where the places overlap.
TEST(CopyLoops, stay_as_they_are_where_pieces_go_downwards) {
  EXPECT_THAT(optimised(byte(1, 1) + byte(0, 0), 2), Not(HasSubstr(kChunk)));
}

TEST(CopyLoops, stay_as_they_are_where_pieces_change_places) {
  EXPECT_THAT(optimised(byte(0, 1) + byte(1, 0), 2), Not(HasSubstr(kChunk)));
}

TEST(CopyLoops, stay_as_they_are_where_something_else_is_read) {
  EXPECT_THAT(optimised(byte(0, 0) + "(drop (i32.load offset=99 (local.get $from)))", 1),
              Not(HasSubstr(kChunk)));
}

TEST(CopyLoops, of_vectors_get_nothing_in_front) {
  std::string ir = optimised("(v128.store (local.get $to) (v128.load (local.get $from)))", 16);
  EXPECT_THAT(ir, Not(HasSubstr(kChunk)));
  EXPECT_THAT(ir, Not(HasSubstr("wide")));
}

TEST(CopyLoops, stay_as_they_are_where_size_counts) {
  EXPECT_THAT(optimised(byte(0, 0), 1, OptLevel::Os), Not(HasSubstr(kChunk)));
}

} // namespace
} // namespace swage::codegen
