// The borders of compiled code, one function for each function type that crosses them. An entry function
// brings the host's arguments from memory into the internal convention; a host trampoline does the opposite
// for an import that the host implements. Both pass `Value`s, 16 bytes each, results over arguments
// (runtime/abi/abi.h).
#include "compiler/lower/entry.h"

#include <algorithm>
#include <cstddef>

#include <llvm/IR/IRBuilder.h>

namespace swage::lower {
namespace {

llvm::Value* cell(llvm::IRBuilder<>& builder, llvm::Value* values, size_t k) {
  return builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), values, k * sizeof(abi::Value));
}

llvm::Function* new_function(Environment& env, llvm::FunctionType* type, const std::string& name) {
  llvm::Function* function = llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, name, env.out);
  env.define(*function, "");
  return function;
}

/// StoreState::overflow, from a Context or a HostContext.
llvm::Value* overflow_of(Environment& env, llvm::IRBuilder<>& builder, llvm::Value* context) {
  llvm::Value* store = builder.CreateLoad(
      env.ptr, builder.CreateConstInBoundsGEP1_64(env.i8, context, offsetof(abi::Context, store)));
  return builder.CreateLoad(
      env.ptr, builder.CreateConstInBoundsGEP1_64(env.i8, store, offsetof(abi::StoreState, overflow)));
}

/// Not memcpy: compiled code calls no libc.
void copy_cells(Environment& env, llvm::IRBuilder<>& builder, llvm::Value* to, llvm::Value* from,
                size_t count) {
  for (size_t k = 0; k < count; k++)
    builder.CreateStore(builder.CreateLoad(env.v128, cell(builder, from, k)), cell(builder, to, k));
}

} // namespace

void lower_entry(Environment& env, wasm::TypeIdx index) {
  const FuncType& type = env.module.types[index.value].composite.func;
  llvm::Function* function = new_function(
      env, llvm::FunctionType::get(env.void_, {env.ptr, env.ptr, env.ptr}, false), entry_symbol(index));
  llvm::Value* code = function->getArg(0);
  llvm::Value* context = function->getArg(1);
  llvm::Value* values = function->getArg(2);
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(env.context, "entry", function));

  std::vector<llvm::Value*> arguments = {context};
  llvm::SmallVector<bool, 16> in_registers = Environment::params_in_registers(type);
  llvm::Value* overflow = nullptr;
  for (size_t k = 0; k < type.params.size(); k++) {
    llvm::Value* argument = builder.CreateLoad(env.type(type.params[k]), cell(builder, values, k));
    if (in_registers[k]) {
      arguments.push_back(argument);
      continue;
    }
    if (overflow == nullptr) overflow = overflow_of(env, builder, context);
    builder.CreateStore(argument, cell(builder, overflow, k));
  }
  llvm::CallInst* call = builder.CreateCall(env.function_type(type), code, arguments);
  call->setCallingConv(llvm::CallingConv::SwiftTail);
  call->setAttributes(env.call_attributes());

  if (Environment::results_in_memory(type)) {
    copy_cells(env, builder, values, overflow_of(env, builder, context), type.results.size());
  } else if (type.results.size() == 1) {
    builder.CreateStore(call, values);
  } else {
    for (uint32_t k = 0; k < type.results.size(); k++)
      builder.CreateStore(builder.CreateExtractValue(call, k), cell(builder, values, k));
  }
  builder.CreateRetVoid();
}

void lower_closed_table(Environment& env, wasm::TableIdx index, const ClosedTable& table) {
  llvm::StructType* entry = llvm::StructType::get(env.i32, env.i32);
  llvm::ArrayType* type = llvm::ArrayType::get(entry, table.functions.size());
  auto* array = new llvm::GlobalVariable(env.out, type, /*isConstant=*/true,
                                         llvm::GlobalValue::ExternalLinkage, nullptr, table_symbol(index));
  array->setVisibility(llvm::GlobalValue::HiddenVisibility);
  array->setDSOLocal(true);
  llvm::Constant* begin = llvm::ConstantExpr::getPtrToInt(array, env.i64);
  std::vector<llvm::Constant*> entries;
  entries.reserve(table.functions.size());
  for (uint32_t function : table.functions) {
    llvm::Constant* code = llvm::ConstantInt::get(env.i32, 0);
    uint32_t canonical = ClosedTable::kHole;
    if (function != ClosedTable::kHole) {
      llvm::Constant* address = llvm::ConstantExpr::getPtrToInt(env.function({function}), env.i64);
      code = llvm::ConstantExpr::getTrunc(llvm::ConstantExpr::getSub(address, begin), env.i32);
      canonical = env.module.canonical[env.module.functions[function].value];
    }
    entries.push_back(llvm::ConstantStruct::get(entry, {code, llvm::ConstantInt::get(env.i32, canonical)}));
  }
  array->setInitializer(llvm::ConstantArray::get(type, entries));
}

void lower_trampoline(Environment& env, wasm::TypeIdx index) {
  const FuncType& type = env.module.types[index.value].composite.func;
  llvm::Function* function = new_function(env, env.function_type(type), trampoline_symbol(index));
  function->setCallingConv(llvm::CallingConv::SwiftTail);
  for (auto attribute : env.call_attributes().getParamAttrs(0)) function->addParamAttr(0, attribute);
  llvm::Value* host = function->getArg(0);
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(env.context, "entry", function));

  size_t cells = std::max(type.params.size(), type.results.size());
  llvm::AllocaInst* values =
      builder.CreateAlloca(llvm::ArrayType::get(env.i8, std::max<size_t>(cells, 1) * sizeof(abi::Value)));
  values->setAlignment(llvm::Align(alignof(abi::Value)));
  llvm::SmallVector<bool, 16> in_registers = Environment::params_in_registers(type);
  llvm::Value* overflow = nullptr;
  unsigned next = 1;
  for (uint32_t k = 0; k < type.params.size(); k++) {
    if (in_registers[k]) {
      builder.CreateStore(function->getArg(next++), cell(builder, values, k));
      continue;
    }
    if (overflow == nullptr) overflow = overflow_of(env, builder, host);
    llvm::Value* argument = builder.CreateLoad(env.type(type.params[k]), cell(builder, overflow, k));
    builder.CreateStore(argument, cell(builder, values, k));
  }
  llvm::Value* entry = builder.CreateLoad(
      env.ptr, builder.CreateConstInBoundsGEP1_64(env.i8, host, offsetof(abi::HostContext, entry)));
  builder.CreateCall(llvm::FunctionType::get(env.void_, {env.ptr, env.ptr}, false), entry, {host, values});

  if (Environment::results_in_memory(type)) {
    copy_cells(env, builder, overflow_of(env, builder, host), values, type.results.size());
    builder.CreateRetVoid();
    return;
  }
  llvm::SmallVector<llvm::Value*, abi::kMaxRegisterResults> results;
  for (size_t k = 0; k < type.results.size(); k++)
    results.push_back(builder.CreateLoad(env.type(type.results[k]), cell(builder, values, k)));
  if (results.empty())
    builder.CreateRetVoid();
  else if (results.size() == 1)
    builder.CreateRet(results.front());
  else
    builder.CreateAggregateRet(results.data(), static_cast<unsigned>(results.size()));
}

} // namespace swage::lower
