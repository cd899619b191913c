// The scan of loops.h: a stack of open blocks, of which only the loops matter. A local is noted in the
// innermost loop; when a loop ends, its locals are passed to the loop around it.
#include "compiler/lower/loops.h"

#include <cassert>

#include "compiler/wasm/instruction.h"

namespace swage::lower {
namespace {

constexpr uint32_t kNoLoop = ~uint32_t{0};

class Scan {
public:
  explicit Scan(uint32_t local_count) : noted_in_(local_count, kNoLoop) {}

  void open_block() { labels_.push_back(kNoLoop); }
  void open_loop() {
    uint32_t index = static_cast<uint32_t>(loops_.size());
    loops_.emplace_back();
    outer_marks_.emplace_back();
    outer_.push_back(innermost_);
    innermost_ = index;
    labels_.push_back(index);
  }
  void close() {
    uint32_t index = labels_.back();
    labels_.pop_back();
    if (index == kNoLoop) return;
    innermost_ = outer_[index];
    const std::vector<uint32_t>& locals = loops_[index].locals;
    for (size_t k = 0; k < locals.size(); k++) {
      noted_in_[locals[k]] = outer_marks_[index][k];
      assign(locals[k]);
    }
    outer_marks_[index] = {};
  }
  void assign(uint32_t local) {
    if (innermost_ == kNoLoop || noted_in_[local] == innermost_) return;
    loops_[innermost_].locals.push_back(local);
    outer_marks_[innermost_].push_back(noted_in_[local]);
    noted_in_[local] = innermost_;
  }
  void branch(uint32_t depth) {
    if (depth >= labels_.size()) return; // the function's own label
    uint32_t index = labels_[labels_.size() - 1 - depth];
    if (index != kNoLoop) loops_[index].has_back_edge = true;
  }
  bool is_open() const { return !labels_.empty(); }
  std::vector<LoopInfo> take() { return std::move(loops_); }

private:
  std::vector<LoopInfo> loops_;
  std::vector<uint32_t> outer_; ///< by loop: the loop around it
  std::vector<uint32_t> labels_;
  std::vector<std::vector<uint32_t>> outer_marks_; ///< by loop and its locals: noted_in_ before
  std::vector<uint32_t> noted_in_;                 ///< by local: the innermost open loop that has noted it
  uint32_t innermost_ = kNoLoop;
};

} // namespace

std::vector<LoopInfo> scan_loops(wasm::Bytes code, uint64_t offset, const wasm::Module& module,
                                 uint32_t local_count) {
  Scan scan(local_count);
  wasm::InstructionReader reader(code, offset, module);
  wasm::Instruction instruction;
  while (!reader.at_end()) {
    [[maybe_unused]] bool is_read = reader.read(instruction);
    assert(is_read && "the module is valid");
    switch (instruction.op) {
    case wasm::Op::try_table:
      for (const wasm::Catch& clause : instruction.catches) scan.branch(clause.label);
      [[fallthrough]];
    case wasm::Op::block:
    case wasm::Op::if_:
    case wasm::Op::try_: scan.open_block(); break;
    case wasm::Op::loop: scan.open_loop(); break;
    case wasm::Op::end:
    case wasm::Op::delegate:
      if (scan.is_open()) scan.close();
      break;
    case wasm::Op::local_set:
    case wasm::Op::local_tee: scan.assign(instruction.index[0]); break;
    case wasm::Op::br:
    case wasm::Op::br_if:
    case wasm::Op::br_on_null:
    case wasm::Op::br_on_non_null: scan.branch(instruction.index[0]); break;
    case wasm::Op::br_table:
      for (uint32_t label : instruction.labels) scan.branch(label);
      break;
    default: break;
    }
  }
  return scan.take();
}

} // namespace swage::lower
