// What keeps objects alive: the stacks of the guests that this thread runs, the cells of instances, tables,
// and the references that the host holds.
//
// Stacks are scanned conservatively, word by word, with the registers that a callee saves: guests run on
// stacks of their own (call/thread.h), and the host functions that they call continue there, so the running
// stack and those of outer activations are all there is to look at. Cells that may hold references among
// numbers are scanned in the same way; tables are exact.
#include "runtime/call/thread.h"
#include "runtime/instance/instance.h"
#include "runtime/store/store.h"
#include "runtime/types/matching.h"

namespace swage {

namespace {

/// Whether references of this type may point into the heap. Those of the extern hierarchy may:
/// extern.convert_any changes nothing.
bool may_be_object(ValType type) { return type.is_ref() && !matches(type.heap, HeapType{HeapKind::func}); }

/// Never inlined: the frame of the caller, where it has saved registers, lies above this one's address.
[[gnu::noinline, gnu::no_sanitize("address")]] void mark_stacks(gc::Heap& heap) {
  auto* here = static_cast<std::byte*>(__builtin_frame_address(0));
  const GuestStack* done = nullptr;
  for (const Activation* a = t_thread.current; a != nullptr; a = a->previous) {
    if (a->stack == done) continue; // entered again on the same stack
    done = a->stack;
    // An outer stack was left at an address that only its host function knows.
    const std::byte* begin = a->stack->contains(here) ? here : a->stack->bottom();
    heap.mark_conservatively(begin, a->stack->top());
  }
}

void mark_values(gc::Heap& heap, std::span<const abi::Value> values) {
  heap.mark_conservatively(values.data(), values.data() + values.size());
}

} // namespace

void Store::Impl::mark_roots(gc::Heap& marked) {
  __builtin_unwind_init(); // callee-saved registers go to this frame
  mark_stacks(marked);
  for (const auto& instance : instances) {
    const abi::ContextLayout& layout = instance.module->layout;
    auto* first = reinterpret_cast<const abi::Value*>(reinterpret_cast<std::byte*>(instance.context) +
                                                      layout.global_offset(layout.imported_globals));
    mark_values(marked, {first, layout.globals - layout.imported_globals});
    mark_values(marked, instance.expressions);
  }
  for (const auto& global : globals)
    if (may_be_object(global.type.type)) marked.mark(global.own.ref);
  for (const auto& table : tables)
    if (may_be_object(table.type.element))
      for (uint64_t i = 0; i < table.state.size; ++i) marked.mark(table.state.elements[i]);
  // An argument on its way may stand nowhere else.
  mark_values(marked, {overflow.get(), kMaxOverflow});
  for (void* reference : handles) marked.mark(reference);
  for (void* reference : rooted) marked.mark(reference);
  for (const Exception::Root* root : exceptions) marked.mark(root->object);
}

void Store::Impl::keep(const void* reference) {
  if (!heap.contains(reference) || (reinterpret_cast<uintptr_t>(reference) & abi::kTagMask) != 0) return;
  if (handles.empty() || handles.back() != reference) handles.push_back(const_cast<void*>(reference));
}

RefScope::RefScope(Store& store) : store_(store), mark_(store.impl().handles.size()) {}
RefScope::~RefScope() { store_.impl().handles.resize(mark_); }

RootedRef::RootedRef(Store& store, Ref ref) : store_(store), ref_(ref) {
  store.impl().rooted.push_back(reinterpret_cast<void*>(ref.bits));
}
RootedRef::~RootedRef() {
  std::vector<void*>& rooted = store_.impl().rooted;
  // Most often the last one.
  for (size_t i = rooted.size(); i-- > 0;)
    if (rooted[i] == reinterpret_cast<void*>(ref_.bits)) {
      rooted.erase(rooted.begin() + static_cast<ptrdiff_t>(i));
      return;
    }
}

void Store::keep(Ref ref) { impl_->keep(reinterpret_cast<const void*>(ref.bits)); }
void Store::collect_garbage() {
  // An interruption may have come between the writes of an object.
  if (!impl_->interruption.is_requested) impl_->heap.collect();
}

GcStatistics Store::gc_statistics() const {
  const gc::HeapStatistics& heap = impl_->heap.statistics();
  return {heap.collections, heap.live_bytes, heap.allocated_bytes};
}

} // namespace swage
