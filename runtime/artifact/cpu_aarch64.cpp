// The kernel tells in AT_HWCAP and AT_HWCAP2 which features it and the CPU offer.
// https://docs.kernel.org/arch/arm64/elf_hwcaps.html
#include <elf.h>
#include <sys/auxv.h>

#include "runtime/artifact/artifact.h"

namespace swage::artifact {

CpuFeatures host_features() {
  uint64_t hwcap = getauxval(AT_HWCAP), hwcap2 = getauxval(AT_HWCAP2);
  CpuFeatures features;
  size_t position = 0;
  auto add = [&](bool is_present) {
    if (is_present) (position < 64 ? features.low : features.high) |= uint64_t{1} << (position % 64);
    ++position;
  };
  // Rows of another architecture only take their position.
#define CPU_FEATURE(id, name, architecture, leaf, subleaf, reg, bit) SWAGE_ROW_##architecture(reg, bit)
#define SWAGE_ROW_aarch64(reg, bit) add((reg >> (bit) & 1) != 0);
#define SWAGE_ROW_x86_64(reg, bit) add(false);
#include "runtime/abi/cpu_features.inc"
  return features;
}

uint16_t host_machine() { return EM_AARCH64; }

} // namespace swage::artifact
