// The inside of a Context, and of the Config that makes it: what all calls of one guest share.
#pragma once

#include <atomic>
#include <map>

#include "swage/wasi.h"
#include "wasi/descriptor.h"

namespace swage::wasi {

struct Function;

/// How paths are resolved beneath a directory. `kernel` becomes `walk` by itself where the kernel does not
/// know openat2.
enum class Resolution : uint8_t { kernel, walk };

/// A standard stream before the context exists.
struct StreamConfig {
  Backing backing = Backing::null;
  std::string path; ///< backing host: this file; empty: the process's own stream
  std::function<size_t(std::span<std::byte>)> source;
  std::function<size_t(std::span<const std::byte>)> sink;
};

struct Config::Impl {
  struct Directory {
    std::string host, guest;
    Access access;
  };
  struct File {
    std::string guest;
    std::vector<std::byte> bytes;
  };
  const Syscalls* sys = &kHostSyscalls;
  Resolution resolution = Resolution::kernel;
  std::vector<std::string> arguments;
  std::vector<std::string> environment; ///< "NAME=value"
  std::vector<Directory> directories;
  std::vector<File> files;
  std::vector<std::string> listeners;
  StreamConfig streams[3];
  std::function<uint64_t()> realtime, monotonic;
  std::function<void(std::span<std::byte>)> random;
  std::function<void(std::string_view)> trace;
  bool interruptible = false;
};

/// What a host function gets as its data: whose call it is, and which.
struct Binding {
  Context::Impl* context = nullptr;
  const Function* function = nullptr;
};

inline constexpr size_t kFunctionCount = 0
#define WASI(name, parameters, rights) +1
#define WASI_VOID(name, parameters) +1
#define WASI_UNSTABLE(name, parameters, rights)
#include "wasi/functions.inc"
    ;
inline constexpr size_t kUnstableFunctionCount = 0
#define WASI(name, parameters, rights)
#define WASI_VOID(name, parameters)
#define WASI_UNSTABLE(name, parameters, rights) +1
#include "wasi/functions.inc"
    ;

struct Context::Impl {
  const Syscalls& sys;
  /// Relaxed: a thread that still tries openat2 once more does no harm.
  std::atomic<Resolution> resolution;
  std::vector<std::string> arguments, environment;
  DescriptorTable table;
  std::function<uint64_t()> realtime, monotonic;
  std::function<void(std::span<std::byte>)> random;
  std::function<void(std::string_view)> trace;
  std::mutex trace_mutex;
  bool interruptible;
  std::atomic<bool> is_stopped = false;
  HostFd stop_event; ///< readable once stopped
  std::vector<uint16_t> ports;
  Binding bindings[kFunctionCount];
  Binding unstable_bindings[kUnstableFunctionCount];

  explicit Impl(Config::Impl& config);
};

} // namespace swage::wasi
