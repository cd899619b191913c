// A loop that searches memory compares many elements at once; one that does anything else does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A loop that steps $p, and maybe $q, by `step` until `found`.
std::string search(const std::string& found, const std::string& memory = "1", OptLevel level = OptLevel::O2,
                   const std::string& step = "1") {
  std::string text =
      "(module (memory " + memory +
      ") (func (param $p i32) (param $q i32) (result i32) (block $out (loop $next (br_if $out " + found +
      ") (local.set $p (i32.add (local.get $p) (i32.const " + step +
      "))) (local.set $q (i32.add (local.get $q) (i32.const " + step + "))) (br $next))) (local.get $p)))";
  return test::compiled(text, level, Emit::ir);
}

constexpr const char* kChunk = "search.chunk";
constexpr const char* kByte = "(i32.eq (i32.load8_u (local.get $p)) (i32.const 10))";

TEST(SearchLoops, compare_32_bytes_at_once) { EXPECT_THAT(search(kByte), HasSubstr("icmp eq <32 x i8>")); }

TEST(SearchLoops, compare_words) {
  EXPECT_THAT(search("(i32.eq (i32.load (local.get $p)) (local.get 1))", "1", OptLevel::O2, "4"),
              HasSubstr("<8 x i32>"));
}

TEST(SearchLoops, compare_two_places) {
  EXPECT_THAT(search("(i32.ne (i32.load8_u (local.get $p)) (i32.load8_u (local.get $q)))"),
              HasSubstr("<32 x i8>"));
}

TEST(SearchLoops, stay_as_they_are_where_words_of_two_places_are_compared) {
  EXPECT_THAT(search("(i32.ne (i32.load (local.get $p)) (i32.load (local.get $q)))", "1", OptLevel::O2, "4"),
              Not(HasSubstr(kChunk)));
}

TEST(SearchLoops, stay_as_they_are_where_bytes_are_left_out) {
  EXPECT_THAT(search(kByte, "1", OptLevel::O2, "2"), Not(HasSubstr(kChunk)));
}

TEST(SearchLoops, stay_as_they_are_where_an_address_was_loaded) {
  EXPECT_THAT(search("(i32.load8_u (i32.load8_u (local.get $p)))"), Not(HasSubstr(kChunk)));
}

TEST(SearchLoops, stay_as_they_are_where_they_store) {
  EXPECT_THAT(
      search("(block (result i32) (i32.store (i32.const 0) (local.get $p)) " + std::string(kByte) + ")"),
      Not(HasSubstr(kChunk)));
}

TEST(SearchLoops, stay_as_they_are_in_shared_memories) {
  EXPECT_THAT(search(kByte, "1 1 shared"), Not(HasSubstr(kChunk)));
}

TEST(SearchLoops, stay_as_they_are_where_size_counts) {
  EXPECT_THAT(search(kByte, "1", OptLevel::Os), Not(HasSubstr(kChunk)));
}

} // namespace
} // namespace swage::codegen
