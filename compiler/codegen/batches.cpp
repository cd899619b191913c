#include "compiler/codegen/batches.h"

namespace swage::codegen {

namespace {

constexpr size_t kMostFunctions = 150;
constexpr uint64_t kMostBytes = 32 * 1024;

/// Some of LLVM's passes take time with the square of a function's size. From this many bytes of Wasm on
/// (about 100 KB of IR text for each 2 KB) a function is compiled alone, and no higher than the level here.
struct SizeRow {
  uint64_t bytes;
  OptLevel highest;
};
constexpr SizeRow kSizes[] = {
    {.bytes = 128 * 1024, .highest = OptLevel::O1},
};

OptLevel level_for(uint64_t bytes, OptLevel wanted) {
  for (const SizeRow& row : kSizes) {
    if (bytes >= row.bytes && wanted > row.highest) return row.highest;
  }
  return wanted;
}

} // namespace

std::vector<Batch> plan_batches(const wasm::Module& module, OptLevel level, const lower::Profile* profile,
                                const std::vector<bool>& left_out) {
  std::vector<Batch> batches;
  auto plan = [&](lower::Heat heat, OptLevel wanted) {
    bool is_first = true; // batches hold functions of one heat
    for (uint32_t i = 0; i < module.bodies.size(); i++) {
      wasm::FuncIdx function{module.imported_functions + i};
      if (profile && profile->heat(function) != heat) continue;
      if (!left_out.empty() && left_out[function.value]) continue;
      uint64_t bytes = module.bodies[i].code.size();
      OptLevel own = level_for(bytes, wanted);
      bool fits = !is_first && batches.back().level == own &&
                  batches.back().functions.size() < kMostFunctions &&
                  batches.back().weight + bytes <= kMostBytes;
      if (!fits) batches.push_back({.functions = {}, .level = own, .weight = 0});
      batches.back().functions.push_back(function);
      batches.back().weight += bytes;
      is_first = false;
    }
  };
  plan(lower::Heat::hot, level);
  if (!profile) return batches;
  plan(lower::Heat::warm, level);
  plan(lower::Heat::never, level < OptLevel::O2 ? level : OptLevel::Os);
  return batches;
}

Batch batch_of(const wasm::Module& module, wasm::FuncIdx function, OptLevel level) {
  uint64_t bytes = module.body(function).code.size();
  return {.functions = {function}, .level = level_for(bytes, level), .weight = bytes};
}

} // namespace swage::codegen
