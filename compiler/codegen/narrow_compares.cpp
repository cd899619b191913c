#include "compiler/codegen/narrow_compares.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/PatternMatch.h>

namespace swage::codegen {

namespace {

constexpr unsigned kByte = 8;

/// The low bits that a comparison with the bound does not look at.
unsigned ignored_bits(llvm::CmpPredicate predicate, const llvm::APInt& bound) {
  if (predicate == llvm::ICmpInst::ICMP_ULT) return bound.countr_zero();
  if (predicate == llvm::ICmpInst::ICMP_UGT) return bound.countr_one();
  return 0;
}

void narrow(llvm::ICmpInst& compare) {
  using namespace llvm::PatternMatch;
  llvm::CmpPredicate predicate;
  llvm::Value* value = nullptr;
  const llvm::APInt *mask = nullptr, *bound = nullptr;
  if (!match(&compare, m_ICmp(predicate, m_And(m_Value(value), m_APInt(mask)), m_APInt(bound)))) return;
  if (!value->getType()->isIntegerTy() || bound->getActiveBits() > kByte) return;
  unsigned ignored = ignored_bits(predicate, *bound);
  if (ignored == 0 || ignored >= kByte) return; // with the whole mask LLVM sees it
  if (!(*mask | llvm::APInt::getLowBitsSet(mask->getBitWidth(), ignored)).isMask(kByte)) return;
  llvm::IRBuilder<> b(&compare);
  llvm::Value* byte = b.CreateTrunc(value, b.getIntNTy(kByte));
  compare.replaceAllUsesWith(b.CreateICmp(predicate, byte, b.getInt(bound->trunc(kByte))));
  compare.eraseFromParent();
}

} // namespace

void narrow_compares(llvm::Function& function) {
  for (llvm::Instruction& instruction : llvm::make_early_inc_range(llvm::instructions(function)))
    if (auto* compare = llvm::dyn_cast<llvm::ICmpInst>(&instruction)) narrow(*compare);
}

} // namespace swage::codegen
