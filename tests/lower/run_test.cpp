// The lowered code runs, at -O0 and after LLVM's -O2 pipeline, on a context made by hand: no runtime, no
// traps caught. Chosen are the edges of the spec that LLVM's own operations do not share, and the conventions
// of runtime/abi.
#include <cstring>

#include <gmock/gmock.h>
#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/TargetParser/Host.h>

#include "tests/lower/support.h"

namespace swage::lower::test {
namespace {

using testing::ElementsAre;

enum class Level : uint8_t { O0, O2 };

void optimize(llvm::Module& module) {
  llvm::PassBuilder passes;
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  passes.registerModuleAnalyses(modules);
  passes.registerCGSCCAnalyses(components);
  passes.registerFunctionAnalyses(functions);
  passes.registerLoopAnalyses(loops);
  passes.crossRegisterProxies(loops, functions, components, modules);
  passes.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2).run(module, modules);
}

/// A module's code in this process, with one memory page, a table of its functions that escape, and its
/// globals.
class Guest {
public:
  Guest(std::string_view text, Level level) {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    jit_ = llvm::cantFail(llvm::orc::LLJITBuilder().create());
    LowerOptions options;
    options.triple = jit_->getTargetTriple().str();
    options.data_layout = jit_->getDataLayout().getStringRepresentation();
    options.cpu = llvm::sys::getHostCPUName();
    options.optimized = level == Level::O2;
    Lowered lowered = lower(text, options);
    source_ = std::move(lowered.source);
    glue_ = std::move(lowered.glue);
    if (level == Level::O2) optimize(*lowered.functions);
    llvm::orc::ThreadSafeContext context(std::move(lowered.context));
    llvm::cantFail(jit_->addIRModule({std::move(lowered.functions), context}));
    llvm::cantFail(jit_->addIRModule({std::move(lowered.glue_functions), context}));
    make_context();
  }

  /// Calls an export; arguments and results are the low 8 bytes of each.
  std::vector<uint64_t> call(std::string_view name, const std::vector<uint64_t>& arguments) {
    abi::Value values[16] = {};
    for (size_t k = 0; k < arguments.size(); k++) values[k].i64 = arguments[k];
    const abi::FuncRef& function = functions_[position(name)];
    reinterpret_cast<abi::EntryFn>(const_cast<void*>(function.entry))(function.code, context(), values);
    std::vector<uint64_t> results;
    const FuncType& type = source_->module.func_type({function.index});
    for (size_t k = 0; k < type.results.size(); k++) {
      bool is_32_bits = type.results[k].kind == ValKind::i32 || type.results[k].kind == ValKind::f32;
      results.push_back(is_32_bits ? values[k].i32 : values[k].i64);
    }
    return results;
  }

  std::vector<std::byte>& memory() { return memory_; }

private:
  void* symbol(const std::string& name) { return llvm::cantFail(jit_->lookup(name)).toPtr<void*>(); }
  abi::Context* context() { return reinterpret_cast<abi::Context*>(context_.data()); }

  size_t position(std::string_view name) const {
    for (const wasm::Export& entry : source_->module.exports)
      if (entry.name == name)
        for (size_t k = 0; k < glue_.escaping.size(); k++)
          if (glue_.escaping[k].value == entry.index) return k;
    ADD_FAILURE() << "no export " << name;
    return 0;
  }

  void make_context() {
    const wasm::Module& module = source_->module;
    abi::ContextLayout layout;
    layout.memories = static_cast<uint32_t>(module.memories.size());
    layout.tables = static_cast<uint32_t>(module.tables.size());
    layout.globals = static_cast<uint32_t>(module.globals.size());
    context_.resize(layout.size() / sizeof(abi::Value) + 1);
    for (uint32_t k = 0; k < module.types.size(); k++) types_.push_back(module.canonical[k]);
    for (wasm::FuncIdx index : glue_.escaping)
      functions_.push_back({symbol(function_symbol(module, index)), context(),
                            module.canonical[module.functions[index.value].value], index.value,
                            symbol(entry_symbol(module.functions[index.value]))});
    for (abi::FuncRef& function : functions_) elements_.push_back(&function);
    memory_.resize(65536);
    overflow_.resize(16);
    store_.overflow = overflow_.data();
    memory_state_ = {memory_.data(), memory_.size(), 0, nullptr};
    table_state_ = {elements_.data(), elements_.size(), nullptr};
    auto* bytes = reinterpret_cast<std::byte*>(context_.data());
    context()->store = &store_;
    context()->types = types_.data();
    context()->functions = functions_.data();
    abi::MemorySlot slot = {memory_.data(), &memory_state_};
    if (layout.memories > 0) std::memcpy(bytes + layout.memory_offset(0), &slot, sizeof slot);
    abi::TableState* table = &table_state_;
    if (layout.tables > 0) std::memcpy(bytes + layout.table_offset(0), &table, sizeof table);
  }

