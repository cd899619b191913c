#include "runtime/trap/code_ranges.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

namespace swage {

namespace {

struct Snapshot {
  std::unique_ptr<RegisteredCode[]> codes; // ascending by begin
  size_t size = 0;

  std::span<RegisteredCode> used() const { return {codes.get(), size}; }
};

std::mutex g_writers;
std::atomic<const Snapshot*> g_snapshot{nullptr};
std::atomic<uint32_t> g_readers{0};
std::atomic<uint64_t> g_generation{0};

/// Replaces the snapshot. Readers hold it for a binary search only, so the wait is short.
void publish(std::unique_ptr<const Snapshot> next) {
  const Snapshot* old = g_snapshot.exchange(next.release());
  while (g_readers.load() != 0) {
  }
  delete old;
}

/// Of codes in ascending order: the first that begins after pc.
RegisteredCode* after(std::span<RegisteredCode> codes, const std::byte* pc) {
  auto found =
      std::upper_bound(codes.begin(), codes.end(), pc,
                       [](const std::byte* at, const RegisteredCode& code) { return at < code.begin; });
  return codes.data() + (found - codes.begin());
}

/// A copy of the snapshot, with room behind it.
std::unique_ptr<Snapshot> copy_of_current(size_t extra) {
  auto copy = std::make_unique<Snapshot>();
  std::span<RegisteredCode> codes;
  if (const Snapshot* current = g_snapshot.load()) codes = current->used();
  copy->codes.reset(new RegisteredCode[codes.size() + extra]);
  copy->size = codes.size();
  std::copy(codes.begin(), codes.end(), copy->codes.get());
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
  std::unique_ptr<Snapshot> next = copy_of_current(pieces.size());
  RegisteredCode* begin = next->codes.get();
  for (const RegisteredCode& piece : pieces) {
    RegisteredCode* place = after(next->used(), piece.begin);
    if (place != begin && place[-1].begin == piece.begin) {
      place[-1].uses += piece.uses;
      continue;
    }
    std::copy_backward(place, begin + next->size, begin + next->size + 1);
    *place = piece;
    ++next->size;
  }
  publish(std::move(next));
}

void unregister_code(std::span<const std::byte* const> begins) {
  std::lock_guard lock(g_writers);
  g_generation.fetch_add(1);
  std::unique_ptr<Snapshot> next = copy_of_current(0);
  RegisteredCode* first = next->codes.get();
  for (const std::byte* begin : begins) {
    RegisteredCode* place = after(next->used(), begin);
    if (place != first && place[-1].begin == begin && place[-1].uses != 0) --place[-1].uses;
  }
  RegisteredCode* end =
      std::remove_if(first, first + next->size, [](const RegisteredCode& code) { return code.uses == 0; });
  next->size = static_cast<size_t>(end - first);
  publish(std::move(next));
}

uint64_t code_generation() { return g_generation.load(); }

std::optional<RegisteredCode> find_code(const std::byte* pc) {
  // Sequentially consistent on purpose: the count must be visible before the pointer is read.
  g_readers.fetch_add(1);
  std::optional<RegisteredCode> found;
  if (const Snapshot* snapshot = g_snapshot.load()) {
    RegisteredCode* place = after(snapshot->used(), pc);
    if (place != snapshot->codes.get() && pc < place[-1].end) found = place[-1];
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
    // A caller stands at an earlier row: what no one has called any more ends here, and so does a damaged
    // table.
    if ((inlined.caller & abi::kInlinedPlace) && (inlined.caller & ~abi::kInlinedPlace) >= index)
      return frames;
    place = inlined.caller;
  }
  auto function = place != 0 ? function_of(*code.descriptor, place) : function_by_code(code, pc);
  if (function) frames.push_back(frame_of(*code.descriptor, *function, place));
  return frames;
}

} // namespace swage
