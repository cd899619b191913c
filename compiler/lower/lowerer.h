// One function body (or constant expressions) from Wasm to LLVM IR, in one pass over its bytes.
//
// Locals and the operand stack are SSA values from the start, without allocas. Structured control makes that
// easy: a loop's header gets phis for the locals that the loop assigns (a scan over the body beforehand knows
// them), a join gets phis where its edges disagree. Each open block keeps a log of the locals changed in it,
// so that a branch costs what was changed and not the number of locals. Code that cannot be reached is
// skipped, not lowered.
//
// The public pass is lowerer.cpp. The member functions after "Instructions" are named in the `lowering`
// column of opcodes.inc: each is one instruction or a family of them, takes its operands from the stack and
// its immediates from `instruction_`, and pushes its results.
#pragma once

#include <initializer_list>
#include <span>
#include <vector>

#include <llvm/ADT/DenseMap.h>
#include <llvm/IR/IRBuilder.h>

#include "compiler/lower/environment.h"
#include "compiler/lower/loops.h"
#include "compiler/wasm/instruction.h"

namespace swage::lower {

/// How a narrow value becomes a wide one.
enum class Extend : uint8_t { none, sext, zext };
/// The lanes of a v128.
enum class Shape : uint8_t { i8x16, i16x8, i32x4, i64x2, f32x4, f64x2 };
enum class Half : uint8_t { low, high };
enum class Sign : uint8_t { s, u };
enum class Extremum : uint8_t { min, max };
/// Whether an edge case is the spec's or, for relaxed instructions, what the host does.
enum class Exactness : uint8_t { spec, host };
/// Whether a call is the last thing that the function does.
enum class Tail : uint8_t { no, must };
/// Whether null is an instance of a cast's target.
enum class Nullable : uint8_t { no, yes };
/// When a br_on_cast branches.
enum class OnCast : uint8_t { success, failure };

class Lowerer {
public:
  /// `function` must be empty and defined by Environment::define.
  Lowerer(Environment& environment, llvm::Function& function);

  /// Fills the function with the body of a defined function, and finishes it.
  void lower_body(wasm::FuncIdx index);

  /// For a function made of constant expressions: emits one where the builder stands, and gives its value.
  llvm::Value* lower_expression(const wasm::ConstExpr& expression);
  /// A global's cell.
  llvm::Value* global_cell(uint32_t index);
  llvm::IRBuilder<>& builder() { return b_; }
  /// After the last instruction.
  void finish();

private:
  void run(wasm::Bytes code, uint64_t offset);
  void dispatch();
  void skip();
  void sweep();

