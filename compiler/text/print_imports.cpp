// Imports, those that were written as lists in lists again.
// https://webassembly.github.io/spec/core/text/modules.html#imports
#include <algorithm>

#include "compiler/text/module_printer.h"
#include "compiler/wasm/imports.h"

namespace swage::text {

void ModulePrinter::imports() {
  std::span<const wasm::Import> left = module_.imports;
  for (size_t size = 0; !left.empty(); left = left.subspan(size)) {
    size = wasm::list_size(left);
    line();
    out_ += "(import ";
    append_quoted_name(out_, left[0].module);
    if (left[0].form == wasm::ImportForm::single) {
      space();
      append_quoted_name(out_, left[0].name);
      space();
      import_type(left[0]);
      out_ += ')';
    } else {
      import_list(left.first(size));
    }
  }
}

/// A type that many share has no room for identifiers: where there are some, each has the type once more.
void ModulePrinter::import_list(std::span<const wasm::Import> list) {
  bool has_one_type =
      list[0].form == wasm::ImportForm::shared_type &&
      std::ranges::none_of(list, [&](const wasm::Import& import) { return is_named(import); });
  depth_++;
  for (const wasm::Import& import : list) {
    line();
    out_ += "(item ";
    append_quoted_name(out_, import.name);
    if (!has_one_type) {
      space();
      import_type(import);
    }
    out_ += ')';
  }
  if (has_one_type) {
    line();
    import_type(list[0], Binding::none);
  }
  depth_--;
  out_ += ')';
}

bool ModulePrinter::is_named(const wasm::Import& import) const {
  if (options_.names == NameUse::none) return false;
  bool has_parameters = import.kind == ExternKind::func && module_.names.locals.contains(import.index);
  return has_parameters || ids(space_of(import.kind)).has(import.index);
}

void ModulePrinter::import_type(const wasm::Import& import, Binding binding) {
  out_ += '(';
  out_ += to_string(import.kind);
  uint32_t index = import.index;
  if (binding == Binding::written) bind(space_of(import.kind), index);
  switch (import.kind) {
  case ExternKind::func: {
    auto names = module_.names.locals.find(index);
    bool named = names != module_.names.locals.end() && options_.names == NameUse::identifiers;
    type_use(module_.functions[index], named ? IdTable(names->second, UINT32_MAX) : IdTable());
    break;
  }
  case ExternKind::table: table_type(module_.tables[index].type); break;
  case ExternKind::memory: memory_type(module_.memories[index]); break;
  case ExternKind::global: global_type(module_.globals[index].type); break;
  case ExternKind::tag: type_use({module_.tags[index].type_index}, {}); break;
  }
  out_ += ')';
}

} // namespace swage::text
