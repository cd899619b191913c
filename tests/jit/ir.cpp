#include "tests/jit/ir.h"

#include <gtest/gtest.h>
#include <llvm/AsmParser/Parser.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/raw_ostream.h>

namespace swage::jit {

codegen::Object compile_ir(const std::string& text) {
  codegen::Target target = codegen::resolve_target({}, codegen::DefaultCpu::native).value();
  codegen::Ir ir;
  ir.context = std::make_unique<llvm::LLVMContext>();
  llvm::SMDiagnostic error;
  ir.module = llvm::parseAssemblyString(text, error, *ir.context);
  if (!ir.module) {
    error.print("test", llvm::errs());
    std::abort();
  }
  ir.module->setTargetTriple(llvm::Triple(target.triple));
  ir.module->setDataLayout(target.data_layout);
  codegen::Stages stages;
  return codegen::compile_object(std::move(ir), target, OptLevel::O1, stages).value();
}

} // namespace swage::jit
