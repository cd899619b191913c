// Resolution of guest paths: openat2, and the walk for kernels (and sandboxes) without it.
#include "wasi/path.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <vector>

#include "wasi/memory_files.h"

namespace swage::wasi {

namespace {

/// How many symbolic links a path may lead through; the kernel's own number.
constexpr int kMaxLinks = 40;
/// The kernel gives up a ".." that races with a rename anywhere; after so many tries the walk, which cannot
/// be raced, takes over.
constexpr int kMaxRaces = 64;

ErrnoOr<HostFd> opened(const Syscalls& sys, long result) {
  if (result < 0) return fail_with(from_host(-result));
  return HostFd(sys, result);
}

/// Whether a result means that there is no openat2. Some sandboxes say "not permitted" for every call that
/// they do not know, so that is asked again in a way which the kernel itself never refuses.
bool lacks_openat2(const Syscalls& sys, int directory, long result) {
  if (result != -EPERM) return result == -ENOSYS;
  open_how how = {};
  how.flags = O_PATH | O_CLOEXEC;
  HostFd probe(sys, sys.openat2(directory, ".", &how));
  return !probe.is_open();
}

/// Resolution by the kernel; nothing where it has no openat2, or where somebody keeps it from finishing.
std::optional<ErrnoOr<HostFd>> open_in_kernel(Context::Impl& context, int directory, const char* path,
                                              int flags, mode_t mode) {
  open_how how = {};
  how.flags = static_cast<uint64_t>(static_cast<unsigned>(flags));
  how.mode = (flags & O_CREAT) != 0 ? mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  for (int race = 0; race < kMaxRaces; ++race) {
    if (context.resolution.load(std::memory_order_relaxed) == Resolution::walk) break;
    long result = context.sys.openat2(directory, path, &how);
    if (result == -EAGAIN) continue;
    if (result == -EXDEV) return fail_with(Errno::perm);
    if (!lacks_openat2(context.sys, directory, result)) return opened(context.sys, result);
    context.resolution.store(Resolution::walk, std::memory_order_relaxed);
  }
  return std::nullopt;
}

/// The walk. `pending` is what is left of the path, with the targets of links spliced in; `stack` are the
/// directories entered.
class Walk {
public:
  Walk(const Syscalls& sys, int root, std::string_view path) : sys_(sys), root_(root), pending_(path) {}

  ErrnoOr<HostFd> run(int flags, mode_t mode) {
    for (;;) {
      std::string_view rest = pending_;
      std::string_view component = next_component(rest);
      bool is_last = rest.empty();
      bool wants_directory = pending_.size() != component.size();
      std::string name(component);
      pending_.erase(0, pending_.size() - rest.size());

      if (name == "..") {
        if (stack_.empty()) return fail_with(Errno::perm);
        stack_.pop_back();
      }
      if (name == "." || name == "..") {
        if (is_last) return opened(sys_, sys_.openat(top(), ".", flags, mode));
        continue;
      }
      Errno error = is_last ? Errno::success : enter(name);
      if (!is_last && error == Errno::success) continue;
      if (is_last) {
        // As in the kernel, a trailing slash asks for a directory and follows a link even with O_NOFOLLOW.
        int last_flags = wants_directory ? (flags & ~O_NOFOLLOW) | O_DIRECTORY : flags;
        if (wants_directory && (flags & O_CREAT) != 0) return fail_with(Errno::isdir);
        ErrnoOr<HostFd> result = open_last(name, last_flags, mode);
        if (result || !is_link_) return result;
        if (wants_directory) pending_ = "/" + pending_;
      } else if (!is_link_) {
        return fail_with(error);
      }
      if (Errno spliced = splice_link(name); spliced != Errno::success) return fail_with(spliced);
    }
  }

private:
  int top() const { return stack_.empty() ? root_ : stack_.back().get(); }