  // Frames and SSA: frames.cpp.
  static constexpr uint32_t kNoFrame = ~uint32_t{0};
  /// try_: the body of a legacy try; catch_: one of its handlers.
  enum class FrameKind : uint8_t { function, expression, block, loop, if_, try_, catch_, try_table };
  /// A way into a join: the results, and the locals that have changed since the frame began.
  struct Edge {
    llvm::BasicBlock* from = nullptr;
    std::vector<llvm::Value*> results;
    std::vector<std::pair<uint32_t, llvm::Value*>> locals;
    uint32_t rank = 0; ///< of an exception's way: how often it was condensed
  };
  struct Frame {
    struct Change {
      uint32_t local;
      uint32_t outer_mark; ///< marks_[local] when the frame began
      llvm::Value* old;    ///< its value when the frame began
    };
    FrameKind kind = FrameKind::block;
    uint32_t height = 0; ///< of the stack, below the parameters
    uint32_t params = 0;
    uint32_t results = 0;
    llvm::BasicBlock* join = nullptr;       ///< of a loop the header; of others made with the first edge
    std::vector<Edge> edges;                ///< into the join
    std::vector<Change> changes;            ///< each local once
    std::vector<llvm::PHINode*> phis;       ///< of a loop: parameters, then loop_locals
    std::span<const uint32_t> loop_locals;  ///< of a loop
    llvm::Instruction* condition = nullptr; ///< of an if, until its else: the branch
    llvm::BasicBlock* else_block = nullptr; ///< of an if
    std::vector<llvm::Value*> else_params;  ///< of an if
  };
  /// One local, while edges are compared.
  struct Merge {
    uint32_t local = 0;
    llvm::Value* value = nullptr; ///< of the first edge that changed it; in the end, of all edges together
    llvm::Value* base = nullptr;  ///< of the edges that did not change it
    size_t count = 0;             ///< edges that changed it
    bool is_uniform = true;       ///< all these to the same value
    llvm::PHINode* phi = nullptr;
    const Edge* last_edge = nullptr;
  };
  struct Arity {
    uint32_t params = 0;
    uint32_t results = 0;
  };
  Arity block_arity() const;
  void push_frame(FrameKind kind, uint32_t params, uint32_t results);
  Frame& label(uint32_t depth) { return frames_[frames_.size() - 1 - depth]; }
  void set_local(uint32_t local, llvm::Value* value);
  void restore_locals(Frame& frame);
  llvm::BasicBlock* branch_target(uint32_t depth, llvm::BasicBlock* from);
  void branch_if(llvm::Value* condition, uint32_t depth);
  void branch_to(uint32_t depth);
  Edge edge_since(uint32_t frame, llvm::BasicBlock* from);
  void add_edge(uint32_t depth, llvm::BasicBlock* from);
  llvm::Value* merge_result(std::span<const Edge> edges, size_t k);
  void merge_locals(std::span<const Edge> edges, uint32_t frame);
  void close_frame();
  void join_edges();
  void emit_return();
  void become_unreachable();

  // Exceptions: exception.cpp.
  static constexpr uint32_t kNoTry = ~uint32_t{0};
  /// An open try_table or legacy try.
  struct Try {
    uint32_t frame = 0;                    ///< its index
    uint32_t outer = kNoTry;               ///< the try that gets what this one does not catch
    std::vector<wasm::Catch> clauses = {}; ///< of a try_table
    std::vector<Edge> edges = {};          ///< into the dispatch: the exception, and the locals
    llvm::BasicBlock* dispatch = nullptr;  ///< of what the body throws; made with the first edge
    llvm::BasicBlock* pad = nullptr;       ///< for calls, as long as the locals are as in pad_version
    uint64_t pad_version = 0;
    // Of a legacy try whose body has ended, where anything is thrown:
    llvm::Value* exception = nullptr;
    llvm::BasicBlock* next_clause = nullptr; ///< where no clause has matched yet; null after catch_all
    std::vector<std::pair<uint32_t, llvm::Value*>> locals =
        {}; ///< that differ at the clauses from before the try
  };
  void open_try(FrameKind kind);
  void leave_arm();
  llvm::Value* open_handler(Try& handled);
  void join_or_stop();
  void begin_arm();
  void end_try_table();
  void end_try();
  llvm::BasicBlock* landing_pad();
  void add_throw_edge(uint32_t handler, llvm::Value* exception);
  void condense(Try& handled);
  void throw_to(uint32_t handler, llvm::Value* exception);
  uint32_t handler_around(uint32_t frame) const;
  llvm::Value* tag_rtt(uint32_t tag);
  llvm::BasicBlock* match_tag(uint32_t tag, llvm::Value* exception);
  llvm::Value* payload_address(llvm::Value* exception, uint32_t tag, uint32_t k);
  void push_payload(uint32_t tag, llvm::Value* exception);

  // The operand stack.
  void push(llvm::Value* value) { stack_.push_back(value); }
  llvm::Value* pop() {
    llvm::Value* value = stack_.back();
    stack_.pop_back();
    return value;
  }
  llvm::Value* pop_condition();
  void push_bool(llvm::Value* value);

