// A script's commands, one function each. A command that cannot be judged (a module that must instantiate and
// does not) is a failure of its own; the commands that need the module then fail too, so nothing is passed by
// accident.
//
// A store belongs to one thread, so a script's `(thread ...)` gets a runner with a store of its own, which
// sees of the instances that it shares their shared memories and nothing else.
//
// https://github.com/WebAssembly/spec/tree/main/interpreter#scripts
#include "cli/wast/runner.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <list>
#include <map>
#include <memory>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>

#include "cli/files.h"
#include "cli/wast/spectest.h"
#include "cli/wast/suite_features.h"
#include "cli/wast/values.h"
#include "compiler/text/script.h"
#include "compiler/wasm/decode.h"
#include "compiler/wasm/validate.h"
#include "swage/instance.h"

namespace swage::cli {
namespace {

using text::Action;
using text::Command;
using text::ModuleSource;
using text::Script;

/// What went wrong with a command; empty when it passed.
using Verdict = std::string;

/// What an action came to.
struct Outcome {
  std::vector<Val> results;
  std::optional<Trap> trap;
  Verdict error; ///< it could not even be tried
};

/// What all threads of a script have in common.
struct Setting {
  const std::string& file;
  const Script& script;
  const ScriptOptions& options;
  wasm::FeatureSet features;
  Engine engine;
};

/// An instance's shared memories, by their exports' names.
using SharedMemories = std::vector<std::pair<std::string, Memory>>;

class Runner {
public:
  explicit Runner(const Setting& setting)
      : setting_(setting), options_(setting.options), engine_(setting.engine), store_(engine_),
        linker_(store_) {}

  Expected<void> prepare() { return define_spectest(linker_); }
  /// Borrows another thread's memories, which must outlive this runner, as those of a module called `name`.
  void borrow(const std::string& name, const SharedMemories& memories);
  /// Runs the commands, waits for all threads that they started, and gives what came of all.
  ScriptReport run(size_t begin, size_t end);

private:
  struct Thread {
    std::string name;
    std::unique_ptr<Runner> runner;
    ScriptReport report;
    std::thread running;
  };

  Verdict execute(const Command& command, size_t index);
  Verdict run_module(const Command& command);
  Verdict run_register(const Command& command);
  Verdict check_returns(const Command& command);
  Verdict check_traps(const Command& command);
  Verdict check_rejected(const Command& command);
  Verdict check_unlinkable(const Command& command);
  Verdict start_thread(const Command& command, size_t index);
  Verdict wait_for(const Command& command);
  void join(std::list<Thread>::iterator thread);

  Expected<std::vector<std::byte>> bytes_of(const ModuleSource& source) {
    return text::module_bytes(source, setting_.features, setting_.file);
  }
  Expected<void> validate(const std::vector<std::byte>& bytes);
  Expected<Module> build(const ModuleSource& source);
  Expected<Instance> instantiate(const Module& module, Trap& trap) {
    return linker_.instantiate(module, &trap);
  }
  Outcome act(const Action& action);
  const Instance* find(const std::string& name) const;
  void remember(const std::string& name, Instance instance);

  std::optional<SharedMemories> shared_memories(const std::string& name) const;

