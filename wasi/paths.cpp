// Functions on paths. Each takes its path apart in one of two ways (path.h): a file is opened beneath its
// directory, O_PATH where only its attributes count, and used through that descriptor; a name is created,
// renamed or removed in its parent, opened in the same way, and the last component is never followed.
#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>

#include "wasi/call.h"
#include "wasi/path.h"
#include "wasi/stat.h"

namespace swage::wasi {

namespace {

constexpr mode_t kFileMode = 0666, kDirectoryMode = 0777; // less the process's umask

bool follows(LookupFlags flags) { return flags.has(LookupFlagsBit::symlink_follow); }

int access_flags(Rights base) {
  bool reads = base.has(Right::fd_read) || base.has(Right::fd_readdir);
  bool resizes = base.has(Right::fd_filestat_set_size) || base.has(Right::fd_allocate);
  bool writes = base.has(Right::fd_write) || (resizes && !reads);
  return writes ? reads ? O_RDWR : O_WRONLY : O_RDONLY;
}

int status_flags(FdFlags flags) {
  using enum FdFlagsBit;
  return (flags.has(append) ? O_APPEND : 0) | (flags.has(dsync) ? O_DSYNC : 0) |
         (flags.has(nonblock) ? O_NONBLOCK : 0) | (flags.has(rsync) ? O_RSYNC : 0) |
         (flags.has(sync) ? O_SYNC : 0);
}

/// Memory files are beneath everything that changes: the caller has been refused before.
bool is_memory(const DescriptorRef& directory) { return directory->backing == Backing::memory; }

/// The errno of making or removing "." or "..", which exist and have no name of their own.
ErrnoOr<Parent> named_parent(Context::Impl& context, const Descriptor& directory, const GuestPath& path,
                             Errno for_dots) {
  ErrnoOr<Parent> parent = open_parent(context, directory.host.get(), path.view());
  if (parent && parent->is_dots) return fail_with(for_dots);
  return parent;
}

/// A link may not point to an absolute path: it would lead out, if not for the guest then for whoever follows
/// it later.
bool is_absolute(const GuestPath& target) { return !target.view().empty() && target.view().front() == '/'; }

} // namespace

Errno Call::path_open(Fd fd, LookupFlags dirflags, Path path, OFlags oflags, Rights fs_rights_base,
                      Rights fs_rights_inheriting, FdFlags fdflags, Out<Fd> opened) {
  ErrnoOr<DescriptorRef> base = directory(fd);
  if (!base) return base.error();
  const Descriptor& dir = **base;
  GuestPath name;
  if (Errno error = name.copy(memory, path); error != Errno::success) return error;
  using enum OFlagsBit;
  bool creates = oflags.has(creat), truncates = oflags.has(trunc);
  if (!oflags.known() || !dirflags.known() || !fdflags.known() ||
      (creates && oflags.has(OFlagsBit::directory)))
    return Errno::inval;
  if (creates && !dir.base().has(Right::path_create_file)) return Errno::notcapable;
  if (truncates && !dir.base().has(Right::path_filestat_set_size)) return Errno::notcapable;

  int access = access_flags(fs_rights_base);
  Rights inheritable = dir.inheriting();
  if (access != O_WRONLY && fs_rights_base.has(Right::fd_read) && !inheritable.has(Right::fd_read))
    return Errno::notcapable;
  if (access != O_RDONLY && !inheritable.has(Right::fd_write)) return Errno::notcapable;
  if (dir.is_read_only && (access != O_RDONLY || truncates)) return Errno::rofs;

  auto file = std::make_shared<Descriptor>();
  struct stat status = {};
  if (is_memory(*base)) {
    ErrnoOr<uint32_t> node = dir.files->resolve(dir.node, name.view());
    if (!node) return creates && node.error() == Errno::noent ? Errno::rofs : node.error();
    if (creates && oflags.has(excl)) return Errno::exist;
    if (oflags.has(OFlagsBit::directory) && !dir.files->node(*node).is_directory) return Errno::notdir;
    file->backing = Backing::memory;
    file->files = dir.files;
    file->node = *node;
    status = status_of_node(*dir.files, *node);
  } else {
    int flags = access | status_flags(fdflags) | (oflags.has(OFlagsBit::directory) ? O_DIRECTORY : 0) |
                (truncates ? O_TRUNC : 0) | (follows(dirflags) ? 0 : O_NOFOLLOW);
    // Beneath a read-only preopen O_CREAT may still open what exists.
    if (creates && !dir.is_read_only) flags |= O_CREAT | (oflags.has(excl) ? O_EXCL : 0);
    ErrnoOr<HostFd> host = open_beneath(context, dir.host.get(), name.view(), flags, kFileMode);
    if (stops()) return Errno::intr;
    if (!host)
      return creates && dir.is_read_only && host.error() == Errno::noent ? Errno::rofs : host.error();
    if (creates && dir.is_read_only && oflags.has(excl)) return Errno::exist;
    if (long result = sys().fstat(host->get(), &status); result < 0) return from_host(-result);
    file->backing = Backing::host;
    file->host = std::move(*host);
    file->raises_sigpipe = S_ISFIFO(status.st_mode);
  }

  file->type = type_of(status);
  file->is_read_only = dir.is_read_only;
  file->flags = file->is_directory() ? 0 : fdflags.bits;
  Rights granted = fs_rights_base & inheritable & rights_for(file->type);
  if (access == O_RDONLY)
    granted = granted - (Rights(Right::fd_write) | Right::fd_allocate | Right::fd_filestat_set_size);
  file->grant(granted, fs_rights_inheriting & inheritable);
  ErrnoOr<Fd> number = context.table.insert(std::move(file));
  if (!number) return number.error();
  set(opened, *number);
  return Errno::success;
}

Errno Call::path_create_directory(Fd fd, Path path) {
  ErrnoOr<DescriptorRef> dir = directory(fd);
  if (!dir) return dir.error();
  GuestPath name;
  if (Errno error = name.copy(memory, path); error != Errno::success) return error;
  ErrnoOr<Parent> parent = named_parent(context, **dir, name, Errno::exist);
  if (!parent) return parent.error();
  return errno_of(sys().mkdirat(parent->fd, parent->name, kDirectoryMode));
}

ErrnoOr<struct stat> Call::status_of(Fd fd, LookupFlags flags, Path path) {
  ErrnoOr<DescriptorRef> dir = directory(fd);
  if (!dir) return fail_with(dir.error());
  GuestPath name;
  if (Errno error = name.copy(memory, path); error != Errno::success) return fail_with(error);
  if (!flags.known()) return fail_with(Errno::inval);
  if (is_memory(*dir)) {
    ErrnoOr<uint32_t> node = (*dir)->files->resolve((*dir)->node, name.view());
    if (!node) return fail_with(node.error());
    return status_of_node(*(*dir)->files, *node);
  }
  int open_flags = O_PATH | (follows(flags) ? 0 : O_NOFOLLOW);
  ErrnoOr<HostFd> file = open_beneath(context, (*dir)->host.get(), name.view(), open_flags, 0);
  if (!file) return fail_with(file.error());
  struct stat status = {};
  if (long result = sys().fstat(file->get(), &status); result < 0) return fail_with(from_host(-result));
  return status;
}

Errno Call::path_filestat_get(Fd fd, LookupFlags flags, Path path, Out<Filestat> stat) {
  ErrnoOr<struct stat> status = status_of(fd, flags, path);
  if (!status) return status.error();
  store_filestat(memory, stat, *status);
  return Errno::success;
}

Errno Call::unstable_path_filestat_get(Fd fd, LookupFlags flags, Path path, Out<UnstableFilestat> stat) {
  ErrnoOr<struct stat> status = status_of(fd, flags, path);
  if (!status) return status.error();
  store_filestat(memory, stat, *status);
  return Errno::success;
}

Errno Call::path_filestat_set_times(Fd fd, LookupFlags flags, Path path, Timestamp atim, Timestamp mtim,
                                    FstFlags fst_flags) {
  ErrnoOr<DescriptorRef> dir = directory(fd);
  if (!dir) return dir.error();
  GuestPath name;
  if (Errno error = name.copy(memory, path); error != Errno::success) return error;
  ErrnoOr<std::array<timespec, 2>> times = times_of(atim, mtim, fst_flags);
  if (!times) return times.error();
  if (!flags.known()) return Errno::inval;
  int open_flags = O_PATH | (follows(flags) ? 0 : O_NOFOLLOW);
  ErrnoOr<HostFd> file = open_beneath(context, (*dir)->host.get(), name.view(), open_flags, 0);
  if (!file) return file.error();
  return errno_of(sys().utimensat(file->get(), "", times->data(), AT_EMPTY_PATH));
}

Errno Call::path_link(Fd old_fd, LookupFlags old_flags, Path old_path, Fd new_fd, Path new_path) {
  ErrnoOr<DescriptorRef> from = directory(old_fd);
  if (!from) return from.error();
  ErrnoOr<DescriptorRef> to = second_directory(new_fd);
  if (!to) return to.error();
  GuestPath old_name, new_name;
  if (Errno error = old_name.copy(memory, old_path); error != Errno::success) return error;
  if (Errno error = new_name.copy(memory, new_path); error != Errno::success) return error;
  // Following the old name cannot be done without a race; preview 1 lets a host refuse.
  if (!old_flags.known() || follows(old_flags)) return Errno::inval;
  ErrnoOr<Parent> source = named_parent(context, **from, old_name, Errno::perm);
  if (!source) return source.error();
  ErrnoOr<Parent> target = named_parent(context, **to, new_name, Errno::exist);
  if (!target) return target.error();
  if (source->has_trailing_slash) {
    // Only a directory may be named so, and a directory cannot be linked. The slash must not reach linkat: it
    // follows links.
    ErrnoOr<HostFd> existing = open_beneath(context, (*from)->host.get(), old_name.view(), O_PATH, 0);
    return existing ? Errno::perm : existing.error();
  }
  return errno_of(sys().linkat(source->fd, source->name, target->fd, target->name, 0));
}

Errno Call::path_readlink(Fd fd, Path path, Buffer buf, Out<Size> bufused) {
  ErrnoOr<DescriptorRef> dir = directory(fd);
  if (!dir) return dir.error();
  GuestPath name;
  if (Errno error = name.copy(memory, path); error != Errno::success) return error;
  if (is_memory(*dir)) {
    ErrnoOr<uint32_t> node = (*dir)->files->resolve((*dir)->node, name.view());
    return node ? Errno::inval : node.error();
  }
  ErrnoOr<Parent> parent = named_parent(context, **dir, name, Errno::inval);
  if (!parent) return parent.error();
  if (parent->has_trailing_slash) {
    // Names what a link leads to, hence no link.
    ErrnoOr<HostFd> existing = open_beneath(context, (*dir)->host.get(), name.view(), O_PATH, 0);
    return existing ? Errno::inval : existing.error();
  }
  // The host refuses an empty buffer; the guest's is answered with no bytes, if there is a link.
  char one;
  char* bytes = buf.length == 0 ? &one : reinterpret_cast<char*>(memory.at(buf.address));
  long result = sys().readlinkat(parent->fd, parent->name, bytes, buf.length == 0 ? 1 : buf.length);
  if (result < 0) return from_host(-result);
  set(bufused, buf.length == 0 ? 0 : static_cast<uint32_t>(result));
  return Errno::success;
}

Errno Call::path_remove_directory(Fd fd, Path path) {
  ErrnoOr<DescriptorRef> dir = directory(fd);
  if (!dir) return dir.error();
  GuestPath name;
  if (Errno error = name.copy(memory, path); error != Errno::success) return error;
  ErrnoOr<Parent> parent = named_parent(context, **dir, name, Errno::inval);
  if (!parent) return parent.error();
  return errno_of(sys().unlinkat(parent->fd, parent->name, AT_REMOVEDIR));
}

Errno Call::path_rename(Fd fd, Path old_path, Fd new_fd, Path new_path) {
  ErrnoOr<DescriptorRef> from = directory(fd);
  if (!from) return from.error();
  ErrnoOr<DescriptorRef> to = second_directory(new_fd);
  if (!to) return to.error();
  GuestPath old_name, new_name;
  if (Errno error = old_name.copy(memory, old_path); error != Errno::success) return error;
  if (Errno error = new_name.copy(memory, new_path); error != Errno::success) return error;
  ErrnoOr<Parent> source = named_parent(context, **from, old_name, Errno::busy);
  if (!source) return source.error();
  ErrnoOr<Parent> target = named_parent(context, **to, new_name, Errno::busy);
  if (!target) return target.error();
  return errno_of(sys().renameat(source->fd, source->name, target->fd, target->name));
}

Errno Call::path_symlink(Path old_path, Fd fd, Path new_path) {
  ErrnoOr<DescriptorRef> dir = directory(fd);
  if (!dir) return dir.error();
  GuestPath target, name;
  if (Errno error = target.copy(memory, old_path); error != Errno::success) return error;
  if (Errno error = name.copy(memory, new_path); error != Errno::success) return error;
  if (is_absolute(target)) return Errno::perm;
  ErrnoOr<Parent> parent = named_parent(context, **dir, name, Errno::exist);
  if (!parent) return parent.error();
  return errno_of(sys().symlinkat(target.text(), parent->fd, parent->name));
}

Errno Call::path_unlink_file(Fd fd, Path path) {
  ErrnoOr<DescriptorRef> dir = directory(fd);
  if (!dir) return dir.error();
  GuestPath name;
  if (Errno error = name.copy(memory, path); error != Errno::success) return error;
  ErrnoOr<Parent> parent = named_parent(context, **dir, name, Errno::isdir);
  if (!parent) return parent.error();
  return errno_of(sys().unlinkat(parent->fd, parent->name, 0));
}

} // namespace swage::wasi