  // Blocks, places and traps: traps.cpp.
  llvm::BasicBlock* new_block(const char* name);
  void start_block(llvm::BasicBlock* block);
  llvm::DebugLoc place(uint32_t column) const;
  void mark_fault(llvm::Instruction* access, TrapCode code) const;
  llvm::BasicBlock* trap_block(TrapCode code);
  void trap_if(llvm::Value* condition, TrapCode code);
  void trap_unless(llvm::Value* condition, TrapCode code);
  void weigh(llvm::Instruction* branch);
  uint32_t first_instruction_offset(const wasm::Body& body) const;

  // The context: context.cpp.
  llvm::Value* context_argument() { return function_.getArg(0); }
  llvm::Value* field_address(llvm::IRBuilder<>& builder, llvm::Value* base, uint64_t offset);
  llvm::Value* invariant_load(llvm::IRBuilder<>& builder, llvm::Value* base, uint64_t offset,
                              llvm::Type* type);
  llvm::Value* entry_load(uint64_t offset, llvm::Type* type);
  llvm::LoadInst* load_field(llvm::Value* base, uint64_t offset, llvm::Type* type, Region region);
  llvm::CallInst* call_builtin(abi::Builtin builtin, std::initializer_list<llvm::Value*> arguments);
  llvm::CallInst* call_cold_builtin(abi::Builtin builtin, std::initializer_list<llvm::Value*> arguments);
  llvm::CallInst* call_through(llvm::Value* builtins, abi::Builtin builtin,
                               std::initializer_list<llvm::Value*> arguments);
  llvm::Value* overflow_cell(llvm::IRBuilder<>& builder, uint32_t k);

  // Calls: call.cpp.
  struct Callee {
    llvm::Value* code;
    llvm::Value* context;
  };
  void receive_parameters(const FuncType& type);
  std::vector<llvm::Value*> pop_arguments(const FuncType& type);
  Callee direct_callee(wasm::FuncIdx function);
  Callee reference_callee(llvm::Value* reference);
  Callee closed_table_callee(uint32_t type, uint32_t table);
  void check_signature(llvm::Value* reference, uint32_t type);
  void emit_call(const FuncType& type, Callee callee, std::vector<llvm::Value*> arguments, Tail tail);

  llvm::Value* table_reference(uint32_t table);
  Callee checked_callee(llvm::Value* reference, uint32_t type, uint32_t table);
  llvm::Value* own_reference(wasm::FuncIdx function);

  // Profiles: counting.cpp.
  struct LikelyTarget {
    wasm::FuncIdx function;
    uint64_t element = 0; ///< of a closed table: its index
    uint64_t count = 0;
  };
  /// An indirect call that tries likely targets first.
  struct Promoted {
    struct Arm {
      llvm::BasicBlock* from = nullptr;
      std::vector<llvm::Value*> results;
    };
    std::vector<llvm::Value*> stack = {}; ///< before the arguments are taken
    std::vector<Arm> arms = {};
    llvm::BasicBlock* join = nullptr; ///< null when there are no arms, or they are tail calls
  };
  void begin_profile(wasm::FuncIdx index);
  const Site* site();
  llvm::Value* counter_address(llvm::Value* counter);
  void add_one(llvm::Value* address);
  void count_condition(llvm::Value* condition);
  void count_label(llvm::Value* index);
  void count_call();
  void count_target(llvm::Value* target);
  void count_reference(llvm::Value* reference);
  void count_element(llvm::Value* index);
  bool weigh_by_profile(llvm::Instruction* branch);
  void weigh_call(llvm::CallBase& call);
  static llvm::SmallVector<uint64_t, 8> switch_weights(const llvm::SwitchInst& instruction,
                                                       std::span<const uint64_t> counts);
  std::vector<LikelyTarget> likely_targets(uint32_t type, const ClosedTable* table);
  std::vector<LikelyTarget> few_targets(uint32_t type, const ClosedTable& table) const;
  Promoted promote_element(llvm::Value* index, uint32_t type, uint32_t table, Tail tail);
  Promoted promote_reference(llvm::Value* reference, uint32_t type, Tail tail);
  void direct_arm(Promoted& promoted, llvm::BasicBlock* block, const LikelyTarget& target, uint32_t type,
                  Tail tail);
  void join_promoted(const Promoted& promoted);

