#include "tests/codegen/support.h"

#include <gtest/gtest.h>

#include "compiler/text/parse.h"
#include "compiler/wasm/decode.h"
#include "compiler/wasm/validate.h"

namespace swage::test {

std::vector<std::byte> bytes_of(std::string_view wat) {
  Expected<std::vector<std::byte>> bytes = text::parse_module(wat, wasm::FeatureSet::all());
  if (!bytes) {
    ADD_FAILURE() << bytes.error().to_string();
    return {};
  }
  return *std::move(bytes);
}

Source module_of(std::string_view wat) {
  Source source;
  source.bytes = bytes_of(wat);
  Expected<wasm::Module> module = wasm::decode(source.bytes, wasm::FeatureSet::all());
  if (!module) {
    ADD_FAILURE() << module.error().to_string();
    return source;
  }
  source.module = *std::move(module);
  Expected<void> valid = wasm::validate(source.module);
  if (!valid) ADD_FAILURE() << valid.error().to_string();
  return source;
}

std::string compiled(std::string_view wat, OptLevel opt, Emit emit) {
  CompileOptions options;
  options.triple = "x86_64-linux-gnu";
  options.cpu = "x86-64-v3";
  options.opt = opt;
  Expected<std::vector<std::byte>> output = codegen::compile(bytes_of(wat), options, emit);
  EXPECT_TRUE(output) << output.error().to_string();
  return output ? text_of(*output) : "";
}

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string many_functions(unsigned functions) {
  std::string wat = "(module (memory 1) (func $f0 (export \"first\") (param i32) (result i32) local.get 0)\n";
  for (unsigned i = 1; i < functions; i++) {
    std::string n = std::to_string(i), before = std::to_string(i - 1);
    wat += "(func $f" + n + " (param i32) (result i32) local.get 0 i32.const " + n + " i32.mul call $f" +
           before + " i32.load offset=" + n + " i32.const " + n + " i32.add)\n";
  }
  return wat + ")";
}

} // namespace swage::test
