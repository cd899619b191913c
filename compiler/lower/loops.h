// What a loop's header has to know before its body has been read: which locals the loop assigns and whether
// anything branches back to it. One scan over the body finds it for all loops, so that lowering makes phis
// for those locals only.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/wasm/module.h"

namespace swage::lower {

struct LoopInfo {
  std::vector<uint32_t> locals; ///< assigned inside, each once, in the order first met
  bool has_back_edge = false;
};

/// All loops of a body, in the order of their `loop` instructions. Time is linear in the body and in the
/// answer.
std::vector<LoopInfo> scan_loops(wasm::Bytes code, uint64_t offset, const wasm::Module& module,
                                 uint32_t local_count);

} // namespace swage::lower
