// The reader's slow paths: multi-byte LEB128, names, types, failures.
#include "compiler/wasm/reader.h"

#include <fmt/core.h>

namespace swage::wasm {

uint64_t Reader::unsigned_leb(unsigned bits) {
  uint64_t start = offset();
  uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    if (position_ == end_) return static_cast<uint64_t>(unexpected_end());
    uint8_t next = std::to_integer<uint8_t>(*position_++);
    unsigned left = bits - shift;
    if (left <= 7) { // the last byte that fits
      if (next & 0x80)
        fail_at(start, "integer representation too long");
      else if (next >> left != 0)
        fail_at(start, "integer too large");
      return failed() ? 0 : value | uint64_t{next} << shift;
    }
    value |= uint64_t{next & 0x7Fu} << shift;
    if (!(next & 0x80)) return value;
  }
}

int64_t Reader::signed_leb(unsigned bits) {
  uint64_t start = offset();
  uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    if (position_ == end_) return unexpected_end();
    uint8_t next = std::to_integer<uint8_t>(*position_++);
    unsigned left = bits - shift;
    if (left <= 7) {
      // The unused bits must repeat the sign bit.
      uint8_t sign_and_unused = static_cast<uint8_t>(0x7F & ~((1u << (left - 1)) - 1));
      if (next & 0x80)
        fail_at(start, "integer representation too long");
      else if ((next & sign_and_unused) != 0 && (next & sign_and_unused) != sign_and_unused)
        fail_at(start, "integer too large");
      if (failed()) return 0;
    }
    value |= uint64_t{next & 0x7Fu} << shift;
    if (!(next & 0x80)) {
      unsigned used = shift + 7;
      if (used < 64 && (next & 0x40)) value |= ~uint64_t{0} << used;
      return static_cast<int64_t>(value);
    }
  }
}

int Reader::unexpected_end() {
  fail("unexpected end");
  return 0;
}

std::string_view Reader::name() {
  uint32_t length = u32();
  uint64_t at = offset();
  Bytes raw = take(length, "length out of bounds");
  if (!is_utf8(raw)) {
    fail_at(at, "malformed UTF-8 encoding");
    return {};
  }
  return {reinterpret_cast<const char*>(raw.data()), raw.size()};
}

bool is_utf8(Bytes bytes) {
  size_t i = 0;
  auto at = [&](size_t k) { return std::to_integer<uint32_t>(bytes[k]); };
  while (i < bytes.size()) {
    uint32_t lead = at(i);
    size_t length = lead < 0x80 ? 1 : lead >> 5 == 0x6 ? 2 : lead >> 4 == 0xE ? 3 : lead >> 3 == 0x1E ? 4 : 0;
    if (length == 0 || length > bytes.size() - i) return false;
    uint32_t point = length == 1 ? lead : lead & (0x7Fu >> length);
    for (size_t k = 1; k < length; k++) {
      if (at(i + k) >> 6 != 0x2) return false;
      point = point << 6 | (at(i + k) & 0x3F);
    }
    constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < kSmallest[length] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return false;
    i += length;
  }
  return true;
}

namespace {

/// The proposal that an abstract heap type came with.
std::optional<Feature> feature_of(HeapKind kind) {
  switch (kind) {
  case HeapKind::func:
  case HeapKind::extern_: return Feature::reference_types;
  case HeapKind::exn: return Feature::exceptions;
  case HeapKind::noexn: return Feature::gc;
  case HeapKind::cont:
  case HeapKind::nocont: return Feature::stack_switching;
  case HeapKind::any:
  case HeapKind::eq:
  case HeapKind::i31:
  case HeapKind::struct_:
  case HeapKind::array:
  case HeapKind::none:
  case HeapKind::nofunc:
  case HeapKind::noextern: return Feature::gc;
  case HeapKind::concrete: break;
  }
  return std::nullopt;
}

} // namespace

// https://webassembly.github.io/spec/core/binary/types.html#heap-types
HeapType Reader::heap_type() {
  uint64_t at = offset();
  uint8_t code = peek();
  if (code >= 0x40 && code < 0x80) {
    byte();
    return abstract_ref(code, at, "malformed heap type").heap;
  }
  int64_t index = s33();
  if (!failed() && index < 0) fail_at(at, "malformed heap type");
  require(Feature::function_references, at, "a concrete heap type");
  return HeapType::concrete(failed() ? 0 : static_cast<uint32_t>(index));
}

ValType Reader::abstract_ref(uint8_t code, uint64_t at, const char* message) {
  auto kind = static_cast<HeapKind>(code);
  std::optional<Feature> feature = code == 0 ? std::nullopt : feature_of(kind);
  ValType type = ValType::ref({kind}, true);
  if (!feature) {
    fail_at(at, message);
    return type;
  }
  require(*feature, at, to_string(type));
  return type;
}

// https://webassembly.github.io/spec/core/binary/types.html#value-types
ValType Reader::val_type(const char* message) {
  uint64_t at = offset();
  uint8_t code = byte();
  if (failed()) return kI32;
  switch (code) {
  case 0x7F: return kI32;
  case 0x7E: return kI64;
  case 0x7D: return kF32;
  case 0x7C: return kF64;
  case 0x7B: require(Feature::simd, at, "v128"); return kV128;
  case 0x63:
  case 0x64:
    require(Feature::function_references, at, "a typed reference");
    return ValType::ref(heap_type(), code == 0x63);
  default: break;
  }
  return abstract_ref(code, at, message);
}

ValType Reader::ref_type() {
  uint64_t at = offset();
  if (peek() == static_cast<uint8_t>(HeapKind::func)) { // WebAssembly 1.0 has it already, for tables
    byte();
    return kFuncRef;
  }
  ValType type = val_type("malformed reference type");
  if (!failed() && !type.is_ref()) fail_at(at, "malformed reference type");
  return type;
}

bool Reader::require(Feature feature, uint64_t at, std::string_view what) {
  use(feature);
  if (features_.has(feature)) return true;
  Error error;
  error.code = ErrorCode::unsupported;
  error.message = fmt::format("{} needs {}, which is switched off", what, feature_info(feature).flag);
  error.offset = at;
  error.hint = fmt::format("--features {}", feature_info(feature).flag);
  fail(std::move(error));
  return false;
}

void Reader::fail_at(uint64_t at, std::string message, ErrorCode code) {
  if (failed()) return;
  Error error;
  error.code = code;
  error.message = std::move(message);
  error.offset = at;
  fail(std::move(error));
}

void Reader::fail(Error error) {
  if (failed()) return;
  error_ = std::make_unique<Error>(std::move(error));
  position_ = end_;
}

} // namespace swage::wasm
