// Exceptions. A call inside a try is an `invoke`: on the way that returns it is the same call, and what is
// thrown lands in a pad. Pads catch everything; which clause it is for, compiled code decides by comparing
// the exception's first word, the Rtt that belongs to its tag alone, with the tags of its own context. What
// no clause of the function matches is thrown again.
//
// A pad belongs to one state of the locals, so that it needs no phis: their copies would have to be made
// before the call. All pads of a try lead to its dispatch, a join as any other, whose edges carry the locals
// changed since the try began. A throw inside a try, and what an inner try lets through, is an edge there
// too, without the unwinder.
//
// https://webassembly.github.io/spec/core/exec/instructions.html#exec-throw-ref
// https://webassembly.github.io/exception-handling/legacy/exceptions/core/exec.html
#include <algorithm>
#include <cassert>
#include <cstddef>

#include <llvm/IR/InlineAsm.h>

#include "compiler/lower/lowerer.h"

namespace swage::lower {

namespace {

/// So many edges of a dispatch become one, and so many of those one again: a phi then has an operand for each
/// change of its local, not one for each call of the try.
constexpr size_t kMostEdges = 16;

} // namespace

// Throwing.

/// Where a call made here lands when the callee throws; null when it leaves the function then.
llvm::BasicBlock* Lowerer::landing_pad() {
  if (handler_ == kNoTry) return nullptr;
  if (Try& handler = tries_[handler_]; handler.pad != nullptr && handler.pad_version == locals_version_)
    return handler.pad;
  function_.setPersonalityFn(env_.personality());
  llvm::BasicBlock* pad = new_block("pad");
  cold_blocks_.push_back(pad);
  llvm::IRBuilder<>::InsertPointGuard guard(b_);
  b_.SetInsertPoint(pad);
  // The second value, which clause of the pad it is, has no meaning: there is one clause.
  llvm::LandingPadInst* landing = b_.CreateLandingPad(llvm::StructType::get(env_.ptr, env_.i32), 1);
  landing->addClause(llvm::ConstantPointerNull::get(env_.ptr));
  add_throw_edge(handler_, b_.CreateExtractValue(landing, 0));
  tries_[handler_].pad = pad;
  tries_[handler_].pad_version = locals_version_;
  return pad;
}

/// Ends the block: the exception goes on in a try's dispatch.
void Lowerer::add_throw_edge(uint32_t handler, llvm::Value* exception) {
  Try& handled = tries_[handler];
  if (handled.dispatch == nullptr) handled.dispatch = new_block("catch");
  Edge& edge = handled.edges.emplace_back(edge_since(handled.frame, b_.GetInsertBlock()));
  edge.results.push_back(exception);
  b_.CreateBr(handled.dispatch);
  // Ranks never rise along the edges.
  while (handled.edges.size() >= kMostEdges &&
         handled.edges[handled.edges.size() - kMostEdges].rank == handled.edges.back().rank)
    condense(handled);
}

/// Makes one edge of the last ones.
void Lowerer::condense(Try& handled) {
  std::vector<Edge> edges(std::make_move_iterator(handled.edges.end() - kMostEdges),
                          std::make_move_iterator(handled.edges.end()));
  handled.edges.resize(handled.edges.size() - kMostEdges);
  llvm::BasicBlock* block = new_block("catch");
  cold_blocks_.push_back(block);
  for (const Edge& edge : edges) edge.from->getTerminator()->setSuccessor(0, block);

  llvm::IRBuilder<>::InsertPointGuard guard(b_);
  b_.SetInsertPoint(block);
  llvm::Value* exception = merge_result(edges, 0);
  merge_locals(edges, handled.frame);
  Edge& joined = handled.edges.emplace_back();
  joined.from = block;
  joined.results.push_back(exception);
  for (const Merge& merge : merges_) joined.locals.emplace_back(merge.local, merge.value);
  joined.rank = edges.front().rank + 1;
  // No instruction of the machine's, but what LLVM neither merges into other blocks nor duplicates: without
  // the blocks of phis alone all edges would again be edges of one block.
  llvm::FunctionType* type = llvm::FunctionType::get(env_.void_, false);
  b_.CreateCall(type, llvm::InlineAsm::get(type, "", "", /*hasSideEffects=*/true))->setConvergent();
  b_.CreateBr(handled.dispatch);
}

/// Ends the block with an exception for a try of this function, or, with kNoTry, for the callers.
void Lowerer::throw_to(uint32_t handler, llvm::Value* exception) {
  if (handler != kNoTry) return add_throw_edge(handler, exception);
  call_cold_builtin(abi::Builtin::throw_ref, {exception})->setDoesNotReturn();
  b_.CreateUnreachable();
}

/// The try that gets what is thrown right inside of a frame.
uint32_t Lowerer::handler_around(uint32_t frame) const {
  auto after = std::ranges::upper_bound(tries_, frame, {}, &Try::frame);
  if (after == tries_.begin()) return kNoTry;
  const Try& innermost = *std::prev(after);
  // In one of its handlers, a legacy try catches nothing any more.
  if (frames_[innermost.frame].kind == FrameKind::catch_) return innermost.outer;
  return static_cast<uint32_t>(&innermost - tries_.data());
}

/// What the exceptions of a tag begin with.
llvm::Value* Lowerer::tag_rtt(uint32_t tag) {
  return invariant_load(b_, context_argument(), env_.layout.tag_offset(tag), env_.ptr);
}

llvm::Value* Lowerer::payload_address(llvm::Value* exception, uint32_t tag, uint32_t k) {
  return field_address(b_, exception, env_.object_layout(env_.module.tags[tag].type_index).offsets[k]);
}

void Lowerer::throw_() {
  uint32_t tag = instruction_.index[0], type = env_.module.tags[tag].type_index;
  const FuncType& payload = env_.module.types[type].composite.func;
  std::vector<llvm::Value*> values = pop_arguments(payload);
  llvm::Value* state = invariant_load(b_, context_argument(), offsetof(abi::Context, store), env_.ptr);
  llvm::Value* exception = call_cold_builtin(abi::Builtin::struct_new, {state, tag_rtt(tag)});
  for (uint32_t k = 0; k < values.size(); k++)
    store_storage(values[k], payload_address(exception, tag, k), {.type = payload.params[k]},
                  ObjectPart::field(env_.root_type(type), k));
  throw_to(handler_, exception);
  become_unreachable();
}

void Lowerer::throw_ref() {
  llvm::Value* exception = pop();
  trap_if(b_.CreateIsNull(exception), TrapCode::null_exception_reference);
  throw_to(handler_, exception);
  become_unreachable();
}

// Catching.

void Lowerer::open_try(FrameKind kind) {
  Arity arity = block_arity();
  push_frame(kind, arity.params, arity.results);
  tries_.push_back({.frame = static_cast<uint32_t>(frames_.size() - 1), .outer = handler_});
  handler_ = static_cast<uint32_t>(tries_.size() - 1);
}

/// Ends the body or a handler of the innermost try, whose locals are then again those from before it.
void Lowerer::leave_arm() {
  Frame& frame = frames_.back();
  if (is_reachable_) {
    add_edge(0, b_.GetInsertBlock());
    b_.CreateBr(frame.join);
  }
  restore_locals(frame);
  stack_.resize(frame.height);
}

/// Continues where what the body of the innermost try has thrown is dispatched, and gives the exception; null
/// when nothing can be thrown there. What is thrown from now on goes to the try around it.
llvm::Value* Lowerer::open_handler(Try& handled) {
  handler_ = handled.outer;
  if (handled.edges.empty()) return nullptr;
  start_block(handled.dispatch);
  llvm::Value* exception = merge_result(handled.edges, 0);
  merge_locals(handled.edges, static_cast<uint32_t>(frames_.size()));
  for (const Merge& merge : merges_) set_local(merge.local, merge.value);
  handled.edges = {};
  return exception;
}

/// Closes the frame of a try that is done with, and continues behind it if anything leads there.
void Lowerer::join_or_stop() {
  restore_locals(frames_.back());
  tries_.pop_back();
  if (!frames_.back().edges.empty()) return join_edges();
  close_frame();
  become_unreachable();
}

/// Compares an exception's tag, and continues where it is that one. Gives the block for when it is not.
llvm::BasicBlock* Lowerer::match_tag(uint32_t tag, llvm::Value* exception) {
  llvm::BasicBlock *match = new_block("match"), *next = new_block("next");
  llvm::LoadInst* rtt = b_.CreateLoad(env_.ptr, exception);
  env_.tag_object(*rtt, ObjectPart::rtt());
  b_.CreateCondBr(b_.CreateICmpEQ(rtt, tag_rtt(tag)), match, next);
  start_block(match);
  return next;
}

void Lowerer::push_payload(uint32_t tag, llvm::Value* exception) {
  uint32_t type = env_.module.tags[tag].type_index;
  const std::vector<ValType>& params = env_.module.types[type].composite.func.params;
  for (uint32_t k = 0; k < params.size(); k++)
    push(load_storage(payload_address(exception, tag, k), {.type = params[k]},
                      ObjectPart::field(env_.root_type(type), k), Extend::none));
}

void Lowerer::try_table() {
  if (instruction_.catches.empty()) return block();
  open_try(FrameKind::try_table);
  tries_.back().clauses = instruction_.catches;
}

void Lowerer::end_try_table() {
  Try& handled = tries_.back();
  leave_arm();
  if (llvm::Value* exception = open_handler(handled)) {
    llvm::BasicBlock* next = nullptr;
    for (const wasm::Catch& clause : handled.clauses) {
      using Kind = wasm::Catch::Kind;
      bool has_tag = clause.kind == Kind::tag || clause.kind == Kind::tag_ref;
      bool has_reference = clause.kind == Kind::tag_ref || clause.kind == Kind::all_ref;
      next = has_tag ? match_tag(clause.tag.value, exception) : nullptr;
      if (has_tag) push_payload(clause.tag.value, exception);
      if (has_reference) push(exception);
      branch_to(clause.label + 1); // labels count from outside the block
      stack_.resize(frames_.back().height);
      if (next == nullptr) break;
      start_block(next);
    }
    if (next != nullptr) throw_to(handler_, exception);
  }
  join_or_stop();
}

// The legacy instructions.

void Lowerer::try_() { open_try(FrameKind::try_); }

/// Continues in a handler of a legacy try: in its dispatch, or where no handler before has matched.
void Lowerer::begin_arm() {
  leave_arm();
  Frame& frame = frames_.back();
  Try& handled = tries_.back();
  if (frame.kind == FrameKind::try_) {
    frame.kind = FrameKind::catch_;
    handled.exception = open_handler(handled);
    if (handled.exception == nullptr) return become_unreachable();
    for (const Frame::Change& change : frame.changes)
      handled.locals.emplace_back(change.local, locals_[change.local]);
  } else {
    if (handled.exception == nullptr) return become_unreachable();
    start_block(handled.next_clause);
    for (auto [local, value] : handled.locals) set_local(local, value);
  }
  handled.next_clause = nullptr;
  is_reachable_ = true;
}

void Lowerer::catch_() {
  begin_arm();
  if (!is_reachable_) return;
  Try& handled = tries_.back();
  handled.next_clause = match_tag(instruction_.index[0], handled.exception);
  push_payload(instruction_.index[0], handled.exception);
}

void Lowerer::catch_all() { begin_arm(); }

void Lowerer::end_try() {
  Try& handled = tries_.back();
  leave_arm();
  if (frames_.back().kind == FrameKind::try_) {
    if (llvm::Value* exception = open_handler(handled)) throw_to(handler_, exception);
  } else if (handled.next_clause != nullptr) {
    start_block(handled.next_clause);
    for (auto [local, value] : handled.locals) set_local(local, value);
    throw_to(handler_, handled.exception);
  }
  join_or_stop();
}

void Lowerer::delegate() {
  leave_arm();
  // The label counts from outside the try.
  uint32_t target = static_cast<uint32_t>(frames_.size()) - 2 - instruction_.index[0];
  if (llvm::Value* exception = open_handler(tries_.back())) throw_to(handler_around(target), exception);
  join_or_stop();
}

void Lowerer::rethrow() {
  uint32_t frame = static_cast<uint32_t>(frames_.size()) - 1 - instruction_.index[0];
  auto caught = std::ranges::lower_bound(tries_, frame, {}, &Try::frame);
  assert(caught != tries_.end() && caught->frame == frame);
  throw_to(handler_, caught->exception);
  become_unreachable();
}

} // namespace swage::lower
