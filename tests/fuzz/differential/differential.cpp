// Whether a module does the same in each of swage's modes, for modules out of seeds:
//
//   differential FIRST COUNT [FOLDER]
//
// prints how many agreed; or, of the first that does not, its seed, the difference, and the files that hold
// the module and as little of it as still shows a difference. Seeds are of two kinds. Even ones use all
// features and --deterministic. Odd ones use what other engines know as well, make their NaNs canonical
// themselves, and are written to FOLDER with their traces, for run_in_node.mjs. Half of the seeds leave some
// features out, by chance: what a module needs decides how it is compiled.
#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

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

/// What the generator uses without a look at the features.
constexpr std::array kTakenForGranted = {wasm::Feature::mvp, wasm::Feature::multi_value,
                                         wasm::Feature::bulk_memory, wasm::Feature::reference_types};

Sample sample_of(uint64_t seed) {
  Sample sample;
  using wasm::Feature;
  if (seed % 4 >= 2) {
    Choices leave_out(~seed);
    for (const wasm::FeatureInfo& info : wasm::feature_infos())
      if (std::ranges::find(kTakenForGranted, info.feature) == kTakenForGranted.end() && leave_out.one_in(3))
        sample.generate.features.disable(info.feature);
  }
  if (seed % 2 == 0) {
    sample.compile.deterministic = true;
    return sample;
  }
  sample.generate.nans = Nans::canonical;
  for (Feature feature : {Feature::relaxed_simd, Feature::multi_memory, Feature::memory64,
                          Feature::wide_arithmetic, Feature::custom_page_sizes, Feature::function_references})
    sample.generate.features.disable(feature);
  return sample;
}

void write(const std::filesystem::path& path, const void* data, size_t size) {
  std::ofstream(path, std::ios::binary)
      .write(static_cast<const char*>(data), static_cast<std::streamsize>(size));
}

/// What is wrong with a module.
struct Difference {
  std::string text; ///< empty: nothing
  size_t mode = 0;  ///< in which that shows, an index of kModes

  /// Reduction must not turn one bug into another.
  bool is_like(const Difference& other) const {
    return text.substr(0, text.find(' ')) == other.text.substr(0, other.text.find(' '));
  }
};

std::string compare(const std::vector<std::string>& expected, const std::vector<std::string>& trace,
                    const Mode& mode) {
  for (size_t i = 0; i < std::max(trace.size(), expected.size()); ++i) {
    std::string_view first = i < expected.size() ? expected[i] : std::string_view("nothing");
    std::string_view other = i < trace.size() ? trace[i] : std::string_view("nothing");
    if (first != other)
      return fmt::format("line {}\n  {}: {}\n  {}: {}", i + 1, kModes[0].name, first, mode.name, other);
  }
  return {};
}

constexpr char kSeparator = '\x1F';
/// Of the processor, that all modes together may take.
enum class Patience : uint8_t { seconds_20 = 20, second_1 = 1 };

/// Runs a module in the first mode and in those of [begin, end); calls `at` before each.
std::string find_difference(std::span<const std::byte> wasm, const Sample& sample, size_t begin, size_t end,
                            std::vector<std::string>& expected, const std::function<void(size_t)>& at) {
  Expected<wasm::Module> module = wasm::decode(wasm, sample.generate.features);
  Expected<void> valid = module ? wasm::validate(*module) : std::unexpected(module.error());
  if (!valid) return "invalid module generated: " + valid.error().to_string();
  for (size_t i = 0; i < end; i = i == 0 ? begin : i + 1) {
    at(i);
    Expected<std::vector<std::string>> trace = trace_of(wasm, kModes[i], sample.compile);
    if (!trace) return fmt::format("refused in {}: {}", kModes[i].name, trace.error().to_string());
    if (i == 0)
      expected = std::move(*trace);
    else if (std::string different = compare(expected, *trace, kModes[i]); !different.empty())
      return different;
  }
  return {};
}

/// From now on, a hang ends the process.
void limit_time(Patience patience) {
  itimerval timer{.it_interval = {}, .it_value = {.tv_sec = static_cast<time_t>(patience), .tv_usec = 0}};
  setitimer(ITIMER_PROF, &timer, nullptr);
  alarm(30 * static_cast<unsigned>(patience)); // asleep
}

