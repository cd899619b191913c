// The garbage-collected heap of a store: structs, arrays and exceptions of one guest.
//
// A mark-region collector in the manner of Immix (Blackburn and McKinley, PLDI 2008): 32 KiB blocks of
// 256-byte lines. Allocation bumps a pointer through runs of free lines, so compiled code inlines it
// (StoreState::gc_top, gc_limit); collection marks objects and the lines under them, and whatever lines stay
// unmarked are free again. Nothing moves, which is what allows roots to be found conservatively: any word of
// the guest's stack or registers that lies in an object keeps it alive, so LLVM may keep references wherever
// and in whatever derived form it likes. Objects themselves are scanned precisely, by their Rtt.
//
// Allocation leaves no trace but the objects. Where a conservative word needs to know the objects' starts,
// the runs that were handed out since the last collection are walked, block by block, and only then; objects
// older than that are the last collection's mark bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/abi/abi.h"

namespace swage::gc {

/// A reference in the heap or on the stack: an object's address, an i31 (bit 0 set), something of the host's,
/// or null.
using Reference = void*;

/// Finds the roots of one collection by calling Heap::mark_* for each. Called with the heap stopped.
class RootSource {
public:
  virtual void mark_roots(class Heap& heap) = 0;

protected:
  ~RootSource() = default;
};

struct HeapConfig {
  uint64_t max_bytes = uint64_t{1} << 30; ///< of objects; rounded up to blocks
  bool collect_always = false;            ///< the stress mode: every allocation collects first
};

struct HeapStatistics {
  uint64_t collections = 0;
  uint64_t live_bytes = 0;      ///< in lines, after the last collection
  uint64_t allocated_bytes = 0; ///< handed out as runs, ever
};

/// One thread at a time. Objects are 8-byte aligned and never move.
class Heap {
public:
  /// `bump` is where compiled code finds gc_top and gc_limit. `roots` must outlive the heap. Reserves address
  /// space lazily.
  Heap(const HeapConfig& config, abi::StoreState& bump, RootSource& roots);
  ~Heap();
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  /// `size` bytes (a multiple of 8), not zeroed, header not written: the caller writes a whole object before
  /// the next allocation. Collects when it is time; null when the heap is full of live objects.
  std::byte* allocate(uint64_t size);
  void collect();

  /// A root that is a reference: null, i31 and host references are ignored.
  void mark(Reference reference);
  /// Words that may be anything: [begin, end), 8-byte aligned.
  void mark_conservatively(const void* begin, const void* end);
  /// One word that may be anything.
  void mark_word(uintptr_t word);

  bool contains(const void* address) const {
    return static_cast<const std::byte*>(address) >= base_ &&
           static_cast<const std::byte*>(address) < base_ + size_;
  }
  const HeapStatistics& statistics() const { return statistics_; }

private:
  static constexpr uint64_t kBlock = 32 * 1024;
  static constexpr uint64_t kLine = 256;
  static constexpr uint64_t kGranule = 8;
  static constexpr uint64_t kLinesPerBlock = kBlock / kLine;
  static constexpr uint64_t kWordsPerBlock = kBlock / kGranule / 64; ///< of a bitmap with one bit per granule
  static constexpr uint64_t kLarge = kBlock / 4; ///< objects beyond this get blocks of their own

  enum class BlockState : uint8_t { free, small, large_head, large_tail };
  /// Lines handed out since the last collection: [begin, end) was filled with objects without a gap.
  struct Run {
    std::byte* begin;
    std::byte* end;
    uint32_t next; ///< of the same block, counted from 1, or kNoRun
  };
  static constexpr uint32_t kNoRun = 0;
  /// Where allocation stands: free memory [top, limit) of a run that began at `begin`.
  struct Region {
    std::byte* begin = nullptr;
    std::byte* top = nullptr;
    std::byte* limit = nullptr;
  };

  bool reserve();
  std::byte* allocate_small(uint64_t size);
  std::byte* allocate_medium(uint64_t size);
  std::byte* allocate_large(uint64_t size);
  bool next_hole();
  bool take_free_block(uint64_t count, uint64_t& first);
  void retire(Region& region);
  void publish();
  bool must_collect(uint64_t bytes) const;
  void find_starts(uint64_t block);
  void mark_object(std::byte* object);
  void drain();
  void sweep();

  uint64_t block_of(const void* address) const {
    return static_cast<uint64_t>(static_cast<const std::byte*>(address) - base_) / kBlock;
  }
  std::byte* block_address(uint64_t block) const { return base_ + block * kBlock; }

  abi::StoreState& bump_;
  RootSource& roots_;
  HeapConfig config_;
  HeapStatistics statistics_;

  void* mapping_ = nullptr; ///< blocks, and the side tables behind them
  uint64_t mapped_ = 0;
  std::byte* base_ = nullptr; ///< of the first block
  uint64_t size_ = 0;         ///< of all blocks, bytes
  uint64_t blocks_ = 0;       ///< ever touched: [0, blocks_) may be in use
  uint64_t free_blocks_ = 0;  ///< among those
  uint64_t free_cursor_ = 0;  ///< no free block stands before it
  uint64_t hole_cursor_ = 0;  ///< line from which next_hole goes on
  uint64_t allocated_ = 0;    ///< bytes handed out since the last collection
  uint64_t threshold_ = 0;    ///< of `allocated_`, at which the next collection is due

  Region small_;  ///< mirrored in bump_ while the guest runs
  Region medium_; ///< for objects that do not fit in a hole
  // Side tables.
  BlockState* states_ = nullptr;
  uint32_t* heads_ = nullptr;     ///< of a large_tail block: its head
  uint8_t* line_marks_ = nullptr; ///< one per line
  uint64_t* starts_ = nullptr; ///< bit per granule: an object begins (complete for a block after find_starts)
  uint64_t* marks_ = nullptr;  ///< bit per granule: a live object begins
  uint32_t* first_runs_ = nullptr; ///< per block, into runs_ from 1, or kNoRun
  std::vector<Run> runs_;
  std::vector<std::byte*> pending_; ///< marked, not yet scanned
};

/// The whole size of an object, header included, rounded up to 8.
/// https://webassembly.github.io/spec/core/exec/runtime.html#aggregate-instances
uint64_t object_size(const std::byte* object);

} // namespace swage::gc
