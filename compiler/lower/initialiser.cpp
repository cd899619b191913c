// The initialiser evaluates the constant expressions that are not plain, in the order of Glue::expressions:
// expression k goes to values[k], and a global's also to its cell, where later expressions read it. They are
// lowered like any code. https://webassembly.github.io/spec/core/exec/modules.html#instantiation
#include "compiler/lower/entry.h"
#include "compiler/lower/lowerer.h"

namespace swage::lower {

void lower_initialiser(Environment& env) {
  llvm::FunctionType* type = llvm::FunctionType::get(env.void_, {env.ptr, env.ptr}, false);
  llvm::Function* function =
      llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, kInitialiserSymbol, env.out);
  function->setCallingConv(llvm::CallingConv::SwiftTail);
  function->setAttributes(env.call_attributes());
  env.define(*function, kInitialiserSymbol);

  Lowerer lowerer(env, *function);
  size_t k = 0;
  auto evaluate = [&] {
    llvm::Value* value = lowerer.lower_expression(env.glue.expressions[k]);
    llvm::IRBuilder<>& builder = lowerer.builder();
    builder.CreateStore(
        value, builder.CreateConstInBoundsGEP1_64(env.i8, function->getArg(1), k * sizeof(abi::Value)));
    k++;
    return value;
  };
  for (uint32_t g = env.module.imported_globals; g < env.module.globals.size(); g++) {
    if (is_plain(env.module, env.module.globals[g].init)) continue;
    llvm::Value* value = evaluate();
    llvm::StoreInst* store = lowerer.builder().CreateStore(value, lowerer.global_cell(g));
    env.tag(*store, Region::context);
  }
  while (k < env.glue.expressions.size()) evaluate();
  lowerer.builder().CreateRetVoid();
  lowerer.finish();

  llvm::Function* entry =
      llvm::Function::Create(llvm::FunctionType::get(env.void_, {env.ptr, env.ptr, env.ptr}, false),
                             llvm::GlobalValue::ExternalLinkage, kInitialiserEntrySymbol, env.out);
  env.define(*entry, "");
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(env.context, "entry", entry));
  llvm::CallInst* call = builder.CreateCall(type, entry->getArg(0), {entry->getArg(1), entry->getArg(2)});
  call->setCallingConv(llvm::CallingConv::SwiftTail);
  call->setAttributes(env.call_attributes());
  builder.CreateRetVoid();
}

} // namespace swage::lower
