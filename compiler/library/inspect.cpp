#include "compiler/library/inspect.h"

#include <algorithm>

#include <fmt/format.h>

#include "compiler/wasm/reader.h"

namespace swage {

namespace {

using wasm::Feature;
using wasm::Module;

std::string grouped(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string bytes_text(uint64_t bytes) { return grouped(bytes) + (bytes == 1 ? " byte" : " bytes"); }

std::string type_of(const Module& module, ExternKind kind, uint32_t index) {
  switch (kind) {
  case ExternKind::func: {
    std::string type = to_string(module.func_type(wasm::FuncIdx{index}));
    return type.empty() ? "func" : "func " + type;
  }
  case ExternKind::table: return "table " + to_string(module.tables[index].type);
  case ExternKind::memory: return "memory " + to_string(module.memories[index]);
  case ExternKind::global: return "global " + to_string(module.globals[index].type);
  case ExternKind::tag: return "tag " + to_string(module.types[module.tags[index].type_index].composite.func);
  }
  return {};
}

/// Features beyond the first version of the spec, by flag; those that need a switch are marked.
std::string features_text(const Module& module) {
  std::string text;
  for (const wasm::FeatureInfo& info : wasm::feature_infos()) {
    if (info.feature == Feature::mvp || (module.features_used >> static_cast<int>(info.feature) & 1) == 0)
      continue;
    text +=
        fmt::format("{}{}{}", text.empty() ? "" : ", ", info.flag, info.enabled ? "" : " (off by default)");
  }
  return text.empty() ? "none beyond WebAssembly 1.0" : text;
}

std::string memory_text(const Module& module, uint32_t index) {
  const MemoryType& memory = module.memories[index];
  auto pages = [&](uint64_t count) {
    std::string size =
        count >> (63 - memory.page_size_log2) ? "" : ", " + bytes_text(count << memory.page_size_log2);
    return fmt::format("{} page{}{}", grouped(count), count == 1 ? "" : "s", size);
  };
  std::string text = pages(memory.limits.min) +
                     (memory.limits.max ? ", at most " + pages(*memory.limits.max) : ", no maximum");
  if (memory.address == AddressType::i64) text += ", 64-bit";
  if (memory.is_shared) text += ", shared";
  return text;
}

std::string sizes_text(const Module& module) {
  uint64_t code = 0, largest = 0, data = 0;
  uint32_t largest_index = 0;
  for (uint32_t i = 0; i < module.bodies.size(); i++) {
    uint64_t size = module.bodies[i].code.size();
    code += size;
    if (size <= largest) continue;
    largest = size;
    largest_index = module.imported_functions + i;
  }
  for (const wasm::DataSegment& segment : module.datas) data += segment.bytes.size();
  std::string text =
      fmt::format("  functions  {} with {} of code, {} imported\n", grouped(module.bodies.size()),
                  bytes_text(code), grouped(module.imported_functions));
  if (largest != 0) {
    std::string_view name = module.func_name(wasm::FuncIdx{largest_index});
    text += fmt::format("  largest    function {}{}, {}\n", largest_index,
                        name.empty() ? "" : fmt::format(" \"{}\"", name), bytes_text(largest));
  }
  text += fmt::format("  data       {} in {} segments\n", bytes_text(data), grouped(module.datas.size()));
  return text;
}

/// https://github.com/WebAssembly/tool-conventions/blob/main/ProducersSection.md ; nothing when it is not
/// well-formed.
std::string producers_text(const Module& module) {
  std::string text;
  for (const wasm::CustomSection& section : module.customs) {
    if (section.name != "producers") continue;
    wasm::Reader reader(section.bytes, section.offset, module.features);
    uint32_t fields = reader.count();
    for (uint32_t i = 0; i < fields && !reader.failed(); i++) {
      std::string_view field = reader.name();
      uint32_t values = reader.count();
      for (uint32_t k = 0; k < values && !reader.failed(); k++) {
        std::string_view name = reader.name(), version = reader.name();
        if (reader.failed()) return {};
        text += fmt::format("  made by    {}{}{} ({})\n", name, version.empty() ? "" : " ", version, field);
      }
    }
  }
  return text;
}

} // namespace

std::string describe(const Module& module, const std::string& file) {
  std::string out =
      fmt::format("{}: WebAssembly module{}, {}\n", file.empty() ? "input" : file,
                  module.names.module.empty() ? "" : fmt::format(" \"{}\"", module.names.module),
                  bytes_text(module.bytes.size()));
  out += producers_text(module);
  out += fmt::format("  features   {}\n", features_text(module));
  out += sizes_text(module);
  for (uint32_t i = 0; i < module.memories.size(); i++)
    out += fmt::format("  memory {}   {}{}\n", i, memory_text(module, i),
                       i < module.imported_memories ? ", imported" : "");
  for (uint32_t i = 0; i < module.tables.size(); i++)
    out += fmt::format("  table {}    {}{}\n", i, to_string(module.tables[i].type),
                       i < module.imported_tables ? ", imported" : "");
  if (!module.globals.empty())
    out += fmt::format("  globals    {}, {} imported\n", grouped(module.globals.size()),
                       grouped(module.imported_globals));
  if (module.start) out += fmt::format("  start      function {}\n", module.start->value);
  for (const wasm::Import& import : module.imports)
    out += fmt::format("  import     {}.{}: {}\n", import.module, import.name,
                       type_of(module, import.kind, import.index));
  for (const wasm::Export& e : module.exports)
    out += fmt::format("  export     {}: {}\n", e.name, type_of(module, e.kind, e.index));
  for (const wasm::CustomSection& section : module.customs)
    out += fmt::format("  section    \"{}\", {}\n", section.name, bytes_text(section.bytes.size()));
  return out;
}

} // namespace swage
