// Bytes to calls. What could only waste time or disk is bounded by replaced system calls: waits do not wait,
// files stay small.
#include "tests/wasi/hostile.h"

#include <sys/stat.h>

#include <algorithm>

namespace swage::wasi {

namespace {

constexpr off_t kMaxFileBytes = 1 << 20;
constexpr size_t kMaxCalls = 24;

long ppoll_at_once(pollfd* fds, nfds_t count, const timespec*) {
  timespec now = {};
  long ready = kHostSyscalls.ppoll(fds, count, &now);
  // Nothing is ready and nothing will be: end the wait as a failure, or the guest would wait for ever.
  return ready == 0 ? -EIO : ready;
}
long small_fallocate(int fd, int mode, off_t offset, off_t length) {
  return offset > kMaxFileBytes || length > kMaxFileBytes ? -ENOSPC
                                                          : kHostSyscalls.fallocate(fd, mode, offset, length);
}
long small_getrandom(void* buffer, size_t size, unsigned flags) {
  return kHostSyscalls.getrandom(buffer, std::min<size_t>(size, 64), flags);
}

Syscalls bounded_syscalls() {
  Syscalls sys = kHostSyscalls;
  sys.ppoll = &ppoll_at_once;
  sys.fallocate = &small_fallocate;
  sys.getrandom = &small_getrandom;
  return sys;
}

constexpr std::string_view kPaths[] = {
    ".",
    "..",
    "a",
    "a/",
    "b",
    "a/b",
    "a/../b",
    "../outside",
    "../outside/secret",
    "../read_only/file",
    "/etc/passwd",
    "/",
    "",
    "./a/.",
    "a/b/..",
    "link",
    "link/",
    "link/secret",
    "out",
    "out/",
    "out/secret",
    "out/new",
    "up/outside/new",
    "../outside/",
    "../outside/.",
    "a//b///",
    std::string_view("a\0b", 3),
    "\xff\xfe",
    "read_only",
    "file",
};

/// Takes numbers off the front of the bytes; zero when they are used up.
class Reader {
public:
  explicit Reader(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  bool is_empty() const { return bytes_.empty(); }
  uint8_t byte() {
    if (bytes_.empty()) return 0;
    uint8_t value = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return value;
  }
  uint64_t number() {
    uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8 | byte();
    return value;
  }

private:
  std::span<const uint8_t> bytes_;
};

/// An argument: mostly small numbers, which are descriptors, flags and lengths; addresses of things put
/// there; or an edge.
uint64_t argument(Reader& reader) {
  constexpr uint64_t kEdges[] = {
      Guest::kMemoryBytes, Guest::kMemoryBytes - 8, 0x7fffffff, 0x80000000, 0xffffffff,
      ~uint64_t{0},        uint64_t{1} << 63,       0xfffffff8};
  uint8_t kind = reader.byte();
  if (kind < 128) return kind % 12;
  if (kind < 192) return 1024 + 8 * (kind - 128u);
  if (kind < 224) return kEdges[kind % std::size(kEdges)];
  if (kind < 240) return uint64_t{1} << (reader.byte() % 30);
  return reader.number();
}

/// Puts a path of the list where the arguments of a path function are: an address and a length after it.
void put_path(Guest& guest, Reader& reader, uint64_t* address_and_length) {
  std::string_view path = kPaths[reader.byte() % std::size(kPaths)];
  address_and_length[0] = guest.put(path);
  address_and_length[1] = path.size();
}

void call(Guest& guest, Reader& reader) {
  size_t index = reader.byte() % (kFunctionCount + kUnstableFunctionCount);
  const Function& function =
      index < kFunctionCount ? functions()[index] : unstable_functions()[index - kFunctionCount];
  uint64_t raw[kMaxArguments + 1] = {};
  size_t count = std::string_view(function.signature).size();
  for (size_t i = 0; i < count; ++i) raw[i] = argument(reader);
  // Paths that mean something, most of the time.
  std::string_view name = function.name;
  if (name.starts_with("path_") && reader.byte() < 240) {
    bool has_flags = std::string_view(function.parameters).starts_with("(Fd fd, LookupFlags") ||
                     std::string_view(function.parameters).starts_with("(Fd old_fd, LookupFlags");
    size_t first = name == "path_symlink" ? 0 : has_flags ? 2 : 1;
    put_path(guest, reader, raw + first);
    if (name == "path_symlink") put_path(guest, reader, raw + 3);
    if (name == "path_rename") put_path(guest, reader, raw + 4);
    if (name == "path_link") put_path(guest, reader, raw + 5);
  }
  Call one{guest.context(), guest.memory(), function};
  function.invoke(one, raw);
}

} // namespace

HostileGround::HostileGround() {
  for (const char* name : {"granted", "outside", "outside/folder", "read_only"})
    std::filesystem::create_directory(scratch_ / name);
  scratch_.write("outside/secret", "secret");
  scratch_.write("read_only/file", "file");
  clean();
  before_ = outside();
}

void HostileGround::clean() const {
  for (const auto& entry : std::filesystem::directory_iterator(scratch_ / "granted")) {
    // A guest may have made what only its owner can undo.
    std::error_code ignored;
    std::filesystem::remove_all(entry.path(), ignored);
  }
  std::filesystem::create_symlink("../outside", scratch_ / "granted/out");
  std::filesystem::create_symlink("..", scratch_ / "granted/up");
}

std::string HostileGround::outside() const {
  std::ostringstream text;
  auto describe = [&](const std::filesystem::path& path) {
    struct stat status;
    if (::lstat(path.c_str(), &status) != 0) {
      text << path << " is missing\n";
      return;
    }
    text << path.string() << ' ' << status.st_mode << ' ' << status.st_size << ' ' << status.st_nlink << ' '
         << status.st_mtim.tv_sec << '.' << status.st_mtim.tv_nsec << ' ' << status.st_ctim.tv_sec << '.'
         << status.st_ctim.tv_nsec << '\n';
  };
  for (const char* name : {"outside", "outside/folder", "outside/secret", "read_only", "read_only/file"})
    describe(scratch_ / name);
  size_t entries = 0;
  for (const auto& entry : std::filesystem::directory_iterator(scratch_.path()))
    entries += entry.path().native().size();
  text << entries << " bytes of names in the folder\n";
  return text.str();
}

std::string HostileGround::run(std::span<const uint8_t> bytes) {
  static const Syscalls sys = bounded_syscalls();
  Reader reader(bytes);
  {
    Config config;
    config.directory(scratch_ / "granted", "/")
        .directory(scratch_ / "read_only", "/read_only", Access::read_only);
    config.file("/memory/file", std::vector<std::byte>(100))
        .arguments({"program", "argument"})
        .environment("NAME", "value");
    config.impl().sys = &sys;
    config.impl().resolution = reader.byte() % 2 == 0 ? Resolution::kernel : Resolution::walk;
    Guest guest(std::move(config));
    // Vectors to buffers inside and outside, where arguments of 1024 and above point.
    for (uint32_t at = 1024; at < 1536; at += 8) {
      uint8_t choice = reader.byte();
      guest.memory().store<uint32_t>(at, choice < 200 ? 4096u + choice : uint32_t{choice} << 24);
      guest.memory().store<uint32_t>(at + 4, choice < 230 ? choice : 0xffffffffu);
    }
    guest.allocate(8192);
    for (size_t i = 0; i < kMaxCalls && !reader.is_empty(); ++i) call(guest, reader);
  }
  std::string after = outside();
  std::string difference = after == before_ ? "" : "before:\n" + before_ + "after:\n" + after;
  clean();
  return difference;
}

} // namespace swage::wasi
