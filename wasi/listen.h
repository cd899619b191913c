// A listening TCP socket from "HOST:PORT".
#pragma once

#include <string>

#include "swage/error.h"
#include "wasi/descriptor.h"

namespace swage::wasi {

struct Listener {
  HostFd socket;
  uint16_t port = 0;
};

/// Errors: usage, for text that is no address; io, for what the host refuses.
Expected<Listener> listen_on(const Syscalls& sys, const std::string& address);

} // namespace swage::wasi
