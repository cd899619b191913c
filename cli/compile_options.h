// The options that decide what code comes out, shared by `run`, `compile` and the tools.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "swage/compiler.h"

namespace swage::cli {

/// -O, --cpu, --cpu-features, --memory is elsewhere (GuestOptions), --features, --disable, --deterministic,
/// --relaxed-traps, --instrument, --profile, --jobs.
void add_code_options(CLI::App& app, CompileOptions& options);
/// Reads the files that --profile named. Errors: io.
Expected<void> read_profiles(CompileOptions& options);
/// --features and --disable alone, for tools that do not generate code.
void add_feature_options(CLI::App& app, CompileOptions& options);
/// --timing: prints a table to stderr after the work. `times` must outlive the options.
void print_times(const std::vector<StageTime>& times);

} // namespace swage::cli
