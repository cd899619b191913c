// Paths within a tree of memory files. A descriptor names a node; resolution begins there and never climbs
// above it.
#include "wasi/memory_files.h"

#include <algorithm>

#include "wasi/path.h"

namespace swage::wasi {

std::string_view next_component(std::string_view& path) {
  size_t end = std::min(path.find('/'), path.size());
  std::string_view component = path.substr(0, end);
  path.remove_prefix(std::min(path.find_first_not_of('/', end), path.size()));
  return component;
}

const uint32_t* MemoryFiles::child(uint32_t directory, std::string_view name) const {
  const std::vector<uint32_t>& children = nodes_[directory].children;
  auto found = std::ranges::find_if(children, [&](uint32_t index) { return nodes_[index].name == name; });
  return found == children.end() ? nullptr : &*found;
}

Errno MemoryFiles::add(std::string_view path, std::vector<std::byte> bytes) {
  uint32_t at = 0;
  if (path.empty() || path.back() == '/') return Errno::inval;
  while (!path.empty()) {
    std::string_view name = next_component(path);
    if (name.empty() || name == "." || name == "..") return Errno::inval;
    if (!nodes_[at].is_directory) return Errno::notdir;
    if (const uint32_t* known = child(at, name)) {
      at = *known;
      continue;
    }
    uint32_t index = static_cast<uint32_t>(nodes_.size());
    nodes_.push_back({.name = std::string(name), .parent = at, .children = {}, .bytes = {}});
    nodes_[at].children.push_back(index);
    at = index;
  }
  if (!nodes_[at].children.empty()) return Errno::isdir;
  nodes_[at].is_directory = false;
  nodes_[at].bytes = std::move(bytes);
  return Errno::success;
}

ErrnoOr<uint32_t> MemoryFiles::resolve(uint32_t directory, std::string_view path) const {
  if (Errno error = check_relative(path); error != Errno::success) return fail_with(error);
  bool needs_directory = path.back() == '/';
  uint32_t at = directory;
  while (!path.empty()) {
    std::string_view name = next_component(path);
    if (!nodes_[at].is_directory) return fail_with(Errno::notdir);
    if (name == ".") continue;
    if (name == "..") {
      if (at == directory) return fail_with(Errno::perm);
      at = nodes_[at].parent;
      continue;
    }
    const uint32_t* found = child(at, name);
    if (found == nullptr) return fail_with(Errno::noent);
    at = *found;
  }
  if (needs_directory && !nodes_[at].is_directory) return fail_with(Errno::notdir);
  return at;
}

} // namespace swage::wasi
