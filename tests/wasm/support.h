// Small modules for the tests, from bytes and from text, and the one-line verdict that the tests compare.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "compiler/text/parse.h"
#include "compiler/wasm/decode.h"
#include "compiler/wasm/encode.h"
#include "compiler/wasm/validate.h"

namespace swage::wasm::testing {

using ::testing::HasSubstr;
using ::testing::StartsWith;

inline std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

inline std::vector<std::byte> operator+(std::vector<std::byte> left, const std::vector<std::byte>& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

inline std::vector<std::byte> header() { return bytes_of({0x00, 0x61, 0x73, 0x6D, 0x01, 0x00, 0x00, 0x00}); }

/// A section with its size.
inline std::vector<std::byte> section(int id, const std::vector<std::byte>& contents) {
  Encoder out;
  out.byte(static_cast<uint8_t>(id));
  out.sized(contents);
  return out.take();
}
inline std::vector<std::byte> section(int id, std::initializer_list<int> contents) {
  return section(id, bytes_of(contents));
}

/// "" when the bytes decode and validate, else the error's code and message: "malformed: unexpected end".
inline std::string verdict(const Error& error) {
  const char* code = "";
  switch (error.code) {
  case ErrorCode::malformed: code = "malformed: "; break;
  case ErrorCode::invalid: code = "invalid: "; break;
  case ErrorCode::unsupported: code = "unsupported: "; break;
  case ErrorCode::limit: code = "limit: "; break;
  default: code = "?: "; break;
  }
  return code + error.message;
}

inline std::string verdict(const std::vector<std::byte>& bytes, FeatureSet features = FeatureSet::all()) {
  Expected<Module> module = decode(bytes, features);
  if (!module) return verdict(module.error());
  Expected<void> result = validate(*module);
  return result ? "" : verdict(result.error());
}

/// The same for text. Text that does not parse is the test's fault.
inline std::string verdict(std::string_view wat, FeatureSet features = FeatureSet::all()) {
  Expected<std::vector<std::byte>> bytes = text::parse_module(wat, FeatureSet::all());
  if (!bytes) {
    ADD_FAILURE() << wat << "\ndoes not parse: " << bytes.error().to_string();
    return "text: " + bytes.error().message;
  }
  return verdict(*bytes, features);
}
inline std::string verdict(const char* wat, FeatureSet features = FeatureSet::all()) {
  return verdict(std::string_view(wat), features);
}
inline std::string verdict(const std::string& wat, FeatureSet features = FeatureSet::all()) {
  return verdict(std::string_view(wat), features);
}

/// A module together with the bytes that it borrows.
struct Loaded {
  std::unique_ptr<std::vector<std::byte>> bytes;
  Module module;
};

inline Loaded load(std::vector<std::byte> bytes, FeatureSet features = FeatureSet::all()) {
  Loaded loaded{std::make_unique<std::vector<std::byte>>(std::move(bytes)), {}};
  Expected<Module> module = decode(*loaded.bytes, features);
  if (!module) {
    ADD_FAILURE() << module.error().to_string();
    return loaded;
  }
  loaded.module = std::move(*module);
  Expected<void> result = validate(loaded.module);
  if (!result) ADD_FAILURE() << result.error().to_string();
  return loaded;
}

inline std::vector<std::byte> assemble(std::string_view wat) {
  Expected<std::vector<std::byte>> bytes = text::parse_module(wat, FeatureSet::all());
  if (bytes) return std::move(*bytes);
  ADD_FAILURE() << wat << "\ndoes not parse: " << bytes.error().to_string();
  return {};
}

inline Loaded load(std::string_view wat) { return load(assemble(wat)); }

} // namespace swage::wasm::testing
