// Functions that exist once call those with versions through a jump whose target was chosen when the artifact
// was loaded (runtime/module/levels.cpp). A jump, and not a pointer at each call: constant tables of code
// need an address that is known to the linker, and a version's own calls go to versions without one.
#include "compiler/lower/entry.h"

#include <algorithm>

#include <llvm/IR/IRBuilder.h>

namespace swage::lower {

namespace {

/// The largest pages that the architectures' kernels use: nothing else may share the table's.
constexpr uint64_t kPageX86 = 4096, kPageAArch64 = 65536;

} // namespace

void lower_dispatch(Environment& env, const std::vector<bool>& versioned) {
  auto count = static_cast<uint64_t>(std::ranges::count(versioned, true));
  if (count == 0) return;
  uint64_t page = env.triple.isAArch64() ? kPageAArch64 : kPageX86;
  uint64_t slots = (count * sizeof(void*) + page - 1) / page * page / sizeof(void*);
  llvm::ArrayType* type = llvm::ArrayType::get(env.ptr, slots);
  auto* table =
      new llvm::GlobalVariable(env.out, type, /*isConstant=*/false, llvm::GlobalValue::ExternalLinkage,
                               llvm::Constant::getNullValue(type), kDispatchSymbol);
  table->setVisibility(llvm::GlobalValue::HiddenVisibility);
  table->setDSOLocal(true);
  table->setAlignment(llvm::Align(page));

  uint64_t slot = 0;
  for (uint32_t index = 0; index < versioned.size(); index++) {
    if (!versioned[index]) continue;
    llvm::Function* function = env.function({index});
    env.define(*function, "");
    llvm::IRBuilder<> builder(llvm::BasicBlock::Create(env.context, "entry", function));
    llvm::Value* code =
        builder.CreateLoad(env.ptr, builder.CreateConstInBoundsGEP2_64(type, table, 0, slot++));
    llvm::SmallVector<llvm::Value*, 16> arguments;
    for (llvm::Argument& argument : function->args()) arguments.push_back(&argument);
    llvm::CallInst* call = builder.CreateCall(function->getFunctionType(), code, arguments);
    call->setCallingConv(llvm::CallingConv::SwiftTail);
    call->setAttributes(env.function_type_attributes(env.module.func_type({index})));
    call->setTailCallKind(llvm::CallInst::TCK_MustTail);
    if (call->getType()->isVoidTy())
      builder.CreateRetVoid();
    else
      builder.CreateRet(call);
  }
}

} // namespace swage::lower
