// The run-time types of structs and arrays: what objects begin with. Made when a module that needs one is
// loaded, kept as long as the process, like the canonical types themselves.
#pragma once

#include "runtime/abi/abi.h"

namespace swage {

/// The Rtt of a canonical struct or array type; the same for every caller. Thread-safe.
const abi::Rtt* rtt_of(uint32_t canonical_id);

} // namespace swage
