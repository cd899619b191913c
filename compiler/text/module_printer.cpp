// A module's fields as text; see printer.h. https://webassembly.github.io/spec/core/text/modules.html
#include "compiler/text/module_printer.h"

#include <algorithm>

#include <fmt/format.h>

#include "compiler/text/section_names.h"

namespace swage::text {

namespace {

constexpr size_t kDeepestIndent = 32;  // levels; beyond, the text would grow with the square of the nesting
constexpr size_t kBytesPerString = 64; // of data, on a line

std::string_view characters(wasm::Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Branch hints by the offset of their instruction in the code, instead of in the function's entry.
std::unordered_map<uint32_t, bool> hints_in_code(const wasm::Module& module, uint32_t function,
                                                 const wasm::Body& body) {
  std::unordered_map<uint32_t, bool> hints;
  auto found = module.branch_hints.find(function);
  if (found == module.branch_hints.end()) return hints;
  uint64_t entry = body.start;
  while (entry < module.bytes.size() && (module.bytes[entry] & std::byte(0x80)) != std::byte(0)) entry++;
  uint64_t locals_size = body.offset - (entry + 1); // the size field ends at `entry`
  for (const wasm::BranchHint& hint : found->second)
    if (hint.offset >= locals_size) hints[static_cast<uint32_t>(hint.offset - locals_size)] = hint.likely;
  return hints;
}

} // namespace

ModulePrinter::ModulePrinter(const wasm::Module& module, const PrintOptions& options)
    : module_(module), options_(options) {
  if (options.names == NameUse::identifiers) name_everything();
}

void ModulePrinter::name_everything() {
  const wasm::Names& names = module_.names;
  auto table = [](const NameMap& map, size_t count) { return IdTable(map, static_cast<uint32_t>(count)); };
  ids(Space::type) = table(names.types, module_.types.size());
  ids(Space::func) = table(names.functions, module_.functions.size());
  ids(Space::table) = table(names.tables, module_.tables.size());
  ids(Space::memory) = table(names.memories, module_.memories.size());
  ids(Space::global) = table(names.globals, module_.globals.size());
  ids(Space::tag) = table(names.tags, module_.tags.size());
  ids(Space::elem) = table(names.elems, module_.elems.size());
  ids(Space::data) = table(names.datas, module_.datas.size());
  for (const auto& [type, fields] : names.fields)
    if (type < module_.types.size())
      field_ids_[type] = table(fields, module_.types[type].composite.fields.size());
}

Expected<std::string> ModulePrinter::print() {
  out_ += "(module";
  if (options_.names == NameUse::identifiers && !module_.names.module.empty())
    out_ += ' ' + id_of(module_.names.module);
  size_t start = out_.size();
  depth_++;
  types();
  imports();
  SWAGE_CHECK(tables());
  memories();
  tags();
  SWAGE_CHECK(globals());
  exports();
  if (module_.start) {
    line();
    out_ += "(start ";
    use(Space::func, module_.start->value);
    out_ += ')';
  }
  SWAGE_CHECK(elems());
  SWAGE_CHECK(functions());
  SWAGE_CHECK(datas());
  custom_sections();
  SWAGE_CHECK(check_size());
  close_lines(start);
  out_ += '\n';
  return std::move(out_);
}

void ModulePrinter::line() {
  out_ += '\n';
  out_.append(2 * std::min(depth_, kDeepestIndent), ' ');
}

void ModulePrinter::bind(Space in, uint32_t index) {
  ids(in).append_binding(out_, index);
  if (!ids(in).has(index)) out_ += fmt::format(" (;{};)", index);
}

void ModulePrinter::close_lines(size_t start) {
  depth_--;
  if (out_.find('\n', start) != std::string::npos) line();
  out_ += ')';
}

void ModulePrinter::use(Space in, uint32_t index) { ids(in).append_use(out_, index); }

Expected<void> ModulePrinter::check_size() const {
  if (out_.size() <= options_.max_bytes) return {};
  return fail(ErrorCode::limit,
              fmt::format("the module's text would be longer than {} bytes", options_.max_bytes));
}

Expected<void> ModulePrinter::tables() {
  for (uint32_t i = module_.imported_tables; i < module_.tables.size(); i++) {
    line();
    out_ += "(table";
    bind(Space::table, i);
    table_type(module_.tables[i].type);
    if (module_.tables[i].init) {
      space();
      SWAGE_CHECK(expression(*module_.tables[i].init));
    }
    out_ += ')';
  }
  return {};
}

void ModulePrinter::memories() {
  for (uint32_t i = module_.imported_memories; i < module_.memories.size(); i++) {
    line();
    out_ += "(memory";
    bind(Space::memory, i);
    memory_type(module_.memories[i]);
    out_ += ')';
  }
}

void ModulePrinter::tags() {
  for (uint32_t i = module_.imported_tags; i < module_.tags.size(); i++) {
    line();
    out_ += "(tag";
    bind(Space::tag, i);
    type_use({module_.tags[i].type_index}, {});
    out_ += ')';
  }
}

Expected<void> ModulePrinter::globals() {
  for (uint32_t i = module_.imported_globals; i < module_.globals.size(); i++) {
    line();
    out_ += "(global";
    bind(Space::global, i);
    global_type(module_.globals[i].type);
    space();
    SWAGE_CHECK(expression(module_.globals[i].init));
    out_ += ')';
  }
  return {};
}

void ModulePrinter::extern_use(ExternKind kind, uint32_t index) {
  out_ += fmt::format("({} ", to_string(kind));
  use(space_of(kind), index);
  out_ += ')';
}

void ModulePrinter::exports() {
  for (const wasm::Export& item : module_.exports) {
    line();
    out_ += "(export ";
    append_quoted_name(out_, item.name);
    space();
    extern_use(item.kind, item.index);
    out_ += ')';
  }
}

Expected<void> ModulePrinter::offset(const wasm::ConstExpr& expr) {
  space();
  return expression_list(expr, "offset");
}

Expected<void> ModulePrinter::elems() {
  for (uint32_t i = 0; i < module_.elems.size(); i++) {
    const wasm::ElemSegment& segment = module_.elems[i];
    line();
    out_ += "(elem";
    bind(Space::elem, i);
    if (segment.mode == wasm::SegmentMode::declarative) out_ += " declare";
    if (segment.mode == wasm::SegmentMode::active) {
      if (segment.table.value != 0) {
        out_ += " (table ";
        use(Space::table, segment.table.value);
        out_ += ')';
      }
      SWAGE_CHECK(offset(segment.table_offset));
    }
    bool plain = segment.exprs.empty() && segment.type == ValType::ref({HeapKind::func}, false);
    space();
    if (plain)
      out_ += "func";
    else
      value_type(segment.type);
    for (wasm::FuncIdx function : segment.funcs) {
      out_ += plain ? " " : " (ref.func ";
      use(Space::func, function.value);
      if (!plain) out_ += ')';
    }
    for (const wasm::ConstExpr& expr : segment.exprs) {
      space();
      SWAGE_CHECK(expression_list(expr, "item"));
    }
    out_ += ')';
    SWAGE_CHECK(check_size());
  }
  return {};
}

Expected<void> ModulePrinter::functions() {
  for (uint32_t i = module_.imported_functions; i < module_.functions.size(); i++) {
    if (i - module_.imported_functions >= module_.bodies.size()) break;
    SWAGE_CHECK(function({i}));
  }
  return {};
}

Expected<void> ModulePrinter::function(wasm::FuncIdx index) {
  const wasm::Body& body = module_.body(index);
  wasm::TypeIdx type = module_.functions[index.value];
  line();
  out_ += "(func";
  bind(Space::func, index.value);
  IdTable local_ids;
  Scope scope;
  if (options_.names == NameUse::identifiers) {
    auto names = module_.names.locals.find(index.value);
    if (names != module_.names.locals.end()) local_ids = IdTable(names->second, UINT32_MAX);
    auto labels = module_.names.labels.find(index.value);
    if (labels != module_.names.labels.end()) scope.label_names = &labels->second;
  }
  type_use(type, local_ids);
  uint32_t params = 0;
  if (type.value < module_.types.size())
    params = static_cast<uint32_t>(module_.func_type(index).params.size());
  size_t start = out_.size();
  depth_++;
  locals(local_ids, body, params);
  SWAGE_CHECK(check_size());
  std::unordered_map<uint32_t, bool> hints = hints_in_code(module_, index.value, body);
  hints_printed_ = hints_printed_ || !hints.empty();
  scope.locals = &local_ids;
  scope.hints = hints.empty() ? nullptr : &hints;
  Expected<void> printed = this->body(body, scope);
  if (!printed) {
    Error error = printed.error();
    error.function = index.value;
    error.function_name = module_.func_name(index);
    return std::unexpected(std::move(error));
  }
  close_lines(start);
  return {};
}

// One list for each run of locals without names.
void ModulePrinter::locals(const IdTable& names, const wasm::Body& body, uint32_t first) {
  uint32_t index = first;
  bool open = false;
  for (const wasm::LocalRun& run : body.locals) {
    for (uint32_t i = 0; i < run.count && out_.size() <= options_.max_bytes; i++, index++) {
      bool named = names.has(index);
      if (open && named) out_ += ')';
      if (!open || named) {
        line();
        out_ += "(local";
        names.append_binding(out_, index);
      }
      space();
      value_type(run.type);
      if (named) out_ += ')';
      open = !named;
    }
  }
  if (open) out_ += ')';
}

Expected<void> ModulePrinter::datas() {
  for (uint32_t i = 0; i < module_.datas.size(); i++) {
    const wasm::DataSegment& segment = module_.datas[i];
    line();
    out_ += "(data";
    bind(Space::data, i);
    if (segment.mode == wasm::SegmentMode::active) {
      if (segment.memory.value != 0) {
        out_ += " (memory ";
        use(Space::memory, segment.memory.value);
        out_ += ')';
      }
      SWAGE_CHECK(offset(segment.memory_offset));
    }
    data_strings(segment.bytes);
    out_ += ')';
    SWAGE_CHECK(check_size());
  }
  return {};
}

void ModulePrinter::data_strings(wasm::Bytes bytes) {
  std::string_view rest = characters(bytes);
  bool several = rest.size() > kBytesPerString;
  depth_++;
  while (!rest.empty()) {
    if (several)
      line();
    else
      space();
    append_quoted(out_, rest.substr(0, kBytesPerString));
    rest.remove_prefix(std::min(rest.size(), kBytesPerString));
  }
  depth_--;
}

// What has a text of its own (names, branch hints) is not written twice.
void ModulePrinter::custom_sections() {
  bool names_printed = options_.names == NameUse::identifiers && !wasm::encode_names(module_.names).empty();
  for (const wasm::CustomSection& section : module_.customs) {
    if (section.name == wasm::kNameSection && (names_printed || options_.names == NameUse::none)) continue;
    if (section.name == wasm::kBranchHintSection && hints_printed_) continue;
    line();
    out_ += "(@custom ";
    append_quoted_name(out_, section.name);
    if (section.after == 0) out_ += " (before first)";
    for (const SectionName& place : kSectionNames)
      if (static_cast<uint8_t>(place.section) == section.after)
        out_ += fmt::format(" (after {})", place.text);
    data_strings(section.bytes);
    out_ += ')';
  }
}

Expected<std::string> print_module(const wasm::Module& module, const PrintOptions& options) {
  return ModulePrinter(module, options).print();
}

} // namespace swage::text
