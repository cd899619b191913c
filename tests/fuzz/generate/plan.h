// The module that is being generated: what bodies may refer to stands before any of them is written.
#pragma once

#include <deque>

#include "compiler/wasm/encode.h"
#include "tests/fuzz/generate/generate.h"

namespace swage::fuzz {

/// Instructions by what they leave behind, from the rows: those with a signature whose feature is on and
/// whose immediates the module has something for.
class Operations {
public:
  Operations() = default;
  Operations(const wasm::Module& module, wasm::FeatureSet features);
  /// One result of this type.
  const std::vector<wasm::Op>& of(ValType type) const;
  /// No result: stores and the like.
  const std::vector<wasm::Op>& effects() const { return effects_; }
  /// Two i64.
  const std::vector<wasm::Op>& pairs() const { return pairs_; }

private:
  std::vector<wasm::Op> i32_, i64_, f32_, f64_, v128_, effects_, pairs_;
};

struct Plan {
  GenerateOptions options;
  wasm::Module module = {}; ///< all but the bodies of functions
  Operations operations = {};
  wasm::GlobalIdx fuel = {};
  uint32_t callable = 0;                         ///< functions that others may call: [0, callable)
  std::deque<std::vector<std::byte>> bytes = {}; ///< that the module's views are into

  bool has(wasm::Feature feature) const { return options.features.has(feature); }
  wasm::Bytes keep(std::vector<std::byte> code) { return bytes.emplace_back(std::move(code)); }
};

/// Number types, and v128 where it is on.
ValType any_number(const Plan& plan, Choices& choices);
/// Those and references.
ValType any_type(const Plan& plan, Choices& choices);
/// Bits of a constant: boundaries more often than anything else.
uint64_t interesting_bits(ValKind kind, Choices& choices);

} // namespace swage::fuzz
