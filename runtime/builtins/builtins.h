// The C++ side of every row of builtins.inc. Compiled code reaches them through stubs that check the stack
// (platform/entry.h); a row's signature and its function's type are compared here, when this is compiled.
#pragma once

#include <array>
#include <string_view>

#include "runtime/abi/abi.h"
#include "swage/store.h"

namespace swage {

extern "C" {
uint64_t swage_builtin_memory_grow(abi::Context* context, uint32_t memory, uint64_t delta);
void swage_builtin_memory_copy(abi::Context* context, uint32_t to_memory, uint32_t from_memory, uint64_t to,
                               uint64_t from, uint64_t length);
void swage_builtin_memory_fill(abi::Context* context, uint32_t memory, uint64_t to, uint32_t byte,
                               uint64_t length);
void swage_builtin_memory_init(abi::Context* context, uint32_t memory, uint32_t segment, uint64_t to,
                               uint32_t from, uint32_t length);
void swage_builtin_data_drop(abi::Context* context, uint32_t segment);
uint64_t swage_builtin_table_grow(abi::Context* context, uint32_t table, uint64_t delta, void* init);
void swage_builtin_table_copy(abi::Context* context, uint32_t to_table, uint32_t from_table, uint64_t to,
                              uint64_t from, uint64_t length);
void swage_builtin_table_fill(abi::Context* context, uint32_t table, uint64_t to, void* value,
                              uint64_t length);
void swage_builtin_table_init(abi::Context* context, uint32_t table, uint32_t segment, uint64_t to,
                              uint32_t from, uint32_t length);
void swage_builtin_elem_drop(abi::Context* context, uint32_t segment);
void swage_builtin_trap(abi::Context* context, uint32_t code);
void swage_builtin_throw_ref(abi::Context* context, void* exception);
void* swage_builtin_struct_new(abi::Context* context, void* state, void* rtt);
void* swage_builtin_array_new(abi::Context* context, void* state, void* rtt, uint32_t length);
void* swage_builtin_array_new_data(abi::Context* context, uint32_t type, uint32_t segment, uint32_t from,
                                   uint32_t length);
void* swage_builtin_array_new_elem(abi::Context* context, uint32_t type, uint32_t segment, uint32_t from,
                                   uint32_t length);
void swage_builtin_array_copy(abi::Context* context, void* target, uint32_t to, void* source, uint32_t from,
                              uint32_t length);
void swage_builtin_array_init_data(abi::Context* context, uint32_t segment, void* array, uint32_t to,
                                   uint32_t from, uint32_t length);
void swage_builtin_array_init_elem(abi::Context* context, uint32_t segment, void* array, uint32_t to,
                                   uint32_t from, uint32_t length);
uint32_t swage_builtin_is_subtype(abi::Context* context, uint32_t type, uint32_t super);
uint32_t swage_builtin_memory_atomic_notify(abi::Context* context, uint32_t memory, uint64_t address,
                                            uint32_t count);
uint32_t swage_builtin_memory_atomic_wait32(abi::Context* context, uint32_t memory, uint64_t address,
                                            uint32_t expected, uint64_t timeout);
uint32_t swage_builtin_memory_atomic_wait64(abi::Context* context, uint32_t memory, uint64_t address,
                                            uint64_t expected, uint64_t timeout);
void swage_builtin_count_target(abi::Context* context, void* site, uint64_t target);
} // extern "C"

/// Wakes the guests of a store that was interrupted where they sleep in memory.atomic.wait.
void interrupt_waits(const Store::Impl& store);

namespace detail {

template<class T> inline constexpr char kLetter = '?';
template<> inline constexpr char kLetter<abi::Context*> = 'c';
template<> inline constexpr char kLetter<void*> = 'p';
template<> inline constexpr char kLetter<uint32_t> = 'i';
template<> inline constexpr char kLetter<uint64_t> = 'I';
template<> inline constexpr char kLetter<float> = 'f';
template<> inline constexpr char kLetter<double> = 'F';
template<> inline constexpr char kLetter<void> = '\0';

template<class R, class... Parameters>
constexpr bool has_signature(R (*)(Parameters...), std::string_view signature) {
  static_assert(sizeof...(Parameters) <= 6, "the stubs of platform/ pass registers on, not the stack");
  const char letters[] = {kLetter<Parameters>..., '>', kLetter<R>};
  size_t length = sizeof letters - (std::is_void_v<R> ? 1 : 0);
  return signature == std::string_view(letters, length);
}

} // namespace detail

#define BUILTIN(id, signature) static_assert(detail::has_signature(&swage_builtin_##id, signature));
#include "runtime/abi/builtins.inc"

} // namespace swage
