// Identifiers, names and implicit types; see context.h.
#include "compiler/text/context.h"

#include <cassert>

#include <fmt/format.h>

#include "compiler/text/literals.h"

namespace swage::text {

std::string_view space_name(Space space) {
  constexpr std::array<std::string_view, kSpaces> kNames = {"type",   "func", "table",        "memory",
                                                            "global", "tag",  "elem segment", "data segment"};
  return kNames[static_cast<size_t>(space)];
}

wasm::Bytes ByteArena::keep(wasm::Bytes bytes) {
  if (bytes.empty()) return {};
  if (chunks_.empty() || chunks_.back().capacity() - chunks_.back().size() < bytes.size())
    chunks_.emplace_back().reserve(std::max(kChunk, bytes.size()));
  std::vector<std::byte>& chunk = chunks_.back();
  size_t start = chunk.size();
  chunk.insert(chunk.end(), bytes.begin(), bytes.end()); // within its capacity: nothing moves
  return wasm::Bytes(chunk).subspan(start, bytes.size());
}

size_t FuncTypeHash::operator()(const FuncType& type) const {
  uint64_t h = type.params.size();
  auto add = [&h](const ValType& t) {
    uint64_t word =
        uint64_t(t.kind) << 48 | uint64_t(t.nullable) << 40 | uint64_t(t.heap.kind) << 32 | t.heap.index;
    h = (h ^ word) * 0x9E37'79B9'7F4A'7C15u;
    h ^= h >> 29;
  };
  for (const ValType& t : type.params) add(t);
  for (const ValType& t : type.results) add(t);
  return h;
}

uint32_t Context::index(Space which) {
  if (cursor.at(TokenKind::id)) {
    Token id = cursor.take();
    Ids& ids = space(which).ids;
    auto found = ids.find(cursor.id_name(id));
    if (found != ids.end()) return found->second;
    fail_unknown(id, space_name(which));
    return 0;
  }
  return static_cast<uint32_t>(cursor.expect_nat(0xFFFF'FFFF, fmt::format("a {} index", space_name(which))));
}

void Context::fail_unknown(const Token& id, std::string_view what) {
  cursor.fail(id, fmt::format("unknown {} {}", what, id.text));
}

std::unordered_map<uint32_t, std::string_view>* Context::names_of(Space which) {
  wasm::Names& names = module.names;
  switch (which) {
  case Space::type: return &names.types;
  case Space::func: return &names.functions;
  case Space::table: return &names.tables;
  case Space::memory: return &names.memories;
  case Space::global: return &names.globals;
  case Space::tag: return &names.tags;
  case Space::elem: return &names.elems;
  case Space::data: return &names.datas;
  }
  return nullptr;
}

uint32_t Context::bind(Space which) {
  IndexSpace& in = space(which);
  uint32_t index = in.count++;
  bind_local(in.ids, index, space_name(which), *names_of(which));
  return index;
}

void Context::bind_local(Ids& ids, uint32_t index, std::string_view what,
                         std::unordered_map<uint32_t, std::string_view>& names) {
  if (cursor.at(TokenKind::id)) {
    Token id = cursor.take();
    std::string_view name = cursor.id_name(id);
    if (!ids.emplace(name, index).second) cursor.fail(id, fmt::format("duplicate {} {}", what, id.text));
    names[index] = name;
  }
  if (std::optional<std::string_view> name = name_annotation()) names[index] = *name;
}

void Context::skip_binding() {
  cursor.take_if(TokenKind::id);
  name_annotation();
}

// https://webassembly.github.io/spec/core/appendix/custom.html#name-annotations
std::optional<std::string_view> Context::name_annotation() {
  if (!cursor.take_annotation("name")) return std::nullopt;
  std::string_view name = cursor.expect_name("@name annotation");
  cursor.expect_close();
  return name;
}

uint32_t Context::implicit_type(const FuncType& type) {
  auto [found, is_new] = func_types.try_emplace(type, static_cast<uint32_t>(module.types.size()));
  if (is_new) {
    SubType added;
    added.composite.func = type;
    module.rec_group_starts.push_back(found->second);
    module.types.push_back(std::move(added));
  }
  return found->second;
}

const FuncType* Context::func_type(uint32_t type_index) const {
  if (type_index >= module.types.size()) return nullptr;
  const CompositeType& composite = module.types[type_index].composite;
  return composite.kind == CompositeKind::func ? &composite.func : nullptr;
}

} // namespace swage::text
