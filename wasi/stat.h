// The host's struct stat and the spec's filestat, and what both say of a file's type.
#pragma once

#include <sys/stat.h>

#include "wasi/descriptor.h"
#include "wasi/memory.h"
#include "wasi/types.h"

namespace swage::wasi {

FileType type_of(const struct stat& status);
/// The rights that make sense for a type of file.
Rights rights_for(FileType type);
/// Writes a filestat. Times before 1970, which the spec cannot express, become 0.
void store_filestat(const GuestMemory& memory, uint32_t address, const struct stat& status);
/// The status of a memory file or directory.
struct stat status_of(const MemoryFiles& files, uint32_t node);

/// The two times of futimens. Errors: inval for unknown flags, or for a time that is both given and "now".
ErrnoOr<std::array<timespec, 2>> times_of(Timestamp atim, Timestamp mtim, FstFlags flags);

} // namespace swage::wasi
