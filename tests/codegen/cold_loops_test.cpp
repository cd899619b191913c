// A loop that runs seldom beside another of its function gets no vectors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

using testing::ContainsRegex;
using testing::Not;

constexpr const char* kVector = "<[0-9]+ x i32>";

std::string compiled(const std::string& body, OptLevel level = OptLevel::O2) {
  return test::compiled("(module (memory 1) (func (param $n i32) (result f64) (local $at i32)"
                        " (local $i i32) (local $k i32) (local $sum f64) " +
                            body + "(local.get $sum)))",
                        level, Emit::ir);
}

/// $n rounds of four bytes.
std::string loop(const std::string& counter, const std::string& body) {
  return "(local.set " + counter + " (local.get $n)) (loop " + body +
         "(local.set $at (i32.add (local.get $at) (i32.const 4)))"
         "(br_if 0 (local.tee " +
         counter + " (i32.sub (local.get " + counter + ") (i32.const 1)))))";
}

/// Each word becomes a little more.
const std::string kWords =
    loop("$i", "(i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (i32.const 5)))");
/// A sum of floats keeps its order, so that it is no vector.
const std::string kSum = loop("$k", "(local.set $sum (f64.add (local.get $sum) (f64.load (local.get $at))))");

TEST(ColdLoops, run_less_deep_than_others) {
  std::string beside = kWords + loop("$i", kSum);
  EXPECT_THAT(compiled(beside), Not(ContainsRegex(kVector)));
  EXPECT_THAT(compiled(beside, OptLevel::O3), ContainsRegex(kVector));
}

TEST(ColdLoops, are_none_among_equals) {
  EXPECT_THAT(compiled(kWords), ContainsRegex(kVector));
  EXPECT_THAT(compiled(kWords + kSum), ContainsRegex(kVector));
  EXPECT_THAT(compiled(loop("$k", kWords) + loop("$i", kSum)), ContainsRegex(kVector));
}

} // namespace
} // namespace swage::codegen
