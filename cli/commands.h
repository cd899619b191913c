// The subcommands: each file adds its own to the program and leaves behind what to do.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace swage::cli {

/// What the chosen subcommand does once the whole command line is understood; returns the exit status.
using Action = std::function<int()>;

void add_run(CLI::App& app, Action& action);
void add_compile(CLI::App& app, Action& action);
void add_validate(CLI::App& app, Action& action);
void add_inspect(CLI::App& app, Action& action);
void add_parse(CLI::App& app, Action& action);
void add_print(CLI::App& app, Action& action);
void add_wast(CLI::App& app, Action& action);
void add_bench(CLI::App& app, Action& action);

} // namespace swage::cli
