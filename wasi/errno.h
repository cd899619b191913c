// Errno: what a function of preview 1 returns. Names, numbers and the translation of the host's numbers are
// the rows of errnos.inc.
#pragma once

#include <cstdint>
#include <expected>

namespace swage::wasi {

enum class Errno : uint16_t {
#define ERRNO(id, ...) id,
#include "wasi/errnos.inc"
};

/// The spec's name: "noent".
const char* to_string(Errno error);
/// The guest's number for the host's `errno`; `io` for one that preview 1 does not know.
Errno from_host(long host_errno);

template<class T> using ErrnoOr = std::expected<T, Errno>;
inline std::unexpected<Errno> fail_with(Errno error) { return std::unexpected(error); }

} // namespace swage::wasi
