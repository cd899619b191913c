// What is written on a loop for the passes behind.
#pragma once

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Transforms/Utils/LoopUtils.h>

namespace swage::codegen {

/// Metadata of loops that LLVM shall not make longer.
inline constexpr const char* kNoUnrolling = "llvm.loop.unroll.disable";

/// Asks for no time to be spent on making a loop wider or longer.
inline void leave_alone(llvm::Loop& loop) {
  llvm::addStringMetadataToLoop(&loop, "llvm.loop.vectorize.enable", 0);
  llvm::addStringMetadataToLoop(&loop, kNoUnrolling, 1);
}

inline bool is_left_alone(const llvm::Loop& loop) {
  return llvm::getBooleanLoopAttribute(&loop, kNoUnrolling);
}

} // namespace swage::codegen
