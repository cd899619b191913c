// A read-only tree of files that the embedder gives as bytes. It is built before the guest runs and never
// changes, so that any number of contexts and threads share it. There are no symbolic links in it, hence no
// way out of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wasi/errno.h"
#include "wasi/types.h"

namespace swage::wasi {

/// Node 0 is the root directory.
class MemoryFiles {
public:
  struct Node {
    std::string name;
    uint32_t parent = 0;
    bool is_directory = true;
    std::vector<uint32_t> children; ///< in the order in which they were added
    std::vector<std::byte> bytes;
  };

  MemoryFiles() : nodes_(1) {}
  /// Adds a file with the directories that lead to it; replaces one of the same path.
  /// Errors: inval for a path with empty, "." or ".." parts; notdir or isdir where it meets a node of the
  /// other kind.
  Errno add(std::string_view path, std::vector<std::byte> bytes);
  /// The node that a path names, seen from a directory. Errors: noent, notdir, perm when it climbs above that
  /// directory.
  ErrnoOr<uint32_t> resolve(uint32_t directory, std::string_view path) const;
  const Node& node(uint32_t index) const { return nodes_[index]; }

private:
  const uint32_t* child(uint32_t directory, std::string_view name) const;
  std::vector<Node> nodes_;
};

/// Takes the text before the next '/' off the front of `path`, and the slashes after it.
std::string_view next_component(std::string_view& path);

} // namespace swage::wasi
