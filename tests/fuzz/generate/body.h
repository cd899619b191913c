// Writes one function's body: values of a wanted type, and statements that leave the stack as it was.
//
// Recursion is bounded by a depth and the whole by a budget, so that a body ends however it is chosen.
// Everything is well typed by construction; what follows a branch is generated like anything else.
#pragma once

#include <optional>

#include "tests/fuzz/generate/plan.h"

namespace swage::fuzz {

class BodyGenerator {
public:
  BodyGenerator(const Plan& plan, Choices& choices, FuncType type);

  /// The whole body: fuel, statements, results.
  wasm::Body finish_function(Plan& plan);
  /// Calls a function with constants and returns its results as integers.
  wasm::Body finish_run(Plan& plan, wasm::FuncIdx callee, uint32_t fuel);
  /// Returns everything but memories as integers.
  wasm::Body finish_state(Plan& plan);
  /// How many integers, and which, a value of this type becomes.
  static std::vector<ValType> shown_as(ValType type);

private:
  struct Label {
    std::vector<ValType> types; ///< that a branch takes
    bool is_target = true;
  };
  const Label& label_at(uint32_t depth) const { return labels_[labels_.size() - 1 - depth]; }

  // Emission.
  void emit(wasm::Op op, uint32_t first = 0, uint32_t second = 0);
  void i32(int32_t value);
  void i64(int64_t value);
  void constant(ValType type);
  void constant_bits(ValType type, uint64_t low, uint64_t high);
  void get(uint32_t local) { emit(wasm::Op::local_get, local); }
  void set(uint32_t local) { emit(wasm::Op::local_set, local); }
  uint32_t new_local(ValType type);
  wasm::Body finish(Plan& plan);

  // Values.
  void value(ValType type, unsigned depth);
  void values(const std::vector<ValType>& types, unsigned depth);
  void leaf(ValType type);
  void reference(ValType type, unsigned depth);
  void operation(wasm::Op op, std::optional<ValType> wanted, unsigned depth);
  void immediates(wasm::Op op, wasm::Instruction& instruction, std::optional<ValType> wanted);
  void operand(char letter, const wasm::Instruction& instruction, unsigned depth);
  void address(const wasm::Instruction& instruction, unsigned depth);
  void masked(AddressType type, uint64_t mask, unsigned depth);
  void make_canonical(wasm::Op op, ValType type);
  void call_for(ValType type, unsigned depth);

  // Statements.
  void statements(unsigned depth);
  void statement(unsigned depth);
  void assign(unsigned depth);
  void wide(unsigned depth);
  void call(unsigned depth);
  void call_operands(const FuncType& type, unsigned depth) { values(type.params, depth); }
  void drop(size_t count);
  void bulk_memory(unsigned depth);
  void table(unsigned depth);
  void wait(unsigned depth);

  // Control.
  void burn_fuel();
  wasm::BlockType block_type(const std::vector<ValType>& results) const;
  void open(wasm::Op op, const std::vector<ValType>& results, std::vector<ValType> branch_types);
  void close();
  void block(const std::vector<ValType>& results, unsigned depth);
  void if_else(const std::vector<ValType>& results, unsigned depth);
  void loop(const std::vector<ValType>& results, unsigned depth);
  void counted_loop(unsigned depth);
  void branch(unsigned depth);
  void branch_table(unsigned depth);
  void leave(unsigned depth);
  void tail_call(unsigned depth);

  // Loops of vectors.
  void vector_loop();
  void carry(uint32_t local);
  void lane_value(ValType type, unsigned depth);
  void lane_address(AddressType type, wasm::Op op);
  uint32_t base(uint32_t least);

  // What there is of something.
  std::optional<uint32_t> local_of(ValType type);
  std::optional<uint32_t> mutable_global_of(ValType type);
  std::optional<uint32_t> memory_of(AddressType type);
  bool has(wasm::Feature feature) const { return plan_.has(feature); }
  const wasm::Module& module() const { return plan_.module; }

  const Plan& plan_;
  Choices& choices_;
  FuncType type_;
  wasm::Encoder code_;
  std::vector<ValType> locals_;      ///< parameters first
  std::vector<uint32_t> assignable_; ///< not the counters of loops
  std::vector<Label> labels_;        ///< innermost last; the function's own first
  uint32_t budget_ = 0;
  std::optional<uint32_t> counter_; ///< of the innermost counted loop
  bool is_in_vector_loop_ = false;
  uint32_t near_ = 0, far_ = 0;                    ///< starts of its streams
  std::vector<uint32_t> lanes_;                    ///< what the vector loop carries
  std::array<std::optional<uint32_t>, 3> scratch_; ///< for canonical NaNs of f32, f64 and v128
};

} // namespace swage::fuzz
