// The context stays where it is: what calls cost beside the call itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// The machine code of one function.
std::string code_of(std::string_view wat, std::string_view function) {
  std::string text = test::compiled(wat, OptLevel::O2, Emit::asm_);
  size_t begin = text.find("\n" + std::string(function) + ":");
  EXPECT_NE(begin, std::string::npos);
  return text.substr(begin, text.find(".Lfunc_end", begin) - begin);
}

TEST(ContextRegister, is_not_moved_around_calls_in_the_module) {
  std::string code = code_of(R"((module
    (global $g (mut i32) (i32.const 0))
    (func $f (param i32 i32) (result i32)
      (if (i32.eqz (local.get 0)) (then (return (global.get $g))))
      (global.set $g (call $f (local.get 1) (local.get 0)))
      (i32.add (call $f (local.get 0) (local.get 1)) (call $f (i32.const 0) (i32.const 1))))))",
                             "f0.f");
  EXPECT_THAT(code, AllOf(HasSubstr("callq\tf0.f"), HasSubstr("(%r13)"), Not(HasSubstr("%r13,")),
                          Not(HasSubstr(", %r13")), Not(HasSubstr("pushq\t%r13"))));
}

TEST(ContextRegister, is_not_saved_for_a_tail_call_in_the_module) {
  std::string code = code_of(R"((module
    (memory 1)
    (func $f (param i32) (result i32)
      (if (i32.load8_u (local.get 0)) (then (return_call $g (i32.add (local.get 0) (i32.const 1)))))
      (local.get 0))
    (func $g (param i32) (result i32) (return_call $f (i32.load (local.get 0))))))",
                             "f0.f");
  EXPECT_THAT(code, AllOf(HasSubstr("jmp\tf1.g"), Not(HasSubstr("push"))));
}

TEST(ContextRegister, is_not_moved_around_calls_through_a_closed_table) {
  std::string code = code_of(R"((module
    (type $t (func (param i32) (result i32)))
    (table 9 9 funcref) (elem (i32.const 0) $f $f $f $f $f $f $f $f $f) ;; too many for a switch
    (func $f (type $t)
      (call_indirect (type $t) (call_indirect (type $t) (local.get 0) (local.get 0)) (i32.const 1)))))",
                             "f0.f");
  EXPECT_THAT(code, AllOf(HasSubstr("callq\t*"), Not(HasSubstr("%r13"))));
}

TEST(ContextRegister, is_brought_back_by_who_calls_another_module) {
  std::string code = code_of(R"((module
    (import "m" "f" (func $f))
    (func $g (call $f) (call $f))))",
                             "f1.g");
  EXPECT_THAT(code, AllOf(HasSubstr("pushq\t%r13"), HasSubstr("popq\t%r13")));
}

TEST(ContextRegister, is_brought_back_by_who_calls_what_ends_in_another_module) {
  std::string code = code_of(R"((module
    (import "m" "f" (func $f))
    (global $g (mut i32) (i32.const 0))
    (func $leaves (return_call $f))
    (func $also_leaves (return_call $leaves))
    (func $stays (global.set $g (i32.const 1)))
    (func $h (call $also_leaves) (call $stays))))",
                             "f4.h");
  EXPECT_THAT(code, AllOf(HasSubstr("pushq\t%r13"), HasSubstr("popq\t%r13")));
}

TEST(ContextRegister, is_not_restored_by_what_ends_in_another_module) {
  std::string code = code_of(R"((module
    (import "m" "f" (func $f))
    (func $leaves (call $f) (return_call $f))))",
                             "f1.leaves");
  EXPECT_THAT(code, AllOf(HasSubstr(", %r13"), Not(HasSubstr("popq\t%r13"))));
}

TEST(ContextRegister, leaves_as_many_registers_to_callers_as_in_c) {
  std::string code = code_of(R"((module
    (import "m" "f" (func $f))
    (func $g)
    (func $h (param i32 i32 i32 i32 i32) (result i32)
      (call $g)
      (i32.add (local.get 0) (i32.add (local.get 1) (i32.add (local.get 2) (i32.add (local.get 3)
        (local.get 4))))))))",
                             "f2.h");
  EXPECT_THAT(code, AllOf(HasSubstr("pushq\t%r14"), Not(HasSubstr("(%rsp)"))));
}

} // namespace
} // namespace swage::codegen
