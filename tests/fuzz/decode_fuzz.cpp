// libFuzzer target: any bytes, decoded with all features, validated when that worked. Nothing is expected of
// the answer, only that there is one: no crash, no sanitizer report, no hang, no memory that the input did
// not pay for.
#include <cstdint>
#include <span>

#include "compiler/wasm/decode.h"
#include "compiler/wasm/encode.h"
#include "compiler/wasm/validate.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  auto module = swage::wasm::decode(bytes, swage::wasm::FeatureSet::all());
  if (!module) return 0;
  // The answer must not depend on the number of threads.
  auto again = *module;
  const bool valid = swage::wasm::validate(*module).has_value();
  if (valid != swage::wasm::validate(again, 2).has_value()) __builtin_trap();
  if (!valid) return 0;
  // What is valid stays so through the encoder.
  const auto encoded = swage::wasm::encode(*module);
  auto reread = swage::wasm::decode(encoded, swage::wasm::FeatureSet::all());
  if (!reread || !swage::wasm::validate(*reread)) __builtin_trap();
  return 0;
}
