// The real table: libc's wrappers where they exist, with errno folded into the result.
#include "wasi/syscalls.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace swage::wasi {

namespace {

// Names that libc does not have, or has in another shape.

// A guest's libc mostly gives one vector, or one and an empty one. The kernel's calls for one buffer are a
// third cheaper.
long read_vectors(int fd, const iovec* iov, int count) {
  return count == 1 ? ::read(fd, iov->iov_base, iov->iov_len) : ::readv(fd, iov, count);
}
long write_vectors(int fd, const iovec* iov, int count) {
  return count == 1 ? ::write(fd, iov->iov_base, iov->iov_len) : ::writev(fd, iov, count);
}
long pread_vectors(int fd, const iovec* iov, int count, off_t offset) {
  return count == 1 ? ::pread(fd, iov->iov_base, iov->iov_len, offset) : ::preadv(fd, iov, count, offset);
}
long pwrite_vectors(int fd, const iovec* iov, int count, off_t offset) {
  return count == 1 ? ::pwrite(fd, iov->iov_base, iov->iov_len, offset) : ::pwritev(fd, iov, count, offset);
}
long fadvise(int fd, off_t offset, off_t length, int advice) {
  // posix_fadvise returns its error instead of setting errno.
  errno = ::posix_fadvise(fd, offset, length, advice);
  return errno == 0 ? 0 : -1;
}
long openat2(int fd, const char* path, const open_how* how) {
  return ::syscall(SYS_openat2, fd, path, how, sizeof *how);
}
long getdents64(int fd, void* buffer, size_t size) { return ::syscall(SYS_getdents64, fd, buffer, size); }
long ioctl_int(int fd, unsigned long request, int* value) { return ::ioctl(fd, request, value); }
long accept4(int fd, int flags) { return ::accept4(fd, nullptr, nullptr, flags); }
long ppoll(pollfd* fds, nfds_t count, const timespec* timeout) {
  return ::ppoll(fds, count, timeout, nullptr);
}
/// A timer that becomes readable at an absolute time, also when the clock is set meanwhile.
long timerfd(clockid_t clock, const itimerspec* when) {
  int fd = ::timerfd_create(clock, TFD_CLOEXEC | TFD_NONBLOCK);
  if (fd < 0) return fd;
  if (::timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, when, nullptr) == 0) return fd;
  int error = errno;
  ::close(fd);
  errno = error;
  return -1;
}

} // namespace

const Syscalls kHostSyscalls = {
#define SYSCALL(name, parameters, arguments)                                                                 \
  .name = [] parameters -> long {                                                                            \
    long result = name arguments;                                                                            \
    return result < 0 ? -errno : result;                                                                     \
  },
#include "wasi/syscalls.inc"
};

} // namespace swage::wasi
