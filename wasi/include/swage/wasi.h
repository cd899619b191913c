// WASI preview 1 for an instance: what the guest is granted, and nothing else. A configuration without a call grants nothing:
// no arguments, no environment, no paths, stdin empty, stdout and stderr dropped.
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

/// Builds a Context. Setters return *this; errors (a directory that cannot be opened) come from build().
class Config {
public:
  Config();
  ~Config();
  Config(Config&&) noexcept;
  Config& operator=(Config&&) noexcept;

  Config& arguments(std::vector<std::string> arguments); ///< arguments[0] is the program's name
  Config& environment(std::string name, std::string value);
  Config& inherit_environment();
  /// The host's directory `host` becomes the guest's preopened `guest`.
  Config& directory(std::string host, std::string guest, Access access = Access::read_write);
  Config& inherit_stdin();
  Config& inherit_stdout();
  Config& inherit_stderr();
  /// The callback gets at most one write's bytes and returns how many it took.
  Config& stdout_to(std::function<size_t(std::span<const std::byte>)> sink);
  Config& stderr_to(std::function<size_t(std::span<const std::byte>)> sink);
  /// The callback fills at most the span and returns how many bytes it gave; 0 is the end.
  Config& stdin_from(std::function<size_t(std::span<std::byte>)> source);
  /// A listening TCP socket as the next descriptor: "HOST:PORT".
  Config& listen(std::string address);
  /// Nanoseconds since the Unix epoch, and a monotonic clock, for deterministic runs.
  Config& clocks(std::function<uint64_t()> realtime, std::function<uint64_t()> monotonic);
  Config& random(std::function<void(std::span<std::byte>)> source);
  /// One readable line per call.
  Config& trace(std::function<void(std::string_view line)> sink);

  struct Impl;
  Impl& impl() { return *impl_; }

private:
  std::unique_ptr<Impl> impl_;
};

/// The state of one guest's WASI: descriptors, arguments, environment. Must outlive the store that it was added to.
class Context {
public:
  static Expected<std::unique_ptr<Context>> create(Config config);
  ~Context();
  /// Defines all functions under "wasi_snapshot_preview1" (and "wasi_unstable" where the functions are the same).
  void add_to(Linker& linker);

  struct Impl;
  explicit Context(std::unique_ptr<Impl> impl);
  Impl& impl() { return *impl_; }

private:
  std::unique_ptr<Impl> impl_;
};

} // namespace swage::wasi
