// Limits of the implementation: those that the JavaScript API asks of every engine, so that what runs in a
// browser runs here, and two of our own (kMaxBranchTargets, kMaxOperands) that keep a hostile body from
// costing more than its bytes.
//
// The API's limits on memories and tables (10,000,000 elements) are of instances, not of types: runtime/
// applies them. https://webassembly.github.io/spec/js-api/index.html#limits
#pragma once

#include <cstdint>

namespace swage::wasm {

inline constexpr uint64_t kMaxModuleBytes = 1'073'741'824;
inline constexpr uint32_t kMaxTypes = 1'000'000;
inline constexpr uint32_t kMaxFunctions = 1'000'000;
inline constexpr uint32_t kMaxImports = 1'000'000;
inline constexpr uint32_t kMaxExports = 1'000'000;
inline constexpr uint32_t kMaxGlobals = 1'000'000;
inline constexpr uint32_t kMaxTags = 1'000'000;
inline constexpr uint32_t kMaxTables = 100'000;
inline constexpr uint32_t kMaxMemories = 100;
inline constexpr uint32_t kMaxDataSegments = 100'000;
inline constexpr uint32_t kMaxElemSegments = 10'000'000;
inline constexpr uint32_t kMaxElements = 10'000'000; ///< of one segment
inline constexpr uint32_t kMaxParams = 1'000;
inline constexpr uint32_t kMaxResults = 1'000;
inline constexpr uint32_t kMaxFields = 10'000;
inline constexpr uint32_t kMaxSubtypeDepth = 63;
inline constexpr uint32_t kMaxBodyBytes = 7'654'321;
inline constexpr uint32_t kMaxLocals = 50'000; ///< parameters included
inline constexpr uint32_t kMaxArrayNewFixed = 10'000;
inline constexpr uint32_t kMaxBranchTargets = 100'000; ///< of one br_table
inline constexpr uint32_t kMaxOperands = 1'000'000;    ///< on a body's operand stack at once

} // namespace swage::wasm
