// Constant expressions that need no code: a single number, null, or function reference.
// https://webassembly.github.io/spec/core/valid/instructions.html#constant-expressions
#pragma once

#include "compiler/lower/lower.h"
#include "compiler/wasm/instruction.h"

namespace llvm {
class Constant;
}

namespace swage::lower {

wasm::Instruction first_instruction(const wasm::Module& module, const wasm::ConstExpr& expression);

/// The value of an i32.const, i64.const, f32.const, f64.const or v128.const, bit for bit; null for other
/// instructions.
llvm::Constant* number_constant(llvm::LLVMContext& context, const wasm::Instruction& instruction);

} // namespace swage::lower
