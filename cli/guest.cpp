// Running a guest: grants, instance, entry point, exit status.
//
// A command module has `_start`; a reactor has `_initialize`, which runs before anything is invoked. The
// guest's proc_exit code is the process's; a trap prints its backtrace and gives 134.
#include "cli/guest.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <unistd.h>

#include "cli/exit_status.h"
#include "cli/files.h"
#include "cli/values.h"
#include "swage/wasi.h"

namespace swage::cli {
namespace {

Expected<void> grant_directory(wasi::Config& config, std::string text) {
  wasi::Access access = wasi::Access::read_write;
  if (text.ends_with(":ro")) {
    access = wasi::Access::read_only;
    text.resize(text.size() - 3);
  }
  size_t separator = text.find("::");
  std::string host = text.substr(0, separator);
  std::string guest = separator == std::string::npos ? host : text.substr(separator + 2);
  if (host.empty() || guest.empty())
    return fail(ErrorCode::usage, "--dir wants HOST[::GUEST][:ro], got '" + text + "'");
  config.directory(std::move(host), std::move(guest), access);
  return {};
}

void grant_variable(wasi::Config& config, const std::string& text) {
  size_t equals = text.find('=');
  if (equals != std::string::npos)
    config.environment(text.substr(0, equals), text.substr(equals + 1));
  else if (const char* value = std::getenv(text.c_str()))
    config.environment(text, value);
}

Expected<std::unique_ptr<wasi::Context>> grants(const GuestOptions& options) {
  wasi::Config config;
  std::vector<std::string> arguments = {options.argv0.value_or(options.file)};
  if (options.invoke.empty())
    arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  config.arguments(std::move(arguments)).inherit_stdin().inherit_stdout().inherit_stderr();
  if (options.inherit_environment) config.inherit_environment();
  for (const std::string& variable : options.environment) grant_variable(config, variable);
  for (const std::string& directory : options.directories) SWAGE_CHECK(grant_directory(config, directory));
  for (const std::string& address : options.listen) config.listen(address);
  if (options.trace == "wasi") {
    config.trace([](std::string_view line) {
      std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
    });
  }
  return wasi::Context::create(std::move(config));
}

int report_trap(const Trap& trap) {
  if (trap.code == TrapCode::exit) return trap.exit_status;
  std::string text = trap.to_string();
  std::fprintf(stderr, "swage: %s%s", text.c_str(), text.ends_with('\n') ? "" : "\n");
  return kTrapped;
}

/// What an instrumented guest has counted, however it ended.
int write_profile(const Module& module, const GuestOptions& options, int status) {
  if (!module.info().is_instrumented) return status;
  std::string path = options.profile_out;
  if (path.empty()) path = std::filesystem::path(options.file).stem().string() + ".swageprof";
  Expected<std::vector<std::byte>> profile = module.profile();
  Expected<void> written = profile ? write_file(path, *profile) : std::unexpected(profile.error());
  if (!written) return report(written.error());
  if (isatty(STDERR_FILENO)) std::fprintf(stderr, "swage: the profile is in %s\n", path.c_str());
  return status;
}

/// A program with threads ends by ending the process: some of its threads may never stop by themselves.
[[noreturn]] void end_process(int status) {
  std::fflush(nullptr);
  _exit(status);
}

/// "_start", "fib", "memory": what can be invoked instead of what was asked for.
std::string function_names(const Instance& instance) {
  std::string names;
  for (const auto& [name, item] : instance.exports()) {
    if (!std::holds_alternative<Func>(item)) continue;
    if (names.size() > 200) return names + ", ...";
    names += (names.empty() ? "" : ", ") + name;
  }
  return names.empty() ? "none" : names;
}

Expected<Func> entry_point(const Instance& instance, const GuestOptions& options) {
  std::string name = options.invoke.empty() ? "_start" : options.invoke;
  if (std::optional<Func> func = instance.func(name)) return *func;
  Error error;
  error.code = ErrorCode::usage;
  error.file = options.file;
  error.message = "no exported function \"" + name + "\"";
  error.hint = "--invoke NAME calls one of: " + function_names(instance);
  return std::unexpected(std::move(error));
}

} // namespace

void add_guest_options(CLI::App& app, GuestOptions& options) {
  app.add_option("--dir", options.directories, "Grant a directory: HOST[::GUEST][:ro]")
      ->type_name("DIR")
      ->allow_extra_args(false);
  app.add_option("--env", options.environment, "Set a variable K=V, or pass on the host's K")
      ->type_name("K[=V]")
      ->allow_extra_args(false);
  app.add_flag("--inherit-env", options.inherit_environment, "Pass on the whole environment");
  app.add_option("--argv0", options.argv0, "The program's name as the guest sees it")->type_name("NAME");
  app.add_option("--invoke", options.invoke, "Call this export with typed arguments and print its results")
      ->type_name("NAME");
  app.add_option("--listen", options.listen, "Hand in a listening TCP socket")
      ->type_name("HOST:PORT")
      ->allow_extra_args(false);
  app.add_option("--wasi", options.wasi, "Add to WASI preview 1: threads")
      ->type_name("WHAT")
      ->check(CLI::IsMember({"threads"}));
  app.add_option("--trace", options.trace, "Print one line per call: wasi")
      ->type_name("WHAT")
      ->check(CLI::IsMember({"wasi"}));
  app.add_option("--max-wasm-stack", options.max_wasm_stack, "Stack for the guest")
      ->type_name("SIZE")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::Range(uint64_t{65536}, uint64_t{1} << 40))
      ->capture_default_str();
  app.add_option("--max-gc-heap", options.max_gc_heap, "Garbage-collected objects of the guest, at most")
      ->type_name("SIZE")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::Range(uint64_t{1} << 20, uint64_t{1} << 40))
      ->capture_default_str();
  app.add_flag("--gc-stress", options.gc_stress, "Collect garbage at every allocation, to test");
  app.add_option("--memory", options.memory, "How memories are bounded: auto, guard or checked")
      ->type_name("HOW")
      ->check(CLI::IsMember({"auto", "guard", "checked"}))
      ->capture_default_str();
  app.add_option("--cpu-level", options.cpu_level,
                 "Of an artifact for several CPUs, the code for this one instead of the best")
      ->type_name("NAME");
  app.add_option("--profile-out", options.profile_out,
                 "Where an instrumented module's profile goes; MODULE.swageprof here when not given")
      ->type_name("FILE");
  app.prefix_command();
}

