// WASI preview 1 for an instance: what the guest is granted, and nothing else. A configuration without a call
// grants nothing: no arguments, no environment, no paths, stdin empty, stdout and stderr dropped.
//
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "swage/instance.h"

namespace swage::wasi {

enum class Access : uint8_t { read_write, read_only };

/// The three streams that a guest is born with; the values are its descriptor numbers.
enum class Stream : uint8_t { in, out, err };

/// Builds a Context. Setters return *this; errors (a directory that cannot be opened) come from
/// Context::create. Callbacks are called from the threads that run the guest, also several at once when it
/// has several; they must not throw.
class Config {
public:
  Config();
  ~Config();
  Config(Config&&) noexcept;
  Config& operator=(Config&&) noexcept;

  Config& arguments(std::vector<std::string> arguments); ///< arguments[0] is the program's name
  /// A later value of the same name replaces the earlier one.
  Config& environment(std::string name, std::string value);
  Config& inherit_environment();
  /// The host's directory `host` becomes the guest's preopened `guest`. Preopens are numbered from 3 in the
  /// order of these calls.
  Config& directory(std::string host, std::string guest, Access access = Access::read_write);
  /// A read-only file that exists in memory only. The guest sees it beneath a preopen named after the path's
  /// first part:
  /// "/etc/app/conf" is app/conf in the preopen "/etc", "/conf" is in "/", "conf" in ".".
  Config& file(std::string guest, std::vector<std::byte> bytes);

  /// The process's own stream, as a duplicate: closing it in the guest leaves the process's open.
  Config& inherit(Stream stream);
  Config& inherit_stdin() { return inherit(Stream::in); }
  Config& inherit_stdout() { return inherit(Stream::out); }
  Config& inherit_stderr() { return inherit(Stream::err); }
  /// A file of the host: read for stdin; created, or emptied, and written for the others.
  Config& stream_file(Stream stream, std::string host);
  /// The callback gets at most one write's bytes and returns how many it took.
  Config& stdout_to(std::function<size_t(std::span<const std::byte>)> sink);
  Config& stderr_to(std::function<size_t(std::span<const std::byte>)> sink);
  /// The callback fills at most the span and returns how many bytes it gave; 0 is the end.
  Config& stdin_from(std::function<size_t(std::span<std::byte>)> source);

  /// A listening TCP socket: "HOST:PORT", "[HOST]:PORT" or ":PORT"; port 0 lets the host choose. Listeners
  /// are numbered after the preopened directories, in the order of these calls.
  Config& listen(std::string address);
  /// Nanoseconds since the Unix epoch, and a monotonic clock, for deterministic runs. Sleeps still take real
  /// time.
  Config& clocks(std::function<uint64_t()> realtime, std::function<uint64_t()> monotonic);
  Config& random(std::function<void(std::span<std::byte>)> source);
  /// One readable line per call, without the line's end; from any thread, one at a time.
  Config& trace(std::function<void(std::string_view line)> sink);
  /// Makes blocking reads and writes of terminals, pipes and sockets end at Context::stop, at the price of a
  /// poll before each. Sleeps and polls always do.
  Config& interruptible();

  struct Impl;
  Impl& impl() { return *impl_; }

private:
  std::unique_ptr<Impl> impl_;
};

/// The state of one guest's WASI: descriptors, arguments, environment. Must outlive the store that it was
/// added to. Several stores whose instances are threads of one program may share a context.
class Context {
public:
  /// Errors: io, for a directory, a file or an address that the host refuses; usage, for a preopen that is
  /// both a directory and memory files.
  static Expected<std::unique_ptr<Context>> create(Config config);
  ~Context();
  /// Defines all functions, under "wasi_snapshot_preview1" and, as preview 0 had them, under "wasi_unstable".
  /// Those that take addresses trap in a guest that exports no memory named "memory".
  void add_to(Linker& linker);
  /// Ends the guest: calls that run now and all that follow trap with TrapCode::interrupted. From any thread.
  /// Store::interrupt stops a guest that makes no calls, too.
  void stop();
  /// The port that a listener got, by its order of Config::listen; nothing for one that does not exist.
  std::optional<uint16_t> listening_port(size_t listener) const;

  struct Impl;
  explicit Context(std::unique_ptr<Impl> impl);
  Impl& impl() { return *impl_; }

private:
  std::unique_ptr<Impl> impl_;
};

/// wasi-threads: a program whose threads are instances of one module, each in a store of its own, over the
/// same shared memories. All use one Context. https://github.com/WebAssembly/wasi-threads
class Threads {
public:
  /// `on_end` is called once, in the thread that ends the program by proc_exit or by a trap (the main
  /// thread's own end is the embedder's to see). After it all others are stopped as by Store::interrupt: the
  /// main thread's call traps with TrapCode::interrupted. A command-line program ends its process there
  /// instead. `context` and the store of the linker that add_to gets must outlive the Threads.
  Threads(Context& context, const Engine& engine, const Module& module,
          std::function<void(const Trap&)> on_end);
  /// Stops all threads, whatever they do, and waits for them.
  ~Threads();
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  /// Defines the WASI functions, "wasi"."thread-spawn", and the shared memories that the module imports, for
  /// the main instance. Once. Spawning fails in the guest when the module exports no wasi_thread_start or
  /// imports no shared memory. Errors: resource, for a memory that the host cannot give.
  Expected<void> add_to(Linker& linker);

  struct Impl;

private:
  std::unique_ptr<Impl> impl_;
};

} // namespace swage::wasi
