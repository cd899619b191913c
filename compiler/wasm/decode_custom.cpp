// Custom sections: all are kept as bytes, and the two that swage understands are also read. A malformed one
// of these is ignored, as the spec asks, so their readers keep what they read to themselves until all of it
// was good. https://webassembly.github.io/spec/core/appendix/custom.html
#include <algorithm>

#include "compiler/wasm/decoder.h"

namespace swage::wasm {

void Decoder::custom() {
  CustomSection section;
  section.name = reader_.name();
  if (reader_.failed()) return;
  section.after = last_section_;
  section.offset = reader_.offset();
  section.bytes = reader_.take(reader_.remaining());
  if (section.name == kNameSection) module_.names = decode_names(section.bytes);
  if (section.name == kBranchHintSection && module_.features.has(Feature::branch_hints)) {
    module_.branch_hints = decode_branch_hints(section.bytes);
    reader_.use(Feature::branch_hints);
  }
  module_.customs.push_back(section);
}

namespace {

using NameMap = std::unordered_map<uint32_t, std::string_view>;
using IndirectNameMap = std::unordered_map<uint32_t, NameMap>;

NameMap name_map(Reader& reader) {
  NameMap names;
  uint32_t n = reader.count();
  for (uint32_t i = 0; i < n && !reader.failed(); i++) {
    uint32_t index = reader.u32();
    names.insert_or_assign(index, reader.name());
  }
  return names;
}

IndirectNameMap indirect_name_map(Reader& reader) {
  IndirectNameMap maps;
  uint32_t n = reader.count();
  for (uint32_t i = 0; i < n && !reader.failed(); i++) {
    uint32_t index = reader.u32();
    maps.insert_or_assign(index, name_map(reader));
  }
  return maps;
}

void name_subsection(uint8_t id, Reader& reader, Names& names) {
  switch (id) {
  case 0: names.module = reader.name(); break;
  case 1: names.functions = name_map(reader); break;
  case 2: names.locals = indirect_name_map(reader); break;
  case 3: names.labels = indirect_name_map(reader); break;
  case 4: names.types = name_map(reader); break;
  case 5: names.tables = name_map(reader); break;
  case 6: names.memories = name_map(reader); break;
  case 7: names.globals = name_map(reader); break;
  case 8: names.elems = name_map(reader); break;
  case 9: names.datas = name_map(reader); break;
  case 10: names.fields = indirect_name_map(reader); break;
  case 11: names.tags = name_map(reader); break;
  default: break; // a later version's, ignored
  }
}

} // namespace

Names decode_names(Bytes contents) {
  Names names;
  Reader reader(contents, 0, FeatureSet::all());
  while (!reader.at_end()) {
    uint8_t id = reader.byte();
    uint32_t size = reader.u32();
    Reader subsection(reader.take(size), 0, FeatureSet::all());
    if (!reader.failed()) name_subsection(id, subsection, names);
    if (subsection.failed() || reader.failed()) return {};
  }
  return reader.failed() ? Names() : names;
}

std::unordered_map<uint32_t, std::vector<BranchHint>> decode_branch_hints(Bytes contents) {
  std::unordered_map<uint32_t, std::vector<BranchHint>> hints;
  Reader reader(contents, 0, FeatureSet::all());
  uint32_t functions = reader.count();
  for (uint32_t i = 0; i < functions && !reader.failed(); i++) {
    uint32_t function = reader.u32();
    uint32_t n = reader.count();
    std::vector<BranchHint>& of_function = hints[function];
    for (uint32_t k = 0; k < n && !reader.failed(); k++) {
      uint32_t offset = reader.u32();
      uint32_t size = reader.u32();
      uint8_t value = reader.byte();
      if (size != 1 || value > 1) return {};
      of_function.push_back({offset, value == 1});
    }
    if (!std::ranges::is_sorted(of_function, {}, &BranchHint::offset)) return {};
  }
  if (reader.failed() || !reader.at_end()) return {};
  return hints;
}

} // namespace swage::wasm
