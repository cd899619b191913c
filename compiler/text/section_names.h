// What @custom annotations call the sections.
// https://webassembly.github.io/spec/core/appendix/custom.html#custom-annotations
#pragma once

#include <array>
#include <string_view>

#include "compiler/wasm/sections.h"

namespace swage::text {

struct SectionName {
  std::string_view text;
  wasm::Section section;
};

inline constexpr std::array kSectionNames = std::to_array<SectionName>({
    {"type", wasm::Section::type},
    {"import", wasm::Section::import},
    {"func", wasm::Section::function},
    {"table", wasm::Section::table},
    {"memory", wasm::Section::memory},
    {"tag", wasm::Section::tag},
    {"global", wasm::Section::global},
    {"export", wasm::Section::export_},
    {"start", wasm::Section::start},
    {"elem", wasm::Section::element},
    {"datacount", wasm::Section::data_count},
    {"code", wasm::Section::code},
    {"data", wasm::Section::data},
});

} // namespace swage::text
