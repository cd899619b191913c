// memory.atomic.wait and notify: threads of the host that sleep on an address of a shared memory.
//
// A process-wide parking lot, hashed by address: a bucket's lock makes "compare, then sleep" one step for
// notify. Every waiter sleeps on a condition of its own, so that notify wakes exactly those that it counts,
// first come first woken.
//
// https://webassembly.github.io/threads/core/exec/instructions.html
#include <cerrno>
#include <ctime>
#include <pthread.h>

#include "runtime/builtins/builtins.h"
#include "runtime/call/call.h"
#include "runtime/instance/instance.h"

namespace swage {

namespace {

enum class Woken : uint32_t { notified = 0, not_equal = 1, timed_out = 2, interrupted };

struct Waiter {
  const std::byte* address = nullptr;
  const Store::Impl* store = nullptr;
  Waiter* next = nullptr;
  pthread_cond_t condition;
  bool is_notified = false;
};

struct Bucket {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  Waiter* first = nullptr;

  void append(Waiter& waiter) {
    Waiter** link = &first;
    while (*link != nullptr) link = &(*link)->next;
    *link = &waiter;
  }
  void remove(Waiter& waiter) {
    Waiter** link = &first;
    while (*link != &waiter) link = &(*link)->next;
    *link = waiter.next;
  }
};

constexpr size_t kBuckets = 64;
Bucket g_buckets[kBuckets];

Bucket& bucket_of(const std::byte* address) {
  auto bits = reinterpret_cast<uintptr_t>(address);
  return g_buckets[(bits >> 2 ^ bits >> 12) % kBuckets];
}

/// Now plus a timeout; the guest's are up to 292 years.
timespec deadline_after(int64_t nanoseconds) {
  constexpr int64_t kSecond = 1'000'000'000;
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  time.tv_sec += nanoseconds / kSecond;
  time.tv_nsec += nanoseconds % kSecond;
  if (time.tv_nsec >= kSecond) {
    time.tv_nsec -= kSecond;
    ++time.tv_sec;
  }
  return time;
}

/// Sleeps until notified, too late or interrupted. A negative timeout never ends.
Woken sleep(Bucket& bucket, const Store::Impl& store, const std::byte* address, int64_t timeout) {
  Waiter waiter;
  waiter.address = address;
  waiter.store = &store;
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&waiter.condition, &attributes);
  pthread_condattr_destroy(&attributes);

  timespec deadline = deadline_after(timeout < 0 ? 0 : timeout);
  bucket.append(waiter);
  int status = 0;
  auto is_interrupted = [&] { return store.interruption.is_requested.load(std::memory_order_relaxed); };
  while (!waiter.is_notified && !is_interrupted() && status != ETIMEDOUT)
    status = timeout < 0 ? pthread_cond_wait(&waiter.condition, &bucket.mutex)
                         : pthread_cond_timedwait(&waiter.condition, &bucket.mutex, &deadline);
  if (!waiter.is_notified) bucket.remove(waiter);
  pthread_cond_destroy(&waiter.condition);
  return waiter.is_notified ? Woken::notified : is_interrupted() ? Woken::interrupted : Woken::timed_out;
}

/// `address` is effective; compiled code has checked it already, and a second look costs nothing here.
std::byte* checked_address(const abi::Context* context, uint32_t memory, uint64_t address, uint64_t width) {
  const Memory::Impl& target = *Instance::Impl::of(context).memories[memory];
  uint64_t size = target.size();
  if (address > size || width > size - address) raise_trap(TrapCode::memory_out_of_bounds);
  if (address % width != 0) raise_trap(TrapCode::unaligned_atomic);
  return target.state.base + address;
}

template<class T>
uint32_t wait(abi::Context* context, uint32_t memory, uint64_t address, T expected, uint64_t timeout) {
  std::byte* cell = checked_address(context, memory, address, sizeof(T));
  const Instance::Impl& instance = Instance::Impl::of(context);
  if (!instance.memories[memory]->type.is_shared) raise_trap(TrapCode::expected_shared_memory);
  Bucket& bucket = bucket_of(cell);
  pthread_mutex_lock(&bucket.mutex);
  Woken woken = Woken::not_equal;
  if (__atomic_load_n(reinterpret_cast<T*>(cell), __ATOMIC_SEQ_CST) == expected)
    woken = sleep(bucket, instance.store, cell, static_cast<int64_t>(timeout));
  pthread_mutex_unlock(&bucket.mutex);
  if (woken == Woken::interrupted) raise_trap(TrapCode::interrupted);
  return static_cast<uint32_t>(woken);
}

} // namespace

void interrupt_waits(const Store::Impl& store) {
  for (Bucket& bucket : g_buckets) {
    pthread_mutex_lock(&bucket.mutex);
    for (Waiter* waiter = bucket.first; waiter != nullptr; waiter = waiter->next)
      if (waiter->store == &store) pthread_cond_signal(&waiter->condition);
    pthread_mutex_unlock(&bucket.mutex);
  }
}

extern "C" {

uint32_t swage_builtin_memory_atomic_notify(abi::Context* context, uint32_t memory, uint64_t address,
                                            uint32_t count) {
  std::byte* cell = checked_address(context, memory, address, sizeof(uint32_t));
  Bucket& bucket = bucket_of(cell);
  uint32_t woken = 0;
  pthread_mutex_lock(&bucket.mutex);
  for (Waiter** link = &bucket.first; *link != nullptr && woken < count;) {
    Waiter& waiter = **link;
    if (waiter.address != cell) {
      link = &waiter.next;
      continue;
    }
    *link = waiter.next;
    waiter.is_notified = true;
    pthread_cond_signal(&waiter.condition);
    ++woken;
  }
  pthread_mutex_unlock(&bucket.mutex);
  return woken;
}

uint32_t swage_builtin_memory_atomic_wait32(abi::Context* context, uint32_t memory, uint64_t address,
                                            uint32_t expected, uint64_t timeout) {
  return wait<uint32_t>(context, memory, address, expected, timeout);
}

uint32_t swage_builtin_memory_atomic_wait64(abi::Context* context, uint32_t memory, uint64_t address,
                                            uint64_t expected, uint64_t timeout) {
  return wait<uint64_t>(context, memory, address, expected, timeout);
}

} // extern "C"

} // namespace swage
