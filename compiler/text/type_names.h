// How the text format spells value types and heap types: one row each, for the parser and the printer.
// https://webassembly.github.io/spec/core/text/types.html
#pragma once

#include <array>
#include <string_view>

#include "swage/types.h"

namespace swage::text {

struct ValTypeName {
  std::string_view text;
  ValType type;
};
inline constexpr std::array kValTypeNames = std::to_array<ValTypeName>({
    {"i32", kI32},
    {"i64", kI64},
    {"f32", kF32},
    {"f64", kF64},
    {"v128", kV128},
});

/// An abstract heap type, and the abbreviation of (ref null it).
struct HeapTypeName {
  std::string_view text;
  std::string_view nullable_ref;
  HeapKind kind;
};
inline constexpr std::array kHeapTypeNames = std::to_array<HeapTypeName>({
    {"func", "funcref", HeapKind::func},
    {"extern", "externref", HeapKind::extern_},
    {"any", "anyref", HeapKind::any},
    {"eq", "eqref", HeapKind::eq},
    {"i31", "i31ref", HeapKind::i31},
    {"struct", "structref", HeapKind::struct_},
    {"array", "arrayref", HeapKind::array},
    {"none", "nullref", HeapKind::none},
    {"nofunc", "nullfuncref", HeapKind::nofunc},
    {"noextern", "nullexternref", HeapKind::noextern},
    {"exn", "exnref", HeapKind::exn},
    {"noexn", "nullexnref", HeapKind::noexn},
    {"cont", "contref", HeapKind::cont},
    {"nocont", "nullcontref", HeapKind::nocont},
});

} // namespace swage::text
