// See id_table.h. https://webassembly.github.io/spec/core/text/values.html#identifiers
#include "compiler/text/id_table.h"

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "compiler/text/lexer.h"

namespace swage::text {

namespace {

enum class Beyond : uint8_t { escape, keep };

void append_escaped(std::string& out, std::string_view bytes, Beyond beyond_ascii) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (char c : bytes) {
    auto byte = static_cast<uint8_t>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && beyond_ascii == Beyond::escape)) {
      out += '\\';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

} // namespace

void append_quoted(std::string& out, std::string_view bytes) { append_escaped(out, bytes, Beyond::escape); }
void append_quoted_name(std::string& out, std::string_view name) { append_escaped(out, name, Beyond::keep); }

std::string id_of(std::string_view name) {
  std::string id = "$";
  if (std::ranges::all_of(name, is_id_char))
    id += name;
  else
    append_quoted_name(id, name);
  return id;
}

IdTable::IdTable(const NameMap& names, uint32_t count) {
  std::vector<uint32_t> indices;
  std::unordered_set<std::string> taken;
  for (const auto& [index, name] : names) {
    if (index < count) indices.push_back(index);
  }
  std::ranges::sort(indices);
  for (uint32_t index : indices) taken.insert(std::string(names.at(index)));

  std::unordered_map<std::string_view, uint32_t> uses;
  for (uint32_t index : indices) {
    std::string_view name = names.at(index);
    Entry& entry = entries_[index];
    uint32_t& times = uses[name];
    if (name.empty()) {
      entry.is_annotated = true;
    } else if (times++ == 0) {
      entry.id = id_of(name);
    } else {
      std::string other;
      do other = std::string(name) + '.' + std::to_string(times++);
      while (!taken.insert(other).second);
      entry.id = id_of(other);
      entry.annotation = name;
      entry.is_annotated = true;
    }
  }
}

void IdTable::append_binding(std::string& out, uint32_t index) const {
  auto found = entries_.find(index);
  if (found == entries_.end()) return;
  const Entry& entry = found->second;
  if (!entry.id.empty()) out += ' ' + entry.id;
  if (!entry.is_annotated) return;
  out += " (@name ";
  append_quoted_name(out, entry.annotation);
  out += ')';
}

void IdTable::append_use(std::string& out, uint32_t index) const {
  auto found = entries_.find(index);
  if (found != entries_.end() && !found->second.id.empty())
    out += found->second.id;
  else
    out += std::to_string(index);
}

} // namespace swage::text
