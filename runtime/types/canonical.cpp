// A group's key is its bytes: everything that distinguishes it, in order. Equal keys are equal groups, so a
// map from keys to ids is the whole algorithm. Types stand in chunks that never move, which makes reading
// lock-free.
#include "runtime/types/canonical.h"

#include <array>
#include <atomic>
#include <bit>
#include <cassert>
#include <mutex>
#include <string>
#include <unordered_map>

namespace swage {

namespace {

/// Chunk k holds kFirstChunk << k types.
constexpr uint32_t kFirstChunk = 64;
constexpr uint32_t kChunks = 24;

struct Place {
  uint32_t chunk;
  uint32_t index;
};

Place place_of(uint32_t id) {
  uint32_t chunk = static_cast<uint32_t>(std::bit_width(id / kFirstChunk + 1)) - 1;
  return {chunk, id - kFirstChunk * ((uint32_t{1} << chunk) - 1)};
}

struct Registry {
  std::mutex mutex; // guards all but reading chunks
  std::unordered_map<std::string, uint32_t> groups;
  uint32_t size = 0;
  std::array<std::atomic<SubType*>, kChunks> chunks{};

  SubType& slot(uint32_t id) {
    Place place = place_of(id);
    assert(place.chunk < kChunks);
    SubType* chunk = chunks[place.chunk].load(std::memory_order_acquire);
    if (chunk == nullptr) {
      chunk = new SubType[size_t{kFirstChunk} << place.chunk];
      chunks[place.chunk].store(chunk, std::memory_order_release);
    }
    return chunk[place.index];
  }
};

/// Never destroyed: modules in static storage may outlive any order of destruction.
Registry& registry() {
  static Registry* instance = new Registry;
  return *instance;
}

/// One recursion group, seen from its module.
struct Group {
  std::span<const SubType> types;    // of the group
  uint32_t begin;                    // module index of the first
  std::span<const uint32_t> earlier; // canonical ids of all types before the group

  bool contains(uint32_t index) const { return index >= begin && index - begin < types.size(); }
};

void put(std::string& key, uint32_t number) {
  key.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void put_index(std::string& key, const Group& group, uint32_t index) {
  bool is_inner = group.contains(index);
  key += is_inner ? 'r' : 'c';
  put(key, is_inner ? index - group.begin : group.earlier[index]);
}

void put_type(std::string& key, const Group& group, ValType type) {
  key += static_cast<char>(type.kind);
  if (!type.is_ref()) return;
  key += static_cast<char>(type.nullable);
  key += static_cast<char>(type.heap.kind);
  if (type.heap.is_concrete()) put_index(key, group, type.heap.index);
}

std::string key_of(const Group& group) {
  std::string key;
  for (const SubType& type : group.types) {
    const CompositeType& composite = type.composite;
    key += static_cast<char>(type.is_final);
    key += static_cast<char>(type.super.has_value());
    if (type.super) put_index(key, group, *type.super);
    key += static_cast<char>(composite.kind);
    switch (composite.kind) {
    case CompositeKind::func:
      put(key, static_cast<uint32_t>(composite.func.params.size()));
      put(key, static_cast<uint32_t>(composite.func.results.size()));
      for (ValType param : composite.func.params) put_type(key, group, param);
      for (ValType result : composite.func.results) put_type(key, group, result);
      break;
    case CompositeKind::struct_:
    case CompositeKind::array:
      put(key, static_cast<uint32_t>(composite.fields.size()));
      for (const FieldType& field : composite.fields) {
        key += static_cast<char>(field.packing);
        key += static_cast<char>(field.is_mutable);
        put_type(key, group, field.type);
      }
      break;
    case CompositeKind::cont: put_index(key, group, composite.cont_func); break;
    }
  }
  return key;
}

/// The type with canonical ids in place of module indices; the group's first id is `first`.
SubType resolved(const Group& group, const SubType& type, uint32_t first) {
  auto resolve = [&](uint32_t& index) {
    index = group.contains(index) ? first + (index - group.begin) : group.earlier[index];
  };
  auto resolve_type = [&](ValType& value) {
    if (value.is_ref() && value.heap.is_concrete()) resolve(value.heap.index);
  };
  SubType result = type;
  if (result.super) resolve(*result.super);
  for (ValType& param : result.composite.func.params) resolve_type(param);
  for (ValType& value : result.composite.func.results) resolve_type(value);
  for (FieldType& field : result.composite.fields) resolve_type(field.type);
  if (result.composite.kind == CompositeKind::cont) resolve(result.composite.cont_func);
  return result;
}

uint32_t canonical_group(const Group& group) {
  Registry& all = registry();
  std::string key = key_of(group);
  std::lock_guard lock(all.mutex);
  auto [entry, is_new] = all.groups.try_emplace(std::move(key), all.size);
  if (is_new)
    for (const SubType& type : group.types) {
      all.slot(all.size) = resolved(group, type, entry->second);
      ++all.size;
    }
  return entry->second;
}

} // namespace

std::vector<uint32_t> canonicalize(std::span<const SubType> types, std::span<const uint8_t> group_begins) {
  std::vector<uint32_t> ids(types.size());
  for (size_t begin = 0, end = 0; begin < types.size(); begin = end) {
    ++end;
    while (end < types.size() && !group_begins[end]) ++end;
    uint32_t id = canonical_group(
        {types.subspan(begin, end - begin), static_cast<uint32_t>(begin), std::span(ids).first(begin)});
    for (size_t i = begin; i < end; ++i) ids[i] = id++;
  }
  return ids;
}

uint32_t canonical_id(const FuncType& type) {
  // The ids inside are canonical: as module indices they would collide with the group's own, so they go
  // through a table that maps the k-th distinct one to itself, and the group stands behind them.
  SubType sub;
  sub.composite.func = type;
  std::vector<uint32_t> ids;
  auto renumber = [&ids](ValType& value) {
    if (!value.is_ref() || !value.heap.is_concrete()) return;
    ids.push_back(value.heap.index);
    value.heap.index = static_cast<uint32_t>(ids.size() - 1);
  };
  for (ValType& param : sub.composite.func.params) renumber(param);
  for (ValType& result : sub.composite.func.results) renumber(result);
  return canonical_group({{&sub, 1}, static_cast<uint32_t>(ids.size()), ids});
}

const SubType& canonical_type(uint32_t id) {
  Place place = place_of(id);
  return registry().chunks[place.chunk].load(std::memory_order_acquire)[place.index];
}

} // namespace swage
