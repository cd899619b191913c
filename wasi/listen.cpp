// Listening sockets are made before the guest runs, through libc's resolver; the guest only ever gets the
// socket.
#include "wasi/listen.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace swage::wasi {

namespace {

constexpr int kBacklog = 128;

uint16_t bound_port(int fd) {
  sockaddr_storage address = {};
  socklen_t length = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

} // namespace

Expected<Listener> listen_on(const Syscalls& sys, const std::string& address) {
  size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon + 1 == address.size()) {
    return fail(ErrorCode::usage, "expected HOST:PORT to listen on, got \"" + address + "\"");
  }
  std::string host = address.substr(0, colon), port = address.substr(colon + 1);
  uint16_t number = 0;
  auto [end, status] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (status != std::errc() || end != port.data() + port.size()) {
    return fail(ErrorCode::usage, "expected a port of 0 to 65535 to listen on, got \"" + port + "\"");
  }
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);

  addrinfo hints = {}, *found = nullptr;
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  int failure = ::getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &hints, &found);
  if (failure != 0)
    return fail(ErrorCode::usage, "cannot listen on \"" + address + "\": " + ::gai_strerror(failure));
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);

  int error = 0;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    HostFd socket(sys, ::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol));
    int reuse = 1;
    if (socket.is_open() && ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse) == 0 &&
        ::bind(socket.get(), at->ai_addr, at->ai_addrlen) == 0 && ::listen(socket.get(), kBacklog) == 0) {
      uint16_t bound = bound_port(socket.get());
      return Listener{std::move(socket), bound};
    }
    error = errno;
  }
  return fail(ErrorCode::io, "cannot listen on \"" + address + "\": " + std::strerror(error));
}

} // namespace swage::wasi
