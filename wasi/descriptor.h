// What a guest's descriptor number stands for, and the table of them.
//
// A descriptor is shared by reference: a call holds one while it runs, so a close in another thread takes the
// number away at once but closes the host's descriptor only when the last call that uses it has ended. The
// guest's number and the host's are unrelated.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "wasi/errno.h"
#include "wasi/memory_files.h"
#include "wasi/syscalls.h"
#include "wasi/types.h"

namespace swage::wasi {

/// Where a descriptor's bytes come from or go to.
enum class Backing : uint8_t {
  null,   ///< empty to read, swallows what is written
  host,   ///< a descriptor of the host
  source, ///< a callback that gives bytes
  sink,   ///< a callback that takes bytes
  memory, ///< a node of a MemoryFiles
};

/// Closes a host descriptor when it goes. Move-only; -1 is none.
class HostFd {
public:
  HostFd() = default;
  HostFd(const Syscalls& sys, long fd) : sys_(&sys), fd_(static_cast<int>(fd)) {}
  HostFd(HostFd&& other) noexcept : sys_(other.sys_), fd_(std::exchange(other.fd_, -1)) {}
  HostFd& operator=(HostFd&& other) noexcept {
    std::swap(sys_, other.sys_);
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~HostFd() {
    if (fd_ >= 0) sys_->close(fd_);
  }
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

private:
  const Syscalls* sys_ = nullptr;
  int fd_ = -1;
};

struct Descriptor {
  Backing backing = Backing::null;
  FileType type = FileType::unknown;
  bool is_terminal = false;
  bool is_inherited = false; ///< shared with the host's other users: its flags must not be changed
  bool is_read_only = false; ///< beneath a read-only preopen
  bool is_preopen = false;
  bool raises_sigpipe = false; ///< a pipe that the guest opened by path
  std::string preopen_name;
  HostFd host;
  /// Rights and flags may be changed by one thread while another uses the descriptor.
  std::atomic<uint64_t> rights_base = 0, rights_inheriting = 0;
  std::atomic<uint32_t> flags = 0;
  std::function<size_t(std::span<std::byte>)> source;
  std::function<size_t(std::span<const std::byte>)> sink;
  std::shared_ptr<const MemoryFiles> files;
  uint32_t node = 0;   ///< in files
  std::mutex position; ///< held while a directory is read, or the offset of a memory file used
  uint64_t offset = 0; ///< of a memory file

  Rights base() const { return Rights(rights_base.load(std::memory_order_relaxed)); }
  Rights inheriting() const { return Rights(rights_inheriting.load(std::memory_order_relaxed)); }
  FdFlags fd_flags() const { return FdFlags(flags.load(std::memory_order_relaxed)); }
  void grant(Rights base_rights, Rights inheriting_rights) {
    rights_base = base_rights.bits;
    rights_inheriting = inheriting_rights.bits;
  }
  bool is_directory() const { return type == FileType::directory; }
  bool is_socket() const { return type == FileType::socket_stream || type == FileType::socket_dgram; }
  bool is_stream() const { return type != FileType::directory && type != FileType::regular_file; }
};

using DescriptorRef = std::shared_ptr<Descriptor>;

/// Guest numbers to descriptors. Every member function is thread-safe.
class DescriptorTable {
public:
  /// A guest cannot hold more numbers than this, whatever the host would allow.
  static constexpr uint32_t kMaxDescriptors = 1 << 16;

  /// Null when the number is not open.
  DescriptorRef get(Fd fd) const;
  /// The lowest free number; mfile when there is none.
  ErrnoOr<Fd> insert(DescriptorRef descriptor);
  /// badf when the number is not open.
  Errno close(Fd fd);
  /// `to` becomes what `from` was, and `from` is free. badf when either is not open.
  Errno renumber(Fd from, Fd to);
  /// How many numbers are open.
  size_t open_count() const;

private:
  mutable std::mutex mutex_;
  std::vector<DescriptorRef> slots_;
  uint32_t lowest_free_ = 0; ///< no number below it is free
};

} // namespace swage::wasi