  // Memories: memory.cpp, bulk.cpp, atomic.cpp.
  bool is_guarded(const MemoryType& type) const;
  llvm::Value* memory_base(uint32_t memory);
  llvm::Value* memory_state(uint32_t memory);
  llvm::Value* memory_bytes(uint32_t memory);
  llvm::MDNode* size_range(const MemoryType& type);
  static AddressType shorter(AddressType x, AddressType y) { return x == AddressType::i64 ? y : x; }
  llvm::Value* pop_address(AddressType type);
  void push_address(llvm::Value* value, AddressType type);
  void check_bounds(uint32_t memory, llvm::Value* index, uint64_t offset, uint64_t width);
  llvm::Value* checked_range(uint32_t memory, llvm::Value* index, uint64_t length);
  struct Range {
    uint32_t memory;
    llvm::Value* start; ///< as i64
  };
  bool grows_for_speed() const;
  bool moves_short_ranges(const MemoryType& type) const;
  void copy_short(Range to, Range from, llvm::Value* length, llvm::function_ref<void()> call);
  llvm::Value* load_piece(uint32_t memory, llvm::Value* pointer, uint32_t width);
  void store_piece(uint32_t memory, llvm::Value* pointer, llvm::Value* value);
  llvm::Value* pointer_at(uint32_t memory, llvm::Value* index, uint64_t offset, uint32_t width);
  llvm::Value* pop_pointer(uint32_t width);
  template<class Access> void set_sharing(Access* access, uint32_t memory, uint64_t width);
  llvm::Value* pop_load(llvm::Type* type);
  void pop_store(llvm::Value* value);
  void check_alignment(llvm::Value* index, uint32_t width);
  llvm::Value* pop_atomic_pointer(uint32_t width);
  llvm::Value* pop_checked_address(uint32_t width);
  void finish_atomic(llvm::Instruction* access);

  // Tables: table.cpp.
  llvm::Value* table_state(uint32_t table);
  llvm::Value* table_length(uint32_t table);
  llvm::Value* table_element(uint32_t table, llvm::Value* index, TrapCode out_of_bounds);
  llvm::Value* load_element(llvm::Value* element);

  // Objects: aggregate.cpp, cast.cpp.
  llvm::Type* storage_type(const FieldType& field) const;
  llvm::Align storage_align(const FieldType& field) const;
  llvm::Value* rtt(uint32_t type);
  llvm::Value* load_storage(llvm::Value* address, const FieldType& field, ObjectPart part, Extend extend);
  void store_storage(llvm::Value* value, llvm::Value* address, const FieldType& field, ObjectPart part);
  llvm::Value* call_allocator(abi::Builtin builtin, std::initializer_list<llvm::Value*> arguments);
  llvm::Value* allocate(llvm::Value* type, llvm::Value* size, llvm::Value* is_small, llvm::Value* length);
  llvm::Value* null_checked(llvm::Value* reference, TrapCode code);
  llvm::Value* new_struct(uint32_t type);
  const FieldType& element_type(uint32_t type) const;
  void store_length(llvm::Value* length, llvm::Value* array);
  llvm::Value* load_length(llvm::Value* array);
  llvm::Value* element_address(llvm::Value* array, uint32_t type, llvm::Value* index);
  llvm::Value* new_array(uint32_t type, llvm::Value* length);
  void fill_elements(llvm::Value* array, uint32_t type, llvm::Value* begin, llvm::Value* count,
                     llvm::Value* value);
  llvm::Value* pop_element();
  llvm::Value* low_bits(llvm::Value* reference, uint64_t mask);
  llvm::Value* object_is(llvm::Value* object, uint32_t type);
  llvm::Value* function_is(llvm::Value* reference, uint32_t type);
  template<class Test> llvm::Value* and_then(llvm::Value* condition, Test test);
  llvm::Value* is_instance(llvm::Value* reference, HeapType type);
  llvm::Value* matches(llvm::Value* reference, HeapType type, Nullable nullable);