  std::unique_ptr<Source> source_;
  Glue glue_;
  std::unique_ptr<llvm::orc::LLJIT> jit_;
  std::vector<abi::Value> context_;
  std::vector<uint32_t> types_;
  std::vector<abi::FuncRef> functions_;
  std::vector<void*> elements_;
  std::vector<std::byte> memory_;
  std::vector<abi::Value> overflow_;
  abi::StoreState store_ = {};
  abi::MemoryState memory_state_ = {};
  abi::TableState table_state_ = {};
};

class Run : public testing::TestWithParam<Level> {
protected:
  std::vector<uint64_t> run(std::string_view text, const std::vector<uint64_t>& arguments = {}) {
    return Guest(text, GetParam()).call("f", arguments);
  }
};

uint64_t bits(float x) { return std::bit_cast<uint32_t>(x); }
uint64_t bits(double x) { return std::bit_cast<uint64_t>(x); }
constexpr uint64_t kSignallingNan = 0x7FA00000;
constexpr uint64_t kQuietBit = 0x00400000;

TEST_P(Run, minimum_of_zeros_is_the_negative_one) {
  EXPECT_THAT(
      run(R"((module (func (export "f") (param f32 f32) (result f32) (f32.min (local.get 0) (local.get 1)))))",
          {bits(0.0f), bits(-0.0f)}),
      ElementsAre(bits(-0.0f)));
}

TEST_P(Run, maximum_of_zeros_is_the_positive_one) {
  EXPECT_THAT(
      run(R"((module (func (export "f") (param f64 f64) (result f64) (f64.max (local.get 0) (local.get 1)))))",
          {bits(-0.0), bits(0.0)}),
      ElementsAre(bits(0.0)));
}

TEST_P(Run, minimum_with_a_signalling_nan_is_quiet) {
  std::vector<uint64_t> result = run(
      R"((module (func (export "f") (param f32 f32) (result f32) (f32.min (local.get 0) (local.get 1)))))",
      {bits(1.0f), kSignallingNan});
  EXPECT_EQ(result[0] & 0x7F800000, 0x7F800000u);
  EXPECT_NE(result[0] & kQuietBit, 0u);
}

TEST_P(Run, dividing_by_one_quietens_a_nan) {
  EXPECT_THAT(
      run(R"((module (func (export "f") (param f32) (result f32) (f32.div (local.get 0) (f32.const 1)))))",
          {kSignallingNan}),
      ElementsAre(kSignallingNan | kQuietBit));
}

TEST_P(Run, remainder_of_the_least_number_by_minus_one_is_zero) {
  EXPECT_THAT(
      run(R"((module (func (export "f") (param i32 i32) (result i32) (i32.rem_s (local.get 0) (local.get 1)))))",
          {0x80000000, 0xFFFFFFFF}),
      ElementsAre(0u));
}

TEST_P(Run, shifts_look_at_the_low_bits_of_the_count) {
  EXPECT_THAT(
      run(R"((module (func (export "f") (param i64 i64) (result i64) (i64.shl (local.get 0) (local.get 1)))))",
          {3, 65}),
      ElementsAre(6u));
}

TEST_P(Run, saturating_truncation_of_a_nan_is_zero) {
  EXPECT_THAT(
      run(R"((module (func (export "f") (param f64) (result i32) (i32.trunc_sat_f64_u (local.get 0)))))",
          {0x7FF8000000000000}),
      ElementsAre(0u));
}

TEST_P(Run, truncation_takes_the_last_number_that_fits) {
  EXPECT_THAT(run(R"((module (func (export "f") (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))))",
                  {bits(-2147483648.9)}),
              ElementsAre(0x80000000u));
}

TEST_P(Run, wide_products_have_two_results) {
  EXPECT_THAT(
      run(R"((module (func (export "f") (param i64 i64) (result i64 i64) (i64.mul_wide_s (local.get 0) (local.get 1)))))",
          {~uint64_t{0}, 2}),
      ElementsAre(~uint64_t{1}, ~uint64_t{0}));
}

TEST_P(Run, many_results_come_back_in_order) {
  EXPECT_THAT(run(R"((module
    (func $g (param i32) (result i32 i64 i32 i64 i32 i64)
      (local.get 0) (i64.const 2) (i32.const 3) (i64.const 4) (i32.const 5) (i64.const 6))
    (func (export "f") (param i32) (result i32 i64 i32 i64 i32 i64) (call $g (local.get 0)))))",
                  {1}),
              ElementsAre(1u, 2u, 3u, 4u, 5u, 6u));
}

