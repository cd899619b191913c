// Sizes that grow with the input and not faster. Counted, not timed: instructions and phi operands of shapes
// that would be quadratic if locals or labels were handled naively.
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>

#include "tests/lower/support.h"

namespace swage::lower::test {
namespace {

/// Instructions and phi operands of all functions.
size_t size_of(std::string_view text) {
  Lowered lowered = lower(text);
  size_t size = 0;
  for (const llvm::Function& function : *lowered.functions)
    for (const llvm::Instruction& instruction : llvm::instructions(function)) {
      size++;
      if (const auto* phi = llvm::dyn_cast<llvm::PHINode>(&instruction)) size += phi->getNumIncomingValues();
    }
  return size;
}

std::string repeat(size_t count, std::string_view text) {
  std::string all;
  for (size_t k = 0; k < count; k++) all += text;
  return all;
}

TEST(Linear, loops_have_no_phis_for_locals_that_they_do_not_assign) {
  auto text = [](size_t count) {
    return "(module (func (param i32) (local" + repeat(count, " i32") + ")" +
           repeat(count, "(loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))") + "))";
  };
  EXPECT_LT(size_of(text(400)), 3 * size_of(text(200)));
}

TEST(Linear, joins_have_no_phis_for_locals_that_agree) {
  auto text = [](size_t count) {
    return "(module (global (mut i32) (i32.const 0)) (func (param i32) (local" + repeat(count, " i32") + ")" +
           repeat(count, "(if (local.get 0) (then (global.set 0 (local.get 0))))") + "))";
  };
  EXPECT_LT(size_of(text(400)), 3 * size_of(text(200)));
}

TEST(Linear, a_table_of_one_label_is_one_edge) {
  std::string text = "(module (func (param i32) (result i32) (block (result i32) (i32.const 7) (br_table" +
                     repeat(5000, " 0") + " 0 (local.get 0)))))";
  EXPECT_LT(size_of(text), 20u);
}

TEST(Linear, a_table_of_two_labels_has_two_edges) {
  std::string text = "(module (func (param i32) (result i32) (block (result i32) (block (result i32) "
                     "(i32.const 7) (br_table" +
                     repeat(2000, " 0 1") + " 0 (local.get 0))) (drop) (i32.const 9))))";
  EXPECT_LT(size_of(text), 30u);
}

TEST(Linear, calls_in_a_try_do_not_multiply_with_the_locals_changed_between_them) {
  auto text = [](size_t count) {
    std::string body;
    for (size_t k = 0; k < count; k++)
      body += "(call $f) (local.set " + std::to_string(k) + " (i32.const " + std::to_string(k) + "))";
    std::string uses;
    for (size_t k = 0; k < count; k++) uses += "(call $g (local.get " + std::to_string(k) + "))";
    return "(module (import \"m\" \"f\" (func $f)) (import \"m\" \"g\" (func $g (param i32))) (func (local" +
           repeat(count, " i32") + ") (block (try_table (catch_all 0)" + body + "))" + uses + "))";
  };
  EXPECT_LT(size_of(text(4000)), 6 * size_of(text(1000))); // not 16
}

TEST(Linear, calls_between_changes_of_the_locals_share_a_pad) {
  auto text = [](size_t count) {
    return "(module (import \"m\" \"f\" (func $f)) (func (block (try_table (catch_all 0)" +
           repeat(count, "(call $f)") + "))))";
  };
  EXPECT_EQ(size_of(text(300)) - size_of(text(200)), 100u); // invokes
}

TEST(Linear, nested_tries_do_not_multiply) {
  auto text = [](size_t count) {
    return "(module (import \"m\" \"f\" (func $f)) (tag $e) (func " +
           repeat(count, "(block (try_table (catch $e 0) (call $f)") + repeat(count, "))") + "))";
  };
  EXPECT_LT(size_of(text(4000)), 5 * size_of(text(1000)));
}

TEST(Linear, nesting_does_not_use_the_stack) {
  std::string text = "(module (func " + repeat(100000, "block ") + repeat(100000, "end ") + "))";
  EXPECT_LT(size_of(text), 10u);
}

TEST(Linear, unreachable_code_leaves_nothing) {
  std::string text = "(module (memory 1) (func (unreachable)" +
                     repeat(1000, "(i32.store (i32.const 0) (i32.const 1))") + "))";
  EXPECT_LT(size_of(text), 10u);
}

} // namespace
} // namespace swage::lower::test