Expected<void> take_file(CLI::App& app, GuestOptions& options) {
  std::vector<std::string> rest = app.remaining();
  if (!rest.empty() && rest[0] == "--") rest.erase(rest.begin());
  if (rest.empty()) return fail(ErrorCode::usage, "a file is missing: swage run [OPTIONS] FILE [ARGS...]");
  if (rest[0].size() > 1 && rest[0].starts_with('-'))
    return fail(ErrorCode::usage,
                "unknown option " + rest[0] + " (options stand before the file; --help lists them)");
  options.file = rest[0];
  options.arguments.assign(rest.begin() + 1, rest.end());
  return {};
}

EngineConfig engine_config(const GuestOptions& options) {
  EngineConfig config;
  config.max_wasm_stack = options.max_wasm_stack;
  config.max_gc_heap = options.max_gc_heap;
  config.gc_stress = options.gc_stress;
  config.cpu_level = options.cpu_level;
  if (options.memory == "guard") config.memory = MemoryStrategy::guard;
  if (options.memory == "checked") config.memory = MemoryStrategy::checked;
  return config;
}

namespace {

/// Instantiates and calls, with the imports that the linker has.
int run_linked(Linker& linker, const Module& module, const GuestOptions& options) {
  Trap trap;
  Expected<Instance> instance = linker.instantiate(module, &trap);
  if (!instance && instance.error().code == ErrorCode::trapped) return report_trap(trap);
  if (!instance) {
    if (instance.error().file.empty()) instance.error().file = options.file;
    return report(instance.error());
  }
  Expected<Func> entry = entry_point(*instance, options);
  if (!entry) return report(entry.error());

  std::vector<Val> arguments;
  if (!options.invoke.empty()) {
    Expected<std::vector<Val>> parsed = parse_arguments(options.arguments, entry->type());
    if (!parsed) return report(parsed.error());
    arguments = std::move(*parsed);
    if (std::optional<Func> initialize = instance->func("_initialize");
        initialize && options.invoke != "_initialize") {
      Result<std::vector<Val>> done = initialize->call({});
      if (!done) return report_trap(done.error());
    }
  }
  Result<std::vector<Val>> results = entry->call(arguments);
  if (!results) return report_trap(results.error());
  for (const Val& value : *results) std::printf("%s\n", to_string(value).c_str());
  return std::fflush(stdout) == 0 ? kSuccess : kFailed;
}

} // namespace

int run_guest(const Engine& engine, const Module& module, const GuestOptions& options) {
  Expected<std::unique_ptr<wasi::Context>> context = grants(options);
  if (!context) return report(context.error());
  Store store(engine);
  Linker linker(store);
  if (options.wasi != "threads") {
    (*context)->add_to(linker);
    return write_profile(module, options, run_linked(linker, module, options));
  }
  auto end = [&](int status) { end_process(write_profile(module, options, status)); };
  wasi::Threads threads(**context, engine, module, [&](const Trap& trap) { end(report_trap(trap)); });
  if (Expected<void> added = threads.add_to(linker); !added) end_process(report(added.error()));
  end(run_linked(linker, module, options));
  return kFailed; // not reached
}

} // namespace swage::cli
