// What code is made for: a triple, a CPU and its features, checked and spelled out, so that LLVM never sees a
// name that it does not know (it would print a warning and go on with something else).
//
// "native" is the host's CPU with the features that this very machine has; the portable default is the oldest
// CPU of the architecture. Either way the artifact records which rows of runtime/abi/cpu_features.inc the
// code may use.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "swage/compiler.h"

namespace llvm {
class TargetMachine;
}

namespace swage::codegen {

enum class DefaultCpu : uint8_t { portable, native };

/// A target that LLVM accepts. Two are equal when their text is.
struct Target {
  std::string triple;      ///< normalised
  std::string name;        ///< of the CPU, as the user may write it, but never "native"
  std::string cpu;         ///< the same by LLVM's name
  std::string features;    ///< "+avx2,-bmi2": what differs from the CPU's own
  std::string data_layout; ///< LLVM's text
  uint64_t needed_low = 0; ///< bits of cpu_features.inc
  uint64_t needed_high = 0;
  uint16_t elf_machine = 0;  ///< EM_X86_64 or EM_AARCH64
  uint32_t page_size = 4096; ///< the largest that the architecture's kernels use

  /// A machine for one thread.
  std::unique_ptr<llvm::TargetMachine> machine(OptLevel level) const;
};

/// The target that the options ask for. Errors: usage, with the valid names.
Expected<Target> resolve_target(const CompileOptions& options, DefaultCpu default_cpu);
/// The same where several CPUs may be named, the least first. Errors: also usage, for a CPU that lacks what
/// one before it has.
Expected<std::vector<Target>> resolve_targets(const CompileOptions& options, DefaultCpu default_cpu);
/// See Compiler::unused_cpu_features.
Expected<std::string> unused_features(const CompileOptions& options);

} // namespace swage::codegen
