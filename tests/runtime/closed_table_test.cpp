// Calls through tables that nobody can write go by a constant array (lower.h: ClosedTable). They must trap as
// the table itself would, and a table that somebody can write must not be taken for one.
#include "tests/runtime/guest.h"

namespace swage {
namespace {

using testing_guest::Guests;

struct ClosedTables : Guests {
  TrapCode trap_at(const Instance& instance, int32_t index) {
    auto result = typed<int32_t(int32_t)>(instance, "call")(index);
    if (result) ADD_FAILURE() << "element " << index << " gave " << *result;
    return result ? TrapCode::exit : result.error().code;
  }
};

constexpr std::string_view kClosed = R"((module
  (type $f (func (result i32)))
  (type $same (func (result i32)))
  (table 6 funcref)
  (elem (i32.const 1) func $one $two)
  (elem (i32.const 4) funcref (ref.func $other) (ref.null func))
  (func $one (result i32) (i32.const 1))
  (func $two (type $same) (i32.const 2))
  (func $other (result i64) (i64.const 3))
  (func (export "call") (param i32) (result i32) (call_indirect (type $f) (local.get 0)))
  (func (export "tail") (param i32) (result i32) (return_call_indirect (type $f) (local.get 0)))))";

TEST_P(ClosedTables, call_what_their_segments_say) {
  Instance instance = instantiate(kClosed);
  for (const char* name : {"call", "tail"}) {
    EXPECT_EQ(*typed<int32_t(int32_t)>(instance, name)(1), 1) << name;
    EXPECT_EQ(*typed<int32_t(int32_t)>(instance, name)(2), 2) << name << ": an equal type of another name";
  }
}

TEST_P(ClosedTables, trap_as_any_table) {
  Instance instance = instantiate(kClosed);
  EXPECT_EQ(trap_at(instance, 0), TrapCode::uninitialized_element);
  EXPECT_EQ(trap_at(instance, 4), TrapCode::indirect_call_type_mismatch);
  EXPECT_EQ(trap_at(instance, 5), TrapCode::uninitialized_element);
  EXPECT_EQ(trap_at(instance, 6), TrapCode::undefined_element);
  EXPECT_EQ(trap_at(instance, -1), TrapCode::undefined_element);
}

TEST_P(ClosedTables, trap_as_any_table_where_a_type_is_scattered) {
  Instance instance = instantiate(R"((module
    (type $f (func (result i32)))
    (type $absent (func (result f32)))
    (table 5 funcref)
    (elem (i32.const 1) func $one $other $two)
    (func $one (result i32) (i32.const 1))
    (func $two (result i32) (i32.const 2))
    (func $other (result i64) (i64.const 3))
    (func (export "call") (param i32) (result i32) (call_indirect (type $f) (local.get 0)))
    (func (export "absent") (param i32) (result f32) (call_indirect (type $absent) (local.get 0)))))");
  EXPECT_EQ(*typed<int32_t(int32_t)>(instance, "call")(1), 1);
  EXPECT_EQ(*typed<int32_t(int32_t)>(instance, "call")(3), 2);
  EXPECT_EQ(trap_at(instance, 0), TrapCode::uninitialized_element);
  EXPECT_EQ(trap_at(instance, 2), TrapCode::indirect_call_type_mismatch);
  EXPECT_EQ(trap_at(instance, 5), TrapCode::undefined_element);
  EXPECT_EQ(typed<float(int32_t)>(instance, "absent")(1).error().code, TrapCode::indirect_call_type_mismatch);
  EXPECT_EQ(typed<float(int32_t)>(instance, "absent")(4).error().code, TrapCode::uninitialized_element);
}

/// Each is a table that may change: "change" makes element 0 the function that gives 2.
constexpr std::string_view kChanges[] = {
    "(table.set (i32.const 0) (ref.func $two))",
    "(table.fill (i32.const 0) (ref.func $two) (i32.const 1))",
    "(table.init $passive (i32.const 0) (i32.const 0) (i32.const 1))",
    "(table.copy (i32.const 0) (i32.const 1) (i32.const 1))",
};

