// The first pass, and the entry; see module_parser.h. Fields are read in module_fields.cpp.
#include "compiler/text/module_parser.h"

#include <fmt/format.h>

#include "compiler/text/parse.h"
#include "compiler/text/types.h"
#include "compiler/wasm/decode.h"

namespace swage::text {

namespace {

struct DefinitionKind {
  std::string_view keyword;
  Space space;
  std::string_view name; ///< in "import after function"
};
constexpr std::array kDefinitionKinds = std::to_array<DefinitionKind>({
    {"func", Space::func, "function"},
    {"table", Space::table, "table"},
    {"memory", Space::memory, "memory"},
    {"global", Space::global, "global"},
    {"tag", Space::tag, "tag"},
});

} // namespace

void ModuleParser::fields() {
  size_t start = cursor_.position();
  index();
  if (cursor_.failed()) return;
  build_types();
  cursor_.seek(start);
  build();
}

void ModuleParser::index() {
  for (size_t count = 0; !cursor_.failed(); count++) {
    if (cursor_.at(TokenKind::annotation)) {
      index_annotation(count);
    } else if (cursor_.at(TokenKind::left_paren) && cursor_.peek_second().kind == TokenKind::keyword) {
      index_field(cursor_.peek_second().text);
    } else if (cursor_.at(TokenKind::left_paren)) {
      cursor_.take();
      cursor_.fail_unexpected("a module field");
    } else {
      return;
    }
  }
}

void ModuleParser::index_annotation(size_t fields_before) {
  Token annotation = cursor_.peek();
  if (cursor_.take_annotation("custom")) {
    cursor_.skip_list();
  } else if (cursor_.at_annotation("name") && fields_before == 0 && !context_.module.names.module.empty()) {
    cursor_.fail(annotation, "@name annotation: multiple module names");
  } else if (cursor_.at_annotation("metadata.code.branch_hint")) {
    cursor_.fail(annotation, "@metadata.code.branch_hint annotation: not in a function");
  } else {
    cursor_.fail_unexpected("a module field");
  }
}

void ModuleParser::index_field(std::string_view keyword) {
  size_t start = cursor_.position();
  cursor_.take();
  if (keyword == "type" || keyword == "rec") return index_types(start);
  if (keyword == "import") return index_import();
  for (const DefinitionKind& kind : kDefinitionKinds)
    if (kind.keyword == keyword) return index_definition(kind.space, kind.name);
  bool other = keyword == "export" || keyword == "start" || keyword == "elem" || keyword == "data";
  if (!other)
    return cursor_.fail_unexpected(
        "a module field: type, rec, import, func, table, memory, global, tag, export, "
        "start, elem or data");
  cursor_.take();
  if (keyword == "elem") context_.bind(Space::elem);
  if (keyword == "data") context_.bind(Space::data);
  cursor_.skip_list();
}

void ModuleParser::index_types(size_t start) {
  if (cursor_.take_keyword("rec")) {
    while (cursor_.take_list("type")) {
      context_.bind(Space::type);
      cursor_.skip_list();
    }
    cursor_.expect_close();
  } else {
    cursor_.take();
    context_.bind(Space::type);
    cursor_.skip_list();
  }
  type_fields_.emplace_back(start, cursor_.position());
}

void ModuleParser::index_import() {
  if (!first_definition_.empty())
    return cursor_.fail(cursor_.peek(),
                        fmt::format("import after {}: imports come first", first_definition_));
  cursor_.take();
  cursor_.expect_string("the import's module");
  cursor_.expect_string("the import's name");
  for (const DefinitionKind& kind : kDefinitionKinds) {
    if (!cursor_.take_list(kind.keyword)) continue;
    context_.bind(kind.space);
    cursor_.skip_list();
    return cursor_.expect_close();
  }
  cursor_.take_if(TokenKind::left_paren);
  cursor_.fail_unexpected("func, table, memory, global or tag");
}

// Only as much as decides whether it is an import, and whether it defines a segment as well.
void ModuleParser::index_definition(Space space, std::string_view name) {
  Token keyword = cursor_.take();
  context_.bind(space);
  while (cursor_.take_list("export")) cursor_.skip_list();
  if (cursor_.at_list("import")) {
    if (!first_definition_.empty())
      cursor_.fail(keyword, fmt::format("import after {}: imports come first", first_definition_));
  } else if (first_definition_.empty()) {
    first_definition_ = name;
  }
  if ((space == Space::table || space == Space::memory) && !cursor_.at_list("import")) {
    address_type(context_);
    bool has_segment = !cursor_.at(TokenKind::nat);
    if (has_segment) context_.space(space == Space::table ? Space::elem : Space::data).count++;
  }
  cursor_.skip_list();
}

namespace {

/// `(module definition? $id? (@name "...")? ` when it comes next.
enum class ModuleForm : uint8_t { bare, text, binary, quote };

struct ModuleHeader {
  ModuleForm form = ModuleForm::bare;
  std::string_view name;
};

ModuleHeader module_header(Cursor& cursor) {
  ModuleHeader header;
  if (!cursor.take_list("module")) return header;
  header.form = ModuleForm::text;
  cursor.take_keyword("definition");
  if (cursor.at(TokenKind::id)) header.name = cursor.id_name(cursor.take());
  if (cursor.take_annotation("name")) {
    header.name = cursor.expect_name("@name annotation");
    cursor.expect_close();
  }
  if (cursor.take_keyword("binary"))
    header.form = ModuleForm::binary;
  else if (cursor.take_keyword("quote"))
    header.form = ModuleForm::quote;
  return header;
}

std::string concatenated_strings(Cursor& cursor) {
  std::string all;
  while (cursor.at(TokenKind::string)) all += cursor.string_contents(cursor.take());
  return all;
}

Error located(Error error, std::string_view text, const ParseOptions& options) {
  error.file = options.file;
  Place place{error.line.value_or(1), error.column.value_or(1)};
  error.excerpt = excerpt(text, place);
  error.line = place.line + options.first_line - 1;
  return error;
}

/// The error of a quoted module, whose line and column count in the quoted text, at the place where that is
/// quoted.
Error quoted_error(const Error& inner, std::string_view text, Place place, const ParseOptions& options) {
  Error error = inner;
  error.message = fmt::format("{} (in quoted text, at {}:{})", inner.message, inner.line.value_or(1),
                              inner.column.value_or(1));
  error.line = place.line;
  error.column = place.column;
  return located(std::move(error), text, options);
}

std::vector<std::byte> bytes_of(std::string_view text) {
  wasm::Bytes bytes = std::as_bytes(std::span(text.data(), text.size()));
  return {bytes.begin(), bytes.end()};
}

} // namespace

Expected<std::vector<std::byte>> parse_module(std::string_view text, wasm::FeatureSet features,
                                              const ParseOptions& options) {
  Cursor cursor(text);
  Place start = place_of(text, cursor.position());
  ModuleHeader header = module_header(cursor);
  ModuleParser parser(cursor, features);
  std::string strings;
  if (header.form == ModuleForm::binary || header.form == ModuleForm::quote) {
    strings = concatenated_strings(cursor);
  } else {
    parser.set_module_name(header.name);
    parser.fields();
  }
  if (header.form != ModuleForm::bare) cursor.expect_close();
  if (!cursor.failed() && !cursor.at(TokenKind::end)) cursor.fail_unexpected("the end of the text");
  if (std::optional<Error> error = cursor.take_error())
    return std::unexpected(located(std::move(*error), text, options));

  if (header.form == ModuleForm::binary) return bytes_of(strings);
  if (header.form == ModuleForm::quote) {
    // A quoted module that quotes a module would double its escapes at each step: the depth is the logarithm
    // of the size.
    Expected<std::vector<std::byte>> bytes =
        parse_module(strings, features, {.file = options.file, .names = options.names});
    if (!bytes) return std::unexpected(quoted_error(bytes.error(), text, start, options));
    return bytes;
  }
  if (options.names == NameSection::omit) parser.module().names = {};
  return wasm::encode(parser.module());
}

void show_place(Error& error, std::string_view text, wasm::FeatureSet features) {
  if (error.line || !error.function || !error.offset) return;
  Expected<std::vector<std::byte>> bytes = parse_module(text, features);
  Expected<wasm::Module> module = bytes ? wasm::decode(*bytes, features) : std::unexpected(bytes.error());
  if (!module || *error.function < module->imported_functions || *error.function >= module->functions.size())
    return;
  Cursor cursor(text);
  ModuleHeader header = module_header(cursor);
  if (header.form == ModuleForm::binary || header.form == ModuleForm::quote) return;
  ModuleParser parser(cursor, features);
  parser.expressions().find(*error.function, *error.offset - module->body({*error.function}).offset);
  parser.fields();
  std::optional<size_t> position = parser.expressions().found();
  if (!position) return;
  Place place = place_of(text, *position);
  error.line = place.line;
  error.column = place.column;
  error.excerpt = excerpt(text, place);
  error.offset.reset(); // in bytes that the text's reader never saw
}

} // namespace swage::text
