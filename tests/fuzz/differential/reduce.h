// Makes a module smaller for as long as it stays interesting.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "compiler/wasm/feature.h"

namespace swage::fuzz {

using IsInteresting = std::function<bool(std::span<const std::byte> wasm)>;

/// `wasm` is valid with `features`, and interesting. So is the result.
std::vector<std::byte> reduce(std::vector<std::byte> wasm, wasm::FeatureSet features,
                              const IsInteresting& is_interesting);

} // namespace swage::fuzz