  /// Goes into a directory; sets is_link_ when the name is a symbolic link.
  Errno enter(const std::string& name) {
    is_link_ = false;
    long fd = sys_.openat(top(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    if (fd >= 0) {
      stack_.emplace_back(sys_, fd);
      return Errno::success;
    }
    if (fd == -ENOTDIR || fd == -ELOOP) is_link_ = names_link(name);
    return from_host(-fd);
  }

  /// Opens the end of the path; is_link_ says that it is a link which must be followed.
  ErrnoOr<HostFd> open_last(const std::string& name, int flags, mode_t mode) {
    is_link_ = false;
    bool follows = (flags & O_NOFOLLOW) == 0;
    long fd = sys_.openat(top(), name.c_str(), flags | O_NOFOLLOW, mode);
    if (follows && (flags & O_PATH) != 0 && fd >= 0) {
      // O_PATH with O_NOFOLLOW opens a link itself.
      HostFd found(sys_, fd);
      struct stat status;
      if (sys_.fstat(found.get(), &status) == 0 && S_ISLNK(status.st_mode)) {
        is_link_ = true;
        return fail_with(Errno::loop);
      }
      return found;
    }
    bool exclusive = (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
    if (follows && !exclusive && (fd == -ELOOP || fd == -ENOTDIR)) is_link_ = names_link(name);
    return opened(sys_, fd);
  }

  bool names_link(const std::string& name) {
    struct stat status;
    return sys_.fstatat(top(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
  }

  /// Puts a link's target in front of what is left.
  Errno splice_link(const std::string& name) {
    if (++links_ > kMaxLinks) return Errno::loop;
    char target[PATH_MAX];
    long length = sys_.readlinkat(top(), name.c_str(), target, sizeof target);
    if (length < 0) return from_host(-length);
    if (length == 0) return Errno::noent;
    if (target[0] == '/') return Errno::perm;
    if (length == static_cast<long>(sizeof target)) return Errno::nametoolong;
    std::string spliced(target, static_cast<size_t>(length));
    if (!pending_.empty() && pending_[0] != '/') spliced += '/';
    pending_ = spliced + pending_;
    return Errno::success;
  }

  const Syscalls& sys_;
  int root_;
  std::string pending_;
  std::vector<HostFd> stack_;
  int links_ = 0;
  bool is_link_ = false;
};

} // namespace

bool is_path_text(std::string_view bytes) {
  auto at = [&](size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u; };
  for (size_t i = 0; i < bytes.size();) {
    unsigned lead = at(i), second = at(i + 1);
    size_t length = lead < 0x80   ? 1
                    : lead < 0xc2 ? 0
                    : lead < 0xe0 ? 2
                    : lead < 0xf0 ? 3
                    : lead < 0xf5 ? 4
                                  : 0;
    if (lead == 0 || length == 0) return false;
    if (lead == 0xe0 && second < 0xa0) return false;
    if (lead == 0xed && second > 0x9f) return false;
    if (lead == 0xf0 && second < 0x90) return false;
    if (lead == 0xf4 && second > 0x8f) return false;
    for (size_t k = 1; k < length; ++k) {
      if ((at(i + k) & 0xc0) != 0x80) return false;
    }
    i += length;
  }
  return true;
}

Errno GuestPath::copy(const GuestMemory& memory, Path path) {
  if (path.length >= sizeof text_) return Errno::nametoolong;
  std::memcpy(text_, memory.at(path.address), path.length);
  text_[path.length] = 0;
  length_ = path.length;
  return is_path_text(view()) ? Errno::success : Errno::ilseq;
}

Errno check_relative(std::string_view path) {
  if (path.empty()) return Errno::noent;
  return path.front() == '/' ? Errno::perm : Errno::success;
}

ErrnoOr<HostFd> open_beneath(Context::Impl& context, int directory, std::string_view path, int flags,
                             mode_t mode) {
  if (Errno error = check_relative(path); error != Errno::success) return fail_with(error);
  char text[PATH_MAX];
  if (path.size() >= sizeof text) return fail_with(Errno::nametoolong);
  std::memcpy(text, path.data(), path.size());
  text[path.size()] = 0;

  flags |= O_CLOEXEC;
  if ((flags & O_PATH) == 0) flags |= O_NOCTTY;
  for (;;) {
    std::optional<ErrnoOr<HostFd>> by_kernel = open_in_kernel(context, directory, text, flags, mode);
    ErrnoOr<HostFd> result =
        by_kernel ? std::move(*by_kernel) : Walk(context.sys, directory, path).run(flags, mode);
    bool is_interrupted = !result && result.error() == Errno::intr;
    if (!is_interrupted || context.is_stopped.load(std::memory_order_relaxed)) return result;
  }
}

ErrnoOr<Parent> open_parent(Context::Impl& context, int directory, std::string_view path) {
  if (Errno error = check_relative(path); error != Errno::success) return fail_with(error);
  Parent parent;
  size_t end = path.find_last_not_of('/') + 1;
  parent.has_trailing_slash = end != path.size();
  size_t slash = path.rfind('/', end - 1);
  size_t begin = slash == std::string_view::npos ? 0 : slash + 1;
  std::string_view name = path.substr(begin, end - begin);
  if (name == "." || name == "..") {
    ErrnoOr<HostFd> target = open_beneath(context, directory, path, O_PATH | O_DIRECTORY, 0);
    if (!target) return fail_with(target.error());
    parent.is_dots = true;
    return parent;
  }
  if (name.size() > NAME_MAX) return fail_with(Errno::nametoolong);
  std::memcpy(parent.name, name.data(), name.size());
  if (parent.has_trailing_slash) parent.name[name.size()] = '/';
  parent.fd = directory;
  if (begin != 0) {
    ErrnoOr<HostFd> target = open_beneath(context, directory, path.substr(0, begin), O_PATH | O_DIRECTORY, 0);
    if (!target) return fail_with(target.error());
    parent.opened = std::move(*target);
    parent.fd = parent.opened.get();
  }
  return parent;
}

} // namespace swage::wasi
