#include "compiler/codegen/images.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace swage::codegen {

namespace {

/// A memory with less data than this is filled by copying: mapping costs more than a page.
constexpr uint64_t kSmallestImage = 4096;
/// Pages of zeros between two runs that are cheaper to store than another mapping.
constexpr uint64_t kLargestGap = 16;
/// More mappings than this cost more than copying saves; the segments stay segments.
constexpr size_t kMostRuns = 64;
/// An image may be this many times larger than its segments, or 1 MiB: scattered bytes are no reason for a
/// huge file.
constexpr uint64_t kMostGrowth = 4;
constexpr uint64_t kAlwaysAllowed = 1 << 20;

struct Piece {
  uint64_t address = 0;
  uint32_t segment = 0;
};

/// Page intervals [first, last), ascending, apart from each other.
using PageRuns = std::vector<std::pair<uint64_t, uint64_t>>;

/// The memory's active segments with their addresses in the order of their writing, or nothing when it can
/// have no image.
std::vector<Piece> pieces_of(const wasm::Module& module, uint32_t memory, const ConstantRows& constants) {
  const MemoryType& type = module.memories[memory];
  if (memory < module.imported_memories || type.page_size_log2 != 16) return {};
  // The initial size saturates: what does not fit cannot be instantiated anyway.
  uint64_t size = type.limits.min >> 47 ? UINT64_MAX : type.limits.min << type.page_size_log2;
  std::vector<Piece> pieces;
  uint64_t total = 0;
  for (uint32_t i = 0; i < module.datas.size(); i++) {
    const wasm::DataSegment& segment = module.datas[i];
    if (segment.mode != wasm::SegmentMode::active || segment.memory.value != memory) continue;
    abi::InitRow offset = constants.row(segment.memory_offset);
    if (offset.kind != static_cast<uint32_t>(InitKind::bits)) return {};
    if (offset.low > size || segment.bytes.size() > size - offset.low) return {};
    pieces.push_back({offset.low, i});
    total += segment.bytes.size();
  }
  return total < kSmallestImage ? std::vector<Piece>() : pieces;
}

bool is_zero(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

/// The pages that have data; runs close to each other are one.
PageRuns page_runs(const wasm::Module& module, std::vector<Piece> pieces, uint32_t page_size) {
  PageRuns runs;
  std::sort(pieces.begin(), pieces.end(),
            [](const Piece& a, const Piece& b) { return a.address < b.address; });
  for (const Piece& piece : pieces) {
    wasm::Bytes bytes = module.datas[piece.segment].bytes;
    // Zeros at either end need no page: fresh memory is zero. (Where segments overlap, the copy below still
    // writes them.)
    size_t begin = 0, end = bytes.size();
    while (end - begin >= page_size && is_zero(bytes.subspan(end - page_size, page_size))) end -= page_size;
    while (end - begin >= page_size && is_zero(bytes.subspan(begin, page_size))) begin += page_size;
    if (begin == end) continue;
    uint64_t first = (piece.address + begin) / page_size;
    uint64_t last = (piece.address + end + page_size - 1) / page_size;
    if (!runs.empty() && first <= runs.back().second + kLargestGap) {
      runs.back().second = std::max(runs.back().second, last);
    } else {
      runs.emplace_back(first, last);
    }
  }
  return runs;
}

bool is_worth_it(const wasm::Module& module, const std::vector<Piece>& pieces, const PageRuns& runs,
                 uint32_t page_size) {
  if (pieces.empty() || runs.size() > kMostRuns) return false;
  uint64_t data = 0, image = 0;
  for (const Piece& piece : pieces) data += module.datas[piece.segment].bytes.size();
  for (auto [first, last] : runs) image += (last - first) * page_size;
  return image <= std::max(kAlwaysAllowed, kMostGrowth * data);
}

} // namespace

ImagePlan plan_images(const wasm::Module& module, const ConstantRows& constants, Images images,
                      uint32_t page_size) {
  ImagePlan plan;
  plan.is_in_image.resize(module.datas.size());
  if (images == Images::none) return plan;
  for (uint32_t memory = 0; memory < module.memories.size(); memory++) {
    std::vector<Piece> pieces = pieces_of(module, memory, constants);
    PageRuns runs = page_runs(module, pieces, page_size);
    if (!is_worth_it(module, pieces, runs, page_size)) continue;
    size_t first_run = plan.runs.size();
    for (auto [first, last] : runs)
      plan.runs.push_back({memory, first * page_size, std::vector<std::byte>((last - first) * page_size)});
    for (const Piece& piece : pieces) { // in the order of their writing: later ones win
      plan.is_in_image[piece.segment] = true;
      wasm::Bytes bytes = module.datas[piece.segment].bytes;
      for (size_t i = first_run; i < plan.runs.size(); i++) {
        ImageRun& run = plan.runs[i];
        uint64_t begin = std::max(piece.address, run.address);
        uint64_t end = std::min(piece.address + bytes.size(), run.address + run.bytes.size());
        if (begin < end)
          std::memcpy(run.bytes.data() + (begin - run.address), bytes.data() + (begin - piece.address),
                      end - begin);
      }
    }
  }
  return plan;
}

} // namespace swage::codegen
