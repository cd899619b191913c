// CPUID tells what the CPU can do, XCR0 which registers the kernel saves: AVX without the latter would lose
// its state. Intel SDM volume 2, CPUID; volume 1, chapter 13.
#include <array>
#include <cpuid.h>
#include <elf.h>
#include <string_view>

#include "runtime/artifact/artifact.h"

namespace swage::artifact {

namespace {

enum Register : uint8_t { eax, ebx, ecx, edx };
using Registers = std::array<unsigned, 4>;

/// Where CPUID tells of a feature. No leaf: the row is another architecture's and only takes its position.
struct Row {
  unsigned leaf = 0;
  unsigned state = 0; ///< bits of XCR0 that it needs
  uint8_t subleaf = 0;
  Register reg = eax;
  uint8_t bit = 0;
};

/// By LLVM's name: features that need the upper halves of vector registers, or more registers.
constexpr unsigned needed_state(std::string_view name) {
  constexpr unsigned kAvx = 0x6, kAvx512 = 0xE6, kApx = 1u << 19;
  if (name.starts_with("avx512")) return kAvx512;
  if (name == "egpr") return kApx;
  bool needs_avx = name.starts_with("avx") || name == "f16c" || name == "fma" || name == "fma4" ||
                   name == "xop" || name == "vaes" || name == "vpclmulqdq";
  return needs_avx ? kAvx : 0;
}

constexpr Row kRows[] = {
#define CPU_FEATURE(id, name, architecture, leaf, subleaf, reg, bit)                                         \
  SWAGE_ROW_##architecture(name, leaf, subleaf, reg, bit)
#define SWAGE_ROW_x86_64(name, leaf, subleaf, reg, bit) Row{leaf, needed_state(name), subleaf, reg, bit},
#define SWAGE_ROW_aarch64(name, leaf, subleaf, reg, bit) Row{},
#include "runtime/abi/cpu_features.inc"
};

Registers cpuid(unsigned leaf, unsigned subleaf) {
  Registers r{};
  __get_cpuid_count(leaf, subleaf, &r[eax], &r[ebx], &r[ecx], &r[edx]);
  return r;
}

/// Bits of XCR0, or 0 when the kernel does not use XSAVE. Those that matter are in the low half.
unsigned saved_state() {
  constexpr unsigned kOsxsave = 1u << 27;
  if ((cpuid(1, 0)[ecx] & kOsxsave) == 0) return 0;
  unsigned low = 0, high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

} // namespace

CpuFeatures host_features() {
  unsigned state = saved_state();
  CpuFeatures features;
  // The last answer is kept: rows of one leaf stand together, and in a virtual machine each CPUID costs a
  // microsecond or more.
  unsigned leaf = 0, subleaf = 0;
  Registers registers{};
  size_t position = 0;
  for (const Row& row : kRows) {
    uint64_t bit = uint64_t{1} << (position % 64);
    uint64_t& word = position++ < 64 ? features.low : features.high;
    if (row.leaf == 0 || (state & row.state) != row.state) continue;
    if (row.leaf != leaf || row.subleaf != subleaf) registers = cpuid(row.leaf, row.subleaf);
    leaf = row.leaf;
    subleaf = row.subleaf;
    if ((registers[row.reg] >> row.bit & 1) != 0) word |= bit;
  }
  return features;
}

uint16_t host_machine() { return EM_X86_64; }

} // namespace swage::artifact
