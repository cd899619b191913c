// The printer's parts: fields in module_printer.cpp, types in print_types.cpp, instructions in
// print_instructions.cpp.
#pragma once

#include <array>
#include <string>
#include <unordered_map>
#include <vector>

#include "compiler/text/context.h"
#include "compiler/text/id_table.h"
#include "compiler/text/printer.h"
#include "compiler/wasm/instruction.h"

namespace swage::text {

class ModulePrinter {
public:
  ModulePrinter(const wasm::Module& module, const PrintOptions& options);
  Expected<std::string> print();

private:
  const IdTable& ids(Space space) const { return ids_[static_cast<size_t>(space)]; }
  IdTable& ids(Space space) { return ids_[static_cast<size_t>(space)]; }
  void name_everything();
  static Space space_of(ExternKind kind) {
    constexpr Space kSpaceOf[] = {Space::func, Space::table, Space::memory, Space::global, Space::tag};
    return kSpaceOf[static_cast<size_t>(kind)];
  }

  // Fields.
  void types();
  void imports();
  void import_list(std::span<const wasm::Import> list);
  enum class Binding : uint8_t { written, none };
  void import_type(const wasm::Import& import, Binding binding = Binding::written);
  bool is_named(const wasm::Import& import) const;
  Expected<void> tables();
  void memories();
  void tags();
  Expected<void> globals();
  void exports();
  Expected<void> elems();
  Expected<void> functions();
  Expected<void> function(wasm::FuncIdx index);
  Expected<void> datas();
  void data_strings(wasm::Bytes bytes);
  void custom_sections();
  Expected<void> offset(const wasm::ConstExpr& expr);
  void locals(const IdTable& names, const wasm::Body& body, uint32_t first);
  /// A reference to something that can be imported and exported.
  void extern_use(ExternKind kind, uint32_t index);
  Expected<void> check_size() const;

  // Types.
  void value_type(const ValType& type);
  void heap_type(const HeapType& type);
  void field_type(const FieldType& type);
  void type_definition(uint32_t index);
  void composite_type(uint32_t index, const CompositeType& type);
  /// " (type x) (param ...) (result ...)", parameters with the identifiers of `names`.
  void type_use(wasm::TypeIdx type, const IdTable& names);
  void signature(const FuncType& type, const IdTable& names);
  void limits(AddressType address, const Limits& limits);
  void memory_type(const MemoryType& type);
  void table_type(const TableType& type);
  void global_type(const GlobalType& type);

  // Instructions.
  /// How deep the text is indented, and what the labels in scope are called.
  struct Scope {
    const IdTable* locals = nullptr;
    const NameMap* label_names = nullptr;
    const std::unordered_map<uint32_t, bool>* hints = nullptr; ///< by offset in the code
    uint32_t labels_seen = 0;
    std::vector<std::string> labels; ///< identifiers, empty where there is none
    std::unordered_map<std::string, std::vector<size_t>>
        positions; ///< of each identifier in `labels`, innermost last
  };
  Expected<void> body(const wasm::Body& body, Scope& scope);
  /// One instruction on the line, in parentheses; several without.
  Expected<void> expression(const wasm::ConstExpr& expr);
  /// The same as one list: `(op ...)` or `(keyword op ... op ...)`.
  Expected<void> expression_list(const wasm::ConstExpr& expr, std::string_view keyword);
  void instruction(const wasm::Instruction& instruction, Scope& scope);
  void immediates(const wasm::Instruction& instruction, Scope& scope);
  void optional_use(Space space, uint32_t index);
  void memarg(wasm::Op op, const wasm::MemArg& memarg);
  void block_header(const wasm::BlockType& type, Scope& scope);
  static const std::string* label_id(size_t depth, const Scope& scope);
  void label_use(uint32_t depth, const Scope& scope);
  void catches(const wasm::Instruction& instruction, const Scope& scope);
  void handlers(const wasm::Instruction& instruction, const Scope& scope);
  void float32(uint32_t bits);
  void float64(uint64_t bits);

  void line();
  /// What a definition of the space is called: its identifier, or its index in a comment.
  void bind(Space space, uint32_t index);
  /// The parenthesis that closes what began before `start`: on a line of its own where there are lines since.
  void close_lines(size_t start);
  void space() { out_ += ' '; }
  void use(Space space, uint32_t index);
  void number(uint64_t value) { out_ += std::to_string(value); }

  const wasm::Module& module_;
  PrintOptions options_;
  std::string out_;
  size_t depth_ = 0; ///< of indentation
  std::array<IdTable, kSpaces> ids_;
  std::unordered_map<uint32_t, IdTable> field_ids_; ///< by type
  bool hints_printed_ = false;
};

} // namespace swage::text
