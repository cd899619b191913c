// A guest made of an array of bytes: calls WASI functions through the same rows and checks as a compiled
// guest, without an engine.
#pragma once

#include <gtest/gtest.h>

#include "tests/wasi/scratch_folder.h"
#include "wasi/call.h"

namespace swage::wasi {

inline std::string resolution_name(const testing::TestParamInfo<Resolution>& test) {
  return test.param == Resolution::kernel ? "kernel" : "walk";
}

/// The row of a name, or null.
inline const Function* find_function(std::string_view name) {
  for (const Function& function : functions()) {
    if (function.name == name) return &function;
  }
  return nullptr;
}

/// Allocates what a call needs from address 1024 upwards.
class Guest {
public:
  static constexpr uint32_t kMemoryBytes = 1 << 20;

  explicit Guest(Config config = {}) : memory_(kMemoryBytes) {
    Expected<std::unique_ptr<Context>> created = Context::create(std::move(config));
    if (!created)
      ADD_FAILURE() << created.error().message;
    else
      context_ = std::move(*created);
  }
  /// A thread of another guest's program: the same context, a memory of its own.
  explicit Guest(const Guest& main) : memory_(kMemoryBytes), context_(main.context_) {}
  Guest(Guest&&) = default;

  GuestMemory memory() { return {memory_.data(), memory_.size()}; }
  Context::Impl& context() { return context_->impl(); }
  Context& api() { return *context_; }

  uint32_t allocate(uint32_t size) {
    uint32_t address = (next_ + 7) & ~7u;
    next_ = address + size;
    return address;
  }
  /// Forgets all allocations: for tests that make many.
  void release() { next_ = 1024; }
  uint32_t put(std::string_view text) {
    uint32_t address = allocate(static_cast<uint32_t>(text.size()));
    std::memcpy(memory_.data() + address, text.data(), text.size());
    return address;
  }
  /// An array of one (address, length) pair.
  uint32_t vector(uint32_t address, uint32_t length) {
    uint32_t pair = allocate(8);
    memory().store(pair, address);
    memory().store(pair + 4, length);
    return pair;
  }
  template<class T> T load(uint32_t address) { return memory().load<T>(address); }
  std::string text(uint32_t address, size_t length) {
    return {reinterpret_cast<const char*>(memory_.data()) + address, length};
  }

  /// Calls by name with raw arguments, as compiled code does.
  template<class... T> Errno call(std::string_view name, T... arguments) {
    uint64_t raw[kMaxArguments + 1] = {static_cast<uint64_t>(arguments)...};
    const Function* function = find_function(name);
    if (function == nullptr || std::string_view(function->signature).size() != sizeof...(T)) {
      ADD_FAILURE() << "no function " << name << " with " << sizeof...(T) << " arguments";
      return Errno::nosys;
    }
    Call call{context(), memory(), *function};
    Errno error = function->invoke(call, raw);
    ending = call.ending;
    exit_status = call.exit_status;
    return error;
  }

  // The calls that most tests need, with results unpacked.

  struct Opened {
    Errno error;
    uint32_t fd;
  };
  Opened open(uint32_t dir, std::string_view path, uint32_t oflags = 0, Rights rights = kFileRights,
              uint32_t lookup = 1, uint32_t fdflags = 0) {
    uint32_t out = allocate(4);
    Errno error = call("path_open", dir, lookup, put(path), path.size(), oflags, rights.bits, kAllRights.bits,
                       fdflags, out);
    return {error, load<uint32_t>(out)};
  }
  struct Transferred {
    Errno error;
    std::string text;
  };
  Transferred read(uint32_t fd, uint32_t size = 256) {
    uint32_t buffer = allocate(size), count = allocate(4);
    Errno error = call("fd_read", fd, vector(buffer, size), 1, count);
    return {error, error == Errno::success ? text(buffer, load<uint32_t>(count)) : ""};
  }
  struct Counted {
    Errno error;
    uint32_t count;
  };
  Counted write(uint32_t fd, std::string_view text) {
    uint32_t count = allocate(4);
    Errno error = call("fd_write", fd, vector(put(text), static_cast<uint32_t>(text.size())), 1, count);
    return {error, load<uint32_t>(count)};
  }
  /// A function of (fd, path).
  Errno on_path(std::string_view function, uint32_t dir, std::string_view path) {
    return call(function, dir, put(path), path.size());
  }
  Errno rename(uint32_t from, std::string_view path, uint32_t to, std::string_view target) {
    return call("path_rename", from, put(path), path.size(), to, put(target), target.size());
  }
  Errno link(uint32_t from, std::string_view path, uint32_t to, std::string_view target, uint32_t flags = 0) {
    return call("path_link", from, flags, put(path), path.size(), to, put(target), target.size());
  }
  Errno symlink(std::string_view target, uint32_t dir, std::string_view path) {
    return call("path_symlink", put(target), target.size(), dir, put(path), path.size());
  }
  struct Status {
    Errno error;
    uint64_t dev, ino, type, nlink, size, atim, mtim;
  };
  Status status_at(uint32_t out, Errno error) {
    return {error,
            load<uint64_t>(out),
            load<uint64_t>(out + 8),
            load<uint64_t>(out + 16),
            load<uint64_t>(out + 24),
            load<uint64_t>(out + 32),
            load<uint64_t>(out + 40),
            load<uint64_t>(out + 48)};
  }
  Status path_status(uint32_t dir, std::string_view path, uint32_t lookup = 1) {
    uint32_t out = allocate(64);
    return status_at(out, call("path_filestat_get", dir, lookup, put(path), path.size(), out));
  }
  Status status(uint32_t fd) {
    uint32_t out = allocate(64);
    return status_at(out, call("fd_filestat_get", fd, out));
  }
  struct Stat {
    Errno error;
    uint8_t type;
    uint16_t flags;
    Rights base, inheriting;
  };
  Stat fdstat(uint32_t fd) {
    uint32_t out = allocate(24);
    Errno error = call("fd_fdstat_get", fd, out);
    return {error, load<uint8_t>(out), load<uint16_t>(out + 2), Rights(load<uint64_t>(out + 8)),
            Rights(load<uint64_t>(out + 16))};
  }

  Ending ending = Ending::returns;
  int32_t exit_status = 0;

private:
  std::vector<std::byte> memory_;
  uint32_t next_ = 1024;
  std::shared_ptr<Context> context_;
};

/// The first preopen's number.
inline constexpr uint32_t kFirst = 3;
inline constexpr uint32_t kCreate = 1, kDirectory = 2, kExclusive = 4, kTruncate = 8;

} // namespace swage::wasi
