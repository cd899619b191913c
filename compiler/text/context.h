// What the parts of the module parser share: the cursor, the module that they build, and what identifiers
// mean.
//
// The text is read twice. The first pass (module_parser.cpp) finds every identifier of the module's index
// spaces and passes over the bodies; the second reads types, then everything else, so that a reference
// forward is an ordinary look-up and no list of fix-ups is kept. The result is a wasm::Module, whose bytes
// and names live here, ready for wasm::encode.
#pragma once

#include <array>
#include <cstring>
#include <deque>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/text/cursor.h"
#include "compiler/wasm/encode.h"
#include "compiler/wasm/module.h"

namespace swage::text {

/// The index spaces of a module. https://webassembly.github.io/spec/core/text/modules.html#indices
enum class Space : uint8_t { type, func, table, memory, global, tag, elem, data };
inline constexpr size_t kSpaces = 8;
/// "func", "elem segment": in messages.
std::string_view space_name(Space space);

using Ids = std::unordered_map<std::string_view, uint32_t>;

struct IndexSpace {
  uint32_t count = 0;
  Ids ids;
};

/// Keeps bytes at a fixed address, many small pieces in few allocations.
class ByteArena {
public:
  wasm::Bytes keep(wasm::Bytes bytes);

private:
  static constexpr size_t kChunk = 64 * 1024;
  std::deque<std::vector<std::byte>> chunks_;
};

struct FuncTypeHash {
  size_t operator()(const FuncType& type) const;
};

struct Context {
  Context(Cursor& text, wasm::FeatureSet feature_set) : cursor(text), features(feature_set) {
    module.features = feature_set;
  }

  IndexSpace& space(Space which) { return spaces[static_cast<size_t>(which)]; }
  /// An index or an identifier of the space.
  uint32_t index(Space which);
  /// Binds the identifier, when one comes next, to the space's next index; "(@name ...)" may follow. Returns
  /// the index.
  uint32_t bind(Space which);
  /// Moves past what bind() read, in the second pass.
  void skip_binding();
  /// Inside of a local namespace (locals, fields): binds `index` when an identifier comes next, and notes its
  /// name in `names`.
  void bind_local(Ids& ids, uint32_t index, std::string_view what,
                  std::unordered_map<uint32_t, std::string_view>& names);
  /// "(@name "...")" when it comes next.
  std::optional<std::string_view> name_annotation();
  /// Fails with "unknown WHAT $id".
  void fail_unknown(const Token& id, std::string_view what);

  /// The index of a function type, appended to the module's types when it is not among them.
  /// https://webassembly.github.io/spec/core/text/modules.html#type-uses (abbreviations)
  uint32_t implicit_type(const FuncType& type);
  /// The function type of an index, nullptr when it is none (validation will say so).
  const FuncType* func_type(uint32_t type_index) const;

  Cursor& cursor;
  wasm::FeatureSet features;
  wasm::Module module;
  std::array<IndexSpace, kSpaces> spaces;
  std::unordered_map<uint32_t, Ids> field_ids; ///< by type index
  std::unordered_map<FuncType, uint32_t, FuncTypeHash>
      func_types;                 ///< the first type that an inline use may mean
  bool data_count_needed = false; ///< an instruction in a body names a data segment
  ByteArena arena;

private:
  std::unordered_map<uint32_t, std::string_view>* names_of(Space which);
};

} // namespace swage::text
