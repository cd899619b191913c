#include "runtime/trap/code_ranges.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

namespace swage {

namespace {

using Snapshot = std::vector<RegisteredCode>; // ascending by begin

std::mutex g_writers;
std::atomic<const Snapshot*> g_snapshot{nullptr};
std::atomic<uint32_t> g_readers{0};

/// Replaces the snapshot. Readers hold it for a binary search only, so the wait is short.
void publish(std::unique_ptr<const Snapshot> next) {
  const Snapshot* old = g_snapshot.exchange(next.release());
  while (g_readers.load() != 0) {
  }
  delete old;
}

bool begins_before(const RegisteredCode& a, const RegisteredCode& b) { return a.begin < b.begin; }

auto upper_bound(const Snapshot& snapshot, const std::byte* pc) {
  return std::upper_bound(snapshot.begin(), snapshot.end(), pc,
                          [](const std::byte* at, const RegisteredCode& code) { return at < code.begin; });
}

Snapshot copy_of_current(size_t extra) {
  Snapshot copy;
  const Snapshot* current = g_snapshot.load();
  if (current == nullptr) return copy;
  copy.reserve(current->size() + extra);
  copy.insert(copy.end(), current->begin(), current->end());
  return copy;
}

/// The row that holds at pc: the last one at or before it.
const abi::AddressRow* row_at(const RegisteredCode& code, const std::byte* pc) {
  auto offset = static_cast<uint32_t>(pc - code.begin);
  auto after = std::upper_bound(code.addresses.begin(), code.addresses.end(), offset,
                                [](uint32_t at, const abi::AddressRow& row) { return at < row.code_offset; });
  return after == code.addresses.begin() ? nullptr : &*std::prev(after);
}

/// The defined function whose body holds this offset of the source module.
std::optional<uint32_t> function_of(const abi::Descriptor& descriptor, uint32_t wasm_offset) {
  std::span<const uint32_t> bodies = abi::elements<uint32_t>(descriptor, descriptor.body_offsets);
  auto after = std::upper_bound(bodies.begin(), bodies.end(), wasm_offset);
  if (after == bodies.begin()) return std::nullopt;
  return descriptor.imported_functions + static_cast<uint32_t>(after - bodies.begin()) - 1;
}

Frame frame_of(const abi::Descriptor& descriptor, uint32_t function, uint32_t wasm_offset) {
  Frame frame;
  frame.offset = wasm_offset;
  frame.module = abi::text(descriptor, descriptor.module_name);
  frame.function = function;
  std::span<const abi::Span> names = abi::elements<abi::Span>(descriptor, descriptor.function_names);
  if (function < names.size()) frame.name = abi::text(descriptor, names[function]);
  return frame;
}

/// The defined function whose code stands last before pc, if no glue stands between. For code without a place
/// in the source.
std::optional<uint32_t> function_by_code(const RegisteredCode& code, const std::byte* pc) {
  const abi::Descriptor& descriptor = *code.descriptor;
  const std::byte* best = nullptr;
  std::optional<uint32_t> function;
  auto consider = [&](int32_t offset, std::optional<uint32_t> index) {
    if (offset == 0) return;
    auto* begin = static_cast<const std::byte*>(abi::code_address(descriptor, offset));
    if (begin < code.begin || begin > pc || begin < best) return;
    best = begin;
    function = index;
  };
  uint32_t index = descriptor.imported_functions;
  for (int32_t offset : abi::elements<int32_t>(descriptor, descriptor.code)) consider(offset, index++);
  std::span<const uint32_t> versioned = abi::elements<uint32_t>(descriptor, descriptor.versioned);
  for (const abi::CpuLevelRow& level : abi::elements<abi::CpuLevelRow>(descriptor, descriptor.levels)) {
    const uint32_t* version = versioned.data();
    for (int32_t offset : abi::elements<int32_t>(descriptor, level.code)) consider(offset, *version++);
  }
  for (int32_t offset : abi::elements<int32_t>(descriptor, descriptor.entries))
    consider(offset, std::nullopt);
  for (int32_t offset : abi::elements<int32_t>(descriptor, descriptor.trampolines))
    consider(offset, std::nullopt);
  consider(descriptor.initialiser, std::nullopt);
  consider(descriptor.initialiser_entry, std::nullopt);
  return function;
}

} // namespace

void register_code(std::span<const RegisteredCode> pieces) {
  std::lock_guard lock(g_writers);
  auto next = std::make_unique<Snapshot>(copy_of_current(pieces.size()));
  next->insert(next->end(), pieces.begin(), pieces.end());
  std::stable_sort(next->begin(), next->end(), begins_before);
  // What was known before stands first among equals.
  size_t kept = 0;
  for (size_t i = 0; i < next->size(); ++i) {
    if (kept != 0 && (*next)[kept - 1].begin == (*next)[i].begin)
      (*next)[kept - 1].uses += (*next)[i].uses;
    else
      (*next)[kept++] = (*next)[i];
  }
  next->resize(kept);
  publish(std::move(next));
}

void unregister_code(std::span<const std::byte* const> begins) {
  std::lock_guard lock(g_writers);
  auto next = std::make_unique<Snapshot>(copy_of_current(0));
  for (const std::byte* begin : begins) {
    RegisteredCode wanted;
    wanted.begin = begin;
    auto at = std::lower_bound(next->begin(), next->end(), wanted, begins_before);
    if (at != next->end() && at->begin == begin && at->uses != 0) --at->uses;
  }
  std::erase_if(*next, [](const RegisteredCode& code) { return code.uses == 0; });
  publish(std::move(next));
}

std::optional<RegisteredCode> find_code(const std::byte* pc) {
  // Sequentially consistent on purpose: the count must be visible before the pointer is read.
  g_readers.fetch_add(1);
  std::optional<RegisteredCode> found;
  if (const Snapshot* snapshot = g_snapshot.load()) {
    auto after = upper_bound(*snapshot, pc);
    if (after != snapshot->begin() && pc < std::prev(after)->end) found = *std::prev(after);
  }
  g_readers.fetch_sub(1);
  return found;
}

std::optional<TrapCode> trap_at(const RegisteredCode& code, const std::byte* pc) {
  const abi::AddressRow* row = row_at(code, pc);
  if (row == nullptr) return std::nullopt;
  auto index = static_cast<size_t>(row - code.addresses.data());
  if (index >= code.traps.size() || code.traps[index] == 0) return std::nullopt;
  return static_cast<TrapCode>(code.traps[index] - 1);
}

std::vector<Frame> frames_at(const RegisteredCode& code, const std::byte* pc) {
  std::vector<Frame> frames;
  const abi::AddressRow* row = row_at(code, pc);
  uint32_t place = row == nullptr ? 0 : row->wasm_offset;
  while (place & abi::kInlinedPlace) {
    uint32_t index = place & ~abi::kInlinedPlace;
    if (index >= code.inlined.size()) return frames;
    const abi::InlinedRow& inlined = code.inlined[index];
    if (auto function = function_of(*code.descriptor, inlined.wasm_offset))
      frames.push_back(frame_of(*code.descriptor, *function, inlined.wasm_offset));
    // A caller stands at an earlier row: a damaged table ends too.
    if ((inlined.caller & abi::kInlinedPlace) && (inlined.caller & ~abi::kInlinedPlace) >= index)
      return frames;
    place = inlined.caller;
  }
  auto function = place != 0 ? function_of(*code.descriptor, place) : function_by_code(code, pc);
  if (function) frames.push_back(frame_of(*code.descriptor, *function, place));
  return frames;
}

} // namespace swage
