#include "compiler/codegen/input.h"

#include <algorithm>
#include <array>

#include "compiler/wasm/decode.h"
#include "compiler/wasm/validate.h"

namespace swage::codegen {

namespace {

/// https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md : layer 1 where a module has
/// 0.
bool is_component(std::span<const std::byte> bytes) {
  constexpr std::array<uint8_t, 4> kMagic = {0x00, 'a', 's', 'm'};
  return bytes.size() >= 8 && bytes[6] == std::byte{1} && bytes[7] == std::byte{0} &&
         std::equal(kMagic.begin(), kMagic.end(), bytes.begin(),
                    [](uint8_t a, std::byte b) { return std::byte{a} == b; });
}

std::unexpected<Error> in_file(Error error, const CompileOptions& options) {
  if (error.file.empty()) error.file = options.file;
  return std::unexpected(std::move(error));
}

Expected<wasm::Module> decode_and_validate(std::span<const std::byte> wasm, const CompileOptions& options,
                                           Stages& stages) {
  wasm::FeatureSet features = SWAGE_TRY(features_of(options));
  if (is_component(wasm)) {
    Error error;
    error.code = ErrorCode::unsupported;
    error.message = "this is a WebAssembly component: expected a core module";
    error.hint = "building the program for wasm32-wasip1";
    return std::unexpected(std::move(error));
  }
  std::optional<wasm::Module> module;
  {
    Stages::Timer timer(stages, "decode");
    module = SWAGE_TRY(wasm::decode(wasm, features));
  }
  Stages::Timer timer(stages, "validate");
  SWAGE_CHECK(wasm::validate(*module, options.jobs));
  return std::move(*module);
}

} // namespace

Expected<wasm::FeatureSet> features_of(const CompileOptions& options) {
  return wasm::select_features(options.enable, options.disable);
}

Expected<wasm::Module> load_module(std::span<const std::byte> wasm, const CompileOptions& options,
                                   Stages& stages) {
  Expected<wasm::Module> module = decode_and_validate(wasm, options, stages);
  if (!module) return in_file(std::move(module).error(), options);
  return module;
}

lower::LowerOptions lower_options(const CompileOptions& options, const Target& target,
                                  const Profiles& profiles) {
  lower::LowerOptions lowering;
  lowering.bounds = options.bounds == MemoryBounds::checked ? lower::Bounds::checked : lower::Bounds::guard;
  lowering.traps = options.relaxed_traps ? lower::Traps::relaxed : lower::Traps::exact;
  lowering.determinism = options.deterministic ? lower::Determinism::deterministic : lower::Determinism::host;
  lowering.triple = target.triple;
  lowering.data_layout = target.data_layout;
  lowering.cpu = target.cpu;
  lowering.cpu_features = target.features;
  lowering.optimized = options.opt != OptLevel::O0;
  lowering.for_speed = options.opt == OptLevel::O2 || options.opt == OptLevel::O3;
  if (profiles.counting) lowering.counting = &*profiles.counting;
  if (profiles.used) lowering.profile = &*profiles.used;
  return lowering;
}

} // namespace swage::codegen
