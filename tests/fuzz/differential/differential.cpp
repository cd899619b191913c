// Whether a module does the same in each of swage's modes, for modules out of seeds:
//
//   differential FIRST COUNT [FOLDER]
//
// prints how many agreed; or, of the first that does not, its seed, the difference, and the files that hold
// the module and as little of it as still shows a difference. Seeds are of two kinds. Even ones use all
// features and --deterministic. Odd ones use what other engines know as well, make their NaNs canonical
// themselves, and are written to FOLDER with their traces, for run_in_node.mjs.
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "compiler/wasm/decode.h"
#include "compiler/wasm/validate.h"
#include "tests/fuzz/differential/reduce.h"
#include "tests/fuzz/differential/trace.h"
#include "tests/fuzz/generate/generate.h"

namespace swage::fuzz {
namespace {

constexpr const char* kUsage = "usage: differential FIRST COUNT [FOLDER]\n";

struct Sample {
  GenerateOptions generate;
  CompileOptions compile;
};

Sample sample_of(uint64_t seed) {
  Sample sample;
  if (seed % 2 == 0) {
    sample.compile.deterministic = true;
    return sample;
  }
  sample.generate.nans = Nans::canonical;
  using wasm::Feature;
  for (Feature feature : {Feature::relaxed_simd, Feature::multi_memory, Feature::memory64,
                          Feature::wide_arithmetic, Feature::custom_page_sizes, Feature::function_references})
    sample.generate.features.disable(feature);
  return sample;
}

void write(const std::filesystem::path& path, const void* data, size_t size) {
  std::ofstream(path, std::ios::binary)
      .write(static_cast<const char*>(data), static_cast<std::streamsize>(size));
}

/// Empty when all agree.
std::string difference(std::span<const std::byte> wasm, const Sample& sample,
                       std::vector<std::string>& expected) {
  Expected<wasm::Module> module = wasm::decode(wasm, sample.generate.features);
  Expected<void> valid = module ? wasm::validate(*module) : std::unexpected(module.error());
  if (!valid) return "generated an invalid module: " + valid.error().to_string();
  for (const Mode& mode : kModes) {
    Expected<std::vector<std::string>> trace = trace_of(wasm, mode, sample.compile);
    if (!trace) return fmt::format("{} refuses it: {}", mode.name, trace.error().to_string());
    if (&mode == kModes) {
      expected = std::move(*trace);
      continue;
    }
    for (size_t i = 0; i < std::max(trace->size(), expected.size()); ++i) {
      const char* none = "nothing";
      std::string_view first = i < expected.size() ? expected[i] : std::string_view(none);
      std::string_view other = i < trace->size() ? (*trace)[i] : std::string_view(none);
      if (first != other)
        return fmt::format("line {}\n  {}: {}\n  {}: {}", i + 1, kModes[0].name, first, mode.name, other);
    }
  }
  return {};
}

/// Whether something is wrong, and in which way: reduction must not turn one bug into another.
std::string_view kind_of(std::string_view different) { return different.substr(0, different.find(' ')); }

int run(uint64_t first, uint64_t count, const std::string& folder) {
  for (uint64_t seed = first; seed < first + count; ++seed) {
    // Before anything can go wrong: a crash leaves the seed behind.
    fmt::print(stderr, "\rseed {}", seed);
    Sample sample = sample_of(seed);
    Choices choices(seed);
    std::vector<std::byte> wasm = generate_module(choices, sample.generate);
    std::vector<std::string> trace;
    std::string different = difference(wasm, sample, trace);
    if (!different.empty()) {
      std::string file = fmt::format("seed-{}.wasm", seed);
      write(file, wasm.data(), wasm.size());
      fmt::print("\nseed {}: {}\n{} holds the module", seed, different, file);
      std::fflush(stdout);
      wasm = reduce(std::move(wasm), sample.generate.features, [&](std::span<const std::byte> smaller) {
        return kind_of(difference(smaller, sample, trace)) == kind_of(different);
      });
      file = fmt::format("seed-{}-reduced.wasm", seed);
      write(file, wasm.data(), wasm.size());
      fmt::print(", {} the part that matters: {}\n", file, difference(wasm, sample, trace));
      return 1;
    }
    if (folder.empty() || seed % 2 == 0) continue;
    std::string text = fmt::format("{}\n", fmt::join(trace, "\n"));
    write(fmt::format("{}/{}.wasm", folder, seed), wasm.data(), wasm.size());
    write(fmt::format("{}/{}.trace", folder, seed), text.data(), text.size());
  }
  fmt::print("\n{} modules did the same in {} modes\n", count, std::size(kModes));
  return 0;
}

bool parse(const char* text, uint64_t& value) {
  return std::from_chars(text, text + std::strlen(text), value).ec == std::errc();
}

} // namespace
} // namespace swage::fuzz

int main(int argc, char** argv) {
  uint64_t first = 0, count = 0;
  if (argc < 3 || argc > 4 || !swage::fuzz::parse(argv[1], first) || !swage::fuzz::parse(argv[2], count)) {
    std::fputs(swage::fuzz::kUsage, stderr);
    return 2;
  }
  return swage::fuzz::run(first, count, argc == 4 ? argv[3] : "");
}