TEST_P(Run, four_results_come_back_in_registers) {
  EXPECT_THAT(run(R"((module
    (func $g (param i32) (result i32 f64 i64 f32) (local.get 0) (f64.const 2) (i64.const 3) (f32.const 4))
    (func (export "f") (param i32) (result i32 f64 i64 f32) (call $g (local.get 0)))))",
                  {1}),
              ElementsAre(1u, bits(2.0), 3u, bits(4.0f)));
}

TEST_P(Run, arguments_beyond_the_registers_arrive_in_order) {
  EXPECT_THAT(run(R"((module
    (func $g (param i64 f64 i64 i64 i32 i64 i64 i64 i32 f64) (result i64 i64 i32 f64)
      (local.get 6) (local.get 7) (local.get 8) (local.get 9))
    (func (export "f") (param i64 f64 i64 i64 i32 i64 i64 i64 i32 f64) (result i64 i64 i32 f64)
      (call $g (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5)
        (local.get 7) (local.get 6) (local.get 8) (local.get 9)))))",
                  {0, bits(1.5), 2, 3, 4, 5, 6, 7, 8, bits(9.5)}),
              ElementsAre(7u, 6u, 8u, bits(9.5)));
}

// LLVM 22 never stores the stack arguments of a tail call on x86 (llvm-project #199224), and with them no
// unwind table could describe the callers: the convention has none.
TEST_P(Run, ten_million_tail_calls_between_many_and_few_arguments_need_no_stack) {
  EXPECT_THAT(run(R"((module
    (func $many (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i32) (result i64)
      (return_call $few (i32.sub (local.get 9) (i32.const 1)) (i64.add (local.get 8) (local.get 6))))
    (func $few (export "f") (param i32 i64) (result i64)
      (if (result i64) (i32.eqz (local.get 0)) (then (local.get 1))
        (else (return_call $many (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5)
          (i64.const 6) (i64.const 7) (i64.const 8) (local.get 1) (local.get 0)))))))",
                  {5'000'000, 2}),
              ElementsAre(35'000'002u));
}

TEST_P(Run, ten_million_tail_calls_between_different_signatures_need_no_stack) {
  EXPECT_THAT(run(R"((module
    (func $odd (param i32 i64 f64) (result i32) (return_call $even (i32.sub (local.get 0) (i32.const 1))))
    (func $even (export "f") (param i32) (result i32)
      (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 42))
        (else (return_call $odd (i32.sub (local.get 0) (i32.const 1)) (i64.const 1) (f64.const 2)))))))",
                  {10'000'000}),
              ElementsAre(42u));
}

TEST_P(Run, indirect_calls_go_through_the_table) {
  Guest guest(R"((module (table (export "t") 2 2 funcref)
    (func $square (export "square") (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
    (func (export "f") (param i32 i32) (result i32) (call_indirect (param i32) (result i32) (local.get 0) (local.get 1)))))",
              GetParam());
  EXPECT_THAT(guest.call("f", {7, 0}), ElementsAre(49u));
}

TEST_P(Run, a_call_of_the_wrong_type_traps) {
  Guest guest(R"((module (table (export "t") 2 2 funcref)
    (func $square (export "square") (param i32) (result i32) (local.get 0))
    (func (export "f") (param i32) (call_indirect (param i64) (i64.const 0) (local.get 0)))))",
              GetParam());
  EXPECT_EXIT(guest.call("f", {0}), testing::KilledBySignal(SIGILL), "");
}

