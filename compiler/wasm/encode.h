// Module -> bytes, the inverse of decode: what the text assembler and the fuzz generator write modules with.
//
// Always the shortest form of every number and the first-choice form of every section, so that equal modules
// give equal bytes and encode(decode(encode(m))) == encode(m). Nothing here checks validity: an invalid
// Module encodes as it stands.
//
// https://webassembly.github.io/spec/core/binary/index.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "compiler/wasm/instruction.h"
#include "compiler/wasm/module.h"

namespace swage::wasm {

/// A growing byte string with a writer for each thing of the binary format. A body's code is written with
/// emit(), `end` included, and kept by the caller for as long as a Module's `Body::code` (a view) names it:
///
///   Encoder code;
///   code.emit({.op = Op::local_get, .index = {0}});
///   code.emit({.op = Op::end});
///   module.bodies.push_back({.locals = {}, .code = code.view()});
class Encoder {
public:
  void byte(uint8_t value) { bytes_.push_back(std::byte{value}); }
  /// LEB128, the shortest form. https://webassembly.github.io/spec/core/binary/values.html#integers
  void u32(uint32_t value) { u64(value); }
  void u64(uint64_t value);
  void s32(int32_t value) { s64(value); }
  void s33(int64_t value) { s64(value); }
  void s64(int64_t value);
  /// Little-endian bits of a float.
  void f32(uint32_t bits);
  void f64(uint64_t bits);
  void bytes(Bytes value) { bytes_.insert(bytes_.end(), value.begin(), value.end()); }
  /// A length and its UTF-8 bytes.
  void name(std::string_view text);
  /// A length and the bytes: section contents, code entries, segments.
  void sized(Bytes contents);

  void heap_type(HeapType type);
  void val_type(ValType type);
  void field_type(const FieldType& type);
  void composite_type(const CompositeType& type);
  void sub_type(const SubType& type);
  void block_type(const BlockType& type);
  void table_type(const TableType& type);
  void memory_type(const MemoryType& type);
  void global_type(const GlobalType& type);
  void tag_type(const TagType& type);

  /// One instruction: its code and the immediates that its row names, each from the member that Instruction
  /// documents.
  void emit(const Instruction& instruction);

  /// Drops what was written after the first `size` bytes.
  void truncate(size_t size) { bytes_.resize(size); }
  size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  /// Valid until the next write.
  Bytes view() const { return bytes_; }
  std::vector<std::byte> take() { return std::move(bytes_); }

private:
  std::vector<std::byte> bytes_;
};

/// The whole module. Sections that would be empty are left out; `data_count` is written when the module has
/// one. Custom sections are written as they are, each after the section that `after` says. Where `customs`
/// has no section "name", one is made from `names` and comes last; where it has no
/// "metadata.code.branch_hint", one is made from `branch_hints` and comes before the code. An element segment
/// is written with plain function indices where its type is (ref func), else as expressions.
std::vector<std::byte> encode(const Module& module);

/// The contents of a name section (without the section's header and its name), empty when there are no names.
/// https://webassembly.github.io/spec/core/appendix/custom.html#name-section
std::vector<std::byte> encode_names(const Names& names);

} // namespace swage::wasm
