// A cursor over bytes that remembers its first failure: after it, every read gives zero and the end is
// reached, so callers read straight through and ask once. The earliest error wins because later ones find the
// reader already failed.
//
// LEB128 is exact: too many bytes ("integer representation too long") and set unused bits ("integer too
// large") are malformed. https://webassembly.github.io/spec/core/binary/values.html
#pragma once

#include <cassert>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "compiler/wasm/module.h"
#include "swage/error.h"

namespace swage::wasm {

class Reader {
public:
  /// `base` is where `bytes` stands in the module: errors give offsets from the module's start.
  Reader(Bytes bytes, uint64_t base, FeatureSet features)
      : begin_(bytes.data()), position_(bytes.data()), end_(bytes.data() + bytes.size()), base_(base),
        features_(features) {}

  bool failed() const { return error_ != nullptr; }
  bool at_end() const { return position_ == end_; }
  size_t position() const { return static_cast<size_t>(position_ - begin_); }
  size_t remaining() const { return static_cast<size_t>(end_ - position_); }
  /// From the start of the module.
  uint64_t offset() const { return base_ + position(); }
  FeatureSet features() const { return features_; }
  /// Bits of every feature that was required so far.
  uint64_t features_used() const { return features_used_; }

  uint8_t byte() {
    if (position_ == end_) return static_cast<uint8_t>(unexpected_end());
    return std::to_integer<uint8_t>(*position_++);
  }
  /// The next byte without taking it, zero at the end.
  uint8_t peek() const { return position_ == end_ ? 0 : std::to_integer<uint8_t>(*position_); }

  uint32_t u32() {
    if (position_ != end_ && std::to_integer<uint8_t>(*position_) < 0x80)
      return std::to_integer<uint8_t>(*position_++);
    return static_cast<uint32_t>(unsigned_leb(32));
  }
  uint64_t u64() { return unsigned_leb(64); }
  int32_t s32() { return static_cast<int32_t>(signed_leb(32)); }
  int64_t s33() { return signed_leb(33); }
  int64_t s64() { return signed_leb(64); }
  uint32_t fixed32() { return fixed<uint32_t>(); }
  uint64_t fixed64() { return fixed<uint64_t>(); }

  /// `count` bytes as a view.
  Bytes take(uint64_t count, const char* message = "unexpected end") {
    if (count > remaining()) {
      fail(message);
      return {};
    }
    Bytes taken(position_, static_cast<size_t>(count));
    position_ += count;
    return taken;
  }
  /// A length and as many bytes of UTF-8. https://webassembly.github.io/spec/core/binary/values.html#names
  std::string_view name();
  /// The count of a vector whose elements take at least one byte each, checked against the bytes that are
  /// left.
  uint32_t count(const char* message = "length out of bounds") {
    uint64_t at = offset();
    uint32_t n = u32();
    if (n > remaining()) fail_at(at, message);
    return failed() ? 0 : n;
  }

  HeapType heap_type();
  /// A value type; `message` says what was expected instead.
  ValType val_type(const char* message = "malformed value type");
  ValType ref_type();

  /// Fails, as unsupported, where the feature is off; records it where it is on.
  bool require(Feature feature, uint64_t at, std::string_view what);
  void use(Feature feature) { features_used_ |= uint64_t{1} << static_cast<int>(feature); }

  void fail(std::string message) { fail_at(offset(), std::move(message)); }
  void fail_at(uint64_t at, std::string message, ErrorCode code = ErrorCode::malformed);
  void fail(Error error);
  /// The failure. Only when failed().
  const Error& error() const { return *error_; }

private:
  template<class T> T fixed() {
    T value = 0;
    Bytes raw = take(sizeof(T));
    for (size_t i = 0; i < raw.size(); i++) value |= static_cast<T>(raw[i]) << 8 * i;
    return value;
  }
  uint64_t unsigned_leb(unsigned bits);
  int64_t signed_leb(unsigned bits);
  int unexpected_end();
  ValType abstract_ref(uint8_t code, uint64_t at, const char* message);

  const std::byte* begin_;
  const std::byte* position_;
  const std::byte* end_;
  uint64_t base_;
  FeatureSet features_;
  uint64_t features_used_ = 0;
  std::unique_ptr<Error> error_; ///< a pointer, so that a reader costs nothing to make
};

/// Whether the bytes are UTF-8 as the spec defines it: no surrogates, no overlong forms.
bool is_utf8(Bytes bytes);

} // namespace swage::wasm
