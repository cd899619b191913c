// The artifact file: an ELF shared object with a note. The compiler seals one with these functions, the
// runtime checks one.
//
// Nothing of a file is trusted before check_file: the dynamic linker would map whatever the program headers
// say and jump to whatever the file asks for. So the note is found by reading alone, the ABI, architecture
// and CPU are compared, and the checksum over the whole file decides. check_loaded then looks at every offset
// and index of the descriptor once, so that the runtime uses them without another thought. An artifact is
// native code all the same: one made to harm does harm.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/abi/descriptor.h"
#include "swage/error.h"

namespace swage::artifact {

/// Header, the name "swage" and the description.
inline constexpr size_t kNoteHeaderBytes = 12 + 8;
inline constexpr size_t kNoteBytes = kNoteHeaderBytes + sizeof(abi::ArtifactNote);
/// The contents of .note.swage.
std::array<std::byte, kNoteBytes> note_section(const abi::ArtifactNote& note);

/// A loadable segment.
struct Segment {
  uint64_t address = 0; ///< from the load base
  uint64_t memory_size = 0;
  uint64_t offset = 0; ///< in the file
  uint64_t file_size = 0;
  bool is_executable = false;
  bool is_writable = false;
};

/// What is known of a file that is fit to be loaded.
struct File {
  abi::ArtifactNote note;
  std::vector<Segment> segments;

  /// Where in the file the bytes lie that are loaded at `address` from the load base: an image can be mapped
  /// from there.
  std::optional<uint64_t> file_offset(uint64_t address, uint64_t size) const;
};

/// True when the bytes begin like an ELF file: what tells an artifact from a Wasm module.
bool is_elf(std::span<const std::byte> file);

/// Writes the checksum into the note of a finished file. Errors: malformed, when it is no artifact.
Expected<void> seal(std::span<std::byte> file);

/// Errors: malformed (no ELF file, no artifact, truncated, changed), incompatible (another build,
/// architecture, CPU).
Expected<File> check_file(std::span<const std::byte> file);

/// What surrounds a descriptor in memory, in bytes from its first one.
struct Surroundings {
  uint64_t readable = 0; ///< bytes that may be read
  int64_t code_begin = 0, code_end = 0;
  int64_t image_begin = 0, image_end = 0;
  int64_t dispatch_begin = 0, dispatch_end = 0; ///< zeros that may be written
};

/// Of a descriptor at `address` from the load base of a checked file. Errors: malformed, when it is in no
/// segment.
Expected<Surroundings> surroundings(const File& file, uint64_t address);

/// Looks at every span, offset and index. Errors: malformed, incompatible (its ABI).
Expected<void> check_descriptor(const abi::Descriptor& descriptor, const Surroundings& around);

/// Bits of cpu_features.inc.
struct CpuFeatures {
  uint64_t low = 0, high = 0;

  bool includes(CpuFeatures other) const { return ((other.low & ~low) | (other.high & ~high)) == 0; }
};
// By architecture.

/// What this machine's CPU and kernel offer.
CpuFeatures host_features();
/// ELF e_machine of this process.
uint16_t host_machine();

/// "avx2, bmi2": the features of `needed` that `present` lacks; empty when there are none.
std::string missing_features(CpuFeatures needed, CpuFeatures present);
/// All features of a set by name.
std::string feature_names(CpuFeatures features, std::string_view separator = ", ");

} // namespace swage::artifact
