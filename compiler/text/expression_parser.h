// Instructions in text, flat and folded, straight into bytes.
//
// A folded instruction is written after its operands, and blocks nest, both as deep as the text likes: so the
// nesting is an explicit stack of frames, one for each open parenthesis and each flat block, and an
// instruction that waits for its operands lies encoded on a second stack.
// https://webassembly.github.io/spec/core/text/instructions.html
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "compiler/text/context.h"
#include "compiler/text/types.h"
#include "compiler/wasm/instruction.h"

namespace swage::text {

class ExpressionParser {
public:
  explicit ExpressionParser(Context& context) : context_(context), cursor_(context.cursor) {}

  /// instr* up to the parenthesis that closes the surrounding list, which is not taken.
  wasm::ConstExpr constant();
  /// One folded instruction.
  wasm::ConstExpr folded_constant();
  /// `(keyword instr*)` or one folded instruction.
  wasm::ConstExpr constant_in(std::string_view keyword);

  /// A function's instructions, up to the parenthesis that closes it, into `body.code`. `body.locals` is
  /// known already.
  void function_body(uint32_t function, LocalScope& scope, wasm::Body& body);

  /// Asks where in the text the instruction is that is written at an offset of a function's code.
  void find(uint32_t function, uint64_t offset) { wanted_ = {.function = function, .offset = offset}; }
  /// The answer, once the function was read.
  std::optional<size_t> found() const { return wanted_ ? wanted_->position : std::nullopt; }

private:
  enum class FrameKind : uint8_t {
    base,       ///< the whole expression
    operands,   ///< (op imm* HERE)
    block,      ///< (block ... HERE), loop, try_table
    if_head,    ///< (if ... HERE), around its arms
    try_head,   ///< (try ... HERE), around its arms
    arm,        ///< (then HERE), else, do, catch, catch_all
    flat_block, ///< from here on up to `end`
    flat_if,
    flat_else,
    flat_try,
    flat_catch,
    flat_catch_all,
  };
  /// How far the arms of an if_head or try_head have come.
  enum class Stage : uint8_t { start, first_arm, catches, last_arm, delegated };

  struct Frame {
    FrameKind kind = FrameKind::base;
    Stage stage = Stage::start;
    size_t waiting = 0;          ///< where the instruction lies in waiting_
    size_t position = 0;         ///< of the waiting instruction in the text
    std::string_view label = {}; ///< of an if_head: bound when its arms begin
    std::string_view label_name = {};
    std::optional<bool> hint = {}; ///< branch hint of the waiting instruction
  };

  struct Label {
    std::string_view id;
    std::string_view name;
    std::optional<uint32_t> shadowed; ///< what the id meant outside
  };
  struct Hint {
    Token at;
    bool likely;
  };
  struct Wanted {
    uint32_t function = 0;
    uint64_t offset = 0;
    std::optional<size_t> position = {}; ///< in the text
  };
  enum class Extent : uint8_t { list, one_folded };

  wasm::ConstExpr expression(Extent extent);
  void run(Extent extent);
  void open();
  void open_if_arm(Frame& head);
  void open_try_arm(Frame& head);
  void close();
  void flat();
  void flat_arm(wasm::Op op);
  void flat_end();
  void flat_delegate();

  /// Reads the instruction that comes next; its opening parenthesis, if any, was taken.
  std::optional<wasm::Op> operation();
  void begin(wasm::Op op, bool folded);
  void begin_block(wasm::Op op, bool folded);
  void emit(wasm::Op op);
  void write_waiting(const Frame& frame);
  void note_position(size_t position);

  void push_label(std::string_view id, std::string_view name);
  void pop_label();
  void check_label_repeated();

  void branch_hint();
  std::optional<bool> take_hint(wasm::Op op);
  void refuse_hint();
  void note_hint(std::optional<bool> hint);

  // expression_immediates.cpp
  void block_header(std::string_view& id, std::string_view& name);
  void immediates(wasm::Op& op);
  void immediate(char letter, wasm::Op& op, uint32_t*& next_index);
  void memarg(wasm::Op op, bool lane_follows);
  bool optional_index_pair(wasm::Op op);
  void cast_types();
  void catches();
  void handlers();
  void shuffle_lanes();
  uint32_t label();
  uint32_t local();
  uint32_t field(uint32_t type_index);
  void reset_instruction();

  Context& context_;
  Cursor& cursor_;
  LocalScope* scope_ = nullptr; ///< of a function's body, null in a constant expression
  uint32_t function_ = 0;
  uint32_t labels_seen_ = 0;
  size_t locals_size_ = 0; ///< bytes of the body in front of its instructions
  wasm::Encoder code_;
  wasm::Encoder waiting_;
  wasm::Instruction instruction_;
  std::vector<Frame> frames_;
  std::vector<Label> labels_;
  Ids label_ids_; ///< the position in labels_ of the innermost label of an identifier
  std::optional<Hint> hint_;
  size_t position_ = 0; ///< of the instruction that is read, in the text
  std::optional<Wanted> wanted_;
};

} // namespace swage::text
