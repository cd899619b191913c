#include "compiler/codegen/link.h"

#include <cerrno>
#include <cstring>
#include <elf.h>
#include <mutex>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/Support/raw_ostream.h>

#include "compiler/codegen/llvm.h"

namespace swage::codegen {

namespace {

/// A file without a name.
class AnonymousFile {
public:
  explicit AnonymousFile(const char* label) : descriptor_(memfd_create(label, MFD_CLOEXEC)) {}
  AnonymousFile(const AnonymousFile&) = delete;
  AnonymousFile& operator=(const AnonymousFile&) = delete;
  ~AnonymousFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  bool is_open() const { return descriptor_ >= 0; }
  /// A name by which this process can open it.
  std::string path() const { return fmt::format("/proc/self/fd/{}", descriptor_); }

  bool append(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t written = write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    return true;
  }

  bool read(std::vector<std::byte>& bytes) const {
    struct stat status = {};
    if (fstat(descriptor_, &status) != 0) return false;
    bytes.resize(static_cast<size_t>(status.st_size));
    for (size_t done = 0; done < bytes.size();) {
      ssize_t count = pread(descriptor_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      done += static_cast<size_t>(count);
    }
    return true;
  }

private:
  int descriptor_;
};

/// An archive without an index, which lld takes as a whole. https://man.freebsd.org/cgi/man.cgi?query=ar&sektion=5
bool append_archive(AnonymousFile& file, std::span<const std::string_view> objects) {
  if (!file.append("!<arch>\n")) return false;
  for (size_t i = 0; i < objects.size(); i++) {
    std::string header = fmt::format("{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", fmt::format("{}.o/", i), 0, 0, 0, 644, objects[i].size());
    if (!file.append(header) || !file.append(objects[i])) return false;
    if (objects[i].size() % 2 != 0 && !file.append("\n")) return false;
  }
  return true;
}

std::vector<const char*> arguments_for(const Target& target, LinkKind kind) {
  std::vector<const char*> arguments = {"ld.lld", "-m", target.elf_machine == EM_X86_64 ? "elf_x86_64" : "aarch64linux"};
  // Whatever the file says of its making must not depend on where or when it was made.
  arguments.insert(arguments.end(), {"--build-id=none", "--strip-debug", "--no-mmap-output-file", "--threads=1"});
  if (kind == LinkKind::relocatable) {
    arguments.push_back("-r");
    return arguments;
  }
  // Undefined symbols (memcpy, floor) are the process's. Everything but swage_module is hidden in the objects already.
  arguments.insert(arguments.end(), {"-shared", "-z", "undefs", "-z", "now", "-z", "relro", "-z", "noexecstack", "-Bsymbolic",
                                     "--hash-style=gnu", "--eh-frame-hdr", "--no-gc-sections", "--icf=none"});
  return arguments;
}

} // namespace

Expected<std::vector<std::byte>> link(std::span<const std::string_view> objects, const Target& target, LinkKind kind) {
  static std::mutex one_at_a_time;
  std::lock_guard lock(one_at_a_time);

  AnonymousFile input("swage-objects"), output("swage-output");
  if (!input.is_open() || !output.is_open() || !append_archive(input, objects))
    return fail(ErrorCode::resource, fmt::format("no memory for the linker's input: {}", std::strerror(errno)));

  std::string input_path = input.path(), output_path = output.path();
  std::vector<const char*> arguments = arguments_for(target, kind);
  arguments.insert(arguments.end(), {"-o", output_path.c_str(), "--whole-archive", input_path.c_str()});
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  if (!llvm22::link_elf(arguments, stream, stream)) return fail(ErrorCode::limit, "linking failed: " + messages);

  std::vector<std::byte> bytes;
  if (!output.read(bytes)) return fail(ErrorCode::resource, fmt::format("cannot read the linked file: {}", std::strerror(errno)));
  return bytes;
}

} // namespace swage::codegen
