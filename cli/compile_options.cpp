// One definition of each compile option's spelling.
#include "cli/compile_options.h"

#include <fmt/format.h>

#include "cli/files.h"

namespace swage::cli {

void add_feature_options(CLI::App& app, CompileOptions& options) {
  app.add_option("--features", options.enable, "Switch features on: gc,threads,...")
      ->type_name("LIST")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--disable", options.disable, "Switch features off")
      ->type_name("LIST")
      ->delimiter(',')
      ->allow_extra_args(false);
}

void add_code_options(CLI::App& app, CompileOptions& options) {
  static const std::map<std::string, OptLevel> kLevels = {{"0", OptLevel::O0},
                                                          {"1", OptLevel::O1},
                                                          {"2", OptLevel::O2},
                                                          {"3", OptLevel::O3},
                                                          {"s", OptLevel::Os}};
  app.add_option("-O", options.opt, "Optimisation level: 0, 1, 2, 3 or s")
      ->type_name("LEVEL")
      ->transform(CLI::CheckedTransformer(kLevels).description(""));
  app.add_option("--cpu", options.cpu,
                 "The CPU to compile for: LLVM's name, or native; an artifact may have several, A,B,C")
      ->type_name("NAME");
  app.add_option("--cpu-features", options.cpu_features, "CPU features to add or remove: +avx2,-bmi2")
      ->type_name("LIST");
  app.add_flag("--deterministic", options.deterministic, "Fix NaN bits and relaxed SIMD results");
  app.add_flag("--relaxed-traps", options.relaxed_traps,
               "Let loads whose value is never used lose their trap");
  app.add_flag("--instrument", options.instrument, "Make code that counts what runs, for --profile");
  app.add_option_function<std::vector<std::string>>(
         "--profile",
         [&options](const std::vector<std::string>& files) {
           for (const std::string& file : files) options.profiles.push_back({file, {}});
         },
         "Optimise for what ran when this file was written; more than one add up")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("-j,--jobs", options.jobs, "Threads to compile on; 0: all cores")
      ->type_name("N")
      ->capture_default_str();
  add_feature_options(app, options);
}

Expected<void> read_profiles(CompileOptions& options) {
  for (ProfileFile& profile : options.profiles) profile.bytes = SWAGE_TRY(read_file(profile.file));
  return {};
}

void print_times(const std::vector<StageTime>& times) {
  fmt::print(stderr, "{:<12} {:>10} {:>12}\n", "stage", "seconds", "peak memory");
  for (const StageTime& time : times)
    fmt::print(stderr, "{:<12} {:>10.3f} {:>8.1f} MiB\n", time.stage, time.wall_seconds,
               static_cast<double>(time.peak_bytes) / (1 << 20));
}

} // namespace swage::cli
