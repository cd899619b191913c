// Objects -> one file, by lld in this process.
//
// lld reads and writes files. Its input is one archive in anonymous memory (not a file descriptor per object:
// a large module has hundreds), its output a pipe: beside a regular file lld would want to create a temporary
// one. It keeps global state: one link at a time.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/codegen/target.h"
#include "swage/error.h"

namespace swage::codegen {

enum class LinkKind : uint8_t { shared, relocatable };

/// A symbol that is another one's place.
struct Alias {
  std::string name, target;
};

/// Links in the given order. The same objects give the same bytes. Errors: limit (what lld said), resource.
Expected<std::vector<std::byte>> link(std::span<const std::string_view> objects, const Target& target,
                                      LinkKind kind, std::span<const Alias> aliases = {});

} // namespace swage::codegen
