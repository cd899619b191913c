// Structured control as SSA. A frame is an open block; a label names a frame. Branching to a loop adds to the
// phis of its header; branching to anything else adds an edge to its join, and the phis are made at its end,
// where the edges disagree.
//
// Locals: each frame logs the locals changed since it began, with their values before. The log undoes the
// changes at `else` and at joins, and is what an edge has to carry. Frames' logs keep each local once
// (marks_).
#include "compiler/lower/lowerer.h"

#include <cassert>

namespace swage::lower {

void Lowerer::push_frame(FrameKind kind, uint32_t params, uint32_t results) {
  Frame& frame = frames_.emplace_back();
  frame.kind = kind;
  frame.params = params;
  frame.results = results;
  frame.height = static_cast<uint32_t>(stack_.size()) - params;
}

void Lowerer::set_local(uint32_t local, llvm::Value* value) {
  uint32_t depth = static_cast<uint32_t>(frames_.size()) - 1;
  locals_version_++;
  if (marks_[local] != depth) {
    frames_.back().changes.push_back({local, marks_[local], locals_[local]});
    marks_[local] = depth;
  }
  locals_[local] = value;
}

void Lowerer::restore_locals(Frame& frame) {
  if (!frame.changes.empty()) locals_version_++;
  for (const Frame::Change& change : frame.changes) {
    locals_[change.local] = change.old;
    marks_[change.local] = change.outer_mark;
  }
  frame.changes.clear();
}

/// Where a branch to `depth` from the end of block `from` goes. The block's terminator is the caller's to
/// make.
llvm::BasicBlock* Lowerer::branch_target(uint32_t depth, llvm::BasicBlock* from) {
  Frame& frame = label(depth);
  if (frame.kind == FrameKind::function) {
    llvm::IRBuilder<>::InsertPointGuard guard(b_);
    llvm::BasicBlock* block = new_block("return");
    start_block(block);
    emit_return();
    return block;
  }
  if (frame.kind == FrameKind::loop) {
    size_t first = stack_.size() - frame.params;
    for (size_t k = 0; k < frame.params; k++) frame.phis[k]->addIncoming(stack_[first + k], from);
    for (size_t k = 0; k < frame.loop_locals.size(); k++)
      frame.phis[frame.params + k]->addIncoming(locals_[frame.loop_locals[k]], from);
    return frame.join;
  }
  add_edge(depth, from);
  return frame.join;
}

/// Ends the block with a branch.
void Lowerer::branch_to(uint32_t depth) {
  if (label(depth).kind == FrameKind::function)
    emit_return();
  else
    b_.CreateBr(branch_target(depth, b_.GetInsertBlock()));
}

/// A way out of the block `from`, with the locals that have changed since the frame of that index began.
Lowerer::Edge Lowerer::edge_since(uint32_t frame, llvm::BasicBlock* from) {
  Edge edge;
  edge.from = from;
  epoch_++;
  for (size_t k = frame; k < frames_.size(); k++)
    for (const Frame::Change& change : frames_[k].changes) {
      if (merge_epochs_[change.local] == epoch_) continue; // an outer frame knows the older value
      merge_epochs_[change.local] = epoch_;
      if (locals_[change.local] != change.old) edge.locals.emplace_back(change.local, locals_[change.local]);
    }
  return edge;
}

void Lowerer::add_edge(uint32_t depth, llvm::BasicBlock* from) {
  Frame& target = label(depth);
  if (target.join == nullptr) target.join = new_block("join");
  Edge& edge = target.edges.emplace_back(edge_since(static_cast<uint32_t>(frames_.size() - 1 - depth), from));
  edge.results.assign(stack_.end() - target.results, stack_.end());
}

void Lowerer::become_unreachable() {
  is_reachable_ = false;
  skipped_depth_ = 0;
}

/// Closes the innermost frame without a join: what it changed is now changed in the frame around it.
void Lowerer::close_frame() {
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  if (frames_.empty()) return;
  uint32_t depth = static_cast<uint32_t>(frames_.size()) - 1;
  for (const Frame::Change& change : frame.changes) {
    if (change.outer_mark != depth) frames_.back().changes.push_back(change);
    marks_[change.local] = depth;
  }
}

/// Closes the innermost frame, whose state has been restored, and continues in its join.
void Lowerer::join_edges() {
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  stack_.resize(frame.height);
  start_block(frame.join);
  is_reachable_ = true;
  const std::vector<Edge>& edges = frame.edges;

  for (size_t k = 0; k < frame.results; k++) push(merge_result(edges, k));
  merge_locals(edges, static_cast<uint32_t>(frames_.size()));
  for (const Merge& merge : merges_) set_local(merge.local, merge.value);
}

/// Result k where the edges meet.
llvm::Value* Lowerer::merge_result(std::span<const Edge> edges, size_t k) {
  llvm::Value* first = edges.front().results[k];
  bool is_uniform = true;
  for (const Edge& edge : edges) is_uniform &= edge.results[k] == first;
  if (is_uniform) return first;
  llvm::PHINode* phi = b_.CreatePHI(first->getType(), static_cast<unsigned>(edges.size()));
  for (const Edge& edge : edges) phi->addIncoming(edge.results[k], edge.from);
  return phi;
}

/// Leaves in merges_ the locals that have changed on any of the edges, with their values where the edges
/// meet. The edges count from the beginning of the frame of that index, or of the next one to come.
void Lowerer::merge_locals(std::span<const Edge> edges, uint32_t frame) {
  merges_.clear();
  epoch_++;
  for (const Edge& edge : edges)
    for (auto [local, value] : edge.locals) {
      if (merge_epochs_[local] != epoch_) {
        merge_epochs_[local] = epoch_;
        merge_slots_[local] = static_cast<uint32_t>(merges_.size());
        merges_.push_back({.local = local, .value = value});
      }
      Merge& merge = merges_[merge_slots_[local]];
      merge.count++;
      merge.is_uniform &= merge.value == value;
    }
  for (size_t k = frame; k < frames_.size(); k++)
    for (const Frame::Change& change : frames_[k].changes) {
      if (merge_epochs_[change.local] != epoch_) continue;
      Merge& merge = merges_[merge_slots_[change.local]];
      if (merge.base == nullptr) merge.base = change.old; // an outer frame knows the older value
    }
  size_t phis = 0;
  for (Merge& merge : merges_) {
    if (merge.is_uniform && merge.count == edges.size()) continue;
    if (merge.base == nullptr) merge.base = locals_[merge.local];
    merge.phi = b_.CreatePHI(merge.base->getType(), static_cast<unsigned>(edges.size()));
    merge.value = merge.phi;
    phis++;
  }
  if (phis == 0) return;
  for (const Edge& edge : edges) {
    for (auto [local, value] : edge.locals) {
      Merge& merge = merges_[merge_slots_[local]];
      if (merge.phi != nullptr) merge.phi->addIncoming(value, edge.from);
      merge.last_edge = &edge;
    }
    for (Merge& merge : merges_)
      if (merge.phi != nullptr && merge.last_edge != &edge) merge.phi->addIncoming(merge.base, edge.from);
  }
}

void Lowerer::emit_return() {
  size_t count = type_->results.size();
  size_t first = stack_.size() - count;
  if (Environment::results_in_memory(*type_)) {
    for (size_t k = 0; k < count; k++) {
      llvm::StoreInst* store = b_.CreateStore(stack_[first + k], overflow_cell(b_, static_cast<uint32_t>(k)));
      env_.tag(*store, Region::context);
    }
    b_.CreateRetVoid();
  } else if (count == 0) {
    b_.CreateRetVoid();
  } else if (count == 1) {
    b_.CreateRet(stack_.back());
  } else {
    b_.CreateAggregateRet(stack_.data() + first, static_cast<unsigned>(count));
  }
}

} // namespace swage::lower
