#include "compiler/jit/lazy_module.h"

#include <cassert>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <utility>

#include "compiler/jit/process_symbols.h"
#include "runtime/abi/trap_code.h"

namespace swage::jit {

namespace {

/// Does not return, so nothing on the stack may have a destructor to run.
[[noreturn]] void end_guest(CodeRegistry& registry, TrapCode code) {
  registry.raise_trap(static_cast<uint8_t>(code));
  std::unreachable(); // GCC forgets that a virtual function does not return
}

} // namespace

LazyModule::LazyModule(const wasm::Module& module, CodeSpace& space, Workers& workers, CompileBatch compile,
                       LazyOptions options)
    : module_(module), space_(space), workers_(workers), compile_(std::move(compile)), options_(options),
      states_(module.bodies.size()) {}

LazyModule::~LazyModule() {
  is_cancelled_.store(true, std::memory_order_relaxed);
  workers_.remove(this);
}

Expected<void> LazyModule::create_stubs() {
  stubs_ = SWAGE_TRY(
      space_.add_stubs(static_cast<uint32_t>(module_.bodies.size()), this, &LazyModule::resolve_call));
  return {};
}

/// Function symbols begin with their index ("f12.fib"). The whole name is compared, so lowering may change
/// its mind.
std::optional<wasm::FuncIdx> LazyModule::find_function(std::string_view symbol) const {
  wasm::FuncIdx function;
  if (!symbol.starts_with("f")) return std::nullopt;
  if (std::from_chars(symbol.data() + 1, symbol.data() + symbol.size(), function.value).ec != std::errc())
    return std::nullopt;
  if (function.value >= module_.functions.size() || module_.is_imported(function)) return std::nullopt;
  if (symbol != lower::function_symbol(module_, function)) return std::nullopt;
  return function;
}

const void* LazyModule::resolve_symbol(std::string_view name) const {
  if (std::optional<wasm::FuncIdx> function = find_function(name)) {
    bool is_ready = states_[slot(*function)].load(std::memory_order_acquire) == State::ready;
    return is_ready ? stubs_.target(slot(*function)) : stub(*function);
  }
  for (const auto& [symbol, address] : data_)
    if (symbol == name) return address;
  return process_symbol(name);
}

void LazyModule::add_distance(wasm::FuncIdx function, int32_t& distance, const std::byte* from) {
  distances_.emplace(slot(function), Distance{&distance, from})->second.set(stub(function));
}

// A guest calls a function.

const void* LazyModule::resolve_call(void* module, uint32_t index) {
  auto* self = static_cast<LazyModule*>(module);
  CodeRegistry& registry = self->space_.registry();
  const std::byte* limit = registry.stack_limit();
  if (limit && static_cast<const std::byte*>(__builtin_frame_address(0)) < limit)
    end_guest(registry, TrapCode::stack_exhausted);
  if (const void* code = self->wait_for(index)) return code;
  self->report_failure();
  end_guest(registry, TrapCode::host);
}

/// The function's address; null when it cannot be compiled.
const void* LazyModule::wait_for(uint32_t index) {
  std::atomic<State>& state = states_[index];
  if (state.load(std::memory_order_acquire) == State::ready) return stubs_.target(index);
  std::unique_lock lock(mutex_);
  while (state != State::ready && state != State::failed) {
    if (state == State::absent) { // also after a batch with other functions has failed
      state = State::requested;
      if (!workers_.submit(Priority::demand, this, [this, index] { run_demand(function(index)); })) {
        state = State::failed;
        failure_ = "cannot start a thread to compile functions on";
        changed_.notify_all();
        break;
      }
    }
    changed_.wait(lock);
  }
  return state == State::ready ? stubs_.target(index) : nullptr;
}

void LazyModule::report_failure() const {
  std::lock_guard lock(mutex_);
  std::fprintf(stderr, "swage: %s\n", failure_.c_str());
}

// Workers compile.

bool LazyModule::is_wanted(wasm::FuncIdx function) const {
  State state = states_[slot(function)].load(std::memory_order_relaxed);
  return state == State::absent || state == State::requested;
}

Batch LazyModule::choose(std::span<const wasm::FuncIdx> roots, const BatchLimits& limits) const {
  return choose_batch(module_, roots, limits, [this](wasm::FuncIdx function) { return is_wanted(function); });
}

void LazyModule::run_demand(wasm::FuncIdx root) {
  compile_batch(choose({&root, 1}, options_.demand), Priority::demand);
  // One function that LLVM gives up on fails the whole batch: what is waited for gets a second chance.
  Batch alone = choose({&root, 1}, {.functions = 1});
  if (!is_cancelled() && !alone.functions.empty()) compile_batch(std::move(alone), Priority::demand);
}

void LazyModule::run_background() {
  std::vector<wasm::FuncIdx> roots;
  {
    std::lock_guard lock(mutex_);
    roots.swap(background_);
    if (!may_look_ahead()) return;
  }
  // A large function is compiled when it is called: nothing can stop LLVM in the middle of one when the
  // module goes.
  std::erase_if(roots, [&](wasm::FuncIdx root) {
    return module_.body(root).code.size() > options_.background.callee_bytes;
  });
  compile_batch(choose(roots, options_.background), Priority::background);
}

void LazyModule::compile_batch(Batch batch, Priority priority) {
  {
    std::lock_guard lock(mutex_);
    // Other workers may have chosen the same functions: whoever comes first has them.
    std::erase_if(batch.functions, [this](wasm::FuncIdx function) { return !is_wanted(function); });
    if (batch.functions.empty() || is_cancelled()) return;
    set_state(batch.functions, State::claimed);
    (priority == Priority::demand ? demanded_bytes_ : background_bytes_) += batch.bytes;
    queue_background(batch.frontier); // on another core, at the same time
  }
  using Clock = std::chrono::steady_clock;
  Clock::time_point begin = Clock::now();
  Expected<LinkedObject> linked = compile_and_link(batch.functions);
  std::lock_guard lock(mutex_);
  if (linked) {
    ++(priority == Priority::demand ? stats_.demand_batches : stats_.background_batches);
    stats_.compile_seconds += std::chrono::duration<double>(Clock::now() - begin).count();
    publish(batch, *linked);
  } else {
    bool is_hopeless = priority == Priority::demand && batch.functions.size() == 1;
    if (is_hopeless) failure_ = linked.error().to_string();
    set_state(batch.functions, is_hopeless ? State::failed : State::absent);
  }
  changed_.notify_all();
}

Expected<LinkedObject> LazyModule::compile_and_link(std::span<const wasm::FuncIdx> functions) {
  codegen::Object object = SWAGE_TRY(compile_(functions));
  if (is_cancelled()) return fail(ErrorCode::resource, "cancelled");
  return space_.add_object(object, [this](llvm::StringRef name) { return resolve_symbol(name); });
}

void LazyModule::publish(const Batch& batch, const LinkedObject& linked) {
  [[maybe_unused]] size_t found = 0;
  for (const LinkedSymbol& symbol : linked.symbols) {
    std::optional<wasm::FuncIdx> function = find_function(symbol.name);
    if (!function) continue;
    stubs_.patch(slot(*function), symbol.address);
    auto [first, last] = distances_.equal_range(slot(*function));
    for (; first != last; ++first) first->second.set(symbol.address);
    ++found;
  }
  assert(found == batch.functions.size() && "lowering defines what it was asked for");
  set_state(batch.functions, State::ready);
  stats_.functions += static_cast<uint32_t>(batch.functions.size());
}

void LazyModule::set_state(std::span<const wasm::FuncIdx> functions, State state) {
  for (wasm::FuncIdx function : functions) states_[slot(function)].store(state, std::memory_order_release);
}

void LazyModule::expect(std::span<const wasm::FuncIdx> functions) {
  std::lock_guard lock(mutex_);
  queue_background(functions);
}

void LazyModule::queue_background(std::span<const wasm::FuncIdx> functions) {
  if (functions.empty() || is_cancelled() || !may_look_ahead()) return;
  background_.insert(background_.end(), functions.begin(), functions.end());
  if (!workers_.submit(Priority::background, this, [this] { run_background(); })) background_.clear();
}

JitStats LazyModule::stats() const {
  std::lock_guard lock(mutex_);
  JitStats stats = stats_;
  stats.code_bytes = space_.code_bytes();
  return stats;
}

} // namespace swage::jit
