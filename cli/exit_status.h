// What a process of ours ends with. A guest's own proc_exit code passes through unchanged.
#pragma once

namespace swage::cli {

inline constexpr int kSuccess = 0;
inline constexpr int kFailed = 1; ///< the job could not be done: bad module, missing file, import not found
inline constexpr int kUsage = 2;  ///< the command line makes no sense
inline constexpr int kTrapped =
    134; ///< the guest trapped: what a native program killed by SIGABRT gives in a shell

} // namespace swage::cli
