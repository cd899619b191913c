// What a guest is granted and how it is started: the options that `swage run` and `swage-run` share.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "swage/instance.h"

namespace swage::cli {

struct GuestOptions {
  std::vector<std::string> directories; ///< HOST[::GUEST][:ro]
  std::vector<std::string> environment; ///< K=V, or K to pass on the host's
  bool inherit_environment = false;
  std::optional<std::string> argv0;
  std::string invoke;
  std::vector<std::string> listen;
  std::string trace;
  std::string wasi;                                        ///< "threads": with wasi-threads
  uint64_t max_wasm_stack = EngineConfig().max_wasm_stack; ///< bytes
  uint64_t max_gc_heap = EngineConfig().max_gc_heap;       ///< bytes
  bool gc_stress = false;
  std::string memory = "auto";
  std::string cpu_level;              ///< of an artifact with code for several CPUs
  std::string profile_out;            ///< where an instrumented module's profile goes
  std::string file;                   ///< the module
  std::vector<std::string> arguments; ///< after the file
};

/// Adds the options to a command that takes a file and hands everything after it to the guest.
void add_guest_options(CLI::App& app, GuestOptions& options);

/// The file and the guest's arguments from what the command left over. Errors: usage.
Expected<void> take_file(CLI::App& app, GuestOptions& options);

/// What the options say of the engine.
EngineConfig engine_config(const GuestOptions& options);

/// Instantiates with WASI and runs `_start`, or `--invoke`'s export, printing its results. Returns the
/// process's exit status.
int run_guest(const Engine& engine, const Module& module, const GuestOptions& options);

} // namespace swage::cli
