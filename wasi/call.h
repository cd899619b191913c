// One call of a WASI function: the guest's memory, the context, and how the call ends. The functions are its
// members; their declarations are the rows of functions.inc, their definitions stand in one file per family.
//
// Nothing here knows how a guest is compiled: a test calls functions over an array of bytes.
#pragma once

#include <cerrno>
#include <span>
#include <string>
#include <utility>

#include "wasi/context.h"
#include "wasi/errno.h"
#include "wasi/memory.h"
#include "wasi/types.h"

namespace swage::wasi {

struct Call;

/// The rights that a function needs on its first and its second descriptor.
struct Need {
  Rights first, second;
};
constexpr Need need(Right first = Right::none, Right second = Right::none) { return {first, second}; }

/// A row of functions.inc, with what follows from it.
struct Function {
  const char* name;
  const char* parameters; ///< "(Fd fd, Iovecs iovs, Out<Size> nread)"
  Need need;
  const char* signature; ///< the import's parameters: i is i32, I is i64
  bool has_errno;        ///< whether the import returns one
  bool takes_addresses;  ///< whether it can do nothing without a memory
  /// Checks the addresses among the arguments, then calls.
  Errno (*invoke)(Call& call, const uint64_t* arguments);
  /// Appends the arguments before the call, or the results after it, as text.
  void (*describe)(const Call& call, const uint64_t* arguments, bool results, std::string& text);
};

/// All functions, in the order of the rows.
std::span<const Function, kFunctionCount> functions();
/// Those that preview 0 has with other types, under the same names.
std::span<const Function, kUnstableFunctionCount> unstable_functions();
inline constexpr size_t kMaxArguments = 9;

/// How a call leaves the guest.
enum class Ending : uint8_t { returns, exits, interrupted };

struct Call {
  Context::Impl& context;
  GuestMemory memory;
  const Function& function;
  Ending ending = Ending::returns;
  int32_t exit_status = 0;

#define WASI(name, parameters, rights) Errno name parameters;
#define WASI_VOID(name, parameters) Errno name parameters;
#define WASI_UNSTABLE(name, parameters, rights) Errno unstable_##name parameters;
#include "wasi/functions.inc"

  // What the functions have in common.

  const Syscalls& sys() const { return context.sys; }
  template<class T> void set(Out<T> out, T value) { memory.store(out.address, value); }
  /// A clock's time in nanoseconds: the embedder's, or the host's.
  ErrnoOr<uint64_t> clock_now(ClockId id);

  /// The descriptor that a number stands for, with the rights that this function's row asks of its first one
  /// (or second). Errors: badf; rofs for a change beneath a read-only preopen; notcapable for a right that is
  /// not there.
  ErrnoOr<DescriptorRef> descriptor(Fd fd);
  ErrnoOr<DescriptorRef> descriptor(Fd fd, Rights rights);
  /// The same for one that must be a directory: else notdir.
  ErrnoOr<DescriptorRef> directory(Fd fd) { return directory(fd, function.need.first); }
  ErrnoOr<DescriptorRef> second_directory(Fd fd) { return directory(fd, function.need.second); }
  ErrnoOr<DescriptorRef> directory(Fd fd, Rights rights);
  /// One that must be a socket: else notsock.
  ErrnoOr<DescriptorRef> socket(Fd fd);

  /// Repeats a system call that a signal interrupts, unless the guest has been stopped meanwhile.
  template<class F> long retry(F system_call) {
    for (;;) {
      long result = system_call();
      if (result != -EINTR || stops()) return result;
    }
  }
  /// The result of a system call that gives nothing.
  static Errno errno_of(long result) { return result < 0 ? from_host(-result) : Errno::success; }
  /// Whether the guest has been stopped; notes it for the end of the call.
  bool stops() {
    if (!context.is_stopped.load(std::memory_order_relaxed)) return false;
    ending = Ending::interrupted;
    return true;
  }

private:
  Errno copy_strings(const std::vector<std::string>& strings, Address pointers, Address bytes);
  Errno count_strings(const std::vector<std::string>& strings, Out<Size> count, Out<Size> bytes);
  long wait_ready(const Descriptor& file, short events);
  ErrnoOr<uint32_t> read_into(Descriptor& file, Iovecs iovs, std::optional<FileSize> offset);
  ErrnoOr<uint32_t> write_from(Descriptor& file, Iovecs iovs, std::optional<FileSize> offset);
  struct Received {
    uint32_t bytes;
    int flags; ///< recvmsg's
  };
  ErrnoOr<Received> receive(Descriptor& file, Iovecs iovs, int flags);
  ErrnoOr<uint32_t> read_memory_file(Descriptor& file, std::span<const iovec> vectors,
                                     std::optional<FileSize> offset);
  ErrnoOr<FileSize> seek(Fd fd, int64_t offset, Whence whence);
  ErrnoOr<struct stat> status_of(Fd fd);
  ErrnoOr<struct stat> status_of(Fd fd, LookupFlags flags, Path path);
  Errno read_host_directory(Descriptor& file, Buffer buffer, uint64_t cookie, uint32_t& used);
  Errno read_memory_directory(Descriptor& file, Buffer buffer, uint64_t cookie, uint32_t& used);
};

} // namespace swage::wasi
