// The text of types and errors, shared by the compiler and the thin runtime; hence std::string only, no fmt.
//
// A type is spelled as the text format spells it, so that a message can be pasted into a .wat file.
// https://webassembly.github.io/spec/core/text/types.html
#include <string_view>

#include "runtime/vocabulary/text.h"
#include "swage/error.h"
#include "swage/types.h"

namespace swage {

namespace {

std::string to_string(AddressType address, const Limits& limits) {
  std::string max = limits.max ? join({" ", decimal(*limits.max)}) : "";
  return join({address == AddressType::i64 ? "i64 " : "", decimal(limits.min), max});
}

const char* name_of(HeapKind kind) {
  switch (kind) {
  case HeapKind::noexn: return "noexn";
  case HeapKind::nofunc: return "nofunc";
  case HeapKind::noextern: return "noextern";
  case HeapKind::nocont: return "nocont";
  case HeapKind::none: return "none";
  case HeapKind::func: return "func";
  case HeapKind::extern_: return "extern";
  case HeapKind::any: return "any";
  case HeapKind::eq: return "eq";
  case HeapKind::i31: return "i31";
  case HeapKind::struct_: return "struct";
  case HeapKind::array: return "array";
  case HeapKind::exn: return "exn";
  case HeapKind::cont: return "cont";
  case HeapKind::concrete: break;
  }
  return "";
}

/// The abbreviation of (ref null HEAP).
const char* nullable_name(HeapKind kind) {
  switch (kind) {
  case HeapKind::noexn: return "nullexnref";
  case HeapKind::nofunc: return "nullfuncref";
  case HeapKind::noextern: return "nullexternref";
  case HeapKind::nocont: return "nullcontref";
  case HeapKind::none: return "nullref";
  case HeapKind::func: return "funcref";
  case HeapKind::extern_: return "externref";
  case HeapKind::any: return "anyref";
  case HeapKind::eq: return "eqref";
  case HeapKind::i31: return "i31ref";
  case HeapKind::struct_: return "structref";
  case HeapKind::array: return "arrayref";
  case HeapKind::exn: return "exnref";
  case HeapKind::cont: return "contref";
  case HeapKind::concrete: break;
  }
  return "";
}

const char* name_of(ValType type) {
  switch (type.kind) {
  case ValKind::i32: return "i32";
  case ValKind::i64: return "i64";
  case ValKind::f32: return "f32";
  case ValKind::f64: return "f64";
  case ValKind::v128: return "v128";
  case ValKind::bottom: return "unknown";
  case ValKind::ref: break;
  }
  return nullable_name(type.heap.kind);
}

} // namespace

std::string to_string(HeapType type) { return type.is_concrete() ? decimal(type.index) : name_of(type.kind); }

std::string to_string(ValType type) {
  if (!type.is_ref() || (type.nullable && !type.heap.is_concrete())) return name_of(type);
  return join({type.nullable ? "(ref null " : "(ref ", to_string(type.heap), ")"});
}

std::string to_string(const FuncType& type) {
  std::string text;
  auto add = [&text](std::string_view keyword, const std::vector<ValType>& types) {
    if (types.empty()) return;
    text += join({text.empty() ? "(" : " (", keyword});
    for (ValType value : types) text += join({" ", to_string(value)});
    text += ')';
  };
  add("param", type.params);
  add("result", type.results);
  return text;
}

std::string to_string(const MemoryType& type) {
  std::string page;
  if (type.page_size_log2 != 16)
    page = join({" (pagesize ", decimal(uint64_t{1} << type.page_size_log2), ")"});
  return join({to_string(type.address, type.limits), type.is_shared ? " shared" : "", page});
}

std::string to_string(const TableType& type) {
  return join({to_string(type.address, type.limits), " ", to_string(type.element)});
}

std::string to_string(const GlobalType& type) {
  std::string value = to_string(type.type);
  return type.is_mutable ? join({"(mut ", value, ")"}) : value;
}

const char* to_string(ExternKind kind) {
  switch (kind) {
  case ExternKind::func: return "func";
  case ExternKind::table: return "table";
  case ExternKind::memory: return "memory";
  case ExternKind::global: return "global";
  case ExternKind::tag: return "tag";
  }
  return "unknown";
}

Error::Error() = default;
Error::Error(const Error&) = default;
Error::Error(Error&&) noexcept = default;
Error& Error::operator=(const Error& other) { return *this = Error(other); }
Error& Error::operator=(Error&&) noexcept = default;
Error::~Error() = default;

std::unexpected<Error> fail(ErrorCode code, std::string message) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  return std::unexpected(std::move(error));
}

std::string Error::to_string() const {
  std::string text = file;
  if (line) text += join({":", decimal(*line)});
  if (line && column) text += join({":", decimal(*column)});
  if (!text.empty()) text += ": ";
  text += message;

  std::string_view separator = " (";
  auto add = [&](std::initializer_list<std::string_view> part) {
    text += join({separator, join(part)});
    separator = ", ";
  };
  if (offset) add({"offset 0x", hex(*offset)});
  if (function && function_name.empty()) add({"function ", decimal(*function)});
  if (function && !function_name.empty()) add({"function ", decimal(*function), " \"", function_name, "\""});
  if (!opcode.empty()) add({opcode});
  if (separator == ", ") text += ")";
  if (!hint.empty()) text += join({"; try ", hint});
  return text;
}

} // namespace swage
