// Runtime functions of the garbage-collected heap: allocation where the inlined bump found no room, and the
// bulk operations of arrays. An object is complete before anything else is allocated, as the collector
// expects (runtime/gc/heap.h).
//
// https://webassembly.github.io/spec/core/exec/instructions.html#aggregate-reference-instructions
#include <cstring>

#include "runtime/abi/object_layout.h"
#include "runtime/builtins/builtins.h"
#include "runtime/call/call.h"
#include "runtime/instance/instance.h"
#include "runtime/types/matching.h"

namespace swage {

namespace {

using abi::ArrayHeader;

std::byte* elements(void* array) { return static_cast<std::byte*>(array) + sizeof(ArrayHeader); }
uint32_t length_of(const void* array) { return static_cast<const ArrayHeader*>(array)->length; }
uint64_t element_size(const void* array) { return static_cast<const ArrayHeader*>(array)->rtt->size; }

void check(uint64_t begin, uint64_t length, uint64_t size, TrapCode code) {
  if (begin > size || length > size - begin) raise_trap(code);
}

std::byte* allocate(Store::Impl& store, uint64_t size) {
  std::byte* object = store.heap.allocate(size);
  if (object == nullptr)
    raise_trap(size > store.engine.config().max_gc_heap ? TrapCode::allocation_too_large
                                                        : TrapCode::heap_exhausted);
  return object;
}

/// An array with its header; its elements are the caller's to write.
void* new_array(Store::Impl& store, const abi::Rtt& rtt, uint32_t length) {
  uint64_t size = sizeof(ArrayHeader) + uint64_t{length} * rtt.size;
  std::byte* object = allocate(store, (size + abi::kObjectAlign - 1) / abi::kObjectAlign * abi::kObjectAlign);
  return new (object) ArrayHeader{&rtt, length, 0};
}

/// The bytes [from, from + length) of a data segment, or a trap.
const std::byte* data_bytes(const Instance::Impl& instance, uint32_t segment, uint32_t from,
                            uint64_t length) {
  const abi::DataRow& row = instance.module->elements<abi::DataRow>(instance.descriptor().datas)[segment];
  std::span<const std::byte> bytes = instance.module->elements<std::byte>(row.bytes);
  uint64_t available = instance.dropped_datas[segment] ? 0 : bytes.size();
  check(from, length, available, TrapCode::memory_out_of_bounds);
  return bytes.data() + from;
}

void check_elements(const Instance::Impl& instance, uint32_t segment, uint32_t from, uint32_t length) {
  const abi::ElemRow& row = instance.module->elements<abi::ElemRow>(instance.descriptor().elems)[segment];
  uint64_t available =
      instance.dropped_elems[segment] ? 0 : uint64_t{row.functions.count} + row.expressions.count;
  check(from, length, available, TrapCode::table_out_of_bounds);
}

} // namespace

extern "C" {

void* swage_builtin_struct_new(abi::Context* context, void*, void* rtt) {
  auto* type = static_cast<const abi::Rtt*>(rtt);
  std::byte* object = allocate(Instance::Impl::of(context).store, type->size);
  std::memcpy(object, &type, sizeof type);
  return object;
}

void* swage_builtin_array_new(abi::Context* context, void*, void* rtt, uint32_t length) {
  return new_array(Instance::Impl::of(context).store, *static_cast<const abi::Rtt*>(rtt), length);
}

void* swage_builtin_array_new_data(abi::Context* context, uint32_t type, uint32_t segment, uint32_t from,
                                   uint32_t length) {
  Instance::Impl& instance = Instance::Impl::of(context);
  const abi::Rtt& rtt = *context->rtts[type];
  uint64_t size = uint64_t{length} * rtt.size;
  const std::byte* bytes = data_bytes(instance, segment, from, size);
  void* array = new_array(instance.store, rtt, length);
  if (size != 0) std::memcpy(elements(array), bytes, size);
  return array;
}

void* swage_builtin_array_new_elem(abi::Context* context, uint32_t type, uint32_t segment, uint32_t from,
                                   uint32_t length) {
  Instance::Impl& instance = Instance::Impl::of(context);
  check_elements(instance, segment, from, length);
  void* array = new_array(instance.store, *context->rtts[type], length);
  instance.copy_elements(segment, from, length, reinterpret_cast<void**>(elements(array)));
  return array;
}

void swage_builtin_array_copy(abi::Context*, void* target, uint32_t to, void* source, uint32_t from,
                              uint32_t length) {
  check(to, length, length_of(target), TrapCode::array_out_of_bounds);
  check(from, length, length_of(source), TrapCode::array_out_of_bounds);
  uint64_t size = element_size(target);
  std::memmove(elements(target) + to * size, elements(source) + from * size, length * size);
}

void swage_builtin_array_init_data(abi::Context* context, uint32_t segment, void* array, uint32_t to,
                                   uint32_t from, uint32_t length) {
  check(to, length, length_of(array), TrapCode::array_out_of_bounds);
  uint64_t size = element_size(array);
  const std::byte* bytes = data_bytes(Instance::Impl::of(context), segment, from, length * size);
  if (length != 0) std::memcpy(elements(array) + to * size, bytes, length * size);
}

void swage_builtin_array_init_elem(abi::Context* context, uint32_t segment, void* array, uint32_t to,
                                   uint32_t from, uint32_t length) {
  check(to, length, length_of(array), TrapCode::array_out_of_bounds);
  const Instance::Impl& instance = Instance::Impl::of(context);
  check_elements(instance, segment, from, length);
  instance.copy_elements(segment, from, length, reinterpret_cast<void**>(elements(array)) + to);
}

uint32_t swage_builtin_is_subtype(abi::Context*, uint32_t type, uint32_t super) {
  return is_subtype(type, super);
}

} // extern "C"

} // namespace swage
