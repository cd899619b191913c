// Reading, writing and seeking. Bytes go straight between the host's file and guest memory: the guest's
// (address, length) pairs become one bounded array of the host's, checked on the way, so that a guest which
// changes them meanwhile changes nothing.
//
// One call is one system call. Where the guest gives more pairs than the host takes at once, the call is
// short, as any may be.
#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <fcntl.h>

#include "wasi/call.h"

namespace swage::wasi {

namespace {

constexpr size_t kMaxVectors = IOV_MAX;
constexpr FileSize kMaxOffset = INT64_MAX;
/// What a shell reports for a program that SIGPIPE ended.
constexpr int kExitOfSigpipe = 128 + SIGPIPE;

struct Vectors {
  iovec entries[kMaxVectors];
  size_t count = 0;

  Vectors() {} // Leaves the 16 KiB of entries as they are.

  /// Errors: fault when any pair, also one beyond those that are taken, reaches outside of memory.
  Errno take(const GuestMemory& memory, Iovecs iovs) {
    for (uint32_t i = 0; i < iovs.count; ++i) {
      uint64_t pair = iovs.address + uint64_t{i} * Iovec::kSize;
      uint32_t address = memory.load<uint32_t>(pair + Iovec::kAddress);
      uint32_t length = memory.load<uint32_t>(pair + Iovec::kLength);
      if (!memory.contains(address, length)) return Errno::fault;
      if (length != 0 && count < kMaxVectors) entries[count++] = {memory.at(address), length};
    }
    return Errno::success;
  }
  int size() const { return static_cast<int>(count); }
  std::span<const iovec> span() const { return {entries, count}; }
};

/// A write to a pipe without a reader raises SIGPIPE in the writing thread. For a pipe that the guest opened
/// itself that must not end the host: the signal is blocked around the write, and taken away if the write
/// raised it.
class WithoutSigpipe {
public:
  explicit WithoutSigpipe(bool applies) : applies_(applies) {
    if (!applies_) return;
    sigset_t pending;
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigpending(&pending);
    applies_ = sigismember(&pending, SIGPIPE) == 0;
    if (applies_) pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~WithoutSigpipe() {
    if (!applies_) return;
    timespec now = {};
    while (sigtimedwait(&pipe_, nullptr, &now) < 0 && errno == EINTR) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;

private:
  bool applies_;
  sigset_t pipe_, before_;
};

int host_whence(Whence whence) {
  return whence == Whence::set ? SEEK_SET : whence == Whence::cur ? SEEK_CUR : SEEK_END;
}

} // namespace

/// Before a read or write that may block: waits so that a stop can end it, and gives EAGAIN where the guest
/// asked not to wait but the descriptor's own flag must stay as it is. Zero: go on.
long Call::wait_ready(const Descriptor& file, short events) {
  if (!file.is_stream()) return 0;
  bool must_not_block = file.fd_flags().has(FdFlagsBit::nonblock);
  bool only_probe = must_not_block && file.is_inherited;
  if (!only_probe && (!context.interruptible || must_not_block)) return 0;
  pollfd fds[] = {{file.host.get(), events, 0}, {context.stop_event.get(), POLLIN, 0}};
  timespec now = {};
  long ready = retry([&] { return sys().ppoll(fds, only_probe ? 1 : 2, only_probe ? &now : nullptr); });
  if (stops()) return -EINTR;
  if (ready < 0) return ready;
  return ready == 0 ? -EAGAIN : 0;
}

ErrnoOr<uint32_t> Call::read_memory_file(Descriptor& file, std::span<const iovec> vectors,
                                         std::optional<FileSize> offset) {
  const std::vector<std::byte>& bytes = file.files->node(file.node).bytes;
  std::lock_guard lock(file.position);
  uint64_t at = std::min<uint64_t>(offset.value_or(file.offset), bytes.size());
  uint64_t begin = at;
  for (const iovec& vector : vectors) {
    uint64_t length =
        std::min<uint64_t>(vector.iov_len, std::min<uint64_t>(bytes.size() - at, UINT32_MAX - (at - begin)));
    std::memcpy(vector.iov_base, bytes.data() + at, length);
    at += length;
  }
  if (!offset && at != begin) file.offset = at;
  return static_cast<uint32_t>(at - begin);
}

ErrnoOr<uint32_t> Call::read_into(Descriptor& file, Iovecs iovs, std::optional<FileSize> offset) {
  Vectors vectors;
  if (Errno error = vectors.take(memory, iovs); error != Errno::success) return fail_with(error);
  if (offset && *offset > kMaxOffset) return fail_with(Errno::inval);
  switch (file.backing) {
  case Backing::null: return 0u;
  case Backing::sink: return fail_with(Errno::badf);
  case Backing::memory: return read_memory_file(file, vectors.span(), offset);
  case Backing::source: {
    uint64_t total = 0;
    for (const iovec& vector : vectors.span()) {
      size_t room = std::min<size_t>(vector.iov_len, UINT32_MAX - total);
      size_t given = std::min(room, file.source({static_cast<std::byte*>(vector.iov_base), room}));
      total += given;
      if (given < room) break;
    }
    return static_cast<uint32_t>(total);
  }
  case Backing::host: break;
  }
  if (long ready = wait_ready(file, POLLIN); ready < 0) return fail_with(from_host(-ready));
  int fd = file.host.get();
  long result = retry([&] {
    return offset ? sys().pread_vectors(fd, vectors.entries, vectors.size(), static_cast<off_t>(*offset))
                  : sys().read_vectors(fd, vectors.entries, vectors.size());
  });
  if (result < 0) return fail_with(from_host(-result));
  return static_cast<uint32_t>(result);
}

ErrnoOr<uint32_t> Call::write_from(Descriptor& file, Iovecs iovs, std::optional<FileSize> offset) {
  Vectors vectors;
  if (Errno error = vectors.take(memory, iovs); error != Errno::success) return fail_with(error);
  if (offset && *offset > kMaxOffset) return fail_with(Errno::inval);
  uint64_t total = 0;
  switch (file.backing) {
  case Backing::null:
    for (const iovec& vector : vectors.span()) total += vector.iov_len;
    return static_cast<uint32_t>(std::min<uint64_t>(total, UINT32_MAX));
  case Backing::source:
  case Backing::memory: return fail_with(Errno::badf);
  case Backing::sink:
    for (const iovec& vector : vectors.span()) {
      size_t length = std::min<size_t>(vector.iov_len, UINT32_MAX - total);
      size_t taken = std::min(length, file.sink({static_cast<const std::byte*>(vector.iov_base), length}));
      total += taken;
      if (taken < length) break;
    }
    return static_cast<uint32_t>(total);
  case Backing::host: break;
  }
  if (long ready = wait_ready(file, POLLOUT); ready < 0) return fail_with(from_host(-ready));
  int fd = file.host.get();
  WithoutSigpipe guard(file.raises_sigpipe);
  long result = retry([&]() -> long {
    if (file.is_socket()) {
      msghdr message = {};
      message.msg_iov = vectors.entries;
      message.msg_iovlen = vectors.count;
      return sys().sendmsg(fd, &message, MSG_NOSIGNAL);
    }
    return offset ? sys().pwrite_vectors(fd, vectors.entries, vectors.size(), static_cast<off_t>(*offset))
                  : sys().write_vectors(fd, vectors.entries, vectors.size());
  });
  if (result == -EPIPE && file.is_inherited) {
    // The reader of our output has gone: end quietly, as SIGPIPE ends a native tool even where the signal is
    // ignored.
    ending = Ending::exits;
    exit_status = kExitOfSigpipe;
  }
  if (result < 0) return fail_with(from_host(-result));
  return static_cast<uint32_t>(result);
}

ErrnoOr<Call::Received> Call::receive(Descriptor& file, Iovecs iovs, int flags) {
  Vectors vectors;
  if (Errno error = vectors.take(memory, iovs); error != Errno::success) return fail_with(error);
  if (long ready = wait_ready(file, POLLIN); ready < 0) return fail_with(from_host(-ready));
  msghdr message = {};
  message.msg_iov = vectors.entries;
  message.msg_iovlen = vectors.count;
  long result = retry([&] { return sys().recvmsg(file.host.get(), &message, flags); });
  if (result < 0) return fail_with(from_host(-result));
  return Received{static_cast<uint32_t>(result), message.msg_flags};
}

Errno Call::fd_read(Fd fd, Iovecs iovs, Out<Size> nread) {
  ErrnoOr<DescriptorRef> file = descriptor(fd);
  if (!file) return file.error();
  ErrnoOr<uint32_t> count = read_into(**file, iovs, std::nullopt);
  if (!count) return count.error();
  set(nread, *count);
  return Errno::success;
}

Errno Call::fd_write(Fd fd, Iovecs iovs, Out<Size> nwritten) {
  ErrnoOr<DescriptorRef> file = descriptor(fd);
  if (!file) return file.error();
  ErrnoOr<uint32_t> count = write_from(**file, iovs, std::nullopt);
  if (!count) return count.error();
  set(nwritten, *count);
  return Errno::success;
}

Errno Call::fd_pread(Fd fd, Iovecs iovs, FileSize offset, Out<Size> nread) {
  ErrnoOr<DescriptorRef> file = descriptor(fd, function.need.first | Right::fd_seek);
  if (!file) return file.error();
  ErrnoOr<uint32_t> count = read_into(**file, iovs, offset);
  if (!count) return count.error();
  set(nread, *count);
  return Errno::success;
}

Errno Call::fd_pwrite(Fd fd, Iovecs iovs, FileSize offset, Out<Size> nwritten) {
  ErrnoOr<DescriptorRef> file = descriptor(fd, function.need.first | Right::fd_seek);
  if (!file) return file.error();
  ErrnoOr<uint32_t> count = write_from(**file, iovs, offset);
  if (!count) return count.error();
  set(nwritten, *count);
  return Errno::success;
}

ErrnoOr<FileSize> Call::seek(Fd fd, int64_t offset, Whence whence) {
  if (whence >= Whence::count) return fail_with(Errno::inval);
  DescriptorRef opened = context.table.get(fd);
  if (!opened) return fail_with(Errno::badf);
  bool only_tells = whence == Whence::cur && offset == 0;
  bool may_seek = opened->base().has(Right::fd_seek);
  // fd_seek implies fd_tell.
  ErrnoOr<DescriptorRef> file = descriptor(fd, only_tells && !may_seek ? Right::fd_tell : Right::fd_seek);
  if (!file) return fail_with(file.error());
  if (opened->is_directory()) return fail_with(Errno::isdir);
  switch (opened->backing) {
  case Backing::null: return FileSize{0};
  case Backing::source:
  case Backing::sink: return fail_with(Errno::spipe);
  case Backing::host: {
    long result = sys().lseek(opened->host.get(), offset, host_whence(whence));
    if (result < 0) return fail_with(from_host(-result));
    return static_cast<FileSize>(result);
  }
  case Backing::memory: break;
  }
  std::lock_guard lock(opened->position);
  int64_t size = static_cast<int64_t>(opened->files->node(opened->node).bytes.size());
  int64_t from = whence == Whence::set   ? 0
                 : whence == Whence::cur ? static_cast<int64_t>(opened->offset)
                                         : size;
  int64_t to;
  if (__builtin_add_overflow(from, offset, &to) || to < 0) return fail_with(Errno::inval);
  opened->offset = static_cast<uint64_t>(to);
  return opened->offset;
}

Errno Call::fd_seek(Fd fd, FileDelta offset, Whence whence, Out<FileSize> newoffset) {
  ErrnoOr<FileSize> position = seek(fd, offset.value, whence);
  if (!position) return position.error();
  set(newoffset, *position);
  return Errno::success;
}

Errno Call::unstable_fd_seek(Fd fd, FileDelta offset, UnstableWhence whence, Out<FileSize> newoffset) {
  Whence stable = whence == UnstableWhence::cur   ? Whence::cur
                  : whence == UnstableWhence::end ? Whence::end
                  : whence == UnstableWhence::set ? Whence::set
                                                  : Whence::count;
  return fd_seek(fd, offset, stable, newoffset);
}

Errno Call::fd_tell(Fd fd, Out<FileSize> offset) {
  ErrnoOr<FileSize> position = seek(fd, 0, Whence::cur);
  if (!position) return position.error();
  set(offset, *position);
  return Errno::success;
}

} // namespace swage::wasi
