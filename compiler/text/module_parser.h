// Module fields in text. https://webassembly.github.io/spec/core/text/modules.html
//
// Two passes over the fields: index() binds identifiers, counts and checks the order of imports, and passes
// over everything else unread; build() reads types, then the fields in order, with every identifier known.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "compiler/text/context.h"
#include "compiler/text/expression_parser.h"

namespace swage::text {

class ModuleParser {
public:
  ModuleParser(Cursor& cursor, wasm::FeatureSet features)
      : cursor_(cursor), context_(cursor, features), expressions_(context_) {}

  /// The fields, from the cursor to the end of the text or the parenthesis that closes the module (not
  /// taken).
  void fields();
  void set_module_name(std::string_view name) { context_.module.names.module = name; }
  /// The result of fields(). Borrows from the cursor and from this parser.
  wasm::Module& module() { return context_.module; }
  /// For find() and found().
  ExpressionParser& expressions() { return expressions_; }

private:
  // First pass.
  void index();
  void index_field(std::string_view keyword);
  void index_import();
  void index_definition(Space space, std::string_view name);
  void index_types(size_t start);
  void index_annotation(size_t fields_before);

  // Second pass.
  void build();
  void build_types();
  void build_field(std::string_view keyword);
  void import_field();
  void import_description(std::string_view module, std::string_view name, ExternKind kind);
  void function();
  void table();
  void memory();
  void global();
  void tag();
  void export_field();
  void start();
  void elem();
  void data();
  void custom();

  void import_as(std::string_view module, std::string_view name, ExternKind kind);
  void inline_exports(ExternKind kind, size_t index);
  bool inline_import(ExternKind kind);
  void locals(LocalScope& scope, wasm::Body& body);
  void inline_elem(size_t table, AddressType address, ValType type);
  MemoryType inline_data(size_t memory, AddressType address);
  void elem_list(wasm::ElemSegment& segment, bool plain_allowed);
  void elem_exprs(wasm::ElemSegment& segment);
  void elem_funcs(wasm::ElemSegment& segment);
  void use_plain_funcs(wasm::ElemSegment& segment);
  wasm::Bytes data_strings();
  wasm::ConstExpr zero(AddressType address);
  uint8_t custom_place(bool& before);

  Cursor& cursor_;
  Context context_;
  ExpressionParser expressions_;
  std::string_view first_definition_; ///< "function": what an import must not follow
  bool started_ = false;
  std::vector<std::pair<size_t, size_t>>
      type_fields_;         ///< begin and end in the text of each (type ...) and (rec ...)
  size_t types_passed_ = 0; ///< of them, in the second pass
  std::vector<wasm::CustomSection> customs_before_; ///< those placed in front of a section
};

} // namespace swage::text
