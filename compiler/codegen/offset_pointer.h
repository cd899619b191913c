// A pointer as the sum of another one and a constant: what two accesses must share to be told apart.
#pragma once

#include <cstdint>

#include <llvm/ADT/APInt.h>
#include <llvm/IR/DataLayout.h>
#include <llvm/IR/Value.h>

namespace swage::codegen {

/// `Value` is llvm::Value, const or not.
template<class Value> struct OffsetPointer {
  Value* root;
  int64_t offset; ///< bytes
};

/// As far as constant steps lead, whether inside one object or not: a guest's memory is one.
template<class Value> OffsetPointer<Value> split_offset(Value* pointer, const llvm::DataLayout& layout) {
  llvm::APInt offset(layout.getIndexTypeSizeInBits(pointer->getType()), 0);
  Value* root = pointer->stripAndAccumulateConstantOffsets(layout, offset, /*AllowNonInbounds=*/true);
  return {root, offset.getSExtValue()};
}

} // namespace swage::codegen
