// POSIX reads and writes: errno's own words are the best message there is.
#include "cli/files.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/exit_status.h"

namespace swage::cli {
namespace {

Expected<void> fail_errno(const std::string& path, const char* what) {
  Error error;
  error.code = ErrorCode::io;
  error.message = std::string(what) + ": " + std::strerror(errno);
  error.file = path;
  return std::unexpected(std::move(error));
}

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd > 2) close(fd);
  }
};

Expected<void> write_all(int fd, const std::string& path, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno(path, "cannot write");
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
  return {};
}

} // namespace

Expected<std::vector<std::byte>> read_file(const std::string& path) {
  Descriptor file{path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) return std::unexpected(fail_errno(path, "cannot open").error());
  struct stat status{};
  if (fstat(file.fd, &status) != 0) return std::unexpected(fail_errno(path, "cannot stat").error());
  if (S_ISDIR(status.st_mode)) {
    errno = EISDIR;
    return std::unexpected(fail_errno(path, "cannot read").error());
  }
  std::vector<std::byte> bytes(S_ISREG(status.st_mode) ? static_cast<size_t>(status.st_size) + 1 : 65536);
  size_t used = 0;
  for (;;) {
    if (used == bytes.size()) bytes.resize(bytes.size() * 2);
    ssize_t n = read(file.fd, bytes.data() + used, bytes.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::unexpected(fail_errno(path, "cannot read").error());
    if (n == 0) break;
    used += static_cast<size_t>(n);
  }
  bytes.resize(used);
  return bytes;
}

Expected<void> write_file(const std::string& path, std::span<const std::byte> bytes) {
  if (path == "-") return write_all(STDOUT_FILENO, path, bytes);
  std::string temporary = path + ".XXXXXX";
  Descriptor file{mkostemp(temporary.data(), O_CLOEXEC)};
  if (file.fd < 0) return fail_errno(path, "cannot create");
  Expected<void> written = write_all(file.fd, path, bytes);
  mode_t mask = umask(0);
  umask(mask);
  if (written && fchmod(file.fd, 0777 & ~mask) != 0) written = fail_errno(path, "cannot set the mode of");
  if (written && rename(temporary.c_str(), path.c_str()) != 0) written = fail_errno(path, "cannot replace");
  if (!written) unlink(temporary.c_str());
  return written;
}

int report(const Error& error) {
  std::fprintf(stderr, "swage: error: %s\n%s", error.to_string().c_str(), error.excerpt.c_str());
  return error.code == ErrorCode::usage ? kUsage : kFailed;
}

} // namespace swage::cli
