// Arguments, environment, clocks, randomness, and the ways in which a guest ends itself.
#include <algorithm>
#include <csignal>
#include <sched.h>

#include "wasi/call.h"

namespace swage::wasi {

namespace {

constexpr uint64_t kNanosPerSecond = 1'000'000'000;
/// So many random bytes are asked for at once: a guest that wants gigabytes can be stopped between them.
constexpr size_t kRandomChunk = size_t{1} << 20;

uint64_t nanoseconds(const timespec& time) {
  return static_cast<uint64_t>(time.tv_sec) * kNanosPerSecond + static_cast<uint64_t>(time.tv_nsec);
}

constexpr clockid_t kHostClocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID,
                                     CLOCK_THREAD_CPUTIME_ID};

/// What a signal does to a process that has not asked for it.
enum class Default : uint8_t { ignored, stops, ends };
Default default_action(Signal signal) {
  switch (signal) {
  case Signal::none:
  case Signal::chld:
  case Signal::cont:
  case Signal::urg:
  case Signal::winch: return Default::ignored;
  case Signal::stop:
  case Signal::tstp:
  case Signal::ttin:
  case Signal::ttou: return Default::stops;
  default: return Default::ends;
  }
}

constexpr int kHostSignals[] = {0,       SIGHUP,    SIGINT,  SIGQUIT,  SIGILL,  SIGTRAP, SIGABRT, SIGBUS,
                                SIGFPE,  SIGKILL,   SIGUSR1, SIGSEGV,  SIGUSR2, SIGPIPE, SIGALRM, SIGTERM,
                                SIGCHLD, SIGCONT,   SIGSTOP, SIGTSTP,  SIGTTIN, SIGTTOU, SIGURG,  SIGXCPU,
                                SIGXFSZ, SIGVTALRM, SIGPROF, SIGWINCH, SIGPOLL, SIGPWR,  SIGSYS};
static_assert(std::size(kHostSignals) == static_cast<size_t>(Signal::count));

} // namespace

Errno Call::count_strings(const std::vector<std::string>& strings, Out<Size> count, Out<Size> bytes) {
  uint64_t total = 0;
  for (const std::string& string : strings) total += string.size() + 1;
  if (total > UINT32_MAX) return Errno::overflow;
  set(count, static_cast<uint32_t>(strings.size()));
  set(bytes, static_cast<uint32_t>(total));
  return Errno::success;
}

Errno Call::copy_strings(const std::vector<std::string>& strings, Address pointers, Address bytes) {
  uint64_t pointer = pointers.value, at = bytes.value;
  if (!memory.contains(pointer, strings.size() * sizeof(uint32_t))) return Errno::fault;
  for (const std::string& string : strings) {
    if (!memory.contains(at, string.size() + 1)) return Errno::fault;
    memory.store(pointer, static_cast<uint32_t>(at));
    std::memcpy(memory.at(at), string.c_str(), string.size() + 1);
    pointer += sizeof(uint32_t);
    at += string.size() + 1;
  }
  return Errno::success;
}

Errno Call::args_get(Address argv, Address argv_buf) {
  return copy_strings(context.arguments, argv, argv_buf);
}
Errno Call::args_sizes_get(Out<Size> argc, Out<Size> argv_buf_size) {
  return count_strings(context.arguments, argc, argv_buf_size);
}
Errno Call::environ_get(Address environ, Address environ_buf) {
  return copy_strings(context.environment, environ, environ_buf);
}
Errno Call::environ_sizes_get(Out<Size> environc, Out<Size> environ_buf_size) {
  return count_strings(context.environment, environc, environ_buf_size);
}

Errno Call::clock_res_get(ClockId id, Out<Timestamp> resolution) {
  if (id >= ClockId::count) return Errno::inval;
  timespec time;
  long result = sys().clock_getres(kHostClocks[static_cast<uint32_t>(id)], &time);
  if (result < 0) return from_host(-result);
  set(resolution, std::max<uint64_t>(nanoseconds(time), 1));
  return Errno::success;
}

Errno Call::clock_time_get(ClockId id, Timestamp, Out<Timestamp> time) {
  if (id >= ClockId::count) return Errno::inval;
  ErrnoOr<uint64_t> now = clock_now(id);
  if (!now) return now.error();
  set(time, *now);
  return Errno::success;
}

ErrnoOr<uint64_t> Call::clock_now(ClockId id) {
  if (id == ClockId::realtime && context.realtime) return context.realtime();
  if (id == ClockId::monotonic && context.monotonic) return context.monotonic();
  timespec time;
  long result = sys().clock_gettime(kHostClocks[static_cast<uint32_t>(id)], &time);
  if (result < 0) return fail_with(from_host(-result));
  return nanoseconds(time);
}

Errno Call::random_get(Buffer buf) {
  std::span<std::byte> rest(memory.at(buf.address), buf.length);
  if (context.random) {
    context.random(rest);
    return Errno::success;
  }
  while (!rest.empty()) {
    if (stops()) return Errno::intr;
    long result = retry([&] { return sys().getrandom(rest.data(), std::min(rest.size(), kRandomChunk), 0); });
    if (result < 0) return from_host(-result);
    rest = rest.subspan(static_cast<size_t>(result));
  }
  return Errno::success;
}

Errno Call::sched_yield() {
  ::sched_yield();
  return Errno::success;
}

Errno Call::proc_exit(ExitCode rval) {
  ending = Ending::exits;
  exit_status = static_cast<int32_t>(rval.value);
  return Errno::success;
}

/// The guest has no handlers, so a signal does what it does by default: nothing, or the end with the status
/// that a shell reports.
Errno Call::proc_raise(Signal sig) {
  if (sig >= Signal::count) return Errno::inval;
  switch (default_action(sig)) {
  case Default::ignored: return Errno::success;
  case Default::stops: return Errno::notsup;
  case Default::ends: break;
  }
  ending = Ending::exits;
  exit_status = 128 + kHostSignals[static_cast<uint32_t>(sig)];
  return Errno::success;
}

} // namespace swage::wasi
