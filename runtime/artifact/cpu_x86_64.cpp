// CPUID tells what the CPU can do, XCR0 which registers the kernel saves: AVX without the latter would lose
// its state. Intel SDM volume 2, CPUID; volume 1, chapter 13.
#include <cpuid.h>
#include <elf.h>
#include <string_view>

#include "runtime/artifact/artifact.h"

namespace swage::artifact {

namespace {

struct Registers {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
};

/// Keeps the last answer: rows of one leaf stand together, and in a virtual machine each CPUID costs a
/// microsecond or more.
class Cpuid {
public:
  const Registers& operator()(unsigned leaf, unsigned subleaf) {
    if (leaf == leaf_ && subleaf == subleaf_) return registers_;
    leaf_ = leaf;
    subleaf_ = subleaf;
    registers_ = {};
    Registers r;
    if (__get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx)) registers_ = r;
    return registers_;
  }

private:
  unsigned leaf_ = ~0u, subleaf_ = ~0u;
  Registers registers_;
};

/// Bits of XCR0, or 0 when the kernel does not use XSAVE.
uint64_t saved_state(Cpuid& cpuid) {
  constexpr unsigned kOsxsave = 1u << 27;
  if ((cpuid(1, 0).ecx & kOsxsave) == 0) return 0;
  unsigned low = 0, high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return uint64_t{high} << 32 | low;
}

/// Features that need the upper halves of vector registers, by LLVM's names.
constexpr bool needs_avx_state(std::string_view name) {
  return name.starts_with("avx") || name == "f16c" || name == "fma" || name == "fma4" || name == "xop" ||
         name == "vaes" || name == "vpclmulqdq";
}

} // namespace

CpuFeatures host_features() {
  constexpr uint64_t kAvx = 0x6, kAvx512 = 0xE6, kApx = uint64_t{1} << 19;
  Cpuid cpuid;
  uint64_t state = saved_state(cpuid);
  CpuFeatures features;
  size_t position = 0;
  auto add = [&](std::string_view name, bool is_present) {
    if (needs_avx_state(name) && (state & kAvx) != kAvx) is_present = false;
    if (name.starts_with("avx512") && (state & kAvx512) != kAvx512) is_present = false;
    if (name == "egpr" && (state & kApx) == 0) is_present = false;
    if (is_present) (position < 64 ? features.low : features.high) |= uint64_t{1} << (position % 64);
    ++position;
  };
  // Rows of another architecture only take their position.
#define CPU_FEATURE(id, name, architecture, leaf, subleaf, reg, bit)                                         \
  SWAGE_ROW_##architecture(name, leaf, subleaf, reg, bit)
#define SWAGE_ROW_x86_64(name, leaf, subleaf, reg, bit)                                                      \
  add(name, (cpuid(leaf, subleaf).reg >> (bit) & 1) != 0);
#define SWAGE_ROW_aarch64(name, leaf, subleaf, reg, bit) add(name, false);
#include "runtime/abi/cpu_features.inc"
  return features;
}

uint16_t host_machine() { return EM_X86_64; }

} // namespace swage::artifact
