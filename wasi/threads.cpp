// wasi-threads. A thread is an instance of the same module in a store of its own: stores are used by one
// thread at a time, so nothing but the shared memories and the WASI context is common. The main store owns
// the memories; the other stores borrow them.
//
// The program ends with its first thread that exits or traps, and with the Threads. Nothing is asked of the
// others: stopping the context ends those that wait in it, and interrupting their stores those that compute,
// that sleep in memory.atomic.wait, and those that the host keeps in a system call.
//
// https://github.com/WebAssembly/wasi-threads
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <pthread.h>
#include <thread>

#include "swage/instance.h"
#include "swage/typed_func.h"
#include "swage/wasi.h"

namespace swage::wasi {

namespace {

/// The proposal keeps the upper bits for errors and for libraries.
constexpr int32_t kMaxThreadId = 0x1fffffff;
constexpr size_t kMaxThreads = 4096;
constexpr int32_t kSpawnFailed = -1;
constexpr const char* kEntry = "wasi_thread_start";
/// Between two interruptions of a thread that is in a host function.
constexpr auto kPatience = std::chrono::milliseconds(1);

struct SharedMemory {
  std::string module, name;
  MemoryType type;
  std::optional<Memory> memory; ///< of the main store
};

/// What a new thread is told. It owns this.
struct Start {
  Threads::Impl* threads = nullptr;
  int32_t id = 0, argument = 0;
};

} // namespace

struct Threads::Impl {
  Context& context;
  Engine engine;
  Module module;
  std::function<void(const Trap&)> on_end;
  std::vector<SharedMemory> memories;
  bool can_spawn = false;
  std::atomic<bool> has_ended = false;
  std::atomic<int32_t> next_id = 1;
  std::mutex mutex;
  std::condition_variable all_done;
  size_t running = 0;
  Store* main_store = nullptr;
  std::vector<Store*> stores; ///< of the threads that run

  static Result<void> spawn(void* data, Caller& caller, abi::Value* values);
  static void* run_thread(void* start);
  Result<void> run(const Start& start);
  Result<void> run_in(Store& store, const Start& start);
  Expected<void> define_imports(Linker& linker);
  void end(const Trap& trap);
  bool interrupt_all();
};

/// Whether all guests are out.
bool Threads::Impl::interrupt_all() {
  std::lock_guard lock(mutex);
  bool are_out = true;
  for (Store* store : stores) are_out &= store->interrupt();
  return are_out;
}

void Threads::Impl::end(const Trap& trap) {
  if (has_ended.exchange(true)) return;
  // First: a main thread that the stop interrupts must not be seen to end before this one.
  on_end(trap);
  context.stop();
  for (;;) {
    bool main_is_out = main_store->interrupt();
    if (interrupt_all() && main_is_out) return;
    std::this_thread::sleep_for(kPatience);
  }
}

Expected<void> Threads::Impl::define_imports(Linker& linker) {
  context.add_to(linker);
  FuncType type{.params = {kI32}, .results = {kI32}};
  linker.define("wasi", "thread-spawn", Func::create_raw(linker.store(), std::move(type), &spawn, this));
  for (SharedMemory& shared : memories) {
    if (!shared.memory) shared.memory = SWAGE_TRY(Memory::create(linker.store(), shared.type));
    bool is_owner = &shared.memory->store() == &linker.store();
    linker.define(shared.module, shared.name,
                  is_owner ? *shared.memory : shared.memory->share(linker.store()));
  }
  return {};
}

Result<void> Threads::Impl::spawn(void* data, Caller&, abi::Value* values) {
  auto& threads = *static_cast<Impl*>(data);
  int32_t argument = typed::Wasm<int32_t>::load(values[0]);
  typed::Wasm<int32_t>::store(values[0], kSpawnFailed);
  {
    std::lock_guard lock(threads.mutex);
    if (!threads.can_spawn || threads.has_ended || threads.running >= kMaxThreads) return {};
    ++threads.running;
  }
  int32_t id = threads.next_id.fetch_add(1, std::memory_order_relaxed);
  auto start = std::make_unique<Start>(Start{&threads, id, argument});
  pthread_t thread;
  bool is_started =
      id > 0 && id <= kMaxThreadId && pthread_create(&thread, nullptr, &run_thread, start.get()) == 0;
  if (!is_started) {
    std::lock_guard lock(threads.mutex);
    --threads.running;
    return {};
  }
  start.release();
  pthread_detach(thread);
  typed::Wasm<int32_t>::store(values[0], id);
  return {};
}

void* Threads::Impl::run_thread(void* data) {
  std::unique_ptr<Start> start(static_cast<Start*>(data));
  Impl& threads = *start->threads;
  Result<void> result = threads.run(*start);
  if (!result) threads.end(result.error());
  std::lock_guard lock(threads.mutex);
  --threads.running;
  threads.all_done.notify_all();
  return nullptr;
}

Result<void> Threads::Impl::run(const Start& start) {
  Store store(engine);
  {
    std::lock_guard lock(mutex);
    if (has_ended) return {};
    stores.push_back(&store);
  }
  Result<void> result = run_in(store, start);
  std::lock_guard lock(mutex);
  std::erase(stores, &store);
  return result;
}

Result<void> Threads::Impl::run_in(Store& store, const Start& start) {
  auto cannot_start = [](const Error& error) {
    return std::unexpected(Trap::host("cannot start a thread: " + error.to_string()));
  };
  Linker linker(store);
  if (Expected<void> defined = define_imports(linker); !defined) return cannot_start(defined.error());
  Trap trap;
  Expected<Instance> instance = linker.instantiate(module, &trap);
  if (!instance && instance.error().code == ErrorCode::trapped) return std::unexpected(std::move(trap));
  if (!instance) return cannot_start(instance.error());
  Val arguments[] = {start.id, start.argument};
  Result<std::vector<Val>> result = instance->func(kEntry)->call(arguments);
  if (!result) return std::unexpected(std::move(result).error());
  return {};
}

Threads::Threads(Context& context, const Engine& engine, const Module& module,
                 std::function<void(const Trap&)> on_end)
    : impl_(std::make_unique<Impl>(context, engine, module, std::move(on_end))) {
  for (ImportType& import : module.imports()) {
    auto* type = std::get_if<MemoryType>(&import.type);
    if (type == nullptr || !type->is_shared) continue;
    impl_->memories.push_back({std::move(import.module), std::move(import.name), *type, {}});
  }
  const FuncType entry{.params = {kI32, kI32}, .results = {}};
  for (const ExportType& item : module.exports()) {
    auto* type = std::get_if<FuncType>(&item.type);
    if (item.name == kEntry && type != nullptr && *type == entry) impl_->can_spawn = !impl_->memories.empty();
  }
}

Threads::~Threads() {
  impl_->has_ended = true;
  impl_->context.stop();
  auto are_done = [this] { return impl_->running == 0; };
  for (bool is_over = false; !is_over;) {
    impl_->interrupt_all();
    std::unique_lock lock(impl_->mutex);
    is_over = impl_->all_done.wait_for(lock, kPatience, are_done);
  }
}

Expected<void> Threads::add_to(Linker& linker) {
  impl_->main_store = &linker.store();
  return impl_->define_imports(linker);
}

} // namespace swage::wasi
