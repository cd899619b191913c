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

std::vector<Batch> plan_batches(const wasm::Module& module, OptLevel level) {
  std::vector<Batch> batches;
  for (uint32_t i = 0; i < module.bodies.size(); i++) {
    uint64_t bytes = module.bodies[i].code.size();
    OptLevel own = level_for(bytes, level);
    bool fits = !batches.empty() && batches.back().level == own &&
                batches.back().functions.size() < kMostFunctions &&
                batches.back().weight + bytes <= kMostBytes;
    if (!fits) batches.push_back({.functions = {}, .level = own, .weight = 0});
    batches.back().functions.push_back(wasm::FuncIdx{module.imported_functions + i});
    batches.back().weight += bytes;
  }
  return batches;
}

} // namespace swage::codegen
