// Functions on an open descriptor other than its bytes: attributes, size, times, flags, rights, and its
// number.
#include <array>
#include <cerrno>
#include <fcntl.h>

#include "wasi/call.h"
#include "wasi/stat.h"

namespace swage::wasi {

namespace {

constexpr uint64_t kNanosPerSecond = 1'000'000'000;

timespec time_for(Timestamp given, bool is_given, bool is_now) {
  if (is_now) return {0, UTIME_NOW};
  if (!is_given) return {0, UTIME_OMIT};
  return {static_cast<time_t>(given / kNanosPerSecond), static_cast<long>(given % kNanosPerSecond)};
}

int host_flags(FdFlags flags) {
  return (flags.has(FdFlagsBit::append) ? O_APPEND : 0) | (flags.has(FdFlagsBit::nonblock) ? O_NONBLOCK : 0);
}

} // namespace

Timestamp timestamp_of(const timespec& time) {
  if (time.tv_sec < 0) return 0;
  return static_cast<Timestamp>(time.tv_sec) * kNanosPerSecond + static_cast<Timestamp>(time.tv_nsec);
}

FileType type_of(const struct stat& status) {
  switch (status.st_mode & S_IFMT) {
  case S_IFBLK: return FileType::block_device;
  case S_IFCHR: return FileType::character_device;
  case S_IFDIR: return FileType::directory;
  case S_IFREG: return FileType::regular_file;
  case S_IFLNK: return FileType::symbolic_link;
  case S_IFSOCK: return FileType::socket_stream;
  default: return FileType::unknown;
  }
}

Rights rights_for(FileType type) {
  switch (type) {
  case FileType::directory: return kDirectoryRights;
  case FileType::regular_file: return kFileRights;
  case FileType::block_device: return kFileRights;
  case FileType::socket_dgram:
  case FileType::socket_stream: return kSocketRights;
  default: return kStreamRights;
  }
}

struct stat status_of_node(const MemoryFiles& files, uint32_t node) {
  const MemoryFiles::Node& file = files.node(node);
  struct stat status = {};
  status.st_ino = node + 1;
  status.st_nlink = 1;
  status.st_mode = file.is_directory ? S_IFDIR : S_IFREG;
  status.st_size = static_cast<off_t>(file.bytes.size());
  return status;
}

ErrnoOr<std::array<timespec, 2>> times_of(Timestamp atim, Timestamp mtim, FstFlags flags) {
  bool gives_atim = flags.has(FstFlagsBit::atim), atim_is_now = flags.has(FstFlagsBit::atim_now);
  bool gives_mtim = flags.has(FstFlagsBit::mtim), mtim_is_now = flags.has(FstFlagsBit::mtim_now);
  if (!flags.known() || (gives_atim && atim_is_now) || (gives_mtim && mtim_is_now))
    return fail_with(Errno::inval);
  return std::array{time_for(atim, gives_atim, atim_is_now), time_for(mtim, gives_mtim, mtim_is_now)};
}

Errno Call::fd_advise(Fd fd, FileSize offset, FileSize len, Advice advice) {
  ErrnoOr<DescriptorRef> file = descriptor(fd);
  if (!file) return file.error();
  static constexpr int kHostAdvice[] = {POSIX_FADV_NORMAL,   POSIX_FADV_SEQUENTIAL, POSIX_FADV_RANDOM,
                                        POSIX_FADV_WILLNEED, POSIX_FADV_DONTNEED,   POSIX_FADV_NOREUSE};
  if (advice >= Advice::count || offset > INT64_MAX || len > INT64_MAX) return Errno::inval;
  if ((*file)->backing != Backing::host) return Errno::success;
  return errno_of(sys().fadvise((*file)->host.get(), static_cast<off_t>(offset), static_cast<off_t>(len),
                                kHostAdvice[static_cast<uint32_t>(advice)]));
}

Errno Call::fd_allocate(Fd fd, FileSize offset, FileSize len) {
  ErrnoOr<DescriptorRef> file = descriptor(fd);
  if (!file) return file.error();
  if (offset > INT64_MAX || len > INT64_MAX) return Errno::fbig;
  if ((*file)->backing != Backing::host) return Errno::notsup;
  return errno_of(retry([&] {
    return sys().fallocate((*file)->host.get(), 0, static_cast<off_t>(offset), static_cast<off_t>(len));
  }));
}

Errno Call::fd_close(Fd fd) { return context.table.close(fd); }

Errno Call::fd_datasync(Fd fd) {
  ErrnoOr<DescriptorRef> file = descriptor(fd);
  if (!file) return file.error();
  if ((*file)->backing != Backing::host) return Errno::success;
  return errno_of(retry([&] { return sys().fdatasync((*file)->host.get()); }));
}

Errno Call::fd_sync(Fd fd) {
  ErrnoOr<DescriptorRef> file = descriptor(fd);
  if (!file) return file.error();
  if ((*file)->backing != Backing::host) return Errno::success;
  return errno_of(retry([&] { return sys().fsync((*file)->host.get()); }));
}

Errno Call::fd_fdstat_get(Fd fd, Out<Fdstat> stat) {
  ErrnoOr<DescriptorRef> file = descriptor(fd);
  if (!file) return file.error();
  uint64_t at = stat.address;
  memory.store<uint64_t>(at + Fdstat::kFileType, static_cast<uint64_t>((*file)->type));
  memory.store<uint16_t>(at + Fdstat::kFlags, static_cast<uint16_t>((*file)->fd_flags().bits));
  memory.store<uint64_t>(at + Fdstat::kRightsBase, (*file)->base().bits);
  memory.store<uint64_t>(at + Fdstat::kRightsInheriting, (*file)->inheriting().bits);
  return Errno::success;
}

Errno Call::fd_fdstat_set_flags(Fd fd, FdFlags flags) {
  ErrnoOr<DescriptorRef> file = descriptor(fd);
  if (!file) return file.error();
  if (!flags.known()) return Errno::inval;
  // The host cannot change how an open file is synchronised.
  FdFlags settable = FdFlags(FdFlagsBit::append) | FdFlagsBit::nonblock;
  uint32_t changed = flags.bits ^ (*file)->fd_flags().bits;
  if ((changed & ~settable.bits) != 0) return Errno::notsup;
  // An inherited stream is shared with whoever started us: the guest's flag is kept here, not in the open
  // file.
  if ((*file)->backing == Backing::host && !(*file)->is_inherited) {
    long result = sys().fcntl((*file)->host.get(), F_SETFL, host_flags(flags));
    if (result < 0) return from_host(-result);
  }
  (*file)->flags = flags.bits;
  return Errno::success;
}

Errno Call::fd_fdstat_set_rights(Fd fd, Rights fs_rights_base, Rights fs_rights_inheriting) {
  ErrnoOr<DescriptorRef> file = descriptor(fd);
  if (!file) return file.error();
  if (!(*file)->base().contains(fs_rights_base)) return Errno::notcapable;
  if (!(*file)->inheriting().contains(fs_rights_inheriting)) return Errno::notcapable;
  // Another thread may drop rights at the same time: what either drops stays dropped.
  (*file)->rights_base &= fs_rights_base.bits;
  (*file)->rights_inheriting &= fs_rights_inheriting.bits;
  return Errno::success;
}

ErrnoOr<struct stat> Call::status_of(Fd fd) {
  ErrnoOr<DescriptorRef> file = descriptor(fd);
  if (!file) return fail_with(file.error());
  if ((*file)->backing == Backing::memory) return status_of_node(*(*file)->files, (*file)->node);
  struct stat status = {};
  if ((*file)->backing == Backing::host) {
    long result = sys().fstat((*file)->host.get(), &status);
    if (result < 0) return fail_with(from_host(-result));
  } else {
    status.st_mode = (*file)->type == FileType::character_device ? S_IFCHR : S_IFIFO;
  }
  return status;
}

Errno Call::fd_filestat_get(Fd fd, Out<Filestat> stat) {
  ErrnoOr<struct stat> status = status_of(fd);
  if (!status) return status.error();
  store_filestat(memory, stat, *status);
  return Errno::success;
}

Errno Call::unstable_fd_filestat_get(Fd fd, Out<UnstableFilestat> stat) {
  ErrnoOr<struct stat> status = status_of(fd);
  if (!status) return status.error();
  store_filestat(memory, stat, *status);
  return Errno::success;
}

Errno Call::fd_filestat_set_size(Fd fd, FileSize size) {
  ErrnoOr<DescriptorRef> file = descriptor(fd);
  if (!file) return file.error();
  if (size > INT64_MAX) return Errno::fbig;
  if ((*file)->backing != Backing::host) return Errno::inval;
  return errno_of(retry([&] { return sys().ftruncate((*file)->host.get(), static_cast<off_t>(size)); }));
}

Errno Call::fd_filestat_set_times(Fd fd, Timestamp atim, Timestamp mtim, FstFlags fst_flags) {
  ErrnoOr<DescriptorRef> file = descriptor(fd);
  if (!file) return file.error();
  ErrnoOr<std::array<timespec, 2>> times = times_of(atim, mtim, fst_flags);
  if (!times) return times.error();
  if ((*file)->backing != Backing::host) return Errno::notsup;
  return errno_of(sys().futimens((*file)->host.get(), times->data()));
}

Errno Call::fd_prestat_get(Fd fd, Out<Prestat> prestat) {
  ErrnoOr<DescriptorRef> file = descriptor(fd);
  if (!file) return file.error();
  // Guests look for preopens from 3 upwards until badf.
  if (!(*file)->is_preopen) return Errno::badf;
  memory.store<uint32_t>(uint64_t{prestat.address} + Prestat::kTag, 0);
  memory.store<uint32_t>(uint64_t{prestat.address} + Prestat::kNameLength,
                         static_cast<uint32_t>((*file)->preopen_name.size()));
  return Errno::success;
}

Errno Call::fd_prestat_dir_name(Fd fd, Buffer path) {
  ErrnoOr<DescriptorRef> file = descriptor(fd);
  if (!file) return file.error();
  if (!(*file)->is_preopen) return Errno::badf;
  const std::string& name = (*file)->preopen_name;
  if (path.length < name.size()) return Errno::nametoolong;
  std::memcpy(memory.at(path.address), name.data(), name.size());
  return Errno::success;
}

Errno Call::fd_renumber(Fd fd, Fd to) { return context.table.renumber(fd, to); }

} // namespace swage::wasi
