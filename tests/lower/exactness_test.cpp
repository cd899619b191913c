// What LLVM would take away if it could: the trap of a load that nobody uses, endless loops, endless
// recursion, the quieting of signalling NaNs. Here as the IR that prevents it; that it survives the optimiser
// is codegen's to test.
#include <gmock/gmock.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>

#include "tests/lower/support.h"

namespace swage::lower::test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string ir(std::string_view text, const LowerOptions& options = options_for(Machine::x86_64)) {
  Lowered lowered = lower(text, options);
  return lowered.functions == nullptr ? "" : ir_of(*lowered.functions);
}

TEST(ExactTraps, a_dropped_load_is_volatile) {
  EXPECT_THAT(ir("(module (memory 1) (func (drop (i32.load (i32.const 0)))))"),
              HasSubstr("load volatile i32"));
}

TEST(ExactTraps, a_used_load_is_not) {
  EXPECT_THAT(ir("(module (memory 1) (func (result i32) (i32.load (i32.const 0))))"),
              Not(HasSubstr("volatile")));
}

TEST(ExactTraps, a_load_for_a_dead_sum_is_volatile) {
  EXPECT_THAT(ir("(module (memory 1) (func (drop (i32.add (i32.load (i32.const 0)) (i32.const 1)))))"),
              HasSubstr("load volatile i32"));
}

TEST(ExactTraps, a_load_for_a_local_that_only_the_loop_carries_is_volatile) {
  EXPECT_THAT(ir(R"((module (memory 1) (func (param $n i32) (local $x i32)
    (loop (local.set $x (i32.load (local.get $n)))
      (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))))"),
              HasSubstr("load volatile i32"));
}

TEST(ExactTraps, relaxed_traps_drop_dead_loads) {
  LowerOptions options = options_for(Machine::x86_64);
  options.traps = Traps::relaxed;
  EXPECT_THAT(ir("(module (memory 1) (func (drop (i32.load (i32.const 0)))))", options),
              Not(HasSubstr("load")));
}

TEST(ExactTraps, functions_may_loop_and_recurse_for_ever) {
  Lowered lowered = lower("(module (func $f (call $f) (loop (br 0))))");
  const llvm::Function& function = *lowered.functions->getFunction("f0.f");
  EXPECT_FALSE(function.hasFnAttribute(llvm::Attribute::MustProgress));
  EXPECT_FALSE(function.hasFnAttribute(llvm::Attribute::WillReturn));
  EXPECT_EQ(function.getFnAttribute("disable-tail-calls").getValueAsString(), "true");
}

TEST(ExactTraps, loops_do_not_become_calls_of_libc) {
  Lowered lowered = lower("(module (func))");
  EXPECT_TRUE(lowered.functions->getFunction("f0")->hasFnAttribute("no-builtins"));
}

TEST(ExactFloats, multiplying_by_one_quietens_a_nan) {
  EXPECT_THAT(ir("(module (func (param f32) (result f32) (f32.mul (local.get 0) (f32.const 1))))"),
              HasSubstr("or i32 %2, 4194304"));
}

TEST(ExactFloats, multiplying_by_two_is_ordinary) {
  EXPECT_THAT(ir("(module (func (param f32) (result f32) (f32.mul (local.get 0) (f32.const 2))))"),
              HasSubstr("fmul float"));
}

TEST(ExactFloats, demoting_what_was_promoted_quietens_a_nan) {
  EXPECT_THAT(ir("(module (func (param f32) (result f32) (f32.demote_f64 (f64.promote_f32 (local.get 0)))))"),
              HasSubstr("or i32 %2, 4194304"));
}

TEST(ExactFloats, deterministic_code_fixes_the_bits_of_nans) {
  LowerOptions options = options_for(Machine::x86_64);
  options.determinism = Determinism::deterministic;
  EXPECT_THAT(ir("(module (func (param f32) (result f32) (f32.add (local.get 0) (local.get 0))))", options),
              HasSubstr("float 0x7FF8000000000000"));
}

/// The debug location of the only instruction of a kind.
template<class Kind> llvm::DebugLoc place_of(const llvm::Module& module) {
  for (const llvm::Function& function : module)
    for (const llvm::Instruction& instruction : llvm::instructions(function))
      if (llvm::isa<Kind>(instruction)) return instruction.getDebugLoc();
  return {};
}

TEST(Places, a_line_is_the_offset_in_the_module_plus_one) {
  Lowered lowered =
      lower("(module (func (param i32 i32) (result i32) (i32.mul (local.get 0) (local.get 1))))");
  const wasm::Body& body = lowered.source->module.bodies[0];
  // local.get 0, local.get 1, two bytes each
  EXPECT_EQ(place_of<llvm::BinaryOperator>(*lowered.functions).getLine(), body.offset + 4 + 1);
}

TEST(Places, a_column_is_the_trap_code_of_the_access_plus_one) {
  Lowered lowered = lower("(module (memory 1) (func (i32.store (i32.const 0) (i32.const 1))))");
  EXPECT_EQ(place_of<llvm::StoreInst>(*lowered.functions).getCol(),
            static_cast<unsigned>(TrapCode::memory_out_of_bounds) + 1);
}

TEST(Places, other_instructions_have_no_column) {
  Lowered lowered = lower("(module (func (param i32) (result i32) (i32.mul (local.get 0) (local.get 0))))");
  EXPECT_EQ(place_of<llvm::BinaryOperator>(*lowered.functions).getCol(), 0u);
}

} // namespace
} // namespace swage::lower::test
