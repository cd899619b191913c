// The checks stand here, not in LLVM: an unknown CPU or feature only makes it print a warning, and a 32-bit
// CPU makes it exit.
#include "compiler/codegen/target.h"

#include <algorithm>
#include <cassert>
#include <mutex>
#include <vector>

#include <fmt/format.h>
#include <llvm/ADT/StringMap.h>
#include <llvm/BinaryFormat/ELF.h>

#include "compiler/codegen/llvm.h"

namespace swage::codegen {

namespace {

enum class Architecture : uint8_t { x86_64, aarch64 };

/// What an architecture fixes. `required`: without these LLVM gives up (registers for floats and vectors).
struct ArchitectureInfo {
  Architecture architecture;
  llvm::Triple::ArchType llvm_type;
  const char* portable_cpu;
  const char* required;
  uint16_t elf_machine;
  uint32_t page_size;
  void (*initialise)();
};
constexpr ArchitectureInfo kArchitectures[] = {
    {Architecture::x86_64, llvm::Triple::x86_64, "x86-64", "+64bit,+cmov,+cx8,+sse2,+x87",
     llvm::ELF::EM_X86_64, 4096, llvm22::initialise_x86},
    {Architecture::aarch64, llvm::Triple::aarch64, "generic", "+fp-armv8,+neon", llvm::ELF::EM_AARCH64, 65536,
     llvm22::initialise_aarch64},
};

/// What the x86-64 ABI calls the first level of the architecture LLVM calls "x86-64".
/// https://gitlab.com/x86-psABIs/x86-64-ABI
constexpr std::string_view kFirstLevel = "x86-64-v1";

/// One row of cpu_features.inc.
struct FeatureRow {
  const char* name;
  Architecture architecture;
};
constexpr FeatureRow kFeatureRows[] = {
#define CPU_FEATURE(id, name, architecture, leaf, subleaf, reg, bit) {name, Architecture::architecture},
#include "runtime/abi/cpu_features.inc"
};
static_assert(std::size(kFeatureRows) <= 128);

/// The same word once a character is wrong, missing or moved: enough to find what a slip of the finger meant.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); j++) row[j] = j;
  for (size_t i = 1; i <= a.size(); i++) {
    size_t diagonal = row[0]++;
    for (size_t j = 1; j <= b.size(); j++) {
      size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

/// "; nearest: a, b, c" for the names that look most like `wanted`.
std::string nearest(std::string_view wanted, std::vector<std::string> names) {
  if (wanted.size() > 64) return {};
  std::stable_sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
    return distance(wanted, a) < distance(wanted, b);
  });
  names.resize(std::min<size_t>(names.size(), 5));
  return fmt::format("{}", fmt::join(names, ", "));
}

std::unexpected<Error> usage(std::string message, std::string hint) {
  Error error;
  error.code = ErrorCode::usage;
  error.message = std::move(message);
  error.hint = std::move(hint);
  return std::unexpected(std::move(error));
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    size_t comma = std::min(text.find(','), text.size());
    if (comma != 0) parts.push_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

/// The host's features that the CPU's name does not tell: virtual machines hide some.
std::string host_differences(const llvm::MCSubtargetInfo& named) {
  std::vector<std::string> changes;
  for (const auto& feature : llvm::sys::getHostCPUFeatures()) {
    std::string name = feature.getKey().str();
    if (named.checkFeatures("+" + name) != feature.getValue())
      changes.push_back((feature.getValue() ? "+" : "-") + name);
  }
  std::sort(changes.begin(), changes.end()); // a hash table has no order of its own
  return fmt::format("{}", fmt::join(changes, ","));
}

Expected<const ArchitectureInfo*> find_architecture(const llvm::Triple& triple) {
  for (const ArchitectureInfo& info : kArchitectures) {
    if (triple.getArch() != info.llvm_type || !triple.isOSLinux() || !triple.isOSBinFormatELF()) continue;
    if (triple.isX32() || triple.getEnvironment() == llvm::Triple::GNUILP32) continue;
    static std::once_flag once[std::size(kArchitectures)];
    std::call_once(once[static_cast<size_t>(info.architecture)], info.initialise);
    return &info;
  }
  return usage(
      fmt::format("unknown target \"{}\": expected x86_64-linux-gnu or aarch64-linux-gnu", triple.str()),
      "--target x86_64-linux-gnu");
}

} // namespace

Expected<Target> resolve_target(const CompileOptions& options, DefaultCpu default_cpu) {
  std::string host = llvm::Triple::normalize(llvm::sys::getDefaultTargetTriple());
  llvm::Triple triple(options.triple.empty() ? host : llvm::Triple::normalize(options.triple));
  triple.setVendor(
      llvm::Triple::UnknownVendor); // says nothing about code: the same bytes with and without --target
  const ArchitectureInfo* architecture = SWAGE_TRY(find_architecture(triple));
  const llvm::Target* llvm_target = llvm22::find_target(triple);
  assert(llvm_target && "the architecture's target was just initialised");
  bool is_host = triple.getArch() == llvm::Triple(host).getArch();

  Target target;
  target.triple = triple.str();
  target.elf_machine = architecture->elf_machine;
  target.page_size = architecture->page_size;

  std::string wanted = options.cpu;
  if (wanted.find(',') != std::string::npos)
    return usage(fmt::format("expected one CPU, got several: \"{}\"", wanted),
                 "`swage compile`, which can put code for several into one shared object");
  if (wanted.empty())
    wanted = default_cpu == DefaultCpu::native && is_host ? "native" : architecture->portable_cpu;
  if (wanted == "native" && !is_host)
    return usage(fmt::format("CPU \"native\" is this machine's, which is no {}", target.triple),
                 fmt::format("--cpu {}", architecture->portable_cpu));
  target.name = wanted == "native" ? llvm::sys::getHostCPUName().str() : wanted;
  target.cpu = target.name == kFirstLevel ? architecture->portable_cpu : target.name;

  auto baseline = llvm22::make_subtarget(*llvm_target, triple, architecture->portable_cpu, "");
  if (!baseline->isCPUStringValid(target.cpu)) {
    std::vector<std::string> names;
    for (const llvm::SubtargetSubTypeKV& row : baseline->getAllProcessorDescriptions())
      names.push_back(row.Key);
    return usage(fmt::format("unknown CPU \"{}\" for {}: nearest are {}", target.cpu, target.triple,
                             nearest(target.cpu, names)),
                 "--cpu native");
  }
  auto named = llvm22::make_subtarget(*llvm_target, triple, target.cpu, "");
  if (wanted == "native") target.features = host_differences(*named);

  for (std::string_view change : split(options.cpu_features)) {
    std::vector<std::string> names;
    for (const llvm::SubtargetFeatureKV& row : baseline->getAllProcessorFeatures()) names.push_back(row.Key);
    std::string name(change.substr(1));
    if ((change[0] != '+' && change[0] != '-') || std::find(names.begin(), names.end(), name) == names.end())
      return usage(fmt::format("unknown CPU feature \"{}\" for {}: expected +NAME or -NAME, nearest are {}",
                               change, target.triple,
                               nearest(change[0] == '+' || change[0] == '-' ? name : change, names)),
                   "--cpu-features +avx2,-bmi2");
    if (!target.features.empty()) target.features += ',';
    target.features += change;
  }

  // LLVM 22 shifts bytes by a wrong matrix with these instructions where it learns late that the count is
  // zero.
  if (triple.isX86() &&
      llvm22::make_subtarget(*llvm_target, triple, target.cpu, target.features)->checkFeatures("+gfni"))
    target.features += target.features.empty() ? "-gfni" : ",-gfni";

  auto chosen = llvm22::make_subtarget(*llvm_target, triple, target.cpu, target.features);
  for (std::string_view required : split(architecture->required)) {
    if (!chosen->checkFeatures(required))
      return usage(fmt::format("CPU \"{}\" with \"{}\" lacks {}, which {} code cannot do without", target.cpu,
                               target.features, required.substr(1), target.triple),
                   fmt::format("--cpu {}", architecture->portable_cpu));
  }
  for (size_t i = 0; i < std::size(kFeatureRows); i++) {
    if (kFeatureRows[i].architecture != architecture->architecture) continue;
    if (!chosen->checkFeatures(std::string("+") + kFeatureRows[i].name)) continue;
    (i < 64 ? target.needed_low : target.needed_high) |= uint64_t{1} << (i % 64);
  }
  target.data_layout = target.machine(OptLevel::O0)->createDataLayout().getStringRepresentation();
  return target;
}

namespace {

std::string names_of(uint64_t low, uint64_t high) {
  std::vector<std::string_view> names;
  for (size_t i = 0; i < std::size(kFeatureRows); i++)
    if (((i < 64 ? low : high) >> (i % 64) & 1) != 0) names.push_back(kFeatureRows[i].name);
  return fmt::format("{}", fmt::join(names, ","));
}

} // namespace

Expected<std::vector<Target>> resolve_targets(const CompileOptions& options, DefaultCpu default_cpu) {
  std::vector<Target> targets;
  std::vector<std::string_view> names = split(options.cpu);
  if (names.empty()) names.push_back({});
  for (std::string_view name : names) {
    CompileOptions one = options;
    one.cpu = name;
    Target target = SWAGE_TRY(resolve_target(one, default_cpu));
    if (!targets.empty()) {
      const Target& before = targets.back();
      uint64_t low = before.needed_low & ~target.needed_low, high = before.needed_high & ~target.needed_high;
      bool is_same = before.needed_low == target.needed_low && before.needed_high == target.needed_high;
      if (low != 0 || high != 0)
        return usage(fmt::format("CPU \"{}\" lacks {} of \"{}\" before it: expected the least CPU first",
                                 target.name, names_of(low, high), before.name),
                     "--cpu x86-64-v1,x86-64-v3,x86-64-v4");
      if (is_same)
        return usage(fmt::format("CPUs \"{}\" and \"{}\" cannot be told apart: they have the same features",
                                 before.name, target.name),
                     fmt::format("--cpu {}", target.name));
    }
    targets.push_back(std::move(target));
  }
  return targets;
}

Expected<std::string> unused_features(const CompileOptions& options) {
  std::vector<Target> targets = SWAGE_TRY(resolve_targets(options, DefaultCpu::portable));
  CompileOptions host;
  host.cpu = "native";
  Target native = SWAGE_TRY(resolve_target(host, DefaultCpu::native));
  const Target& best = targets.back();
  if (best.elf_machine != native.elf_machine) return std::string();
  return names_of(native.needed_low & ~best.needed_low, native.needed_high & ~best.needed_high);
}

std::unique_ptr<llvm::TargetMachine> Target::machine(OptLevel level) const {
  llvm::TargetOptions options;
  options.EmitAddrsig = false; // the linker merges nothing
  llvm::CodeGenOptLevel effort = llvm::CodeGenOptLevel::Default;
  switch (level) {
  case OptLevel::O0: effort = llvm::CodeGenOptLevel::None; break;
  case OptLevel::O1: effort = llvm::CodeGenOptLevel::Less; break;
  case OptLevel::O2:
  case OptLevel::Os: break;
  case OptLevel::O3: effort = llvm::CodeGenOptLevel::Aggressive; break;
  }
  llvm::Triple parsed(triple);
  return llvm22::make_machine(*llvm22::find_target(parsed), parsed, cpu, features, options, effort);
}

} // namespace swage::codegen