  // Numbers: numeric.cpp, conversion.cpp.
  llvm::Value* canonical_nan(llvm::Value* value);
  llvm::Value* quiet(llvm::Value* value);
  llvm::Value* float_binary(llvm::Instruction::BinaryOps op, llvm::Value* x, llvm::Value* y);
  llvm::Value* float_unary(llvm::Intrinsic::ID id, llvm::Value* x);
  llvm::Value* round_by_arithmetic(llvm::Intrinsic::ID id, llvm::Value* x);
  llvm::Value* first_if_beyond(Extremum which, llvm::Value* x, llvm::Value* y);
  llvm::Value* float_extremum(Extremum which, llvm::Value* x, llvm::Value* y);
  llvm::Value* float_demote(llvm::Value* x, llvm::Type* type);
  llvm::Value* saturate(llvm::Value* x, llvm::Type* type, Sign sign);
  llvm::Value* shift_count(llvm::Value* count, uint32_t bits);
  llvm::Value* wide(llvm::Value* low, llvm::Value* high);
  void push_wide(llvm::Value* value);

  // Vectors: vector*.cpp.
  llvm::FixedVectorType* vector_type(Shape shape) const;
  llvm::Value* pop_vector(Shape shape);
  llvm::Value* pop_lane(Shape shape);
  void push_vector(llvm::Value* value);
  llvm::Value* swizzle(llvm::Value* table, llvm::Value* indices, Exactness exactness);
  llvm::Value* lane_bits(llvm::Value* conditions);
  llvm::Value* lanes(llvm::Value* x, int first, int step, int count);
  llvm::Value* half_of(llvm::Value* x, Half half);
  llvm::Value* extend_lanes(llvm::Value* x, Extend extend);
  llvm::Value* pairwise_sum(llvm::Value* x);
  llvm::Value* extadd_pairwise(llvm::Value* x, Extend extend);
  std::optional<llvm::Intrinsic::ID> x86_pack(unsigned bits, Extend extend) const;
  llvm::Value* x86_truncate_unsigned(llvm::Value* x);
  llvm::Value* nan_to_zero(llvm::Value* x);
  llvm::Value* positive_or_zero(llvm::Value* x);
  llvm::Value* x86_truncate_f32x4(llvm::Value* x);
  llvm::Value* with_zeros(llvm::Value* pair);
  Exactness relaxed() const;
  void relaxed_madd(Shape shape, llvm::Value* x, llvm::Value* y, llvm::Value* z);
  llvm::Value* byte_dot(llvm::Value* x, llvm::Value* y);

