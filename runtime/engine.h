// What modules and stores of one engine share.
#pragma once

#include "runtime/memory/pool.h"
#include "swage/engine.h"

namespace swage {

struct Engine::Impl {
  EngineConfig config;
  SlotPool slots;
  bool has_guard_memories =
      false; ///< the process may reserve their address space, and the configuration wants it
};

} // namespace swage
