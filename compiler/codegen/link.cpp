#include "compiler/codegen/link.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <mutex>
#include <string>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/Support/raw_ostream.h>

#include "compiler/codegen/llvm.h"

namespace swage::codegen {

namespace {

/// A file descriptor that closes itself.
class Descriptor {
public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { reset(); }

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  /// A name by which this process can open it.
  std::string path() const { return fmt::format("/proc/self/fd/{}", number_); }
  void reset() {
    if (number_ >= 0) close(number_);
    number_ = -1;
  }

private:
  int number_;
};

bool write_all(const Descriptor& file, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = write(file.number(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

/// Reads the other end of a pipe on a thread of its own, until every writer is gone.
class Drain {
public:
  explicit Drain(const Descriptor& pipe) : thread_([this, &pipe] { run(pipe); }) {}
  std::vector<std::byte> finish() {
    thread_.join();
    return std::move(bytes_);
  }

private:
  void run(const Descriptor& pipe) {
    constexpr size_t kChunk = 1 << 20;
    size_t size = 0;
    while (true) {
      bytes_.resize(std::max(size + kChunk, bytes_.size()));
      ssize_t count = read(pipe.number(), bytes_.data() + size, kChunk);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) break;
      size += static_cast<size_t>(count);
    }
    bytes_.resize(size);
  }

  std::vector<std::byte> bytes_;
  std::thread thread_;
};

/// An archive without an index, which lld takes as a whole.
/// https://man.freebsd.org/cgi/man.cgi?query=ar&sektion=5
bool write_archive(const Descriptor& file, std::span<const std::string_view> objects) {
  if (!write_all(file, "!<arch>\n")) return false;
  for (size_t i = 0; i < objects.size(); i++) {
    std::string header = fmt::format("{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", fmt::format("{}.o/", i), 0, 0, 0,
                                     644, objects[i].size());
    if (!write_all(file, header) || !write_all(file, objects[i])) return false;
    if (objects[i].size() % 2 != 0 && !write_all(file, "\n")) return false;
  }
  return true;
}

std::vector<const char*> arguments_for(const Target& target, LinkKind kind) {
  std::vector<const char*> arguments = {"ld.lld", "-m",
                                        target.elf_machine == EM_X86_64 ? "elf_x86_64" : "aarch64linux"};
  // Whatever the file says of its making must not depend on where or when it was made.
  arguments.insert(arguments.end(), {"--build-id=none", "--strip-debug", "--threads=1"});
  if (kind == LinkKind::relocatable) {
    arguments.push_back("-r");
    return arguments;
  }
  // Undefined symbols (memcpy, floor) are the process's. Everything but swage_module is hidden in the objects
  // already.
  arguments.insert(arguments.end(),
                   {"-shared", "-z", "undefs", "-z", "now", "-z", "relro", "-z", "noexecstack", "-Bsymbolic",
                    "--hash-style=gnu", "--eh-frame-hdr", "--no-gc-sections", "--icf=none"});
  return arguments;
}

} // namespace

Expected<std::vector<std::byte>> link(std::span<const std::string_view> objects, const Target& target,
                                      LinkKind kind, std::span<const Alias> aliases) {
  static std::mutex one_at_a_time;
  std::lock_guard lock(one_at_a_time);

  Descriptor archive(memfd_create("swage-objects", MFD_CLOEXEC));
  int ends[2] = {-1, -1};
  if (!archive.is_open() || !write_archive(archive, objects) || pipe2(ends, O_CLOEXEC) != 0)
    return fail(ErrorCode::resource,
                fmt::format("cannot hand the objects to the linker: {}", std::strerror(errno)));
  Descriptor reader(ends[0]), writer(ends[1]);

  std::string input = archive.path(), output = writer.path();
  std::vector<const char*> arguments = arguments_for(target, kind);
  arguments.insert(arguments.end(), {"-o", output.c_str(), "--whole-archive", input.c_str()});
  // Quoted: names have any characters but quotes and backslashes.
  std::vector<std::string> definitions;
  for (const Alias& alias : aliases)
    definitions.push_back(fmt::format("--defsym=\"{}\"=\"{}\"", alias.name, alias.target));
  for (const std::string& definition : definitions) arguments.push_back(definition.c_str());
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  Drain drain(reader);
  bool is_linked = llvm22::link_elf(arguments, stream, stream);
  writer.reset();
  std::vector<std::byte> bytes = drain.finish();
  if (!is_linked) return fail(ErrorCode::limit, "linking failed: " + messages);
  return bytes;
}

} // namespace swage::codegen
