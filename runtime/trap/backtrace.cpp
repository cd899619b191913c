// Unwinds with the C++ runtime's unwinder, by the CFI that compiled code, swage_enter and host functions all
// have.
#include "runtime/trap/backtrace.h"

#include <unwind.h>

#include "runtime/platform/entry.h"
#include "runtime/trap/code_ranges.h"
#include "runtime/trap/unwind_tables.h"

namespace swage {

namespace {

/// How far a walk goes. A guest that recursed until its stack was full has some hundred thousand frames, and
/// nobody counts them.
constexpr uint64_t kMaxWalk = 5'000;

/// Code that looks for a guest's frame below a leaf of the C library is this near.
constexpr uint32_t kMaxLeafDepth = 16;

/// An address inside of the instruction that a frame stands at: return addresses point behind it.
const std::byte* instruction_of(_Unwind_Context* context) {
  int is_before = 0;
  auto* pc = reinterpret_cast<const std::byte*>(_Unwind_GetIPInfo(context, &is_before));
  return is_before != 0 || pc == nullptr ? pc : pc - 1;
}

struct Walk {
  TrapRecord* record;
  const Activation* activation; ///< whose entry comes next
  uint64_t frames = 0;
};

_Unwind_Reason_Code visit(_Unwind_Context* context, void* data) {
  auto& walk = *static_cast<Walk*>(data);
  TrapRecord& record = *walk.record;
  const std::byte* pc = instruction_of(context);
  if (++walk.frames > kMaxWalk) return _URC_END_OF_STACK;
  if (is_in_entry(pc)) {
    if (walk.activation != nullptr) walk.activation = walk.activation->previous;
    return walk.activation == nullptr ? _URC_END_OF_STACK : _URC_NO_REASON;
  }
  if (!find_code(pc)) return _URC_NO_REASON;
  if (record.frames < Trap::kMaxFrames)
    record.pcs[record.frames++] = pc;
  else
    ++record.omitted;
  return _URC_NO_REASON;
}

struct LeafSearch {
  uint32_t depth = 0;
  const std::byte* stack_pointer = nullptr;
};

_Unwind_Reason_Code visit_leaf(_Unwind_Context* context, void* data) {
  auto& search = *static_cast<LeafSearch*>(data);
  if (++search.depth > kMaxLeafDepth) return _URC_END_OF_STACK;
  if (!find_code(instruction_of(context))) return _URC_NO_REASON;
  search.stack_pointer = reinterpret_cast<const std::byte*>(_Unwind_GetCFA(context));
  return _URC_END_OF_STACK;
}

} // namespace

void record_backtrace(TrapRecord& record) {
  record.frames = 0;
  record.omitted = 0;
  Walk walk{&record, t_thread.current};
  begin_unwinding();
  _Unwind_Backtrace(visit, &walk);
  end_unwinding();
}

void tell_frames(const TrapRecord& record, Trap& trap) {
  trap.omitted = record.omitted;
  for (uint32_t i = 0; i < record.frames; ++i) {
    std::optional<RegisteredCode> code = find_code(record.pcs[i]);
    if (!code) continue;
    // One frame of the machine is several of Wasm where code was inlined.
    for (Frame& frame : frames_at(*code, record.pcs[i])) {
      if (trap.frames.size() < Trap::kMaxFrames)
        trap.frames.push_back(std::move(frame));
      else
        ++trap.omitted;
    }
  }
}

const std::byte* innermost_guest_stack_pointer() {
  LeafSearch search;
  begin_unwinding();
  _Unwind_Backtrace(visit_leaf, &search);
  end_unwinding();
  return search.stack_pointer;
}

} // namespace swage
