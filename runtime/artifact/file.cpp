// https://gabi.xinuos.com/elf/ : ELF header, program headers, notes.
#include <cstring>
#include <elf.h>

#include "runtime/artifact/artifact.h"
#include "runtime/artifact/checksum.h"
#include "runtime/vocabulary/text.h"

namespace swage::artifact {

namespace {

constexpr char kOwner[8] = "swage";
constexpr uint32_t kOwnerBytes = 6; // its zero included
constexpr uint32_t kNoteType = 1;

template<class T> T read(std::span<const std::byte> file, uint64_t offset) {
  T value;
  std::memcpy(&value, file.data() + offset, sizeof value);
  return value;
}

bool is_inside(std::span<const std::byte> file, uint64_t offset, uint64_t size) {
  return offset <= file.size() && size <= file.size() - offset;
}

std::string machine_name(uint16_t machine) {
  if (machine == EM_X86_64) return "x86-64";
  if (machine == EM_AARCH64) return "AArch64";
  return join({"ELF machine ", decimal(machine)});
}

std::unexpected<Error> malformed(const char* message) { return failure(ErrorCode::malformed, message); }

std::unexpected<Error> incompatible(std::initializer_list<std::string_view> message) {
  return failure(ErrorCode::incompatible, message, "compiling the module again on this machine");
}

/// Where the description of our note stands, among the notes of one segment.
std::optional<uint64_t> find_note(std::span<const std::byte> file, uint64_t begin, uint64_t size) {
  uint64_t end = begin + size;
  while (end - begin >= 12) {
    auto header = read<Elf64_Nhdr>(file, begin);
    uint64_t name = begin + 12;
    uint64_t description = name + ((uint64_t{header.n_namesz} + 3) & ~uint64_t{3});
    uint64_t next = description + ((uint64_t{header.n_descsz} + 3) & ~uint64_t{3});
    if (next > end) return std::nullopt;
    bool is_ours = header.n_type == kNoteType && header.n_namesz == kOwnerBytes &&
                   header.n_descsz == sizeof(abi::ArtifactNote) &&
                   std::memcmp(file.data() + name, kOwner, kOwnerBytes) == 0;
    if (is_ours) return description;
    begin = next;
  }
  return std::nullopt;
}

struct Layout {
  std::vector<Segment> segments;
  uint64_t note_offset = 0;
  uint16_t machine = 0;
};

/// The ELF structure, as far as the dynamic linker would rely on it.
Expected<Layout> read_layout(std::span<const std::byte> file) {
  if (!is_elf(file))
    return failure(ErrorCode::malformed, {"not an artifact: expected an ELF file"},
                   "`swage compile`, which makes one of a module");
  if (file.size() < sizeof(Elf64_Ehdr)) return malformed("truncated: expected an ELF header");
  auto header = read<Elf64_Ehdr>(file, 0);
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB)
    return incompatible({"not an artifact for this machine: expected a 64-bit little-endian ELF file"});
  if (header.e_type != ET_DYN || header.e_phentsize != sizeof(Elf64_Phdr))
    return malformed("not an artifact: expected an ELF shared object");
  if (!is_inside(file, header.e_phoff, uint64_t{header.e_phnum} * sizeof(Elf64_Phdr)))
    return malformed("truncated: the program headers are not all there");

  Layout layout;
  layout.machine = header.e_machine;
  std::optional<uint64_t> note;
  for (uint16_t i = 0; i < header.e_phnum; i++) {
    auto segment = read<Elf64_Phdr>(file, header.e_phoff + i * sizeof(Elf64_Phdr));
    if (segment.p_type != PT_LOAD && segment.p_type != PT_NOTE) continue;
    if (!is_inside(file, segment.p_offset, segment.p_filesz))
      return failure(ErrorCode::malformed,
                     {"truncated: expected ", decimal(segment.p_filesz), " bytes at offset ",
                      decimal(segment.p_offset), ", the file has ", decimal(file.size())});
    if (segment.p_type == PT_NOTE) {
      if (!note) note = find_note(file, segment.p_offset, segment.p_filesz);
      continue;
    }
    if (segment.p_filesz > segment.p_memsz || segment.p_vaddr + segment.p_memsz < segment.p_vaddr)
      return malformed("not an artifact: a segment is larger than the memory it asks for");
    layout.segments.push_back({segment.p_vaddr, segment.p_memsz, segment.p_offset, segment.p_filesz,
                               (segment.p_flags & PF_X) != 0, (segment.p_flags & PF_W) != 0});
  }
  if (!note) return malformed("not an artifact: this shared object was not made by swage");
  layout.note_offset = *note;
  return layout;
}

/// Of the whole file, with the checksum's own bytes as zeros.
uint64_t file_checksum(std::span<const std::byte> file, uint64_t note_offset) {
  uint64_t field = note_offset + offsetof(abi::ArtifactNote, checksum);
  constexpr std::byte kZero[sizeof abi::ArtifactNote::checksum] = {};
  return checksum({file.first(field), kZero, file.subspan(field + sizeof kZero)});
}

} // namespace

