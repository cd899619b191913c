// The two directions of the table of error numbers.
#include "wasi/errno.h"

#include <cerrno>
#include <initializer_list>
#include <iterator>

namespace swage::wasi {

namespace {

constexpr const char* kNames[] = {
#define ERRNO(id, name, ...) name,
#include "wasi/errnos.inc"
};
static_assert(std::size(kNames) == 77);

/// Host numbers are small and dense, so the way back is an array that the compiler fills.
struct FromHost {
  uint8_t guest[256] = {};
  constexpr FromHost() {
    for (uint8_t& number : guest) number = static_cast<uint8_t>(Errno::io);
    guest[0] = 0;
#define ERRNO(id, name, ...)                                                                                 \
  for (int host : std::initializer_list<int>{__VA_ARGS__}) guest[host] = static_cast<uint8_t>(Errno::id);
#include "wasi/errnos.inc"
  }
};
constexpr FromHost kFromHost;

} // namespace

const char* to_string(Errno error) {
  size_t number = static_cast<size_t>(error);
  return number < std::size(kNames) ? kNames[number] : "unknown";
}

Errno from_host(long host_errno) {
  if (host_errno < 0 || host_errno >= static_cast<long>(std::size(kFromHost.guest))) return Errno::io;
  return static_cast<Errno>(kFromHost.guest[host_errno]);
}

} // namespace swage::wasi
