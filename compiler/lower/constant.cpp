// See constant.h.
#include "compiler/lower/constant.h"

#include <cassert>

#include <llvm/ADT/APFloat.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/Type.h>

namespace swage::lower {

wasm::Instruction first_instruction(const wasm::Module& module, const wasm::ConstExpr& expression) {
  wasm::InstructionReader reader(expression.code, expression.offset, module);
  wasm::Instruction instruction;
  [[maybe_unused]] bool is_read = reader.read(instruction);
  assert(is_read && "the module is valid");
  return instruction;
}

bool is_plain(const wasm::Module& module, const wasm::ConstExpr& expression) {
  wasm::InstructionReader reader(expression.code, expression.offset, module);
  wasm::Instruction instruction;
  reader.read(instruction);
  switch (instruction.op) {
  case wasm::Op::i32_const:
  case wasm::Op::i64_const:
  case wasm::Op::f32_const:
  case wasm::Op::f64_const:
  case wasm::Op::v128_const:
  case wasm::Op::ref_null:
  case wasm::Op::ref_func: break;
  default: return false;
  }
  reader.read(instruction);
  return instruction.op == wasm::Op::end;
}

llvm::Constant* number_constant(llvm::LLVMContext& context, const wasm::Instruction& instruction) {
  switch (instruction.op) {
  case wasm::Op::i32_const:
    return llvm::ConstantInt::get(llvm::Type::getInt32Ty(context), static_cast<uint32_t>(instruction.bits));
  case wasm::Op::i64_const: return llvm::ConstantInt::get(llvm::Type::getInt64Ty(context), instruction.bits);
  case wasm::Op::f32_const: {
    llvm::APInt bits(32, static_cast<uint32_t>(instruction.bits));
    return llvm::ConstantFP::get(context, llvm::APFloat(llvm::APFloat::IEEEsingle(), bits));
  }
  case wasm::Op::f64_const: {
    llvm::APInt bits(64, instruction.bits);
    return llvm::ConstantFP::get(context, llvm::APFloat(llvm::APFloat::IEEEdouble(), bits));
  }
  case wasm::Op::v128_const: {
    uint64_t lanes[2] = {};
    for (uint32_t k = 0; k < 16; k++) lanes[k / 8] |= uint64_t{instruction.bytes[k]} << (k % 8 * 8);
    return llvm::ConstantDataVector::get(context, lanes);
  }
  default: return nullptr;
  }
}

} // namespace swage::lower
