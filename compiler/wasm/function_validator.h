// Validates one expression at a time: a function's body or a constant expression. The spec's algorithm, with
// its operand stack of types and its control stack of frames, in one pass and without recursion.
//
// An instruction whose row has a signature is checked from the row; one whose signature is "*" by the member
// function of its id. Immediates are checked from the row's letters before either, so that a rule finds every
// index in range. The first failure sticks: pops give `bottom` from then on, rules run to their end, and the
// loop stops after the instruction.
//
// https://webassembly.github.io/spec/core/appendix/algorithm.html
#pragma once

#include <memory>

#include "compiler/wasm/instruction.h"
#include "compiler/wasm/type_rules.h"

namespace swage::wasm {

class FunctionValidator {
public:
  FunctionValidator(const Module& module, const TypeRules& types) : module_(module), types_(types) {}

  /// A defined function's body. https://webassembly.github.io/spec/core/valid/modules.html#functions
  Expected<void> body(FuncIdx function);
  /// A constant expression that may read the first `globals` globals.
  /// https://webassembly.github.io/spec/core/valid/instructions.html#constant-expressions
  Expected<void> constant(const ConstExpr& expr, ValType expected, uint32_t globals);
  /// Bits of every feature that the expressions so far need.
  uint64_t features_used() const { return features_used_; }
  /// Bits of the tables that the bodies so far write (Module::written_tables).
  uint64_t written_tables() const { return written_tables_; }
  /// The functions that the constant expressions so far name.
  std::span<const FuncIdx> references() const { return references_; }

private:
  enum class Context : uint8_t { body, constant };

  /// https://webassembly.github.io/spec/core/appendix/algorithm.html#data-structures
  struct Frame {
    Op op = Op::block;        ///< block, loop, if_, else_, try_, catch_, catch_all or try_table
    bool unreachable = false; ///< below `height`, the stack then has whatever is asked for
    BlockType block;
    uint32_t height = 0; ///< of the operand stack at entry, parameters not counted
    uint32_t inits = 0;  ///< size of the log of initialized locals at entry
  };

  Expected<void> run(Bytes code, uint64_t offset, BlockType type);
  void instruction(const Instruction& insn);
  void check_immediates(const Instruction& insn, std::string_view letters);
  void check_memarg(const Instruction& insn);
  void check_block_type(const BlockType& type);
  void check_constant(const Instruction& insn);
  ValKind address_kind(const Instruction& insn) const;
  void by_signature(const Instruction& insn);
  void by_rule(const Instruction& insn);
  void set_locals(FuncIdx function);

  // Failures.
  void fail(std::string message, ErrorCode code = ErrorCode::invalid);
  void unknown(const char* what, uint32_t index);
  void mismatch(ValType expected, const char* got);
  void mismatch(ValType expected, ValType got);
  bool failed() const { return error_ != nullptr; }
  Error place(Error error, uint64_t offset) const;

  // The operand stack.
  void push(ValType type) { stack_.push_back(type); }
  void push(std::span<const ValType> types) { stack_.insert(stack_.end(), types.begin(), types.end()); }
  ValType pop();
  void pop(ValType expected);
  void pop(std::span<const ValType> types);
  /// A reference of any type, or bottom.
  ValType pop_ref();
  /// Checks the operands on top without taking them.
  void check_top(std::span<const ValType> types);
  bool is_available() const { return stack_.size() > control_.back().height; }

  // The control stack.
  std::span<const ValType> params(const Frame& frame) const;
  std::span<const ValType> results(const Frame& frame) const;
  std::span<const ValType> label_types(uint32_t label) const;
  void enter(Op op, const BlockType& block);
  /// Checks and takes a frame's results, and undoes its initializations; the frame stays.
  void finish();
  void set_unreachable();
  /// Ends the current arm of an if or try and begins another.
  void next_arm(Op op);

  // Types by index, as the caller must have them; null after a failure.
  const FuncType* func_type(uint32_t type);
  const std::vector<FieldType>* struct_fields(uint32_t type);
  const FieldType* array_field(uint32_t type);
  const FuncType* cont_func(uint32_t type);
  const FuncType& function_type(uint32_t function) const { return module_.func_type({function}); }
  const FuncType& tag_type(uint32_t tag) const { return types_.composite(module_.tags[tag].type_index).func; }
  ValType address(MemIdx memory) const {
    return module_.memories[memory.value].address == AddressType::i64 ? kI64 : kI32;
  }
  ValType address(TableIdx table) const {
    return module_.tables[table.value].type.address == AddressType::i64 ? kI64 : kI32;
  }
  ValType element(uint32_t table) const { return module_.tables[table].type.element; }
  ValType local_type(uint32_t local) const;
  static ValType unpacked(const FieldType& field) {
    return field.packing == Packing::none ? field.type : kI32;
  }

  // Shared by several rules.
  void call(const FuncType& type);
  void tail_call(const FuncType& type);
  const FuncType* indirect_callee(const Instruction& insn);
  const FuncType* referenced_callee(const Instruction& insn);
  void check_castable(HeapType type);
  void pop_castable(HeapType target);
  void branch_cast(const Instruction& insn, ValType source, ValType taken, ValType kept);
  void field_get(const FieldType& field, Packing packed);
  const FieldType* struct_field(const Instruction& insn);
  const FieldType* mutable_array(const Instruction& insn);
  bool check_clause(const Catch& clause);
  bool check_handlers(const Instruction& insn, const FuncType& continuation);
  void check_defaultable(const FieldType& field);
  void initialize(uint32_t local);

  // The rules, by id: those of control in validate_control.cpp, of tags and continuations in
  // validate_exceptions.cpp, the others in validate_aggregates.cpp. A row with a signature declares a member
  // too, which nobody names or defines.
#define OP(id, text, feature, code, immediates, signature, lowering) void id(const Instruction& insn);
#include "compiler/wasm/opcodes.inc"

  const Module& module_;
  const TypeRules& types_;
  Context context_ = Context::body;
  uint32_t visible_globals_ = 0; ///< of a constant expression
  std::optional<FuncIdx> function_;
  std::vector<ValType> stack_;
  std::vector<Frame> control_;
  Instruction insn_;
  std::unique_ptr<Error> error_;
  uint64_t features_used_ = 0;
  uint64_t written_tables_ = 0;
  std::vector<FuncIdx> references_;

  // A body of ten bytes may declare 50,000 locals: their types stay in runs, and only the first few are
  // spread out.
  struct Run {
    uint32_t end;
    ValType type;
  };
  std::vector<ValType> first_locals_;
  std::vector<Run> local_runs_;
  uint32_t local_count_ = 0;
  std::vector<bool> initialized_;         ///< empty where every local has a default
  std::vector<uint32_t> initialized_log_; ///< locals in the order that they became initialized
};

} // namespace swage::wasm
