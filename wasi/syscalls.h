// All ways out of the WASI host to the kernel, as one table of pointers: a test replaces an entry to see what
// a guest sees when the disk is full or a read comes back short. Results are the kernel's own: negative errno
// numbers, no thread-local errno.
#pragma once

#include <linux/openat2.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

namespace swage::wasi {

struct Syscalls {
#define SYSCALL(name, parameters, arguments) long(*name) parameters;
#include "wasi/syscalls.inc"
};

/// The kernel.
extern const Syscalls kHostSyscalls;

} // namespace swage::wasi