std::array<std::byte, kNoteBytes> note_section(const abi::ArtifactNote& note) {
  std::array<std::byte, kNoteBytes> section = {};
  Elf64_Nhdr header = {kOwnerBytes, sizeof note, kNoteType};
  std::memcpy(section.data(), &header, sizeof header);
  std::memcpy(section.data() + sizeof header, kOwner, sizeof kOwner);
  std::memcpy(section.data() + kNoteHeaderBytes, &note, sizeof note);
  return section;
}

std::optional<uint64_t> File::file_offset(uint64_t address, uint64_t size) const {
  for (const Segment& segment : segments) {
    if (address < segment.address || address - segment.address > segment.file_size) continue;
    uint64_t inside = address - segment.address;
    if (size <= segment.file_size - inside) return segment.offset + inside;
  }
  return std::nullopt;
}

bool is_elf(std::span<const std::byte> file) {
  return file.size() >= SELFMAG && std::memcmp(file.data(), ELFMAG, SELFMAG) == 0;
}

Expected<void> seal(std::span<std::byte> file) {
  Layout layout = SWAGE_TRY(read_layout(file));
  uint64_t sum = file_checksum(file, layout.note_offset);
  std::memcpy(file.data() + layout.note_offset + offsetof(abi::ArtifactNote, checksum), &sum, sizeof sum);
  return {};
}

Expected<File> check_file(std::span<const std::byte> file) {
  Layout layout = SWAGE_TRY(read_layout(file));
  if (layout.machine != host_machine())
    return incompatible(
        {"compiled for ", machine_name(layout.machine), ", this machine is ", machine_name(host_machine())});
  auto note = read<abi::ArtifactNote>(file, layout.note_offset);
  if (note.abi_hash != abi::kHash)
    return incompatible({"compiled by another build of swage: its ABI differs from this one's"});
  if (note.machine != layout.machine)
    return malformed("damaged: the note and the ELF header name different machines");
  if (note.checksum != file_checksum(file, layout.note_offset))
    return malformed("damaged: the checksum does not match");
  CpuFeatures needed = {note.cpu_features_low, note.cpu_features_high};
  bool is_portable = CpuFeatures{}.includes(needed);
  CpuFeatures host = is_portable ? needed : host_features();
  if (!host.includes(needed))
    return incompatible(
        {"compiled for a CPU with ", missing_features(needed, host), ", which this machine lacks"});
  return File{note, std::move(layout.segments)};
}

Expected<Surroundings> surroundings(const File& file, uint64_t address) {
  Surroundings around;
  auto distance = [&](uint64_t other) { return static_cast<int64_t>(other - address); };
  for (const Segment& segment : file.segments) {
    int64_t begin = distance(segment.address), end = distance(segment.address + segment.file_size);
    if (segment.is_executable) {
      around.code_begin = begin;
      around.code_end = end;
    } else if (segment.is_writable && segment.memory_size > segment.file_size) {
      around.dispatch_begin = end;
      around.dispatch_end = distance(segment.address + segment.memory_size);
    } else if (begin <= 0 && end > 0) {
      around.readable = static_cast<uint64_t>(end);
      around.image_begin = begin;
      around.image_end = end;
    }
  }
  if (around.readable == 0 || address % alignof(abi::Descriptor) != 0)
    return malformed("damaged: the descriptor is in no segment or not aligned");
  return around;
}

} // namespace swage::artifact