/// The same in a process of its own, which may crash or hang. `trace` is what the module does in the first
/// mode.
Difference try_module(std::span<const std::byte> wasm, const Sample& sample, size_t begin, size_t end,
                      Patience patience, std::string& trace) {
  int pipes[2];
  if (pipe(pipes) != 0) return {"pipe failed"};
  pid_t child = fork();
  if (child == 0) {
    limit_time(patience);
    FILE* out = fdopen(pipes[1], "w");
    std::vector<std::string> lines;
    std::string different = find_difference(wasm, sample, begin, end, lines, [&](size_t mode) {
      fmt::print(out, "{}", mode);
      std::fflush(out);
    });
    fmt::print(out, "{}{}{}{}\n", kSeparator, different, kSeparator, fmt::join(lines, "\n"));
    std::fflush(out);
    _exit(0);
  }
  close(pipes[1]);
  std::string said;
  char buffer[4096];
  for (ssize_t n; (n = read(pipes[0], buffer, sizeof buffer)) > 0;)
    said.append(buffer, static_cast<size_t>(n));
  close(pipes[0]);
  int status = 0;
  waitpid(child, &status, 0);

  // A digit for each mode that was begun, what is different, the trace.
  size_t text = said.find(kSeparator);
  Difference different;
  if (size_t begun = std::min(text, said.size()); begun > 0)
    different.mode = static_cast<size_t>(said[begun - 1] - '0');
  if (text == std::string::npos) {
    bool is_hang = WIFSIGNALED(status) && (WTERMSIG(status) == SIGPROF || WTERMSIG(status) == SIGALRM);
    different.text = fmt::format("{} in {}: status {:#x}", is_hang ? "hang" : "crash",
                                 kModes[different.mode].name, static_cast<unsigned>(status));
    return different;
  }
  size_t lines = said.find(kSeparator, text + 1);
  different.text = said.substr(text + 1, lines - text - 1);
  trace = said.substr(lines + 1);
  return different;
}

/// Says what is different, and writes the module and as little of it as still shows a difference.
void show(uint64_t seed, std::vector<std::byte> wasm, const Sample& sample, const Difference& different) {
  std::string file = fmt::format("seed-{}.wasm", seed);
  write(file, wasm.data(), wasm.size());
  fmt::print("\nseed {}: {}\n{} holds the module\n", seed, different.text, file);
  std::fflush(stdout);
  std::string trace;
  size_t end = different.mode + 1;
  Patience patience = different.text.starts_with("hang") ? Patience::seconds_20 : Patience::second_1;
  wasm = reduce(std::move(wasm), sample.generate.features, [&](std::span<const std::byte> smaller) {
    return try_module(smaller, sample, different.mode, end, patience, trace).is_like(different);
  });
  file = fmt::format("seed-{}-reduced.wasm", seed);
  write(file, wasm.data(), wasm.size());
  fmt::print("{} the part that matters: {}\n", file,
             try_module(wasm, sample, different.mode, end, patience, trace).text);
}

int run(uint64_t first, uint64_t count, const std::string& folder) {
  std::error_code ignored; // writing will say what is wrong
  if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
  for (uint64_t seed = first; seed < first + count; ++seed) {
    // Before anything can go wrong: a crash leaves the seed behind.
    fmt::print(stderr, "\rseed {}", seed);
    Sample sample = sample_of(seed);
    Choices choices(seed);
    std::vector<std::byte> wasm = generate_module(choices, sample.generate);
    std::string trace;
    Difference different = try_module(wasm, sample, 1, std::size(kModes), Patience::seconds_20, trace);
    if (!different.text.empty()) {
      show(seed, std::move(wasm), sample, different);
      return 1;
    }
    if (folder.empty() || seed % 2 == 0) continue;
    write(fmt::format("{}/{}.wasm", folder, seed), wasm.data(), wasm.size());
    write(fmt::format("{}/{}.trace", folder, seed), trace.data(), trace.size());
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
