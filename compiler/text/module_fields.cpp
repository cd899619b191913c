// The second pass over a module's fields, into the wasm::Module.
// https://webassembly.github.io/spec/core/text/modules.html
#include <algorithm>

#include <fmt/format.h>

#include "compiler/text/literals.h"
#include "compiler/text/module_parser.h"
#include "compiler/text/section_names.h"
#include "compiler/text/types.h"

namespace swage::text {

using wasm::Section;

void ModuleParser::build_types() {
  for (auto& [begin, end] : type_fields_) {
    cursor_.seek(begin);
    context_.module.rec_group_starts.push_back(static_cast<uint32_t>(context_.module.types.size()));
    if (cursor_.take_list("rec")) {
      while (cursor_.take_list("type")) type_definition(context_);
      cursor_.expect_close();
    } else if (cursor_.take_list("type")) {
      type_definition(context_);
    }
  }
  index_func_types(context_);
}

void ModuleParser::build() {
  while (!cursor_.failed()) {
    if (cursor_.at(TokenKind::annotation)) {
      custom();
    } else if (cursor_.at(TokenKind::left_paren)) {
      build_field(cursor_.peek_second().text);
    } else {
      break;
    }
  }
  wasm::Module& module = context_.module;
  std::ranges::move(customs_before_, std::back_inserter(module.customs));
  if (context_.data_count_needed) module.data_count = static_cast<uint32_t>(module.datas.size());
}

void ModuleParser::build_field(std::string_view keyword) {
  if (keyword == "type" || keyword == "rec") return cursor_.seek(type_fields_[types_passed_++].second);
  cursor_.take();
  cursor_.take();
  if (keyword == "import")
    import_field();
  else if (keyword == "func")
    function();
  else if (keyword == "table")
    table();
  else if (keyword == "memory")
    memory();
  else if (keyword == "global")
    global();
  else if (keyword == "tag")
    tag();
  else if (keyword == "export")
    export_field();
  else if (keyword == "start")
    start();
  else if (keyword == "elem")
    elem();
  else
    data();
  cursor_.expect_close();
}

// `(export "name")*`
void ModuleParser::inline_exports(ExternKind kind, size_t index) {
  while (cursor_.take_list("export")) {
    std::string_view name = cursor_.expect_name("the export's name");
    context_.module.exports.push_back({name, kind, static_cast<uint32_t>(index), 0});
    cursor_.expect_close();
  }
}

// `(import "module" "name") type`: true when it was one.
bool ModuleParser::inline_import(ExternKind kind) {
  if (!cursor_.take_list("import")) return false;
  std::string_view module = cursor_.expect_name("the import's module");
  std::string_view name = cursor_.expect_name("the import's name");
  cursor_.expect_close();
  wasm::Import import{.module = module, .name = name};
  import_as(import, kind);
  return true;
}

// https://webassembly.github.io/spec/core/text/modules.html#functions
void ModuleParser::function() {
  wasm::Module& module = context_.module;
  auto index = static_cast<uint32_t>(module.functions.size());
  context_.skip_binding();
  inline_exports(ExternKind::func, index);
  if (inline_import(ExternKind::func)) return;
  LocalScope scope;
  module.functions.push_back({function_type_use(context_, scope)});
  wasm::Body body;
  locals(scope, body);
  expressions_.function_body(index, scope, body);
  module.bodies.push_back(std::move(body));
  if (!scope.names.empty()) module.names.locals[index] = std::move(scope.names);
}

void ModuleParser::locals(LocalScope& scope, wasm::Body& body) {
  auto add = [&](ValType type) {
    scope.count++;
    if (body.locals.empty() || body.locals.back().type != type) body.locals.push_back({0, type});
    body.locals.back().count++;
  };
  while (cursor_.take_list("local")) {
    if (cursor_.at(TokenKind::id) || cursor_.at(TokenKind::annotation)) {
      context_.bind_local(scope.ids, scope.count, "local", scope.names);
      add(value_type(context_));
    } else {
      while (!cursor_.at(TokenKind::right_paren) && !cursor_.failed()) add(value_type(context_));
    }
    cursor_.expect_close();
  }
}

// https://webassembly.github.io/spec/core/text/modules.html#tables
void ModuleParser::table() {
  size_t index = context_.module.tables.size();
  context_.skip_binding();
  inline_exports(ExternKind::table, index);
  if (inline_import(ExternKind::table)) return;
  AddressType address = address_type(context_);
  if (!cursor_.at(TokenKind::nat)) return inline_elem(index, address, reference_type(context_));
  wasm::Table table;
  table.type = table_type(context_, address);
  if (!cursor_.at(TokenKind::right_paren)) table.init = expressions_.constant();
  context_.module.tables.push_back(std::move(table));
}

// reftype `(elem ...)`: a table just as large as the segment that fills it.
void ModuleParser::inline_elem(size_t table, AddressType address, ValType type) {
  wasm::ElemSegment segment;
  segment.mode = wasm::SegmentMode::active;
  segment.type = type;
  segment.table = {static_cast<uint32_t>(table)};
  segment.table_offset = zero(address);
  if (!cursor_.take_list("elem")) return cursor_.fail_unexpected("limits or (elem ...)");
  if (cursor_.at_index()) {
    // Plain indices where they fit: the same elements, in the form that every engine reads.
    if (type == kFuncRef) segment.type = ValType::ref({HeapKind::func}, false);
    elem_funcs(segment);
  } else {
    elem_exprs(segment);
  }
  cursor_.expect_close();
  uint64_t size = std::max(segment.funcs.size(), segment.exprs.size());
  context_.module.tables.push_back({{type, {size, size}, address}, std::nullopt});
  context_.module.elems.push_back(std::move(segment));
}

// https://webassembly.github.io/spec/core/text/modules.html#memories
void ModuleParser::memory() {
  size_t index = context_.module.memories.size();
  context_.skip_binding();
  inline_exports(ExternKind::memory, index);
  if (inline_import(ExternKind::memory)) return;
  AddressType address = address_type(context_);
  bool has_limits = cursor_.at(TokenKind::nat);
  context_.module.memories.push_back(has_limits ? memory_type(context_, address)
                                                : inline_data(index, address));
}

// `(pagesize n)? (data "..."*)`: a memory of just enough pages for the segment that fills it.
MemoryType ModuleParser::inline_data(size_t memory, AddressType address) {
  MemoryType type;
  type.address = address;
  type.page_size_log2 = page_size(context_);
  if (!cursor_.take_list("data")) {
    cursor_.fail_unexpected("limits or (data ...)");
    return type;
  }
  wasm::DataSegment segment;
  segment.mode = wasm::SegmentMode::active;
  segment.memory = {static_cast<uint32_t>(memory)};
  segment.memory_offset = zero(address);
  segment.bytes = data_strings();
  cursor_.expect_close();
  uint64_t page = uint64_t(1) << type.page_size_log2;
  uint64_t pages = segment.bytes.size() / page + (segment.bytes.size() % page != 0);
  type.limits = {pages, pages};
  context_.module.datas.push_back(segment);
  return type;
}

void ModuleParser::global() {
  size_t index = context_.module.globals.size();
  context_.skip_binding();
  inline_exports(ExternKind::global, index);
  if (inline_import(ExternKind::global)) return;
  wasm::Global global;
  global.type = global_type(context_);
  global.init = expressions_.constant();
  context_.module.globals.push_back(global);
}

void ModuleParser::tag() {
  size_t index = context_.module.tags.size();
  context_.skip_binding();
  inline_exports(ExternKind::tag, index);
  if (inline_import(ExternKind::tag)) return;
  LocalScope scope; // parameters may have identifiers, which mean nothing
  context_.module.tags.push_back({function_type_use(context_, scope)});
}

void ModuleParser::export_field() {
  std::string_view name = cursor_.expect_name("the export's name");
  struct Row {
    std::string_view keyword;
    Space space;
  };
  constexpr Row kKinds[] = {{"func", Space::func},
                            {"table", Space::table},
                            {"memory", Space::memory},
                            {"global", Space::global},
                            {"tag", Space::tag}};
  for (uint8_t kind = 0; kind < std::size(kKinds); kind++) {
    if (!cursor_.take_list(kKinds[kind].keyword)) continue;
    context_.module.exports.push_back(
        {name, static_cast<ExternKind>(kind), context_.index(kKinds[kind].space), 0});
    return cursor_.expect_close();
  }
  cursor_.fail_unexpected("(func x), (table x), (memory x), (global x) or (tag x)");
}

void ModuleParser::start() {
  if (context_.module.start) return cursor_.fail(cursor_.peek(), "multiple start sections");
  context_.module.start = wasm::FuncIdx{context_.index(Space::func)};
}

// https://webassembly.github.io/spec/core/text/modules.html#element-segments
void ModuleParser::elem() {
  wasm::ElemSegment segment;
  context_.skip_binding();
  bool plain_allowed = false;
  if (cursor_.take_keyword("declare")) {
    segment.mode = wasm::SegmentMode::declarative;
  } else if (cursor_.at(TokenKind::left_paren) && !cursor_.at_list("ref") && !cursor_.at_list("item")) {
    segment.mode = wasm::SegmentMode::active;
    plain_allowed = true;
    if (cursor_.take_list("table")) {
      segment.table = {context_.index(Space::table)};
      cursor_.expect_close();
      plain_allowed = false;
    }
    segment.table_offset = expressions_.constant_in("offset");
  }
  elem_list(segment, plain_allowed);
  context_.module.elems.push_back(std::move(segment));
}

// `func x*`, `reftype expr*`, and `x*` where the segment is active in a table that it does not name.
void ModuleParser::elem_list(wasm::ElemSegment& segment, bool plain_allowed) {
  bool plain = plain_allowed && (cursor_.at_index() || cursor_.at(TokenKind::right_paren));
  if (plain || cursor_.take_keyword("func")) {
    segment.type = ValType::ref({HeapKind::func}, false);
    elem_funcs(segment);
  } else {
    segment.type = reference_type(context_);
    elem_exprs(segment);
    use_plain_funcs(segment);
  }
}

// Expressions that are all `ref.func x`, of type (ref func), are what plain indices mean: one form for both.
void ModuleParser::use_plain_funcs(wasm::ElemSegment& segment) {
  if (segment.type != ValType::ref({HeapKind::func}, false)) return;
  std::vector<wasm::FuncIdx> funcs;
  wasm::Instruction instruction;
  for (const wasm::ConstExpr& expr : segment.exprs) {
    wasm::InstructionReader reader(expr.code, 0, context_.module);
    if (!reader.next(instruction) || instruction.op != wasm::Op::ref_func) return;
    uint32_t function = instruction.index[0];
    if (!reader.next(instruction) || !reader.at_end()) return;
    funcs.push_back({function});
  }
  segment.exprs.clear();
  segment.funcs = std::move(funcs);
}

void ModuleParser::elem_funcs(wasm::ElemSegment& segment) {
  while (cursor_.at_index()) segment.funcs.push_back({context_.index(Space::func)});
}

void ModuleParser::elem_exprs(wasm::ElemSegment& segment) {
  while (cursor_.at(TokenKind::left_paren)) segment.exprs.push_back(expressions_.constant_in("item"));
}

// https://webassembly.github.io/spec/core/text/modules.html#data-segments
void ModuleParser::data() {
  wasm::DataSegment segment;
  context_.skip_binding();
  if (cursor_.at(TokenKind::left_paren)) {
    segment.mode = wasm::SegmentMode::active;
    if (cursor_.take_list("memory")) {
      segment.memory = {context_.index(Space::memory)};
      cursor_.expect_close();
    }
    segment.memory_offset = expressions_.constant_in("offset");
  }
  segment.bytes = data_strings();
  context_.module.datas.push_back(segment);
}

wasm::Bytes ModuleParser::data_strings() {
  wasm::Encoder bytes;
  while (cursor_.at(TokenKind::string)) {
    std::string_view contents = cursor_.string_contents(cursor_.take());
    bytes.bytes(std::as_bytes(std::span(contents.data(), contents.size())));
  }
  return context_.arena.keep(bytes.view());
}

wasm::ConstExpr ModuleParser::zero(AddressType address) {
  wasm::Encoder code;
  code.emit({.op = address == AddressType::i64 ? wasm::Op::i64_const : wasm::Op::i32_const});
  code.emit({.op = wasm::Op::end});
  return {context_.arena.keep(code.view()), 0};
}

// (@custom "name" place? "bytes"*).
// https://webassembly.github.io/spec/core/appendix/custom.html#custom-annotations
void ModuleParser::custom() {
  cursor_.take();
  wasm::CustomSection section;
  if (!cursor_.at(TokenKind::string))
    return cursor_.fail(cursor_.peek(), "@custom annotation: missing section name");
  Token name = cursor_.take();
  section.name = cursor_.string_contents(name);
  if (find_invalid_utf8(section.name))
    return cursor_.fail(name, "@custom annotation: malformed UTF-8 encoding");
  bool before = true; // the end, unless it says otherwise
  section.after = static_cast<uint8_t>(wasm::kSectionOrder.back());
  if (cursor_.at(TokenKind::left_paren)) section.after = custom_place(before);
  section.bytes = data_strings();
  if (!cursor_.failed() && !cursor_.at(TokenKind::right_paren))
    return cursor_.fail(cursor_.peek(),
                        fmt::format("@custom annotation: unexpected token {}: expected a string or ')'",
                                    cursor_.peek().text));
  cursor_.expect_close();
  (before ? customs_before_ : context_.module.customs).push_back(section);
}

// (before first), (after last), (before sec), (after sec): the id of the section in front of the place.
uint8_t ModuleParser::custom_place(bool& before) {
  cursor_.take();
  Token where = cursor_.peek();
  before = cursor_.take_keyword("before");
  if (!before && !cursor_.take_keyword("after")) {
    cursor_.fail(where, "@custom annotation: malformed placement: expected before or after");
    return 0;
  }
  Token kind = cursor_.peek();
  std::optional<uint8_t> place;
  if (before && kind.text == "first") place = 0;
  if (!before && kind.text == "last") {
    place = static_cast<uint8_t>(wasm::kSectionOrder.back());
    before = true; // of the end
  }
  for (const SectionName& row : kSectionNames) {
    if (kind.text != row.text) continue;
    const Section* at = std::ranges::find(wasm::kSectionOrder, row.section);
    if (!before)
      place = static_cast<uint8_t>(row.section);
    else
      place = at == wasm::kSectionOrder.begin() ? uint8_t(0) : static_cast<uint8_t>(at[-1]);
  }
  if (!place) {
    cursor_.fail(kind, "@custom annotation: malformed section kind");
    return 0;
  }
  cursor_.take();
  cursor_.expect_close();
  return *place;
}

} // namespace swage::text
