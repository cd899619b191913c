// Types as text. https://webassembly.github.io/spec/core/text/types.html
#include <algorithm>

#include "compiler/text/module_printer.h"
#include "compiler/text/type_names.h"

namespace swage::text {

void ModulePrinter::heap_type(const HeapType& type) {
  if (type.is_concrete()) return use(Space::type, type.index);
  for (const HeapTypeName& row : kHeapTypeNames)
    if (row.kind == type.kind) out_ += row.text;
}

void ModulePrinter::value_type(const ValType& type) {
  for (const ValTypeName& row : kValTypeNames)
    if (row.type == type) {
      out_ += row.text;
      return;
    }
  for (const HeapTypeName& row : kHeapTypeNames)
    if (type.nullable && row.kind == type.heap.kind) {
      out_ += row.nullable_ref;
      return;
    }
  out_ += type.nullable ? "(ref null " : "(ref ";
  heap_type(type.heap);
  out_ += ')';
}

void ModulePrinter::field_type(const FieldType& type) {
  if (type.is_mutable) out_ += "(mut ";
  if (type.packing == Packing::i8)
    out_ += "i8";
  else if (type.packing == Packing::i16)
    out_ += "i16";
  else
    value_type(type.type);
  if (type.is_mutable) out_ += ')';
}

void ModulePrinter::types() {
  const std::vector<uint32_t>& starts = module_.rec_group_starts;
  for (size_t group = 0; group < starts.size(); group++) {
    size_t end = group + 1 < starts.size() ? starts[group + 1] : module_.types.size();
    bool alone = end - starts[group] == 1;
    line();
    size_t start = out_.size();
    if (!alone) {
      out_ += "(rec";
      depth_++;
    }
    for (size_t i = starts[group]; i < end; i++) {
      if (!alone) line();
      type_definition(static_cast<uint32_t>(i));
    }
    if (!alone) close_lines(start);
  }
}

void ModulePrinter::type_definition(uint32_t index) {
  const SubType& type = module_.types[index];
  out_ += "(type";
  bind(Space::type, index);
  bool plain = type.is_final && !type.super;
  if (!plain) {
    out_ += type.is_final ? " (sub final" : " (sub";
    if (type.super) {
      space();
      use(Space::type, *type.super);
    }
  }
  composite_type(index, type.composite);
  out_ += plain ? ")" : "))";
}

void ModulePrinter::composite_type(uint32_t index, const CompositeType& type) {
  switch (type.kind) {
  case CompositeKind::func:
    out_ += " (func";
    signature(type.func, {});
    break;
  case CompositeKind::struct_: {
    out_ += " (struct";
    auto named = field_ids_.find(index);
    for (uint32_t i = 0; i < type.fields.size(); i++) {
      out_ += " (field";
      if (named != field_ids_.end()) named->second.append_binding(out_, i);
      space();
      field_type(type.fields[i]);
      out_ += ')';
    }
    break;
  }
  case CompositeKind::array:
    out_ += " (array ";
    field_type(type.fields[0]);
    break;
  case CompositeKind::cont:
    out_ += " (cont ";
    use(Space::type, type.cont_func);
    break;
  }
  out_ += ')';
}

// Runs of parameters without names share one list.
void ModulePrinter::signature(const FuncType& type, const IdTable& names) {
  for (uint32_t i = 0; i < type.params.size();) {
    out_ += " (param";
    names.append_binding(out_, i);
    bool named = names.has(i);
    do {
      space();
      value_type(type.params[i]);
      i++;
    } while (!named && i < type.params.size() && !names.has(i));
    out_ += ')';
  }
  if (type.results.empty()) return;
  out_ += " (result";
  for (const ValType& result : type.results) {
    space();
    value_type(result);
  }
  out_ += ')';
}

void ModulePrinter::type_use(wasm::TypeIdx type, const IdTable& names) {
  out_ += " (type ";
  use(Space::type, type.value);
  out_ += ')';
  if (type.value >= module_.types.size()) return;
  const CompositeType& composite = module_.types[type.value].composite;
  if (composite.kind == CompositeKind::func) signature(composite.func, names);
}

void ModulePrinter::limits(AddressType address, const Limits& limits) {
  if (address == AddressType::i64) out_ += " i64";
  space();
  number(limits.min);
  if (!limits.max) return;
  space();
  number(*limits.max);
}

void ModulePrinter::memory_type(const MemoryType& type) {
  limits(type.address, type.limits);
  if (type.is_shared) out_ += " shared";
  if (type.page_size_log2 == 16) return;
  out_ += " (pagesize ";
  number(uint64_t(1) << std::min<unsigned>(type.page_size_log2, 63));
  out_ += ')';
}

void ModulePrinter::table_type(const TableType& type) {
  limits(type.address, type.limits);
  space();
  value_type(type.element);
}

void ModulePrinter::global_type(const GlobalType& type) {
  out_ += type.is_mutable ? " (mut " : " ";
  value_type(type.type);
  if (type.is_mutable) out_ += ')';
}

} // namespace swage::text
