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
/// A time of the guest; those before 1970, which the spec cannot express, are 0.
Timestamp timestamp_of(const timespec& time);
/// Writes a filestat of either preview.
template<class Layout>
void store_filestat(const GuestMemory& memory, Out<Layout> out, const struct stat& status) {
  uint64_t at = out.address;
  memory.store<uint64_t>(at + Layout::kDev, status.st_dev);
  memory.store<uint64_t>(at + Layout::kIno, status.st_ino);
  memory.store<uint32_t>(at + Layout::kFileType, static_cast<uint32_t>(type_of(status)));
  memory.store(at + Layout::kNlink, static_cast<typename Layout::LinkCount>(status.st_nlink));
  memory.store<uint64_t>(at + Layout::kFileSize, static_cast<uint64_t>(status.st_size));
  memory.store<uint64_t>(at + Layout::kAtim, timestamp_of(status.st_atim));
  memory.store<uint64_t>(at + Layout::kMtim, timestamp_of(status.st_mtim));
  memory.store<uint64_t>(at + Layout::kCtim, timestamp_of(status.st_ctim));
}
/// The status of a memory file or directory.
struct stat status_of_node(const MemoryFiles& files, uint32_t node);

/// The two times of futimens. Errors: inval for unknown flags, or for a time that is both given and "now".
ErrnoOr<std::array<timespec, 2>> times_of(Timestamp atim, Timestamp mtim, FstFlags flags);

} // namespace swage::wasi
