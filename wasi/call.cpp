// What the functions have in common: from a number to a descriptor with rights, or the error that a POSIX
// program expects.
#include "wasi/call.h"

namespace swage::wasi {

namespace {

/// Why a descriptor lacks a right: because of what it is, because its preopen is read-only, or because it was
/// never granted.
Errno refusal(const Descriptor& file, Rights missing) {
  if (missing.has(Right::sock_accept) || missing.has(Right::sock_shutdown)) {
    if (!file.is_socket()) return Errno::notsock;
  }
  bool only_directories = (missing & (kFileRights | kStreamRights | kSocketRights)) == Rights();
  if (only_directories && !file.is_directory()) return Errno::notdir;
  if (file.is_directory() && (missing & kDirectoryRights) == Rights()) return Errno::isdir;
  if (file.is_stream() && (missing & (kStreamRights | kSocketRights)) == Rights()) {
    Rights positional = Rights(Right::fd_seek) | Right::fd_tell | Right::fd_advise | Right::fd_allocate;
    return (missing & positional) == Rights() ? Errno::inval : Errno::spipe;
  }
  if (file.is_read_only && (missing & kChangingRights) != Rights()) return Errno::rofs;
  return Errno::notcapable;
}

} // namespace

ErrnoOr<DescriptorRef> Call::descriptor(Fd fd) { return descriptor(fd, function.need.first); }

ErrnoOr<DescriptorRef> Call::descriptor(Fd fd, Rights rights) {
  DescriptorRef file = context.table.get(fd);
  if (!file) return fail_with(Errno::badf);
  Rights missing = rights - file->base();
  if (missing != Rights()) return fail_with(refusal(*file, missing));
  if (file->is_read_only && (rights & kChangingRights) != Rights()) return fail_with(Errno::rofs);
  return file;
}

ErrnoOr<DescriptorRef> Call::directory(Fd fd, Rights rights) {
  ErrnoOr<DescriptorRef> file = descriptor(fd, rights);
  if (file && !(*file)->is_directory()) return fail_with(Errno::notdir);
  return file;
}

ErrnoOr<DescriptorRef> Call::socket(Fd fd) {
  DescriptorRef file = context.table.get(fd);
  if (!file) return fail_with(Errno::badf);
  if (!file->is_socket()) return fail_with(Errno::notsock);
  return descriptor(fd);
}

} // namespace swage::wasi