  // Instructions. Not lowered yet; check_lowerable refuses them:
  void refused();
  // control.cpp, call.cpp
  void unreachable();
  void nop();
  void block();
  void loop();
  void if_();
  void else_();
  void end();
  void br();
  void br_if();
  void br_table();
  void return_();
  // exception.cpp
  void try_table();
  void throw_();
  void throw_ref();
  void try_();
  void catch_();
  void catch_all();
  void delegate();
  void rethrow();
  void call(Tail tail);
  void call_indirect(Tail tail);
  void call_ref(Tail tail);
  // variable.cpp
  void drop();
  void select_();
  void local_get();
  void local_set();
  void local_tee();
  void global_get();
  void global_set();
  // reference.cpp, table.cpp
  void ref_null();
  void ref_is_null();
  void ref_func();
  void ref_as_non_null();
  void br_on_null();
  void br_on_non_null();
  // cast.cpp, aggregate.cpp
  void ref_eq();
  void ref_test(Nullable nullable);
  void ref_cast(Nullable nullable);
  void br_on_cast(OnCast branch);
  void ref_i31();
  void i31_get(Sign sign);
  void struct_new();
  void struct_new_default();
  void struct_get(Extend extend);
  void struct_set();
  void array_new();
  void array_new_default();
  void array_new_fixed();
  void array_new_segment(abi::Builtin builtin);
  void array_get(Extend extend);
  void array_set();
  void array_len();
  void array_fill();
  void array_copy();
  void array_init(abi::Builtin builtin);
  void table_get();
  void table_set();
  void table_size();
  void table_grow();
  void table_fill();
  void table_copy();
  void table_init();
  void elem_drop();
  // memory.cpp, bulk.cpp
  void load(llvm::Type* type);
  void load_extend(uint32_t bits, llvm::Type* type, Extend extend);
  void store();
  void store_wrapped(uint32_t bits);
  void memory_size();
  void memory_grow();
  void memory_fill();
  void memory_copy();
  void memory_init();
  void data_drop();
  // atomic.cpp
  void atomic_load(uint32_t bits, llvm::Type* type);
  void atomic_store(uint32_t bits);
  void atomic_rmw(uint32_t bits, llvm::AtomicRMWInst::BinOp op);
  void atomic_cmpxchg(uint32_t bits);
  void atomic_fence();
  void memory_atomic_notify();
  void memory_atomic_wait(abi::Builtin builtin, uint32_t width);
  // numeric.cpp
  void constant();
  void eqz();
  void compare(llvm::CmpInst::Predicate predicate);
  void binary(llvm::Instruction::BinaryOps op);
  void unary(llvm::Intrinsic::ID id);
  void float_unary(llvm::Intrinsic::ID id);
  void count_zeros(llvm::Intrinsic::ID id);
  void shift(llvm::Instruction::BinaryOps op);
  void rotate(llvm::Intrinsic::ID funnel_shift);
  void divide(Sign sign);
  void remainder(Sign sign);
  void negate();
  void float_copysign();
  void extremum(Extremum which);
  void binary128(llvm::Instruction::BinaryOps op);
  void multiply_wide(Extend extend);
  // conversion.cpp
  void convert(llvm::Instruction::CastOps op, llvm::Type* type);
  void extend_low(uint32_t bits);
  void demote();
  void promote();
  void truncate(llvm::IntegerType* type, Sign sign);
  void truncate_saturating(llvm::IntegerType* type, Sign sign);
  // vector_memory.cpp, vector.cpp
  void simd_load_extend(uint32_t bits, Extend extend);
  void simd_load_splat(uint32_t bits);
  void simd_load_lane(uint32_t bits);
  void simd_store_lane(uint32_t bits);
  void simd_load_zero(uint32_t bits);
  void simd_splat(Shape shape);
  void simd_extract_lane(Shape shape, Extend extend);
  void simd_replace_lane(Shape shape);
  void i8x16_shuffle();
  void i8x16_swizzle(Exactness exactness);
  void simd_compare(Shape shape, llvm::CmpInst::Predicate predicate);
  void v128_not();
  void v128_andnot();
  void v128_bitselect();
  void v128_any_true();
  void simd_all_true(Shape shape);
  void simd_bitmask(Shape shape);
  // vector_numeric.cpp
  void simd_binary(Shape shape, llvm::Instruction::BinaryOps op);
  void simd_call(Shape shape, llvm::Intrinsic::ID id);
  void simd_unary(Shape shape, llvm::Intrinsic::ID id);
  void simd_float_unary(Shape shape, llvm::Intrinsic::ID id);
  void simd_abs(Shape shape);
  void simd_neg(Shape shape);
  void simd_shift(Shape shape, llvm::Instruction::BinaryOps op);
  void simd_extremum(Shape shape, Extremum which);
  void simd_pseudo_extremum(Shape shape, Extremum which);
  void simd_avgr_u(Shape shape);
  void simd_extend(Shape shape, Half half, Extend extend);
  void simd_extmul(Shape shape, Half half, Extend extend);
  void simd_extadd_pairwise(Shape shape, Extend extend);
  void simd_narrow(Shape shape, Extend extend);
  void i32x4_dot_i16x8_s();
  void i16x8_q15mulr_sat_s(Exactness exactness);
  // vector_conversion.cpp
  void i32x4_trunc_sat_f32x4(Sign sign);
  void i32x4_trunc_sat_f64x2_zero(Sign sign);
  void f32x4_convert_i32x4(llvm::Instruction::CastOps op);
  void f64x2_convert_low_i32x4(llvm::Instruction::CastOps op);
  void f32x4_demote_f64x2_zero();
  void f64x2_promote_low_f32x4();
  // vector_relaxed.cpp
  void i8x16_relaxed_swizzle();
  void i16x8_relaxed_q15mulr_s();
  void i32x4_relaxed_trunc_f32x4_s();
  void i32x4_relaxed_trunc_f32x4_u();
  void i32x4_relaxed_trunc_f64x2_s_zero();
  void i32x4_relaxed_trunc_f64x2_u_zero();
  void simd_relaxed_madd(Shape shape);
  void simd_relaxed_nmadd(Shape shape);
  void simd_relaxed_laneselect(Shape shape);
  void simd_relaxed_extremum(Shape shape, Extremum which);
  void i16x8_relaxed_dot_i8x16_i7x16_s();
  void i32x4_relaxed_dot_i8x16_i7x16_add_s();

