// Types in text. https://webassembly.github.io/spec/core/text/types.html
#pragma once

#include <unordered_map>

#include "compiler/text/context.h"

namespace swage::text {

/// What identifiers in parameters mean: `(param $x i32)`.
enum class ParamIds : uint8_t {
  refuse, ///< block types, call_indirect: there may be none
  ignore, ///< type definitions: they document
  bind,   ///< functions: they name locals
};

/// The locals of a function: parameters first.
struct LocalScope {
  Ids ids;
  std::unordered_map<uint32_t, std::string_view> names;
  uint32_t count = 0;
};

bool at_value_type(const Cursor& cursor);
ValType value_type(Context& context);
/// A reference type: "funcref", "(ref null $t)".
ValType reference_type(Context& context);
HeapType heap_type(Context& context);

/// `(param ...)* (result ...)*`. Binds in `scope` when `ids` says so.
FuncType params_and_results(Context& context, ParamIds ids, LocalScope* scope = nullptr);

/// `(type x)? (param ...)* (result ...)*`: what it says, before an implicit type is made of it.
struct TypeUse {
  std::optional<uint32_t> index; ///< explicit
  FuncType inline_type;
};
TypeUse parse_type_use(Context& context, ParamIds ids, LocalScope* scope = nullptr);
/// The type index that a type use means, appended when it is implicit and new. `at` is where it stands, for
/// errors.
uint32_t resolve(Context& context, const TypeUse& use);
/// Both at once, for what has no names.
uint32_t type_use(Context& context);
/// The same for a function: its parameters become the first locals of `scope`.
uint32_t function_type_use(Context& context, LocalScope& scope);

/// A block's type: like a type use, but nothing or one result alone need no type.
wasm::BlockType block_type(Context& context);

Limits limits(Context& context);
/// "i32" or "i64" in front of limits; i32 when absent.
AddressType address_type(Context& context);
/// What follows the address type.
MemoryType memory_type(Context& context, AddressType address);
TableType table_type(Context& context, AddressType address);
GlobalType global_type(Context& context);
/// `(pagesize n)?`
uint8_t page_size(Context& context);

/// `(type $id? ...)`, after "(type": appends it to the module's types; identifiers were bound by the first
/// pass.
void type_definition(Context& context);
/// Makes every type that stands alone and is a plain function type known to implicit_type().
void index_func_types(Context& context);

} // namespace swage::text
