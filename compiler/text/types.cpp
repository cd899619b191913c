// See types.h. Types become the model of swage/types.h; wasm::encode writes them.
#include "compiler/text/types.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "compiler/text/literals.h"
#include "compiler/text/type_names.h"

namespace swage::text {

namespace {

std::optional<ValType> named_value_type(std::string_view word) {
  for (const ValTypeName& row : kValTypeNames)
    if (row.text == word) return row.type;
  for (const HeapTypeName& row : kHeapTypeNames)
    if (row.nullable_ref == word) return ValType::ref({row.kind}, true);
  return std::nullopt;
}

} // namespace

bool at_value_type(const Cursor& cursor) {
  if (cursor.at_list("ref")) return true;
  return cursor.at(TokenKind::keyword) && named_value_type(cursor.peek().text).has_value();
}

ValType value_type(Context& context) {
  Cursor& cursor = context.cursor;
  if (cursor.take_list("ref")) {
    bool nullable = cursor.take_keyword("null");
    HeapType heap = heap_type(context);
    cursor.expect_close();
    return ValType::ref(heap, nullable);
  }
  if (cursor.at(TokenKind::keyword)) {
    if (std::optional<ValType> type = named_value_type(cursor.peek().text)) {
      cursor.take();
      return *type;
    }
  }
  cursor.fail_unexpected("a value type");
  return {};
}

ValType reference_type(Context& context) {
  Cursor& cursor = context.cursor;
  bool fits = cursor.at_list("ref");
  if (cursor.at(TokenKind::keyword)) {
    std::optional<ValType> type = named_value_type(cursor.peek().text);
    fits = type && type->is_ref();
  }
  if (fits) return value_type(context);
  cursor.fail_unexpected("a reference type");
  return kFuncRef;
}

HeapType heap_type(Context& context) {
  Cursor& cursor = context.cursor;
  if (cursor.at_index()) return HeapType::concrete(context.index(Space::type));
  if (cursor.at(TokenKind::keyword)) {
    for (const HeapTypeName& row : kHeapTypeNames) {
      if (row.text != cursor.peek().text) continue;
      cursor.take();
      return {row.kind};
    }
  }
  cursor.fail_unexpected("a heap type");
  return {};
}

FuncType params_and_results(Context& context, ParamIds ids, LocalScope* scope) {
  Cursor& cursor = context.cursor;
  FuncType type;
  while (cursor.take_list("param")) {
    bool named = cursor.at(TokenKind::id) || cursor.at(TokenKind::annotation);
    if (named && ids != ParamIds::refuse) {
      if (ids == ParamIds::bind)
        context.bind_local(scope->ids, scope->count, "local", scope->names);
      else
        context.skip_binding();
      type.params.push_back(value_type(context));
      if (scope) scope->count++;
    } else {
      while (!cursor.at(TokenKind::right_paren) && !cursor.failed()) {
        type.params.push_back(value_type(context));
        if (scope) scope->count++;
      }
    }
    cursor.expect_close();
  }
  while (cursor.take_list("result")) {
    while (!cursor.at(TokenKind::right_paren) && !cursor.failed())
      type.results.push_back(value_type(context));
    cursor.expect_close();
  }
  return type;
}

// https://webassembly.github.io/spec/core/text/modules.html#type-uses
TypeUse parse_type_use(Context& context, ParamIds ids, LocalScope* scope) {
  TypeUse use;
  Cursor& cursor = context.cursor;
  Token start = cursor.peek();
  if (cursor.take_list("type")) {
    use.index = context.index(Space::type);
    cursor.expect_close();
  }
  use.inline_type = params_and_results(context, ids, scope);
  if (cursor.at_list("param") || cursor.at_list("type")) {
    cursor.take();
    cursor.fail_unexpected("the order (type ...), (param ...), (result ...)");
  }
  bool is_inline = !use.inline_type.params.empty() || !use.inline_type.results.empty();
  if (!use.index || !is_inline || cursor.failed()) return use;
  const FuncType* type = context.func_type(*use.index);
  if (*use.index >= context.module.types.size()) {
    cursor.fail(start, fmt::format("unknown type {}", *use.index));
  } else if (!type || *type != use.inline_type) {
    cursor.fail(start, fmt::format("inline function type: expected {} as in type {}, got {}",
                                   type ? to_string(*type) : "no function type", *use.index,
                                   to_string(use.inline_type)));
  }
  return use;
}

uint32_t resolve(Context& context, const TypeUse& use) {
  return use.index ? *use.index : context.implicit_type(use.inline_type);
}

uint32_t type_use(Context& context) { return resolve(context, parse_type_use(context, ParamIds::refuse)); }

uint32_t function_type_use(Context& context, LocalScope& scope) {
  TypeUse use = parse_type_use(context, ParamIds::bind, &scope);
  uint32_t index = resolve(context, use);
  // Without inline parameters those of the type take up the first indices.
  if (const FuncType* type = context.func_type(index))
    scope.count = static_cast<uint32_t>(type->params.size());
  return index;
}

// https://webassembly.github.io/spec/core/text/instructions.html#control-instructions
wasm::BlockType block_type(Context& context) {
  TypeUse use = parse_type_use(context, ParamIds::refuse);
  const FuncType& type = use.inline_type;
  wasm::BlockType block;
  if (use.index || !type.params.empty() || type.results.size() > 1) {
    block.kind = wasm::BlockType::Kind::index;
    block.type = {resolve(context, use)};
  } else if (type.results.size() == 1) {
    block.kind = wasm::BlockType::Kind::value;
    block.value = type.results[0];
  }
  return block;
}

AddressType address_type(Context& context) {
  if (context.cursor.take_keyword("i64")) return AddressType::i64;
  context.cursor.take_keyword("i32");
  return AddressType::i32;
}

// Before 64-bit memories, larger numbers were no limits at all; now they are, and validation refuses them
// where too large.
Limits limits(Context& context) {
  uint64_t largest = context.features.has(wasm::Feature::memory64) ? UINT64_MAX : UINT32_MAX;
  Limits limits;
  limits.min = context.cursor.expect_nat(largest, "limits");
  if (context.cursor.at(TokenKind::nat)) limits.max = context.cursor.expect_nat(largest, "limits");
  return limits;
}

// https://github.com/WebAssembly/custom-page-sizes
uint8_t page_size(Context& context) {
  Cursor& cursor = context.cursor;
  if (!cursor.take_list("pagesize")) return 16;
  Token at = cursor.peek();
  uint64_t bytes = cursor.expect_nat(UINT64_MAX, "page size");
  if (!std::has_single_bit(bytes))
    cursor.fail(at, fmt::format("invalid custom page size: expected a power of two, got {}", at.text));
  cursor.expect_close();
  return static_cast<uint8_t>(std::countr_zero(bytes));
}

MemoryType memory_type(Context& context, AddressType address) {
  MemoryType type;
  type.address = address;
  type.limits = limits(context);
  type.is_shared = context.cursor.take_keyword("shared");
  type.page_size_log2 = page_size(context);
  return type;
}

TableType table_type(Context& context, AddressType address) {
  TableType type;
  type.address = address;
  type.limits = limits(context);
  type.element = reference_type(context);
  return type;
}

GlobalType global_type(Context& context) {
  GlobalType type;
  type.is_mutable = context.cursor.take_list("mut");
  type.type = value_type(context);
  if (type.is_mutable) context.cursor.expect_close();
  return type;
}

namespace {

// https://webassembly.github.io/spec/core/text/types.html#composite-types
FieldType field_type(Context& context) {
  Cursor& cursor = context.cursor;
  FieldType field;
  field.is_mutable = cursor.take_list("mut");
  if (cursor.take_keyword("i8"))
    field.packing = Packing::i8;
  else if (cursor.take_keyword("i16"))
    field.packing = Packing::i16;
  else
    field.type = value_type(context);
  if (field.is_mutable) cursor.expect_close();
  return field;
}

void struct_fields(Context& context, uint32_t type_index, std::vector<FieldType>& fields) {
  Cursor& cursor = context.cursor;
  while (cursor.take_list("field")) {
    if (cursor.at(TokenKind::id) || cursor.at(TokenKind::annotation)) {
      std::unordered_map<uint32_t, std::string_view>& names = context.module.names.fields[type_index];
      context.bind_local(context.field_ids[type_index], static_cast<uint32_t>(fields.size()), "field", names);
      fields.push_back(field_type(context));
    } else {
      while (!cursor.at(TokenKind::right_paren) && !cursor.failed()) fields.push_back(field_type(context));
    }
    cursor.expect_close();
  }
}

CompositeType composite_type(Context& context, uint32_t type_index) {
  Cursor& cursor = context.cursor;
  CompositeType type;
  if (cursor.take_list("func")) {
    type.func = params_and_results(context, ParamIds::ignore);
  } else if (cursor.take_list("struct")) {
    type.kind = CompositeKind::struct_;
    struct_fields(context, type_index, type.fields);
  } else if (cursor.take_list("array")) {
    type.kind = CompositeKind::array;
    type.fields.push_back(field_type(context));
  } else if (cursor.take_list("cont")) {
    type.kind = CompositeKind::cont;
    type.cont_func = context.index(Space::type);
  } else {
    cursor.fail_unexpected("a composite type: (func ...), (struct ...), (array ...) or (cont ...)");
  }
  cursor.expect_close();
  return type;
}

} // namespace

// https://webassembly.github.io/spec/core/text/types.html#recursive-types
void type_definition(Context& context) {
  Cursor& cursor = context.cursor;
  context.skip_binding();
  auto type_index = static_cast<uint32_t>(context.module.types.size());
  SubType type;
  if (cursor.take_list("sub")) {
    type.is_final = cursor.take_keyword("final");
    if (cursor.at_index()) type.super = context.index(Space::type);
    if (cursor.at_index())
      cursor.fail(cursor.peek(), "sub type: expected at most one super type, got two", ErrorCode::invalid);
    type.composite = composite_type(context, type_index);
    cursor.expect_close();
  } else {
    type.composite = composite_type(context, type_index);
  }
  cursor.expect_close();
  context.module.types.push_back(std::move(type));
}

void index_func_types(Context& context) {
  const std::vector<uint32_t>& starts = context.module.rec_group_starts;
  const std::vector<SubType>& types = context.module.types;
  for (size_t i = 0; i < starts.size(); i++) {
    size_t end = i + 1 < starts.size() ? starts[i + 1] : types.size();
    if (end - starts[i] != 1) continue;
    const SubType& type = types[starts[i]];
    if (type.is_final && !type.super && type.composite.kind == CompositeKind::func)
      context.func_types.emplace(type.composite.func, starts[i]);
  }
}

} // namespace swage::text
