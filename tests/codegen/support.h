// Modules for the tests of codegen/, from text, and artifacts from them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/codegen/aot.h"
#include "compiler/wasm/module.h"

namespace swage::test {

/// A valid module with the bytes that it borrows.
struct Source {
  std::vector<std::byte> bytes;
  wasm::Module module;
};

/// Fails the test when the text is no valid module.
Source module_of(std::string_view wat);
std::vector<std::byte> bytes_of(std::string_view wat);

/// A module compiled for x86-64 with AVX2, as text.
std::string compiled(std::string_view wat, OptLevel opt, Emit emit);

/// The output as text.
std::string text_of(const std::vector<std::byte>& bytes);

/// A module of `functions` functions that call and differ from each other.
std::string many_functions(unsigned functions);

} // namespace swage::test
