// The pass over a body: prologue, the dispatch generated from the opcode table, the skipping of unreachable
// code, and the sweep that ends it.
#include "compiler/lower/lowerer.h"

#include <cassert>

#include <llvm/ADT/DenseSet.h>
#include <llvm/IR/DebugInfoMetadata.h>

namespace swage::lower {

Lowerer::Lowerer(Environment& environment, llvm::Function& function)
    : env_(environment), function_(function), b_(environment.context), entry_(environment.context) {
  assert(function.empty());
  llvm::BasicBlock* entry = llvm::BasicBlock::Create(env_.context, "entry", &function_);
  entry_.SetInsertPoint(entry);
  if (llvm::DISubprogram* scope = function.getSubprogram())
    entry_.SetCurrentDebugLocation(llvm::DILocation::get(env_.context, 0, 0, scope));
  b_.SetCurrentDebugLocation(entry_.getCurrentDebugLocation());
  start_block(new_block("start"));
}

void Lowerer::lower_body(wasm::FuncIdx index) {
  const wasm::Body& body = env_.module.body(index);
  const FuncType& type = env_.module.func_type(index);
  type_ = &type;
  receive_parameters(type);
  for (const wasm::LocalRun& run : body.locals)
    locals_.insert(locals_.end(), run.count, llvm::Constant::getNullValue(env_.type(run.type)));
  marks_.assign(locals_.size(), kNoFrame);
  merge_epochs_.assign(locals_.size(), 0);
  merge_slots_.assign(locals_.size(), 0);
  loops_ = scan_loops(body.code, body.offset, env_.module, static_cast<uint32_t>(locals_.size()));
  if (auto hints = env_.module.branch_hints.find(index.value); hints != env_.module.branch_hints.end()) {
    hints_ = hints->second;
    hint_base_ = first_instruction_offset(body);
  }
  begin_profile(index);
  push_frame(FrameKind::function, 0, static_cast<uint32_t>(type.results.size()));
  run(body.code, body.offset);
  finish();
}

llvm::Value* Lowerer::lower_expression(const wasm::ConstExpr& expression) {
  push_frame(FrameKind::expression, 0, 1);
  run(expression.code, expression.offset);
  return pop();
}

void Lowerer::finish() {
  entry_.CreateBr(function_.getEntryBlock().getNextNode());
  for (llvm::BasicBlock* block : cold_blocks_) block->insertInto(&function_);
  sweep();
}

void Lowerer::run(wasm::Bytes code, uint64_t offset) {
  offset_ = offset;
  wasm::InstructionReader reader(code, offset, env_.module);
  while (!frames_.empty()) {
    [[maybe_unused]] bool is_read = reader.read(instruction_);
    assert(is_read && "the module is valid");
    if (is_reachable_)
      dispatch();
    else
      skip();
  }
}

/// Instructions that only move values about need no place.
static bool emits_nothing(wasm::Op op) {
  switch (op) {
  case wasm::Op::nop:
  case wasm::Op::block:
  case wasm::Op::drop:
  case wasm::Op::local_get:
  case wasm::Op::local_set:
  case wasm::Op::local_tee:
  case wasm::Op::i32_const:
  case wasm::Op::i64_const:
  case wasm::Op::f32_const:
  case wasm::Op::f64_const:
  case wasm::Op::v128_const: return true;
  default: return false;
  }
}

void Lowerer::dispatch() {
  if (!emits_nothing(instruction_.op)) b_.SetCurrentDebugLocation(place(0));
  // The names that the `lowering` column uses.
  using enum llvm::Instruction::BinaryOps;
  using enum llvm::Instruction::CastOps;
  using enum llvm::CmpInst::Predicate;
  using enum llvm::Intrinsic::IndependentIntrinsics;
  using enum Extend;
  using enum Shape;
  using enum Half;
  using enum Sign;
  using Rmw = llvm::AtomicRMWInst;
  using abi::Builtin;
  llvm::IntegerType *const i32 = env_.i32, *const i64 = env_.i64;
  llvm::Type *const f32 = env_.f32, *const f64 = env_.f64, *const v128 = env_.v128;
  switch (instruction_.op) {
#define OP(id, text, feature, code, immediates, signature, lowering)                                         \
  case wasm::Op::id: lowering; break;
#include "compiler/wasm/opcodes.inc"
  case wasm::Op::count: assert(false);
  }
}

void Lowerer::skip() {
  switch (instruction_.op) {
  case wasm::Op::loop: next_loop_++; [[fallthrough]];
  case wasm::Op::block:
  case wasm::Op::if_:
  case wasm::Op::try_:
  case wasm::Op::try_table: skipped_depth_++; break;
  case wasm::Op::else_:
  case wasm::Op::catch_:
  case wasm::Op::catch_all:
    if (skipped_depth_ == 0) dispatch();
    break;
  case wasm::Op::end:
  case wasm::Op::delegate:
    if (skipped_depth_ == 0)
      dispatch();
    else
      skipped_depth_--;
    break;
  default: break;
  }
}

void Lowerer::refused() { assert(false && "check_lowerable has refused this module"); }

// Removes what nothing needs (phis of locals that are never read again, mostly), and keeps the traps of loads
// that nothing needs by making them volatile. Iterative marking from the effects: cycles of phis are dead
// too.
void Lowerer::sweep() {
  llvm::DenseSet<const llvm::Instruction*> live;
  llvm::SmallVector<llvm::Instruction*, 64> pending;
  auto mark = [&](llvm::Instruction& instruction) {
    if (live.insert(&instruction).second) pending.push_back(&instruction);
  };
  auto mark_operands = [&] {
    while (!pending.empty()) {
      llvm::Instruction* instruction = pending.pop_back_val();
      for (llvm::Value* operand : instruction->operands())
        if (auto* needed = llvm::dyn_cast<llvm::Instruction>(operand)) mark(*needed);
    }
  };
  for (llvm::BasicBlock& block : function_)
    for (llvm::Instruction& instruction : block)
      if (instruction.isTerminator() || instruction.isEHPad() || instruction.mayHaveSideEffects())
        mark(instruction);
  mark_operands();
  if (env_.options.traps == Traps::exact)
    for (llvm::LoadInst* load : memory_loads_) {
      if (live.contains(load)) continue;
      load->setVolatile(true);
      mark(*load);
    }
  mark_operands();
  for (llvm::BasicBlock& block : function_)
    for (llvm::Instruction& instruction : llvm::make_early_inc_range(block)) {
      if (live.contains(&instruction)) continue;
      instruction.replaceAllUsesWith(llvm::PoisonValue::get(instruction.getType()));
      instruction.eraseFromParent();
    }
}

} // namespace swage::lower