TEST_P(ClosedTables, are_not_those_that_an_instruction_writes) {
  for (std::string_view change : kChanges) {
    Instance instance = instantiate(R"((module (table 2 funcref) (elem (i32.const 0) func $one $two)
      (elem $passive func $two)
      (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2))
      (func (export "change") )" + std::string(change) +
                                    R"()
      (func (export "call") (result i32) (call_indirect (result i32) (i32.const 0)))))");
    EXPECT_EQ(*typed<int32_t()>(instance, "call")(), 1) << change;
    ASSERT_TRUE(typed<void()>(instance, "change")());
    EXPECT_EQ(*typed<int32_t()>(instance, "call")(), 2) << change;
  }
}

TEST_P(ClosedTables, are_not_those_that_the_host_can_write) {
  Instance instance = instantiate(R"((module (table (export "t") 1 funcref) (elem (i32.const 0) func $one)
    (func $one (result i32) (i32.const 1)) (func (export "two") (result i32) (i32.const 2))
    (func (export "call") (result i32) (call_indirect (result i32) (i32.const 0)))))");
  EXPECT_EQ(*typed<int32_t()>(instance, "call")(), 1);
  ASSERT_TRUE(instance.table("t")->set(0, instance.func("two")->as_ref()));
  EXPECT_EQ(*typed<int32_t()>(instance, "call")(), 2);
}

TEST_P(ClosedTables, are_not_those_that_hold_an_import) {
  linker.define("env", "f", Func::wrap(store, [] { return 7; }));
  Instance instance = instantiate(R"((module (import "env" "f" (func $f (result i32)))
    (table 1 funcref) (elem (i32.const 0) func $f)
    (func (export "call") (result i32) (call_indirect (result i32) (i32.const 0)))))");
  EXPECT_EQ(*typed<int32_t()>(instance, "call")(), 7);
}

TEST_P(ClosedTables, are_not_those_of_a_module_whose_instantiation_may_stop_halfway) {
  Table shared = *Table::create(store, {kFuncRef, {1, {}}}, Val(Ref{}, kFuncRef));
  linker.define("env", "t", shared);
  Error error = instantiation_error(R"((module (import "env" "t" (table $t 1 funcref)) (table $own 1 funcref)
    (elem (table $t) (i32.const 0) func $call)
    (elem (table $t) (i32.const 1) func $call)
    (elem (table $own) (i32.const 0) func $one)
    (func $one (result i32) (i32.const 1))
    (func $call (result i32) (call_indirect $own (result i32) (i32.const 0)))))");
  EXPECT_EQ(error.code, ErrorCode::trapped);
  auto left_behind = Func::from_ref(store, shared.get(0)->ref()).call({});
  ASSERT_FALSE(left_behind) << "the table's own segment was never reached";
  EXPECT_EQ(left_behind.error().code, TrapCode::uninitialized_element);
}

TEST_P(ClosedTables, host_functions_find_an_aligned_stack_at_every_depth) {
  int misaligned = 0;
  linker.define("env", "look", Func::wrap(store, [&] {
                  misaligned += reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) % 16 != 0;
                }));
  // Frames of one word and of none alternate.
  Instance instance = instantiate(R"((module (import "env" "look" (func $look))
    (func $odd (export "odd") (param i32) (result i32) (call $look) (drop (call $even (local.get 0))) (local.get 0))
    (func $even (param i32) (result i32) (call $look)
      (if (result i32) (local.get 0)
        (then (i32.add (call $odd (i32.sub (local.get 0) (i32.const 1))) (memory.grow (i32.const 0))))
        (else (i32.const 0))))
    (memory 0)))");
  ASSERT_TRUE(typed<int32_t(int32_t)>(instance, "odd")(9));
  EXPECT_EQ(misaligned, 0);
}

SWAGE_BOTH_MODES(ClosedTables);

} // namespace
} // namespace swage
