// Runtime functions of compiled code. Each decides whether it traps before it changes anything, and keeps no
// local that needs a destructor across raise_trap, which does not return through C++ frames.
//
// https://webassembly.github.io/spec/core/exec/instructions.html#memory-instructions
// https://webassembly.github.io/spec/core/exec/instructions.html#table-instructions
#include "runtime/builtins/builtins.h"

#include <algorithm>
#include <cstring>

#include "runtime/abi/profile.h"
#include "runtime/call/call.h"
#include "runtime/exception/exception.h"
#include "runtime/instance/instance.h"
#include "runtime/platform/entry.h"

namespace swage {

namespace {

constexpr uint64_t kFailed = ~uint64_t{0};

Memory::Impl& memory_of(const abi::Context* context, uint32_t index) {
  return *Instance::Impl::of(context).memories[index];
}
Table::Impl& table_of(const abi::Context* context, uint32_t index) {
  return *Instance::Impl::of(context).tables[index];
}

void check(uint64_t begin, uint64_t length, uint64_t size, TrapCode code) {
  if (begin > size || length > size - begin) raise_trap(code);
}

} // namespace

const abi::Builtins kBuiltins = {{
#define BUILTIN(id, signature) swage_builtin_stub_##id,
#include "runtime/abi/builtins.inc"
}};

extern "C" {

uint64_t swage_builtin_memory_grow(abi::Context* context, uint32_t memory, uint64_t delta) {
  return memory_of(context, memory).grow(delta).value_or(kFailed);
}

void swage_builtin_memory_copy(abi::Context* context, uint32_t to_memory, uint32_t from_memory, uint64_t to,
                               uint64_t from, uint64_t length) {
  Memory::Impl& target = memory_of(context, to_memory);
  Memory::Impl& source = memory_of(context, from_memory);
  check(from, length, source.size(), TrapCode::memory_out_of_bounds);
  check(to, length, target.size(), TrapCode::memory_out_of_bounds);
  std::memmove(target.state.base + to, source.state.base + from, length);
}

void swage_builtin_memory_fill(abi::Context* context, uint32_t memory, uint64_t to, uint32_t byte,
                               uint64_t length) {
  Memory::Impl& target = memory_of(context, memory);
  check(to, length, target.size(), TrapCode::memory_out_of_bounds);
  std::memset(target.state.base + to, static_cast<uint8_t>(byte), length);
}

void swage_builtin_memory_init(abi::Context* context, uint32_t memory, uint32_t segment, uint64_t to,
                               uint32_t from, uint32_t length) {
  if (auto trap = Instance::Impl::of(context).memory_init(memory, segment, to, from, length))
    raise_trap(*trap);
}

void swage_builtin_data_drop(abi::Context* context, uint32_t segment) {
  Instance::Impl::of(context).dropped_datas[segment] = true;
}

uint64_t swage_builtin_table_grow(abi::Context* context, uint32_t table, uint64_t delta, void* init) {
  return table_of(context, table).grow(delta, init).value_or(kFailed);
}

void swage_builtin_table_copy(abi::Context* context, uint32_t to_table, uint32_t from_table, uint64_t to,
                              uint64_t from, uint64_t length) {
  abi::TableState& target = table_of(context, to_table).state;
  abi::TableState& source = table_of(context, from_table).state;
  check(from, length, source.size, TrapCode::table_out_of_bounds);
  check(to, length, target.size, TrapCode::table_out_of_bounds);
  if (length != 0) std::memmove(target.elements + to, source.elements + from, length * sizeof(void*));
}

void swage_builtin_table_fill(abi::Context* context, uint32_t table, uint64_t to, void* value,
                              uint64_t length) {
  abi::TableState& target = table_of(context, table).state;
  check(to, length, target.size, TrapCode::table_out_of_bounds);
  std::fill_n(target.elements + to, length, value);
}

void swage_builtin_table_init(abi::Context* context, uint32_t table, uint32_t segment, uint64_t to,
                              uint32_t from, uint32_t length) {
  if (auto trap = Instance::Impl::of(context).table_init(table, segment, to, from, length)) raise_trap(*trap);
}

void swage_builtin_elem_drop(abi::Context* context, uint32_t segment) {
  Instance::Impl::of(context).dropped_elems[segment] = true;
}

void swage_builtin_trap(abi::Context*, uint32_t code) { raise_trap(static_cast<TrapCode>(code)); }

void swage_builtin_count_target(abi::Context*, void* site, uint64_t target) {
  abi::count_target(abi::TargetCounts(static_cast<abi::TargetCount*>(site), abi::kTargetsPerSite), target + 1,
                    1);
}

} // extern "C"

} // namespace swage
