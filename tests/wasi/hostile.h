// Hostile guests, made from bytes: a sequence of calls with arguments near every edge, over a scratch folder
// with things to steal beside it. The fuzz target and a short test drive it.
#pragma once

#include <span>
#include <string>

#include "tests/wasi/guest.h"

namespace swage::wasi {

/// One scratch folder for many sequences. Not thread-safe.
class HostileGround {
public:
  HostileGround();
  /// Makes the calls that the bytes say, in a context of their own. Returns what has changed outside of what
  /// was granted; empty is as it must be.
  std::string run(std::span<const uint8_t> bytes);

private:
  std::string outside() const;
  void clean() const;

  ScratchFolder scratch_;
  std::string before_;
};

} // namespace swage::wasi
