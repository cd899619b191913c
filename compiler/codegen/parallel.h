// Runs independent pieces of work on several threads. LLVM recurses over what it compiles, and how deep is
// the guest's choice, so the threads have larger stacks than the system would give them; even one job runs on
// a thread of its own.
#pragma once

#include <cstddef>
#include <functional>

#include "swage/error.h"

namespace swage::codegen {

/// Calls `work(i)` for each i below `count`, in about that order. The error of the lowest i wins; after an
/// error no new piece is begun. `jobs` 0: all cores. Errors: resource, when not even one thread can be
/// started.
Expected<void> run_parallel(size_t count, unsigned jobs, const std::function<Expected<void>(size_t)>& work);

} // namespace swage::codegen
