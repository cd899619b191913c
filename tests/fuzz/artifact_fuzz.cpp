// libFuzzer target: any bytes as an artifact. First as they are, then with a right checksum (which no
// mutation would hit), laid out in memory as the dynamic linker would, and every descriptor in there checked.
// Nothing is expected of the answers, only that nothing outside of the file and of the image is read.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "runtime/abi/descriptor.h"
#include "runtime/artifact/artifact.h"

namespace {

namespace artifact = swage::artifact;
namespace abi = swage::abi;
constexpr uint64_t kMaxImageBytes = uint64_t{1} << 24;

/// Empty when a segment reaches too far for this machine's memory.
std::vector<std::byte> lay_out(const artifact::File& file, std::span<const std::byte> bytes) {
  uint64_t end = 0;
  for (const artifact::Segment& segment : file.segments) {
    if (segment.address > kMaxImageBytes || segment.memory_size > kMaxImageBytes) return {};
    end = std::max(end, segment.address + segment.memory_size);
  }
  std::vector<std::byte> image(end);
  for (const artifact::Segment& segment : file.segments) {
    const auto content = bytes.subspan(segment.offset, segment.file_size);
    std::copy(content.begin(), content.end(), image.begin() + static_cast<ptrdiff_t>(segment.address));
  }
  return image;
}

void check_descriptors(const artifact::File& file, std::span<const std::byte> image) {
  for (uint64_t address = 0; address + sizeof(abi::Descriptor) <= image.size();
       address += alignof(abi::Descriptor)) {
    if (std::memcmp(image.data() + address, &abi::kHash, sizeof abi::kHash) != 0) continue;
    const auto around = artifact::surroundings(file, address);
    if (!around) continue;
    (void)artifact::check_descriptor(*reinterpret_cast<const abi::Descriptor*>(image.data() + address),
                                     *around);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto input = std::as_bytes(std::span(data, size));
  (void)artifact::check_file(input);
  std::vector<std::byte> sealed(input.begin(), input.end());
  if (!artifact::seal(sealed)) return 0;
  const auto file = artifact::check_file(sealed);
  if (file) check_descriptors(*file, lay_out(*file, sealed));
  return 0;
}
