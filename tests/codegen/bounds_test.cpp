// Checks that always succeed are not in the code: of a 64-bit memory what is in range by its type costs what
// it costs in a 32-bit one.
#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string assembly_of(const std::string& wat) { return test::compiled(wat, OptLevel::O2, Emit::asm_); }

/// A function's machine code.
std::string function_in(const std::string& assembly, const std::string& function) {
  size_t start = assembly.find("\n" + function + ":");
  return assembly.substr(start, assembly.find(".cfi_endproc", start) - start);
}

/// The sum of `bytes` bytes from address 0 on, in a memory of 2 pages (the second one of the module) with
/// addresses of a type.
std::string sum(std::string_view address, unsigned bytes) {
  return fmt::format(R"((module (memory 1) (memory $m {0} 2)
    (func $sum (result i64) (local $t i64) (local $i {0})
      (loop $again
        (local.set $t (i64.add (local.get $t) (i64.load $m (local.get $i))))
        (br_if $again ({0}.lt_u (local.tee $i ({0}.add (local.get $i) ({0}.const 8))) ({0}.const {1}))))
      (local.get $t))
    (func $masked (param {0}) (result i32) (i32.load $m offset=4 ({0}.and (local.get 0) ({0}.const 0xffff))))))",
                     address, bytes);
}

TEST(Bounds, a_loop_inside_of_the_least_size_is_vectorised_without_checks) {
  std::string loop = function_in(assembly_of(sum("i64", 131072)), "f0.sum");
  EXPECT_THAT(loop, HasSubstr("vpaddq"));
  EXPECT_THAT(loop, Not(HasSubstr("ud1")));
  auto lines = [](const std::string& text) { return std::ranges::count(text, '\n'); };
  std::string twin = function_in(assembly_of(sum("i32", 131072)), "f0.sum");
  EXPECT_LE(10 * lines(loop), 13 * lines(twin)) << loop << twin;
}

TEST(Bounds, a_loop_that_leaves_the_least_size_is_checked) {
  EXPECT_THAT(function_in(assembly_of(sum("i64", 131080)), "f0.sum"), HasSubstr("ud1"));
}

TEST(Bounds, a_masked_index_is_not_checked) {
  EXPECT_THAT(function_in(assembly_of(sum("i64", 8)), "f1.masked"), Not(HasSubstr("ud1")));
}

} // namespace
} // namespace swage::codegen
