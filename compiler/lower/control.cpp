// Control instructions but for calls.
// https://webassembly.github.io/spec/core/exec/instructions.html#control-instructions
#include "compiler/lower/lowerer.h"

#include <cassert>
#include <llvm/IR/PatternMatch.h>

namespace swage::lower {

Lowerer::Arity Lowerer::block_arity() const {
  const wasm::BlockType& block = instruction_.block;
  switch (block.kind) {
  case wasm::BlockType::Kind::none: return {0, 0};
  case wasm::BlockType::Kind::value: return {0, 1};
  case wasm::BlockType::Kind::index: {
    const FuncType& type = env_.module.types[block.type.value].composite.func;
    return {static_cast<uint32_t>(type.params.size()), static_cast<uint32_t>(type.results.size())};
  }
  }
  return {};
}

void Lowerer::unreachable() {
  b_.CreateBr(trap_block(TrapCode::unreachable));
  become_unreachable();
}

void Lowerer::nop() {}

void Lowerer::block() {
  Arity arity = block_arity();
  push_frame(FrameKind::block, arity.params, arity.results);
}

void Lowerer::loop() {
  Arity arity = block_arity();
  const LoopInfo& info = loops_[next_loop_++];
  if (!info.has_back_edge) {
    push_frame(FrameKind::block, arity.params, arity.results);
    return;
  }
  llvm::BasicBlock* before = b_.GetInsertBlock();
  llvm::BasicBlock* header = new_block("loop");
  b_.CreateBr(header);
  start_block(header);
  std::vector<llvm::PHINode*> phis;
  auto make_phi = [&](llvm::Value* value) {
    llvm::PHINode* phi = b_.CreatePHI(value->getType(), 2);
    phi->addIncoming(value, before);
    phis.push_back(phi);
    return phi;
  };
  for (size_t k = stack_.size() - arity.params; k < stack_.size(); k++) stack_[k] = make_phi(stack_[k]);
  for (uint32_t local : info.locals) set_local(local, make_phi(locals_[local]));
  push_frame(FrameKind::loop, arity.params, arity.results);
  frames_.back().join = header;
  frames_.back().phis = std::move(phis);
  frames_.back().loop_locals = info.locals;
}

void Lowerer::if_() {
  Arity arity = block_arity();
  llvm::Value* condition = pop_condition();
  count_condition(condition);
  llvm::BasicBlock* then = new_block("then");
  llvm::BasicBlock* otherwise = new_block("else");
  llvm::Instruction* branch = b_.CreateCondBr(condition, then, otherwise);
  weigh(branch);
  push_frame(FrameKind::if_, arity.params, arity.results);
  Frame& frame = frames_.back();
  frame.condition = branch;
  frame.else_block = otherwise;
  frame.else_params.assign(stack_.end() - arity.params, stack_.end());
  start_block(then);
}

void Lowerer::else_() {
  Frame& frame = frames_.back();
  assert(frame.kind == FrameKind::if_);
  if (is_reachable_) {
    add_edge(0, b_.GetInsertBlock());
    b_.CreateBr(frame.join);
  }
  restore_locals(frame);
  stack_.resize(frame.height);
  stack_.insert(stack_.end(), frame.else_params.begin(), frame.else_params.end());
  start_block(frame.else_block);
  frame.kind = FrameKind::block;
  is_reachable_ = true;
}

void Lowerer::end() {
  Frame& frame = frames_.back();
  if (frame.kind == FrameKind::try_table) return end_try_table();
  if (frame.kind == FrameKind::try_ || frame.kind == FrameKind::catch_) return end_try();
  if (frame.kind == FrameKind::function && is_reachable_) emit_return();
  bool is_plain_end = frame.kind == FrameKind::function || frame.kind == FrameKind::expression ||
                      frame.kind == FrameKind::loop ||
                      (frame.kind == FrameKind::block && frame.edges.empty());
  if (is_plain_end) {
    if (!is_reachable_) stack_.resize(frame.height);
    close_frame();
    return;
  }
  if (is_reachable_) {
    add_edge(0, b_.GetInsertBlock());
    b_.CreateBr(frame.join);
  }
  restore_locals(frame);
  if (frame.kind == FrameKind::if_) {
    // Without an else, a false condition goes straight to the join with the parameters as results.
    if (frame.join == nullptr) frame.join = new_block("join");
    frame.condition->replaceSuccessorWith(frame.else_block, frame.join);
    delete frame.else_block;
    Edge& edge = frame.edges.emplace_back();
    edge.from = frame.condition->getParent();
    edge.results = std::move(frame.else_params);
  }
  join_edges();
}

void Lowerer::br() {
  branch_to(instruction_.index[0]);
  become_unreachable();
}

void Lowerer::br_if() {
  llvm::Value* condition = pop_condition();
  branch_if(condition, instruction_.index[0]);
}

/// Branches to a label when the condition holds, and goes on in a new block when not.
void Lowerer::branch_if(llvm::Value* condition, uint32_t depth) {
  count_condition(condition);
  llvm::BasicBlock* next = new_block("next");
  llvm::BasicBlock* target = branch_target(depth, b_.GetInsertBlock());
  weigh(b_.CreateCondBr(condition, target, next));
  start_block(next);
}

/// Takes the constant off that producers add to what they switch on, so that the first case is 0, and returns
/// it. A compare of the same value that follows joins the switch only where both look at one value.
static uint32_t take_added_constant(llvm::Value*& index) {
  using namespace llvm::PatternMatch;
  llvm::Value* value = nullptr; // also set where only the first operand matches
  uint64_t constant = 0;
  uint32_t added = 0;
  if (match(index, m_Add(m_Value(value), m_ConstantInt(constant))))
    added = static_cast<uint32_t>(constant);
  else if (match(index, m_Sub(m_Value(value), m_ConstantInt(constant))))
    added = 0 - static_cast<uint32_t>(constant);
  else
    return 0;
  index = value;
  return added;
}

void Lowerer::br_table() {
  llvm::Value* index = pop();
  count_label(index);
  const uint32_t added = take_added_constant(index);
  const std::vector<uint32_t>& labels = instruction_.labels;
  // A label that occurs often gets a block of its own between the switch and the target, so that the target's
  // phis have one operand for it and not one for each case.
  llvm::SmallDenseMap<uint32_t, uint32_t, 16> uses;
  uint32_t default_label = labels.back();
  uses[default_label] = 1;
  for (uint32_t depth : labels)
    if (depth != default_label) uses[depth]++;
  llvm::BasicBlock* from = b_.GetInsertBlock();
  llvm::SmallDenseMap<uint32_t, llvm::BasicBlock*, 16> targets;
  auto target_of = [&](uint32_t depth) {
    llvm::BasicBlock*& target = targets[depth];
    if (target != nullptr) return target;
    if (uses[depth] == 1 || label(depth).kind == FrameKind::function)
      return target = branch_target(depth, from);
    target = new_block("case");
    target->insertInto(&function_);
    llvm::BasicBlock* destination = branch_target(depth, target);
    llvm::BranchInst::Create(destination, target)->setDebugLoc(b_.getCurrentDebugLocation());
    return target;
  };
  llvm::SwitchInst* instruction =
      b_.CreateSwitch(index, target_of(default_label), static_cast<unsigned>(labels.size() - 1));
  for (uint32_t k = 0; k + 1 < labels.size(); k++)
    if (labels[k] != default_label) instruction->addCase(b_.getInt32(k - added), target_of(labels[k]));
  weigh_by_profile(instruction);
  become_unreachable();
}

void Lowerer::return_() {
  emit_return();
  become_unreachable();
}

} // namespace swage::lower
