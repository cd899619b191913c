// From the host into a guest and back: the call path, and what a trap leaves behind.
#include "runtime/call/call.h"

#include <cassert>
#include <cstddef>
#include <memory>
#include <utility>

#include "runtime/exception/exception.h"
#include "runtime/platform/entry.h"
#include "runtime/store/store.h"
#include "runtime/trap/backtrace.h"

namespace swage {

static_assert(offsetof(Activation, landing_sp) == SWAGE_ACTIVATION_LANDING_SP);
static_assert(offsetof(abi::Context, store) == SWAGE_CONTEXT_STORE);
static_assert(offsetof(abi::StoreState, stack_limit) == SWAGE_STORE_STACK_LIMIT);
static_assert(offsetof(abi::HostContext, store) == SWAGE_CONTEXT_STORE);

namespace {

/// What the trap record says, as a Trap; the record is empty then.
[[gnu::cold, gnu::noinline]] Trap take_trap(Store::Impl& store) {
  TrapRecord& record = t_thread.trap;
  Trap trap;
  if (record.host_trap != nullptr) {
    std::unique_ptr<Trap> owned(std::exchange(record.host_trap, nullptr));
    trap = std::move(*owned);
    if (!trap.frames.empty()) return trap;
  } else if (record.exception != nullptr) {
    trap = Trap::thrown(root_exception(store, std::exchange(record.exception, nullptr)));
  } else {
    trap = Trap::of(record.code);
  }
  tell_frames(record, trap);
  return trap;
}

/// The thread is among a store's guests as long as this lives.
struct Visit {
  Interruption& interruption;
  int32_t old_place;
  bool is_refused; ///< the store was interrupted

  Visit(Interruption& of_store, int32_t thread)
      : interruption(of_store), old_place(of_store.thread.load(std::memory_order_relaxed)),
        is_refused(of_store.moves_to(thread)) {}
  ~Visit() { interruption.thread.store(old_place, std::memory_order_release); }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
};

[[gnu::cold, gnu::noinline]] Trap no_stack() { return Trap::host("no memory for the guest's stack"); }

} // namespace

Result<void> enter_guest(Store::Impl& store, abi::EntryFn entry, const void* code, abi::Context* context,
                         abi::Value* values) {
  ThreadState& thread = t_thread;
  if (!thread.is_prepared) [[unlikely]]
    prepare_thread();

  Visit visit(store.interruption, thread.number);
  if (visit.is_refused) [[unlikely]]
    return std::unexpected(Trap::of(TrapCode::interrupted));

  Activation activation;
  activation.previous = thread.current;
  activation.store = &store;
  // A host function that a guest called continues on the guest's stack, unless it switched to one of its own.
  bool is_nested =
      activation.previous != nullptr && activation.previous->stack->contains(__builtin_frame_address(0));
  GuestStack* stack = is_nested ? activation.previous->stack : take_stack(store.max_wasm_stack);
  if (stack == nullptr) [[unlikely]]
    return std::unexpected(no_stack());
  activation.stack = stack;
  // Atomic, because an interruption writes it, too.
  std::byte* old_limit = __atomic_load_n(&store.state.stack_limit, __ATOMIC_RELAXED);
  __atomic_store_n(&store.state.stack_limit, stack->limit(), __ATOMIC_RELAXED);
  thread.current = &activation;

  uint32_t trapped;
  if (is_nested) {
    trapped = swage_enter(entry, code, context, values, nullptr, &activation);
    if (trapped) platform::after_abandoning(stack->bottom(), static_cast<std::byte*>(activation.landing_sp));
  } else {
    auto size = static_cast<size_t>(stack->top() - stack->bottom());
    platform::before_guest(stack->fiber, stack->bottom(), size);
    trapped = swage_enter(entry, code, context, values, stack->top(), &activation);
    platform::after_guest(stack->fiber, stack->bottom(), size);
    give_back_stack(stack);
  }

  thread.current = activation.previous;
  __atomic_store_n(&store.state.stack_limit, old_limit, __ATOMIC_RELAXED);
  if (trapped) [[unlikely]]
    return std::unexpected(take_trap(store));
  return {};
}

Result<void> call_raw(Store& store, abi::FuncRef& function, abi::Value* values) {
  auto entry = reinterpret_cast<abi::EntryFn>(reinterpret_cast<uintptr_t>(function.entry));
  return enter_guest(store.impl(), entry, function.code, function.context, values);
}

void raise_trap(TrapCode code) {
  ThreadState& thread = t_thread;
  assert(thread.current != nullptr && "a trap outside of a guest");
  thread.trap.code = code;
  record_backtrace(thread.trap);
  swage_resume(thread.current->landing_sp);
}

void raise_host_trap(Trap* trap) {
  ThreadState& thread = t_thread;
  thread.trap.host_trap = trap;
  // A trap on its way out through nested entries was walked where it began; again at each of them would be
  // quadratic.
  if (!trap->frames.empty()) swage_resume(thread.current->landing_sp);
  raise_trap(trap->code);
}

extern "C" void* swage_host_entry(abi::HostContext* host, abi::Value* values) {
  auto* function = static_cast<HostFunctionObject*>(host->function);
  Interruption& interruption = function->store->impl().interruption;
  Trap* trap = nullptr;
  int32_t place = interruption.thread.load(std::memory_order_relaxed);
  interruption.moves_to(-place);
  {
    Caller caller(*function->store, host->caller);
    RefScope scope(*function->store);
    Result<void> result = function->raw(function->data, caller, values);
    if (!result) [[unlikely]]
      trap = new Trap(std::move(result).error());
  }
  bool is_interrupted = interruption.moves_to(place);
  if (trap != nullptr) [[unlikely]] {
    if (!trap->exception || trap->exception->root().store != t_thread.current->store) raise_host_trap(trap);
    t_thread.trap.host_trap = trap;
    return trap->exception->root().object;
  }
  if (is_interrupted) [[unlikely]]
    raise_trap(TrapCode::interrupted);
  return nullptr;
}

} // namespace swage
