// Names as identifiers: what the printer calls the things of one index space.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace swage::text {

using NameMap = std::unordered_map<uint32_t, std::string_view>;

/// Appends the bytes as a string literal: readable characters as they are, the rest escaped.
void append_quoted(std::string& out, std::string_view bytes);
/// The same for text that is UTF-8, whose characters beyond ASCII stay as they are.
void append_quoted_name(std::string& out, std::string_view name);
/// "$name", quoted where it needs to be.
std::string id_of(std::string_view name);

/// Identifiers for the names of an index space, made different where names are equal. Indices without a name
/// have none.
class IdTable {
public:
  IdTable() = default;
  /// Takes the names of indices below `count`.
  IdTable(const NameMap& names, uint32_t count);

  /// " $x" for a definition, with " (@name "...")" when the identifier is not the name itself; nothing
  /// without a name.
  void append_binding(std::string& out, uint32_t index) const;
  /// "$x", or the index where there is no name.
  void append_use(std::string& out, uint32_t index) const;
  bool has(uint32_t index) const { return entries_.contains(index); }

private:
  struct Entry {
    std::string id;              ///< empty for a name that cannot be one
    std::string_view annotation; ///< the name, where the identifier differs from it
    bool is_annotated = false;
  };
  std::unordered_map<uint32_t, Entry> entries_;
};

} // namespace swage::text
