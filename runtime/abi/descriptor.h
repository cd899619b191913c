// The descriptor's structs, from the rows of descriptor.inc, and how to read a Span.
#pragma once

#include <span>

#include "runtime/abi/abi.h"

namespace swage::abi {

#define STRUCT(name) struct name {
#define FIELD(type, name) type name;
#define END(name)                                                                                            \
  }                                                                                                          \
  ;                                                                                                          \
  static_assert(std::is_trivially_copyable_v<name> && alignof(name) <= 8);
#include "runtime/abi/descriptor.inc"

/// The symbol of every artifact, and of every module in the JIT.
inline constexpr std::string_view kDescriptorSymbol = "swage_module";
inline constexpr std::string_view kNoteSection = ".note.swage";
inline constexpr uint32_t kNone = ~uint32_t{0};
/// The bit of a place that says that the rest is the index of an InlinedRow.
inline constexpr uint32_t kInlinedPlace = uint32_t{1} << 31;

/// The elements of a span; bounds were checked once, when the descriptor was loaded.
template<class T> std::span<const T> elements(const Descriptor& descriptor, Span span) {
  return {reinterpret_cast<const T*>(reinterpret_cast<const std::byte*>(&descriptor) + span.offset),
          span.count};
}
inline std::string_view text(const Descriptor& descriptor, Span span) {
  return {reinterpret_cast<const char*>(&descriptor) + span.offset, span.count};
}
/// The address behind a code offset.
inline const void* code_address(const Descriptor& descriptor, int32_t offset) {
  return reinterpret_cast<const std::byte*>(&descriptor) + offset;
}

} // namespace swage::abi
