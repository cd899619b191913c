// A decoded module: the spec's module structure as flat data. Function bodies stay bytes: validate and lower
// each read them once, in one pass over the same reader, and nothing builds a tree per instruction.
//
// A Module borrows the bytes it was decoded from (bodies, segment contents, names are views): they must
// outlive it. After validate() succeeded, every index and type below is in range, and later stages assert
// instead of checking.
//
// https://webassembly.github.io/spec/core/syntax/modules.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/wasm/feature.h"
#include "swage/types.h"

namespace swage::wasm {

// Indices are types, so that f(FuncIdx, TypeIdx) cannot be called the wrong way round.
#define SWAGE_INDEX(Name)                                                                                    \
  struct Name {                                                                                              \
    uint32_t value = 0;                                                                                      \
    friend constexpr auto operator<=>(const Name&, const Name&) = default;                                   \
  }
SWAGE_INDEX(TypeIdx);
SWAGE_INDEX(FuncIdx);
SWAGE_INDEX(TableIdx);
SWAGE_INDEX(MemIdx);
SWAGE_INDEX(GlobalIdx);
SWAGE_INDEX(TagIdx);
SWAGE_INDEX(ElemIdx);
SWAGE_INDEX(DataIdx);
SWAGE_INDEX(LocalIdx);
#undef SWAGE_INDEX

using Bytes = std::span<const std::byte>;

/// A constant expression: its instructions' bytes, `end` included, and where they stand in the module.
struct ConstExpr {
  Bytes code;
  uint64_t offset = 0;
};

/// How an import was written: by itself, or in a list that says its module once, or its type, too.
/// https://github.com/WebAssembly/compact-import-section
enum class ImportForm : uint8_t { single, item, shared_type };

struct Import {
  std::string_view module;
  std::string_view name;
  ExternKind kind = ExternKind::func;
  uint32_t index = 0; ///< in the index space of its kind
  uint64_t offset = 0;
  ImportForm form = ImportForm::single;
  bool begins_list = true; ///< not in the same list as the import before it
};

struct Export {
  std::string_view name;
  ExternKind kind = ExternKind::func;
  uint32_t index = 0;
  uint64_t offset = 0;
};

/// One run of locals of the same type, as declared.
struct LocalRun {
  uint32_t count = 0;
  ValType type = kI32;
};

/// A defined function's body. Imported functions have none.
struct Body {
  std::vector<LocalRun> locals;
  Bytes code;          ///< instructions, the final `end` included
  uint64_t offset = 0; ///< of the first instruction, from the start of the module
  uint64_t start = 0;  ///< of the code entry (its size field)
};

struct Table {
  TableType type;
  std::optional<ConstExpr> init; ///< of every element; without it they are null
};

struct Global {
  GlobalType type;
  ConstExpr init; ///< empty for an import
};

enum class SegmentMode : uint8_t { active, passive, declarative };

struct ElemSegment {
  SegmentMode mode = SegmentMode::passive;
  ValType type = kFuncRef;
  TableIdx table;               ///< of an active one
  ConstExpr table_offset;       ///< of an active one
  std::vector<FuncIdx> funcs;   ///< the elements, when they are all plain functions ...
  std::vector<ConstExpr> exprs; ///< ... or else their expressions; one of the two is empty
  uint64_t offset = 0;
};

struct DataSegment {
  SegmentMode mode = SegmentMode::passive;
  MemIdx memory;           ///< of an active one
  ConstExpr memory_offset; ///< of an active one
  Bytes bytes;
  uint64_t offset = 0;
};

struct CustomSection {
  std::string_view name;
  Bytes bytes;
  uint64_t offset = 0;
  uint8_t after = 0; ///< id of the last non-custom section before it, 0 at the start
};

/// From the name section; a missing entry has no name. Malformed name sections are ignored, as the spec asks.
struct Names {
  std::string_view module;
  std::unordered_map<uint32_t, std::string_view> functions;
  std::unordered_map<uint32_t, std::unordered_map<uint32_t, std::string_view>> locals;
  std::unordered_map<uint32_t, std::unordered_map<uint32_t, std::string_view>> labels;
  std::unordered_map<uint32_t, std::string_view> types, tables, memories, globals, elems, datas, tags;
  std::unordered_map<uint32_t, std::unordered_map<uint32_t, std::string_view>> fields;
};

/// metadata.code.branch_hint: per function, (offset of the instruction from the body's first byte, likely).
struct BranchHint {
  uint32_t offset = 0;
  bool likely = false;
};

/// The module. Index spaces hold imports first, then definitions: `functions[i]` is the type of function i,
/// and `bodies[i - imported_functions]` its body.
struct Module {
  std::vector<SubType> types;             ///< flattened recursion groups
  std::vector<uint32_t> rec_group_starts; ///< index of each group's first type, ascending
  std::vector<uint32_t> canonical; ///< filled by validate: the first type of this module equal to each type

  std::vector<Import> imports;
  std::vector<TypeIdx> functions;
  std::vector<Table> tables;
  std::vector<MemoryType> memories;
  std::vector<Global> globals;
  std::vector<TagType> tags;
  uint32_t imported_functions = 0, imported_tables = 0, imported_memories = 0, imported_globals = 0,
           imported_tags = 0;

  std::vector<Export> exports;
  std::optional<FuncIdx> start;
  std::vector<ElemSegment> elems;
  std::optional<uint32_t> data_count;
  std::vector<Body> bodies;
  std::vector<DataSegment> datas;
  std::vector<CustomSection> customs;
  Names names;
  std::unordered_map<uint32_t, std::vector<BranchHint>>
      branch_hints; ///< by function index, offsets ascending

  std::vector<bool>
      declared_functions;      ///< filled by validate: functions that ref.func may name (they escape)
  uint64_t written_tables = 0; ///< filled by validate: see is_written
  Bytes bytes;                 ///< the whole module
  FeatureSet features;         ///< that it was decoded with
  uint64_t features_used = 0;  ///< bits of the features that it needs, filled by decode and validate

  const FuncType& func_type(FuncIdx f) const { return types[functions[f.value].value].composite.func; }
  /// Bits of the tables that some instruction writes; the last bit stands for all tables from there on.
  static constexpr uint64_t table_bit(TableIdx t) { return uint64_t{1} << (t.value < 63 ? t.value : 63); }
  bool is_written(TableIdx t) const { return (written_tables & table_bit(t)) != 0; }
  bool is_imported(FuncIdx f) const { return f.value < imported_functions; }
  const Body& body(FuncIdx f) const { return bodies[f.value - imported_functions]; }
  std::string_view func_name(FuncIdx f) const {
    auto found = names.functions.find(f.value);
    return found == names.functions.end() ? std::string_view() : found->second;
  }
};

} // namespace swage::wasm
