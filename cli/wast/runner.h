// Runs one test script: its modules through the real pipeline, in one mode, and every assertion counted.
#pragma once

#include <string>
#include <vector>

#include "swage/compiler.h"

namespace swage::cli {

enum class ScriptMode : uint8_t { jit, aot };

struct ScriptOptions {
  ScriptMode mode = ScriptMode::jit;
  CompileOptions compile;
  bool gc_stress = false; ///< collect at every allocation
};

struct ScriptReport {
  uint64_t passed = 0;
  uint64_t failed = 0;
  std::vector<std::string> failures; ///< "file.wast:12: assert_return: expected i32 0x1, got i32 0x2"

  void add(ScriptReport other);
};

/// Thread-safe: scripts share nothing but the compiler. Errors: the file cannot be read, or is no script.
Expected<ScriptReport> run_script(const std::string& file, const ScriptOptions& options);

} // namespace swage::cli