TEST_P(Run, loads_and_stores_reach_the_memory) {
  Guest guest(R"((module (memory 1)
    (func (export "f") (param i32) (result i32)
      (i32.store16 offset=3 (local.get 0) (i32.const 0xABCD))
      (i32.load8_s offset=4 (local.get 0)))))",
              GetParam());
  EXPECT_THAT(guest.call("f", {100}), ElementsAre(0xFFFFFFABu));
  EXPECT_EQ(guest.memory()[103], std::byte{0xCD});
}

TEST_P(Run, short_copies_may_overlap) {
  Guest guest(
      R"((module (memory 1) (func (export "f") (memory.copy (i32.const 3) (i32.const 0) (i32.const 23)))))",
      GetParam());
  for (size_t k = 0; k < 32; k++) guest.memory()[k] = std::byte(k);
  guest.call("f", {});
  for (size_t k = 0; k < 23; k++) EXPECT_EQ(guest.memory()[3 + k], std::byte(k));
}

TEST_P(Run, a_short_fill_outside_of_the_memory_writes_nothing) {
  Guest guest(
      R"((module (memory 1) (func (export "f") (memory.fill (i32.const 65530) (i32.const 1) (i32.const 8)))))",
      GetParam());
  EXPECT_EXIT(guest.call("f", {}), testing::KilledBySignal(SIGILL), "");
}

TEST_P(Run, loops_carry_locals_and_parameters) {
  EXPECT_THAT(run(R"((module (func (export "f") (param $n i64) (result i64) (local $x i64)
    (i64.const 1)
    (loop (param i64) (result i64)
      (i64.mul (local.get $n))
      (local.set $n (i64.sub (local.get $n) (i64.const 1)))
      (local.set $x (local.get $n))
      (br_if 0 (i64.gt_s (local.get $x) (i64.const 0)))))))",
                  {10}),
              ElementsAre(3628800u));
}

TEST_P(Run, a_table_chooses_among_labels_that_share_values) {
  const char* text = R"((module (func (export "f") (param i32) (result i32) (local $x i32)
    (local.set $x (i32.const 1))
    (block $a (block $b (block $c
      (br_table $c $b $a $b $c (local.get 0)))
      (local.set $x (i32.const 2)) (br $a))
      (local.set $x (i32.const 3)))
    (local.get $x))))";
  EXPECT_THAT(run(text, {0}), ElementsAre(2u));
  EXPECT_THAT(run(text, {1}), ElementsAre(3u));
  EXPECT_THAT(run(text, {2}), ElementsAre(1u));
  EXPECT_THAT(run(text, {3}), ElementsAre(3u));
  EXPECT_THAT(run(text, {400}), ElementsAre(2u));
}

TEST_P(Run, else_starts_from_the_locals_before_the_if) {
  const char* text = R"((module (func (export "f") (param i32) (result i32) (local $x i32)
    (local.set $x (i32.const 1))
    (if (local.get 0) (then (local.set $x (i32.const 2))) (else (local.set $x (i32.add (local.get $x) (i32.const 9)))))
    (local.get $x))))";
  EXPECT_THAT(run(text, {1}), ElementsAre(2u));
  EXPECT_THAT(run(text, {0}), ElementsAre(10u));
}

TEST_P(Run, narrow_compare_and_exchange_looks_at_the_low_bits_of_what_is_expected) {
  Guest guest(R"((module (memory 1 1 shared) (func (export "f") (param i32) (result i32)
    (i32.atomic.rmw8.cmpxchg_u (i32.const 0) (local.get 0) (i32.const 9)))))",
              GetParam());
  guest.memory()[0] = std::byte{0x11};
  EXPECT_THAT(guest.call("f", {0x12}), ElementsAre(0x11u));
  EXPECT_EQ(guest.memory()[0], std::byte{0x11});
  EXPECT_THAT(guest.call("f", {0xABCDEF11}), ElementsAre(0x11u));
  EXPECT_EQ(guest.memory()[0], std::byte{9});
}

INSTANTIATE_TEST_SUITE_P(Lower, Run, testing::Values(Level::O0, Level::O2),
                         [](const auto& test) { return test.param == Level::O0 ? "O0" : "O2"; });

} // namespace
} // namespace swage::lower::test
