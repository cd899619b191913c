// Passes that run only where there is something for them: elements of a pipeline's text (pipeline.cpp).
#pragma once

#include <utility>

#include <llvm/IR/PassManager.h>

namespace swage::codegen {

/// Passes, and others that run only where these changed something.
class IfChanged : public llvm::PassInfoMixin<IfChanged> {
public:
  IfChanged(llvm::FunctionPassManager by, llvm::FunctionPassManager run)
      : by_(std::move(by)), run_(std::move(run)) {}

  llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager& analyses) {
    llvm::PreservedAnalyses preserved = by_.run(function, analyses);
    if (!preserved.areAllPreserved()) preserved.intersect(run_.run(function, analyses));
    return preserved;
  }
  static bool isRequired() { return true; }

private:
  llvm::FunctionPassManager by_, run_;
};

/// Passes over the functions for which a condition holds.
class If : public llvm::PassInfoMixin<If> {
public:
  using Condition = bool (*)(llvm::Function&, llvm::FunctionAnalysisManager&);
  If(Condition condition, llvm::FunctionPassManager passes)
      : condition_(condition), passes_(std::move(passes)) {}

  llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager& analyses) {
    return condition_(function, analyses) ? passes_.run(function, analyses) : llvm::PreservedAnalyses::all();
  }
  static bool isRequired() { return true; }

private:
  Condition condition_;
  llvm::FunctionPassManager passes_;
};

} // namespace swage::codegen
