// The text of types and errors, shared by the compiler and the thin runtime; hence std::string only, no fmt.
//
// A type is spelled as the text format spells it, so that a message can be pasted into a .wat file.
// https://webassembly.github.io/spec/core/text/types.html
#include <charconv>
#include <string_view>

#include "swage/error.h"
#include "swage/types.h"

namespace swage {

namespace {

std::string hex(uint64_t value) {
  char digits[16];
  auto [end, status] = std::to_chars(digits, digits + sizeof digits, value, 16);
  return "0x" + std::string(digits, end);
}

std::string to_string(AddressType address, const Limits& limits) {
  std::string text = address == AddressType::i64 ? "i64 " : "";
  text += std::to_string(limits.min);
  if (limits.max) text += " " + std::to_string(*limits.max);
  return text;
}

/// The abbreviation of (ref null HEAP).
std::string_view nullable_name(HeapKind kind) {
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

} // namespace

std::string to_string(HeapType type) {
  switch (type.kind) {
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
  return std::to_string(type.index);
}

std::string to_string(ValType type) {
  switch (type.kind) {
  case ValKind::i32: return "i32";
  case ValKind::i64: return "i64";
  case ValKind::f32: return "f32";
  case ValKind::f64: return "f64";
  case ValKind::v128: return "v128";
  case ValKind::bottom: return "unknown";
  case ValKind::ref: break;
  }
  if (type.nullable && !type.heap.is_concrete()) return std::string(nullable_name(type.heap.kind));
  return (type.nullable ? "(ref null " : "(ref ") + to_string(type.heap) + ")";
}

std::string to_string(const FuncType& type) {
  std::string text;
  auto add = [&text](std::string_view keyword, const std::vector<ValType>& types) {
    if (types.empty()) return;
    if (!text.empty()) text += ' ';
    text += '(';
    text += keyword;
    for (ValType value : types) text += ' ' + to_string(value);
    text += ')';
  };
  add("param", type.params);
  add("result", type.results);
  return text;
}

std::string to_string(const MemoryType& type) {
  std::string text = to_string(type.address, type.limits);
  if (type.is_shared) text += " shared";
  if (type.page_size_log2 != 16)
    text += " (pagesize " + std::to_string(uint64_t{1} << type.page_size_log2) + ")";
  return text;
}

std::string to_string(const TableType& type) {
  return to_string(type.address, type.limits) + " " + to_string(type.element);
}

std::string to_string(const GlobalType& type) {
  return type.is_mutable ? "(mut " + to_string(type.type) + ")" : to_string(type.type);
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
Error& Error::operator=(const Error&) = default;
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
  if (line) text += ":" + std::to_string(*line);
  if (line && column) text += ":" + std::to_string(*column);
  if (!text.empty()) text += ": ";
  text += message;

  std::string where;
  auto add = [&where](const std::string& part) { where += (where.empty() ? "" : ", ") + part; };
  if (offset) add("offset " + hex(*offset));
  if (function)
    add("function " + std::to_string(*function) +
        (function_name.empty() ? "" : " \"" + function_name + "\""));
  if (!opcode.empty()) add(opcode);
  if (!where.empty()) text += " (" + where + ")";
  if (!hint.empty()) text += "; try " + hint;
  return text;
}

} // namespace swage
