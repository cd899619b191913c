// Imports, in both passes: (import "module" "name" type), and lists of them, with a type for each or for all:
//
//   (import "module" (item "name" type)*)
//   (import "module" (item "name")* type)
//
// https://webassembly.github.io/spec/core/text/modules.html#imports
// https://github.com/WebAssembly/compact-import-section/blob/main/proposals/compact-import-section/Overview.md
#include <fmt/format.h>

#include "compiler/text/module_parser.h"
#include "compiler/text/types.h"

namespace swage::text {

void ModuleParser::index_import() {
  if (!first_definition_.empty())
    return cursor_.fail(cursor_.peek(),
                        fmt::format("import after {}: imports come first", first_definition_));
  cursor_.take();
  cursor_.expect_string("the import's module");
  if (!cursor_.at(TokenKind::string)) return index_import_list();
  cursor_.take();
  for (const DefinitionKind& kind : kDefinitionKinds) {
    if (!cursor_.take_list(kind.keyword)) continue;
    context_.bind(kind.space);
    cursor_.skip_list();
    return cursor_.expect_close();
  }
  cursor_.take_if(TokenKind::left_paren);
  cursor_.fail_unexpected("func, table, memory, global or tag");
}

/// Counts, and binds identifiers; import_list() says what is wrong with the rest.
void ModuleParser::index_import_list() {
  constexpr wasm::Feature kFeature = wasm::Feature::compact_imports;
  if (!context_.features.has(kFeature)) {
    if (!cursor_.at_list("item")) return cursor_.fail_unexpected("the import's name");
    std::string_view flag = wasm::feature_info(kFeature).flag;
    return cursor_.fail(cursor_.peek(),
                        fmt::format("a list of imports needs the feature {}, which is off", flag),
                        ErrorCode::unsupported, fmt::format("--features {}", flag));
  }
  uint32_t untyped = 0;
  while (cursor_.take_list("item")) {
    cursor_.expect_string("the import's name");
    if (cursor_.take_if(TokenKind::right_paren)) {
      untyped++;
      continue;
    }
    for (const DefinitionKind& kind : kDefinitionKinds) {
      if (!cursor_.take_list(kind.keyword)) continue;
      context_.bind(kind.space);
      cursor_.skip_list();
    }
    cursor_.expect_close();
  }
  for (const DefinitionKind& kind : kDefinitionKinds) {
    if (!cursor_.take_list(kind.keyword)) continue;
    context_.space(kind.space).count += untyped;
    cursor_.skip_list();
  }
  if (!cursor_.at(TokenKind::right_paren))
    return cursor_.fail_unexpected("the import's name, '(item' or ')'");
  cursor_.take();
}

void ModuleParser::import_field() {
  wasm::Import import;
  import.module = cursor_.expect_name("the import's module");
  if (!cursor_.at(TokenKind::string)) return import_list(import);
  import.name = cursor_.expect_name("the import's name");
  import_of_kind(import);
}

/// `(kind id? type)`, bound in the first pass.
void ModuleParser::import_of_kind(const wasm::Import& import) {
  for (const DefinitionKind& kind : kDefinitionKinds) {
    if (!cursor_.take_list(kind.keyword)) continue;
    context_.skip_binding();
    import_as(import, kind.kind);
    return cursor_.expect_close();
  }
  cursor_.fail_unexpected("a type: (func ...), (table ...), (memory ...), (global ...) or (tag ...)");
}

void ModuleParser::import_list(wasm::Import import) {
  import.form = wasm::ImportForm::item;
  std::vector<std::string_view> untyped;
  while (cursor_.take_list("item")) {
    import.name = cursor_.expect_name("the import's name");
    if (cursor_.at(TokenKind::right_paren) && import.begins_list) {
      untyped.push_back(import.name);
    } else if (!untyped.empty()) {
      return cursor_.fail_unexpected("')': the type of all stands after the last item");
    } else {
      import_of_kind(import);
      import.begins_list = false;
    }
    cursor_.expect_close();
  }
  // A list of nothing may have a type as well.
  if (!import.begins_list || (untyped.empty() && cursor_.at(TokenKind::right_paren))) return;
  for (const DefinitionKind& kind : kDefinitionKinds) {
    if (!cursor_.take_list(kind.keyword)) continue;
    if (cursor_.at(TokenKind::id))
      return cursor_.fail(cursor_.peek(), "identifier not allowed: several imports have this type");
    wasm::ImportType type = import_type(kind.kind);
    import.form = wasm::ImportForm::shared_type;
    for (std::string_view name : untyped) {
      import.name = name;
      wasm::add_import(context_.module, import, type);
      import.begins_list = false;
    }
    return cursor_.expect_close();
  }
  cursor_.fail_unexpected("'(item' or the type of all items");
}

wasm::ImportType ModuleParser::import_type(ExternKind kind) {
  wasm::ImportType type{.kind = kind};
  switch (kind) {
  case ExternKind::func: {
    LocalScope scope;
    type.function = wasm::TypeIdx{function_type_use(context_, scope)};
    if (!scope.names.empty())
      context_.module.names.locals[context_.module.imported_functions] = std::move(scope.names);
    break;
  }
  case ExternKind::table: type.table = table_type(context_, address_type(context_)); break;
  case ExternKind::memory: type.memory = memory_type(context_, address_type(context_)); break;
  case ExternKind::global: type.global = global_type(context_); break;
  case ExternKind::tag: type.tag = {type_use(context_)}; break;
  }
  return type;
}

void ModuleParser::import_as(const wasm::Import& import, ExternKind kind) {
  wasm::add_import(context_.module, import, import_type(kind));
}

} // namespace swage::text
