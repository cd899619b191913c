// Compares bytes as bytes.
//
// Wasm has no bytes: whether a character is a digit is `(c - '0') & 255 < 10`. InstCombine sees that the
// lowest bit of the mask does not matter there, and nobody can tell from `& 254` that the compare is one of
// bytes, which x86-64 has without a mask. Behind all passes such a compare becomes one of bytes again.
#pragma once

namespace llvm {
class Function;
}

namespace swage::codegen {

/// For processors that compare bytes.
void narrow_compares(llvm::Function& function);

} // namespace swage::codegen
