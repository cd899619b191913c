// Tables: arrays of references that compiled code reads directly.
//
// https://webassembly.github.io/spec/core/exec/runtime.html#table-instances
#include <algorithm>
#include <cstdlib>

#include "runtime/store/store.h"
#include "runtime/types/matching.h"
#include "runtime/vocabulary/text.h"

namespace swage {

namespace {

/// 80 MB of references: other engines refuse more as well.
constexpr uint64_t kMaxElements = 10'000'000;

void* to_element(const Val& value) { return reinterpret_cast<void*>(value.low()); }

} // namespace

Expected<Table::Impl*> Store::Impl::add_table(const TableType& type, void* init) {
  if (type.limits.min > kMaxElements)
    return failure(ErrorCode::limit,
                   {"table of ", decimal(type.limits.min),
                    " elements is larger than this implementation allows (", decimal(kMaxElements), ")"});
  Table::Impl& table = tables.emplace_front(type);
  if (!table.grow(type.limits.min, init)) return failure(ErrorCode::resource, "no memory for a table");
  return &table;
}

Table::Impl::Impl(const TableType& table_type) : type(table_type) { state.table = this; }

Table::Impl::~Impl() { std::free(state.elements); }

// https://webassembly.github.io/spec/core/exec/instructions.html#exec-table-grow
std::optional<uint64_t> Table::Impl::grow(uint64_t delta, void* init) {
  uint64_t old_size = state.size;
  uint64_t limit = std::min(type.limits.max.value_or(kMaxElements), kMaxElements);
  if (delta > limit - std::min(limit, old_size)) return std::nullopt;
  if (delta == 0) return old_size;
  uint64_t size = old_size + delta;
  // Zero pages come for nothing where the table begins with nulls.
  bool is_fresh = state.elements == nullptr;
  void* elements =
      is_fresh ? std::calloc(size, sizeof(void*)) : std::realloc(state.elements, size * sizeof(void*));
  if (elements == nullptr) return std::nullopt;
  state.elements = static_cast<void**>(elements);
  if (!is_fresh || init != nullptr) std::fill(state.elements + old_size, state.elements + size, init);
  state.size = size;
  return old_size;
}

TableType Table::Impl::current_type() const {
  TableType current = type;
  current.limits.min = state.size;
  return current;
}

Expected<Table> Table::create(Store& store, const TableType& type, Val init) {
  if (!value_matches(init, type.element))
    return failure(ErrorCode::usage, {"initial value of a table: expected ", to_string(type.element),
                                      ", got ", to_string(init.type())});
  return Table(store, *SWAGE_TRY(store.impl().add_table(type, to_element(init))));
}

TableType Table::type() const { return impl_->type; }
uint64_t Table::size() const { return impl_->state.size; }

std::optional<Val> Table::get(uint64_t index) const {
  if (index >= size()) return std::nullopt;
  store_->impl().keep(impl_->state.elements[index]);
  return Val(Ref{reinterpret_cast<uintptr_t>(impl_->state.elements[index])}, impl_->type.element);
}

bool Table::set(uint64_t index, const Val& value) {
  if (index >= size() || !value_matches(value, impl_->type.element)) return false;
  impl_->state.elements[index] = to_element(value);
  return true;
}

std::optional<uint64_t> Table::grow(uint64_t delta, const Val& init) {
  if (!value_matches(init, impl_->type.element)) return std::nullopt;
  return impl_->grow(delta, to_element(init));
}

} // namespace swage