  Environment& env_;
  llvm::Function& function_;
  llvm::IRBuilder<> b_;
  llvm::IRBuilder<> entry_;        ///< stands at the end of the entry block
  const FuncType* type_ = nullptr; ///< null in the initialiser
  uint64_t offset_ = 0;            ///< of the code in the module
  wasm::Instruction instruction_;

  std::vector<llvm::Value*> stack_;
  std::vector<Frame> frames_;
  bool is_reachable_ = true;
  uint32_t skipped_depth_ = 0; ///< blocks opened inside unreachable code

  std::vector<llvm::Value*> locals_;
  std::vector<uint32_t>
      marks_; ///< by local: the depth of the innermost open frame that has it in its changes, or kNoFrame
  std::vector<LoopInfo> loops_;
  uint32_t next_loop_ = 0;
  uint64_t locals_version_ = 0; ///< another one after each change
  std::vector<Try> tries_;      ///< those open, outermost first
  uint32_t handler_ = kNoTry;   ///< the innermost whose body we are in
  // Scratch for comparing edges, by local; valid where the epoch is the current one.
  std::vector<uint32_t> merge_epochs_;
  std::vector<uint32_t> merge_slots_;
  uint32_t epoch_ = 0;
  std::vector<Merge> merges_;

  llvm::DenseMap<uint64_t, llvm::Value*> entry_loads_; ///< by offset in the context
  std::vector<llvm::BasicBlock*> cold_blocks_;         ///< go to the end of the function
  std::vector<llvm::LoadInst*> memory_loads_;          ///< their faults are traps
  std::vector<Site> sites_;                            ///< with a profile, or where one is made
  size_t next_site_ = 0;
  uint64_t direct_calls_ = 0;               ///< how often the direct call that is lowered now was made
  bool is_one_of_few_ = false;              ///< whether it is what a switch among few targets leads to
  std::span<const wasm::BranchHint> hints_; ///< those still to come
  uint32_t hint_base_ = 0;                  ///< offset of the first instruction, as hints count
};

} // namespace swage::lower
