// Paths of the guest, resolved beneath one directory of the host and nowhere else.
//
// The kernel does it where it can (openat2 with RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS), atomically
// against anyone who renames or swaps what lies on the way. Where it cannot, a walk opens one component after
// the other without following anything, reads symbolic links itself, and keeps every directory on the way
// open, so that ".." is what it came from, never what it is now.
//
// An operation on a name rather than on a file (create, rename, remove, link) takes the parent from here and
// names the last component without following it; a trailing slash never reaches a system call that would
// follow a link because of it.
#pragma once

#include <climits>
#include <string_view>

#include "wasi/context.h"
#include "wasi/memory.h"

namespace swage::wasi {

enum class Follow : uint8_t { no, yes };

/// A path out of guest memory, checked and terminated.
class GuestPath {
public:
  /// Errors: nametoolong; ilseq when the bytes are not UTF-8 or hold a NUL.
  Errno copy(const GuestMemory& memory, Path path);
  const char* text() const { return text_; }
  std::string_view view() const { return {text_, length_}; }
  bool has_trailing_slash() const { return length_ != 0 && text_[length_ - 1] == '/'; }

private:
  char text_[PATH_MAX];
  size_t length_ = 0;
};

/// Whether the bytes are well-formed UTF-8 (Unicode, table 3-7: no surrogates, nothing overlong) without a
/// NUL.
bool is_path_text(std::string_view bytes);

/// Why a text is no path beneath a directory, whatever is there: noent when it is empty, perm when it begins
/// at the root.
Errno check_relative(std::string_view path);

/// Opens what a path names, beneath a directory. `flags` are open(2)'s; with O_NOFOLLOW a symbolic link at
/// the end is not followed. An interrupted call is repeated, unless the
/// guest has been stopped. Errors: perm when the path would leave the directory, and what open(2) says.
ErrnoOr<HostFd> open_beneath(Context::Impl& context, int directory, std::string_view path, int flags,
                             mode_t mode);

/// The directory that holds the last component of a path, and that component. `name` has at most one trailing
/// slash, kept because mkdir, rmdir, unlink, rename, and the new names of link and symlink give it its
/// meaning without ever following a link.
struct Parent {
  HostFd opened; ///< none when the parent is the directory itself
  int fd = -1;
  char name[NAME_MAX + 2] = {};
  bool has_trailing_slash = false;
  bool is_dots = false; ///< the path ends in "." or "..": a directory that exists, and no name
};
ErrnoOr<Parent> open_parent(Context::Impl& context, int directory, std::string_view path);

} // namespace swage::wasi
