// What the text format's tests share: from text to bytes, to a module, and back, in one word each.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compiler/text/parse.h"
#include "compiler/text/printer.h"
#include "compiler/wasm/decode.h"

namespace swage::text::test {

using Binary = std::vector<std::byte>;

inline Expected<Binary> parse(std::string_view text) {
  return parse_module(text, wasm::FeatureSet::all(), {.file = "test.wat"});
}

/// "00 61 73 6d": the bytes, a line for each sixteen.
inline std::string hex(wasm::Bytes bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i++) {
    auto byte = std::to_integer<unsigned>(bytes[i]);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
    out += i % 16 == 15 || i + 1 == bytes.size() ? '\n' : ' ';
  }
  return out;
}

/// The text of what was parsed, or the error's message.
inline std::string reprint(const Binary& bytes) {
  Expected<wasm::Module> module = wasm::decode(bytes, wasm::FeatureSet::all());
  if (!module) return "decode: " + module.error().to_string();
  Expected<std::string> text = print_module(*module);
  return text ? *text : "print: " + text.error().to_string();
}

inline std::string parse_and_print(std::string_view text) {
  Expected<Binary> bytes = parse(text);
  return bytes ? reprint(*bytes) : bytes.error().message;
}

/// The message that the text is refused with; empty when it is accepted.
inline std::string refusal(std::string_view text) {
  Expected<Binary> bytes = parse(text);
  return bytes ? std::string() : bytes.error().message;
}

/// The bytes of the code section's first body, as hex, without its locals' count.
inline std::string body_of(std::string_view text) {
  Expected<Binary> bytes = parse(text);
  if (!bytes) return bytes.error().message;
  Expected<wasm::Module> module = wasm::decode(*bytes, wasm::FeatureSet::all());
  if (!module || module->bodies.empty()) return "no body";
  std::string out = hex(module->bodies[0].code);
  return out.substr(0, out.size() - 1);
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ostringstream contents;
  contents << std::ifstream(path, std::ios::binary).rdbuf();
  return std::move(contents).str();
}

} // namespace swage::text::test