  const Setting& setting_;
  const ScriptOptions& options_;
  const Engine& engine_;
  ScriptReport report_;
  Store store_;
  Linker linker_;
  HostReferences references_;
  std::map<std::string, Module> definitions_;
  std::optional<Module> last_definition_;
  std::map<std::string, Instance> instances_;
  std::map<std::string, SharedMemories> borrowed_;
  std::optional<Instance> last_;
  std::list<Thread> threads_; ///< not yet waited for
};

const char* name_of(Command::Kind kind) {
  constexpr const char* kNames[] = {"module",
                                    "module definition",
                                    "module instance",
                                    "register",
                                    "action",
                                    "assert_return",
                                    "assert_trap",
                                    "assert_exhaustion",
                                    "assert_exception",
                                    "assert_suspension",
                                    "assert_malformed",
                                    "assert_invalid",
                                    "assert_malformed_custom",
                                    "assert_invalid_custom",
                                    "assert_unlinkable",
                                    "thread",
                                    "wait"};
  return kNames[static_cast<size_t>(kind)];
}

/// Whether a failure is counted: what the suites count are their assertions. Modules and actions count when
/// they fail.
bool is_assertion(Command::Kind kind) {
  return kind >= Command::Kind::assert_return && kind <= Command::Kind::assert_unlinkable;
}

bool says(const std::string& message, const std::string& expected) {
  return message.starts_with(expected) || expected.starts_with(message);
}

void Runner::borrow(const std::string& name, const SharedMemories& memories) {
  SharedMemories& borrowed = borrowed_[name];
  for (const auto& [field, memory] : memories) borrowed.emplace_back(field, memory.share(store_));
}

ScriptReport Runner::run(size_t begin, size_t end) {
  for (size_t i = begin; i < end; ++i) {
    const Command& command = setting_.script.commands[i];
    Verdict verdict = execute(command, i);
    if (!verdict.empty()) {
      ++report_.failed;
      report_.failures.push_back(
          fmt::format("{}:{}: {}: {}", setting_.file, command.line, name_of(command.kind), verdict));
    } else if (is_assertion(command.kind)) {
      ++report_.passed;
    }
    if (command.kind == Command::Kind::thread) i = command.end - 1;
  }
  while (!threads_.empty()) join(threads_.begin());
  return std::move(report_);
}

Verdict Runner::execute(const Command& command, size_t index) {
  switch (command.kind) {
  case Command::Kind::module:
  case Command::Kind::module_definition:
  case Command::Kind::module_instance: return run_module(command);
  case Command::Kind::register_: return run_register(command);
  case Command::Kind::action: {
    Outcome outcome = act(*command.action);
    return outcome.trap ? "trapped: " + outcome.trap->message : outcome.error;
  }
  case Command::Kind::assert_return: return check_returns(command);
  case Command::Kind::assert_trap:
  case Command::Kind::assert_exhaustion:
  case Command::Kind::assert_exception:
  case Command::Kind::assert_suspension: return check_traps(command);
  case Command::Kind::assert_malformed:
  case Command::Kind::assert_invalid:
  case Command::Kind::assert_malformed_custom:
  case Command::Kind::assert_invalid_custom: return check_rejected(command);
  case Command::Kind::assert_unlinkable: return check_unlinkable(command);
  case Command::Kind::thread: return start_thread(command, index);
  case Command::Kind::wait: break;
  }
  return wait_for(command);
}

Expected<void> Runner::validate(const std::vector<std::byte>& bytes) {
  wasm::Module module = SWAGE_TRY(wasm::decode(bytes, setting_.features));
  return wasm::validate(module);
}

/// Through the mode's whole pipeline: in memory, or to a file that is loaded and at once forgotten.
Expected<Module> Runner::build(const ModuleSource& source) {
  std::vector<std::byte> bytes = SWAGE_TRY(bytes_of(source));
  if (options_.mode == ScriptMode::jit) return Module::compile(engine_, bytes);
  Compiler* compiler = SWAGE_TRY(load_compiler());
  CompileOptions options = options_.compile;
  options.jobs = 1;
  std::vector<std::byte> artifact = SWAGE_TRY(compiler->compile(bytes, options, Emit::so));
  std::string path = (std::filesystem::temp_directory_path() / "swage-wast-XXXXXX").string();
  int fd = mkstemp(path.data());
  if (fd < 0) return fail(ErrorCode::io, "cannot make a temporary file");
  close(fd);
  SWAGE_CHECK(write_file(path, artifact));
  Expected<Module> module = Module::load(engine_, path);
  unlink(path.c_str());
  return module;
}

const Instance* Runner::find(const std::string& name) const {
  if (name.empty()) return last_ ? &*last_ : nullptr;
  auto found = instances_.find(name);
  return found == instances_.end() ? nullptr : &found->second;
}

void Runner::remember(const std::string& name, Instance instance) {
  if (!name.empty()) instances_.insert_or_assign(name, instance);
  last_ = instance;
}

Verdict Runner::run_module(const Command& command) {
  std::optional<Module> module;
  if (command.kind == Command::Kind::module_instance) {
    auto found = definitions_.find(command.of);
    module = command.of.empty()            ? last_definition_
             : found == definitions_.end() ? std::nullopt
                                           : std::optional(found->second);
    if (!module) return "no such definition";
  } else {
    last_.reset(); // what follows must not run in the module before
    Expected<Module> built = build(*command.module);
    if (!built) return built.error().to_string();
    module = *built;
    last_definition_ = *built;
    if (!command.name.empty()) definitions_.insert_or_assign(command.name, *built);
    if (command.kind == Command::Kind::module_definition) return {};
  }
  Trap trap;
  Expected<Instance> instance = instantiate(*module, trap);
  if (!instance) return instance.error().to_string();
  remember(command.name, *instance);
  return {};
}

std::optional<SharedMemories> Runner::shared_memories(const std::string& name) const {
  if (auto borrowed = borrowed_.find(name); borrowed != borrowed_.end()) return borrowed->second;
  const Instance* instance = find(name);
  if (!instance) return std::nullopt;
  SharedMemories memories;
  for (const auto& [field, item] : instance->exports())
    if (const Memory* memory = std::get_if<Memory>(&item); memory && memory->type().is_shared)
      memories.emplace_back(field, *memory);
  return memories;
}

Verdict Runner::start_thread(const Command& command, size_t index) {
  Thread thread;
  thread.name = command.name;
  thread.runner = std::make_unique<Runner>(setting_);
  if (Expected<void> ready = thread.runner->prepare(); !ready) return ready.error().to_string();
  for (const std::string& name : command.shared) {
    std::optional<SharedMemories> memories = shared_memories(name);
    if (!memories) return "no such instance to share";
    thread.runner->borrow(name, *memories);
  }
  Thread& started = threads_.emplace_back(std::move(thread));
  started.running = std::thread(
      [&started, begin = index + 1, end = command.end] { started.report = started.runner->run(begin, end); });
  return {};
}

Verdict Runner::wait_for(const Command& command) {
  auto thread = std::ranges::find(threads_, command.name, &Thread::name);
  if (thread == threads_.end()) return "no such thread";
  join(thread);
  return {};
}

void Runner::join(std::list<Thread>::iterator thread) {
  thread->running.join();
  report_.add(std::move(thread->report));
  threads_.erase(thread);
}

Verdict Runner::run_register(const Command& command) {
  if (auto borrowed = borrowed_.find(command.name); borrowed != borrowed_.end()) {
    for (const auto& [field, memory] : borrowed->second) linker_.define(command.as, field, memory);
    return {};
  }
  const Instance* instance = find(command.name);
  if (!instance) return "no such instance";
  linker_.define_instance(command.as, *instance);
  return {};
}

Outcome Runner::act(const Action& action) {
  const Instance* instance = find(action.module);
  if (!instance) return {{}, {}, "no such instance"};
  if (action.kind == Action::Kind::get) {
    std::optional<Global> global = instance->global(action.field);
    if (!global) return {{}, {}, "no such global"};
    return {{global->get()}, {}, {}};
  }
  std::optional<Func> func = instance->func(action.field);
  if (!func) return {{}, {}, "no such function"};
  std::vector<Val> arguments;
  for (const text::ScriptValue& value : action.arguments)
    arguments.push_back(to_val(value, store_, references_));
  Result<std::vector<Val>> results = func->call(arguments);
  if (!results) return {{}, results.error(), {}};
  return {std::move(*results), {}, {}};
}

Verdict Runner::check_returns(const Command& command) {
  Outcome outcome = act(*command.action);
  if (!outcome.error.empty()) return outcome.error;
  if (outcome.trap) return "trapped: " + outcome.trap->message;
  if (outcome.results.size() != command.results.size())
    return fmt::format("expected {} results, got {}", command.results.size(), outcome.results.size());
  for (size_t i = 0; i < outcome.results.size(); ++i)
    if (!matches(outcome.results[i], command.results[i], store_, references_))
      return fmt::format("expected {}, got {} (bits {:#x} {:#x})", describe(command.results[i]),
                         to_string(outcome.results[i]), outcome.results[i].low(), outcome.results[i].high());
  return {};
}

Verdict Runner::check_traps(const Command& command) {
  std::optional<Trap> trap;
  if (command.module) {
    Expected<Module> module = build(*command.module);
    if (!module) return module.error().to_string();
    Trap of_start;
    Expected<Instance> instance = instantiate(*module, of_start);
    if (instance) return "expected a trap, but it was instantiated";
    if (instance.error().code != ErrorCode::trapped) return instance.error().to_string();
    trap = of_start;
  } else {
    Outcome outcome = act(*command.action);
    if (!outcome.error.empty()) return outcome.error;
    trap = outcome.trap;
  }
  if (!trap) return "expected a trap, but it returned";
  bool is_exception = trap->code == TrapCode::uncaught_exception;
  if (is_exception != (command.kind == Command::Kind::assert_exception))
    return "stopped by: " + trap->message;
  if (!is_exception && !says(trap->message, command.message))
    return fmt::format("expected \"{}\", got \"{}\"", command.message, trap->message);
  return {};
}

Verdict Runner::check_rejected(const Command& command) {
  // A module whose feature is off is refused as such, whatever the script's day called it. Text that names an
  // annotation's target wrongly is found invalid by the parser.
  auto is_refusal = [](ErrorCode code, bool malformed) {
    return code == ErrorCode::unsupported || code == (malformed ? ErrorCode::malformed : ErrorCode::invalid);
  };
  bool is_malformed = command.kind == Command::Kind::assert_malformed ||
                      command.kind == Command::Kind::assert_malformed_custom;
  Expected<std::vector<std::byte>> bytes = bytes_of(*command.module);
  Expected<void> valid = bytes ? validate(*bytes) : std::unexpected(bytes.error());
  if (valid) return fmt::format("expected \"{}\", but it is valid", command.message);
  if (is_refusal(valid.error().code, is_malformed)) return {};
  return fmt::format("expected {}, got: {}", is_malformed ? "malformed" : "invalid",
                     valid.error().to_string());
}

Verdict Runner::check_unlinkable(const Command& command) {
  Expected<Module> module = build(*command.module);
  if (!module) return module.error().to_string();
  Trap trap;
  Expected<Instance> instance = instantiate(*module, trap);
  if (instance) return "expected \"" + command.message + "\", but it was instantiated";
  if (instance.error().code != ErrorCode::unlinkable) return instance.error().to_string();
  return {};
}

} // namespace

void ScriptReport::add(ScriptReport other) {
  passed += other.passed;
  failed += other.failed;
  failures.insert(failures.end(), std::make_move_iterator(other.failures.begin()),
                  std::make_move_iterator(other.failures.end()));
}

Expected<ScriptReport> run_script(const std::string& file, const ScriptOptions& given) {
  ScriptOptions options = given;
  add_suite_features(file, options.compile);
  wasm::FeatureSet features =
      SWAGE_TRY(wasm::select_features(options.compile.enable, options.compile.disable));
  std::vector<std::byte> bytes = SWAGE_TRY(read_file(file));
  std::string_view source(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  Script script = SWAGE_TRY(text::parse_script(source, file));
  EngineConfig config;
  config.compile = options.compile;
  config.gc_stress = options.gc_stress;
  Engine engine = SWAGE_TRY(Engine::create(std::move(config)));
  Setting setting{file, script, options, features, engine};
  Runner runner(setting);
  SWAGE_CHECK(runner.prepare());
  return runner.run(0, script.commands.size());
}

} // namespace swage::cli
