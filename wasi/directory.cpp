// fd_readdir. A cookie is the host's own position after an entry (d_off), so that it stays good while entries
// come and go; nothing is kept between calls and nothing is allocated. Entries are copied as far as the
// guest's buffer goes: a buffer that is full says that there is more.
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "wasi/call.h"
#include "wasi/stat.h"

namespace swage::wasi {

namespace {

constexpr size_t kHostBufferBytes = 8192;

FileType type_of_entry(unsigned char type) {
  switch (type) {
  case DT_BLK: return FileType::block_device;
  case DT_CHR: return FileType::character_device;
  case DT_DIR: return FileType::directory;
  case DT_REG: return FileType::regular_file;
  case DT_LNK: return FileType::symbolic_link;
  case DT_SOCK: return FileType::socket_stream;
  default: return FileType::unknown;
  }
}

/// Writes entries one after the other until the guest's buffer is full.
struct EntryWriter {
  const GuestMemory& memory;
  Buffer buffer;
  uint32_t used = 0;

  bool is_full() const { return used == buffer.length; }
  void put(uint64_t next, uint64_t ino, FileType type, std::string_view name) {
    std::byte header[Dirent::kSize] = {};
    GuestMemory fields{header, sizeof header};
    fields.store<uint64_t>(Dirent::kNext, next);
    fields.store<uint64_t>(Dirent::kIno, ino);
    fields.store<uint32_t>(Dirent::kNameLength, static_cast<uint32_t>(name.size()));
    fields.store<uint8_t>(Dirent::kFileType, static_cast<uint8_t>(type));
    copy(header, sizeof header);
    copy(name.data(), name.size());
  }

private:
  void copy(const void* bytes, size_t size) {
    size_t length = std::min<size_t>(size, buffer.length - used);
    std::memcpy(memory.at(uint64_t{buffer.address} + used), bytes, length);
    used += static_cast<uint32_t>(length);
  }
};

} // namespace

Errno Call::read_host_directory(Descriptor& file, Buffer buffer, uint64_t cookie, uint32_t& used) {
  if (cookie > INT64_MAX) return Errno::inval;
  EntryWriter writer{memory, buffer};
  alignas(dirent64) char entries[kHostBufferBytes];
  // The position belongs to the open directory, and threads share it.
  std::lock_guard lock(file.position);
  struct stat self;
  long result = sys().fstat(file.host.get(), &self);
  if (result >= 0) result = sys().lseek(file.host.get(), static_cast<off_t>(cookie), SEEK_SET);
  while (result >= 0 && !writer.is_full()) {
    result = sys().getdents64(file.host.get(), entries, sizeof entries);
    if (result <= 0) break;
    for (long at = 0; at < result && !writer.is_full();) {
      const auto* entry = reinterpret_cast<const dirent64*>(entries + at);
      at += entry->d_reclen;
      std::string_view name = entry->d_name;
      FileType type = type_of_entry(entry->d_type);
      struct stat status;
      if (entry->d_type == DT_UNKNOWN &&
          sys().fstatat(file.host.get(), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
        type = type_of(status);
      }
      // What lies above a preopen is not the guest's to know: ".." gets the directory's own number. It may
      // not be 0, which sends wasi-libc's readdir to ask for the number with a stat, and that is refused.
      uint64_t ino = name == ".." ? self.st_ino : entry->d_ino;
      writer.put(static_cast<uint64_t>(entry->d_off), ino, type, name);
    }
  }
  used = writer.used;
  return errno_of(result);
}

Errno Call::read_memory_directory(Descriptor& file, Buffer buffer, uint64_t cookie, uint32_t& used) {
  const MemoryFiles::Node& directory = file.files->node(file.node);
  EntryWriter writer{memory, buffer};
  // A cookie is the index of the next entry; "." and ".." come first.
  for (uint64_t i = cookie; i < directory.children.size() + 2 && !writer.is_full(); ++i) {
    if (i < 2) {
      writer.put(i + 1, uint64_t{file.node} + 1, FileType::directory, i == 0 ? "." : "..");
      continue;
    }
    uint32_t index = directory.children[i - 2];
    const MemoryFiles::Node& child = file.files->node(index);
    writer.put(i + 1, uint64_t{index} + 1, child.is_directory ? FileType::directory : FileType::regular_file,
               child.name);
  }
  used = writer.used;
  return Errno::success;
}

Errno Call::fd_readdir(Fd fd, Buffer buf, DirCookie cookie, Out<Size> bufused) {
  ErrnoOr<DescriptorRef> file = directory(fd);
  if (!file) return file.error();
  uint32_t used = 0;
  Errno error = (*file)->backing == Backing::host ? read_host_directory(**file, buf, cookie.value, used)
                                                  : read_memory_directory(**file, buf, cookie.value, used);
  if (error != Errno::success) return error;
  set(bufused, used);
  return Errno::success;
}

} // namespace swage::wasi
