// Constant expressions whose value is known before instantiation, as rows of the descriptor. What is not
// plain (another instance's global, a new GC object) is left to the module's initialiser, by number (lower.h,
// Glue).
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "compiler/lower/lower.h"
#include "compiler/wasm/module.h"
#include "runtime/abi/descriptor.h"

namespace swage::codegen {

/// Kinds of InitRow.
enum class InitKind : uint32_t { bits = 0, function = 1, expression = 2, none = 3 };

/// Turns the constant expressions of one module into rows. Borrows its arguments.
class ConstantRows {
public:
  ConstantRows(const wasm::Module& module, const lower::Glue& glue);
  /// The row of an expression: its number when the initialiser computes it, else its value.
  abi::InitRow row(const wasm::ConstExpr& expression) const;
  /// Position of a function in Glue::escaping.
  uint32_t escaping_position(wasm::FuncIdx function) const;

private:
  std::optional<abi::InitRow> value(const wasm::ConstExpr& expression) const;

  const wasm::Module& module_;
  const lower::Glue& glue_;
  std::unordered_map<uint64_t, uint32_t>
      numbers_;                       ///< of the initialiser's expressions, by their place in the module
  std::vector<abi::InitRow> globals_; ///< of each global, imports first
};

} // namespace swage::codegen
