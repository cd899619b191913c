// One instruction with its immediates, read from a body's bytes as the opcode row's letters say. Validation,
// lowering, the printer and `swage inspect` all read bodies through this, so an immediate is decoded in one
// place.
//
// https://webassembly.github.io/spec/core/binary/instructions.html
#pragma once

#include <array>
#include <vector>

#include "compiler/wasm/module.h"
#include "compiler/wasm/opcode.h"
#include "compiler/wasm/reader.h"
#include "swage/error.h"

namespace swage::wasm {

/// https://webassembly.github.io/spec/core/syntax/instructions.html#syntax-memarg
struct MemArg {
  uint32_t align_log2 = 0;
  MemIdx memory;
  uint64_t offset = 0;
};

/// A block's type: nothing, one result, or a type index.
struct BlockType {
  enum class Kind : uint8_t { none, value, index } kind = Kind::none;
  ValType value; ///< kind == value
  TypeIdx type;  ///< kind == index
};

/// A clause of try_table. https://webassembly.github.io/spec/core/syntax/instructions.html#syntax-catch
struct Catch {
  enum class Kind : uint8_t { tag = 0, tag_ref = 1, all = 2, all_ref = 3 } kind = Kind::tag;
  TagIdx tag; ///< of the first two
  uint32_t label = 0;
};

/// A clause of resume. kind 0: (on tag label); 1: (on tag switch).
struct Handler {
  uint8_t kind = 0;
  TagIdx tag;
  uint32_t label = 0;
};

/// An instruction. Which members mean something follows from op_info(op).immediates: each index letter (l f t
/// T g x M d e G k u n) takes the next of `index[0..]` in binary order; the others have members of their own.
/// Reused from one read to the next, so that the vectors keep their storage.
struct Instruction {
  Op op = Op::unreachable;
  uint32_t offset = 0; ///< from the first byte of the expression
  std::array<uint32_t, 3> index = {};
  MemArg memarg = {};
  BlockType block = {};
  uint64_t bits = 0;                  ///< i32, i64 (sign-extended), f32, f64 constants, as bits
  std::array<uint8_t, 16> bytes = {}; ///< a v128 constant, or 16 lanes
  std::array<HeapType, 2> heap = {};
  uint8_t cast_flags = 0;            ///< bit 0: source nullable, bit 1: target nullable
  std::vector<uint32_t> labels = {}; ///< br_table's targets, the default last
  std::vector<ValType> types = {};   ///< select's types
  std::vector<Catch> catches = {};
  std::vector<Handler> handlers = {};
};

/// Reads a body's or a constant expression's instructions in order.
class InstructionReader {
public:
  /// `base` is where `code` stands in the module: errors give offsets from the module's start. Borrows the
  /// code.
  InstructionReader(Bytes code, uint64_t base, const Module& module) : reader_(code, base, module.features) {}
  bool at_end() const { return reader_.at_end(); }
  /// Bytes read so far.
  uint32_t position() const { return static_cast<uint32_t>(reader_.position()); }
  /// Reads the next instruction into `out`. Errors: malformed (unknown opcode, bad LEB, truncated),
  /// unsupported (its feature is off). Does not check indices: validate does.
  Expected<void> next(Instruction& out) {
    if (!read(out)) return std::unexpected(error());
    return {};
  }
  /// The same without the cost of an Expected: false once anything has failed, and error() says what.
  bool read(Instruction& out);
  const Error& error() const { return reader_.error(); }
  /// Bits of the features that the instructions so far need.
  uint64_t features_used() const { return reader_.features_used(); }

private:
  bool read_prefixed(Instruction& out, uint8_t prefix, uint64_t at);
  void read_immediates(Instruction& out, std::string_view letters);
  void read_memarg(MemArg& memarg);
  BlockType read_block_type();

  Reader reader_;
};

} // namespace swage::wasm
