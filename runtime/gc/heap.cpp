// The collector: see heap.h for the design.
#include "runtime/gc/heap.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <sys/mman.h>

namespace swage::gc {
namespace {

/// Collections are not worth their fixed cost (stack scan, line sweep) for less than this.
constexpr uint64_t kMinThreshold = uint64_t{16} << 20;

const abi::Rtt& rtt_of(const std::byte* object) {
  const abi::Rtt* rtt = nullptr;
  std::memcpy(&rtt, object, sizeof rtt);
  return *rtt;
}

uint64_t round_up(uint64_t value, uint64_t unit) { return (value + unit - 1) / unit * unit; }

bool is_set(const uint64_t* bitmap, uint64_t bit) { return bitmap[bit / 64] >> (bit % 64) & 1; }
void set(uint64_t* bitmap, uint64_t bit) { bitmap[bit / 64] |= uint64_t{1} << (bit % 64); }

} // namespace

uint64_t object_size(const std::byte* object) {
  const abi::Rtt& rtt = rtt_of(object);
  if (!rtt.is_array) return rtt.size;
  uint32_t length = 0;
  std::memcpy(&length, object + offsetof(abi::ArrayHeader, length), sizeof length);
  return round_up(sizeof(abi::ArrayHeader) + uint64_t{length} * rtt.size, 8);
}

Heap::Heap(const HeapConfig& config, abi::StoreState& bump, RootSource& roots)
    : bump_(bump), roots_(roots), config_(config) {
  config_.max_bytes = std::max(round_up(config.max_bytes, kBlock), 4 * kBlock);
  threshold_ = std::min(kMinThreshold, config_.max_bytes / 2);
}

Heap::~Heap() {
  if (mapping_) munmap(mapping_, mapped_);
}

/// Address space for the whole heap and its side tables, which begin as zeros; pages come when they are
/// touched.
bool Heap::reserve() {
  if (base_) return true;
  uint64_t blocks = config_.max_bytes / kBlock;
  uint64_t tables = blocks * ((2 * kWordsPerBlock) * sizeof(uint64_t) + 2 * sizeof(uint32_t) +
                              kLinesPerBlock + sizeof(BlockState));
  uint64_t bytes = config_.max_bytes + kBlock + tables;
  void* memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return false;
  mapping_ = memory;
  mapped_ = bytes;
  // At a block boundary, so that a block's number is a division.
  base_ = reinterpret_cast<std::byte*>(round_up(reinterpret_cast<uintptr_t>(memory), kBlock));
  size_ = config_.max_bytes;
  starts_ = reinterpret_cast<uint64_t*>(base_ + size_);
  marks_ = starts_ + blocks * kWordsPerBlock;
  heads_ = reinterpret_cast<uint32_t*>(marks_ + blocks * kWordsPerBlock);
  first_runs_ = heads_ + blocks;
  line_marks_ = reinterpret_cast<uint8_t*>(first_runs_ + blocks);
  states_ = reinterpret_cast<BlockState*>(line_marks_ + blocks * kLinesPerBlock);
  return true;
}

std::byte* Heap::allocate(uint64_t size) {
  assert(size % kGranule == 0 && size > 0);
  if (size > config_.max_bytes || !reserve()) return nullptr;
  small_.top = bump_.gc_top ? bump_.gc_top : small_.top; // compiled code moved it
  bool is_collected = config_.collect_always || must_collect(size);
  if (is_collected) collect();
  std::byte* object = size > kLarge ? allocate_large(size) : allocate_small(size);
  if (!object && !is_collected) {
    collect();
    object = size > kLarge ? allocate_large(size) : allocate_small(size);
  }
  publish();
  return object;
}

bool Heap::must_collect(uint64_t bytes) const {
  return allocated_ + (bytes > kLarge ? bytes : 0) > threshold_;
}

std::byte* Heap::allocate_small(uint64_t size) {
  for (;;) {
    if (small_.top && static_cast<uint64_t>(small_.limit - small_.top) >= size) {
      std::byte* object = small_.top;
      small_.top += size;
      return object;
    }
    // A hole too small for this object is still good for others: only objects within a line may use it up.
    if (size > kLine) return allocate_medium(size);
    if (!next_hole()) return nullptr;
  }
}

std::byte* Heap::allocate_medium(uint64_t size) {
  if (static_cast<uint64_t>(medium_.limit - medium_.top) < size) {
    uint64_t block = 0;
    if (!take_free_block(1, block)) return nullptr;
    retire(medium_);
    states_[block] = BlockState::small;
    std::fill_n(line_marks_ + block * kLinesPerBlock, kLinesPerBlock, uint8_t{1});
    medium_ = {block_address(block), block_address(block), block_address(block) + kBlock};
    allocated_ += kBlock;
  }
  std::byte* object = medium_.top;
  medium_.top += size;
  return object;
}

std::byte* Heap::allocate_large(uint64_t size) {
  uint64_t count = round_up(size, kBlock) / kBlock;
  uint64_t first = 0;
  if (!take_free_block(count, first)) return nullptr;
  for (uint64_t i = 0; i < count; ++i) {
    states_[first + i] = i == 0 ? BlockState::large_head : BlockState::large_tail;
    heads_[first + i] = static_cast<uint32_t>(first);
  }
  set(starts_, first * kWordsPerBlock * 64);
  allocated_ += count * kBlock;
  statistics_.allocated_bytes += count * kBlock;
  return block_address(first);
}

/// Makes the next run of free lines the small region: recycled lines in address order first, then a fresh
/// block.
bool Heap::next_hole() {
  uint64_t lines = blocks_ * kLinesPerBlock;
  while (hole_cursor_ < lines) {
    uint64_t block = hole_cursor_ / kLinesPerBlock;
    if (states_[block] != BlockState::small) {
      hole_cursor_ = (block + 1) * kLinesPerBlock;
      continue;
    }
    if (line_marks_[hole_cursor_]) {
      ++hole_cursor_;
      continue;
    }
    uint64_t begin = hole_cursor_;
    uint64_t block_end = (block + 1) * kLinesPerBlock;
    while (hole_cursor_ < block_end && !line_marks_[hole_cursor_]) line_marks_[hole_cursor_++] = 1;
    retire(small_);
    small_ = {base_ + begin * kLine, base_ + begin * kLine, base_ + hole_cursor_ * kLine};
    allocated_ += static_cast<uint64_t>(small_.limit - small_.begin);
    return true;
  }
  uint64_t block = 0;
  if (!take_free_block(1, block)) return false;
  retire(small_);
  states_[block] = BlockState::small;
  std::fill_n(line_marks_ + block * kLinesPerBlock, kLinesPerBlock, uint8_t{1});
  small_ = {block_address(block), block_address(block), block_address(block) + kBlock};
  allocated_ += kBlock;
  hole_cursor_ = std::max(hole_cursor_, std::min((block + 1) * kLinesPerBlock, blocks_ * kLinesPerBlock));
  return true;
}

/// `count` free blocks in a row: first fit, then blocks never touched before.
bool Heap::take_free_block(uint64_t count, uint64_t& first) {
  if (free_blocks_ >= count) {
    uint64_t run = 0;
    while (free_cursor_ < blocks_ && states_[free_cursor_] != BlockState::free) ++free_cursor_;
    for (uint64_t block = free_cursor_; block < blocks_; ++block) {
      run = states_[block] == BlockState::free ? run + 1 : 0;
      if (run == count) {
        first = block + 1 - count;
        free_blocks_ -= count;
        return true;
      }
    }
  }
  if (blocks_ + count > size_ / kBlock) return false;
  first = blocks_;
  blocks_ += count;
  return true;
}

/// Remembers what a region was filled with, for find_starts.
void Heap::retire(Region& region) {
  if (region.top != region.begin) {
    uint64_t block = block_of(region.begin);
    runs_.push_back({region.begin, region.top, first_runs_[block]});
    first_runs_[block] = static_cast<uint32_t>(runs_.size());
    statistics_.allocated_bytes += static_cast<uint64_t>(region.top - region.begin);
  }
  region = {};
}

/// Lets compiled code allocate from the small region; under stress it finds no room and must call.
void Heap::publish() {
  bump_.gc_top = small_.top;
  bump_.gc_limit = config_.collect_always ? nullptr : small_.limit;
}

void Heap::collect() {
  if (!base_) return;
  small_.top = bump_.gc_top ? bump_.gc_top : small_.top;
  bump_.gc_top = nullptr;
  retire(small_);
  retire(medium_);
  std::fill_n(marks_, blocks_ * kWordsPerBlock, 0);
  std::fill_n(line_marks_, blocks_ * kLinesPerBlock, uint8_t{0});
  roots_.mark_roots(*this);
  drain();
  sweep();
  ++statistics_.collections;
  publish();
}

void Heap::mark(Reference reference) {
  if (!contains(reference) || reinterpret_cast<uintptr_t>(reference) % kGranule != 0) return;
  mark_object(static_cast<std::byte*>(reference));
}

void Heap::mark_conservatively(const void* begin, const void* end) {
  for (const uintptr_t* word = static_cast<const uintptr_t*>(begin); word < end; ++word) mark_word(*word);
}

void Heap::mark_word(uintptr_t word) {
  // One past the end counts too: a loop may keep nothing of an array but where it stops.
  for (uintptr_t address : {word, word - 1}) {
    const std::byte* at = reinterpret_cast<const std::byte*>(address);
    if (!base_ || at < base_ || at >= base_ + blocks_ * kBlock) continue;
    uint64_t block = block_of(at);
    if (states_[block] == BlockState::free) continue;
    if (states_[block] == BlockState::large_tail) block = heads_[block];
    if (states_[block] == BlockState::large_head) {
      std::byte* object = block_address(block);
      if (at <= object + object_size(object)) mark_object(object);
      continue;
    }
    find_starts(block);
    // The nearest start at or before the word, within the block: small objects do not cross blocks.
    uint64_t granule = static_cast<uint64_t>(at - base_) / kGranule;
    uint64_t first_word = block * kWordsPerBlock;
    uint64_t index = granule / 64;
    uint64_t bits = starts_[index] & (~uint64_t{0} >> (63 - granule % 64));
    while (bits == 0 && index > first_word) bits = starts_[--index];
    if (bits == 0) continue;
    std::byte* object = base_ + (index * 64 + 63 - static_cast<uint64_t>(std::countl_zero(bits))) * kGranule;
    if (at < object + object_size(object)) mark_object(object);
  }
}

/// Walks the runs of a block that no conservative word has asked for since the last collection.
void Heap::find_starts(uint64_t block) {
  for (uint32_t run = first_runs_[block]; run != kNoRun; run = runs_[run - 1].next)
    for (std::byte* object = runs_[run - 1].begin; object < runs_[run - 1].end; object += object_size(object))
      set(starts_, static_cast<uint64_t>(object - base_) / kGranule);
  first_runs_[block] = kNoRun;
}

void Heap::mark_object(std::byte* object) {
  uint64_t granule = static_cast<uint64_t>(object - base_) / kGranule;
  if (is_set(marks_, granule)) return;
  set(marks_, granule);
  pending_.push_back(object);
}

/// Scans marked objects until none is left: their references, and the lines that they stand on.
void Heap::drain() {
  while (!pending_.empty()) {
    std::byte* object = pending_.back();
    pending_.pop_back();
    const abi::Rtt& rtt = rtt_of(object);
    uint64_t size = object_size(object);
    if (size <= kLarge) {
      uint64_t first = static_cast<uint64_t>(object - base_) / kLine;
      uint64_t last = static_cast<uint64_t>(object + size - 1 - base_) / kLine;
      for (uint64_t line = first; line <= last; ++line) line_marks_[line] = 1;
    }
    if (rtt.is_array) {
      if (rtt.reference_count == 0) continue;
      Reference* element = reinterpret_cast<Reference*>(object + sizeof(abi::ArrayHeader));
      for (Reference* end = reinterpret_cast<Reference*>(object + size); element < end; ++element)
        mark(*element);
    } else {
      for (uint32_t i = 0; i < rtt.reference_count; ++i) {
        Reference field = nullptr;
        std::memcpy(&field, object + rtt.references[i], sizeof field);
        mark(field);
      }
    }
  }
}

/// Blocks without a marked line become free; the marks are the next cycle's starts.
void Heap::sweep() {
  runs_.clear();
  std::fill_n(first_runs_, blocks_, kNoRun);
  free_blocks_ = 0;
  uint64_t live = 0;
  bool is_live_large = false;
  for (uint64_t block = 0; block < blocks_; ++block) {
    switch (states_[block]) {
    case BlockState::free: break;
    case BlockState::large_head: is_live_large = is_set(marks_, block * kWordsPerBlock * 64); [[fallthrough]];
    case BlockState::large_tail:
      if (is_live_large)
        live += kBlock;
      else
        states_[block] = BlockState::free;
      break;
    case BlockState::small: {
      std::span<uint8_t> lines(line_marks_ + block * kLinesPerBlock, kLinesPerBlock);
      uint64_t marked = static_cast<uint64_t>(std::count(lines.begin(), lines.end(), uint8_t{1}));
      live += marked * kLine;
      if (marked == 0) states_[block] = BlockState::free;
      break;
    }
    }
    free_blocks_ += states_[block] == BlockState::free;
  }
  std::swap(starts_, marks_);
  free_cursor_ = 0;
  hole_cursor_ = 0;
  allocated_ = 0;
  statistics_.live_bytes = live;
  // Collect again when as much has been allocated as lived, but well before the heap is full.
  uint64_t room = config_.max_bytes > live ? config_.max_bytes - live : 0;
  threshold_ = std::min(std::max(kMinThreshold, live), std::max(room, kBlock));
}

} // namespace swage::gc
