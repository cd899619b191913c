// Segments, bulk operations and import mismatches: what is done before a trap, and what is said of a wrong
// import.
#include <gmock/gmock.h>

#include "tests/runtime/guest.h"

using namespace swage;
using swage::testing_guest::Guests;
using testing::HasSubstr;

namespace {

struct Segments : Guests {};
SWAGE_BOTH_MODES(Segments);

TEST_P(Segments, BulkMemoryChecksBoundsFirst) {
  Instance instance = instantiate(R"((module (memory (export "m") 1) (data $d "abcd")
    (func (export "init") (memory.init $d (i32.const 65534) (i32.const 0) (i32.const 4)))
    (func (export "from") (memory.init $d (i32.const 0) (i32.const 2) (i32.const 3)))
    (func (export "drop") (data.drop $d) (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0))
      (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)))
    (func (export "good") (memory.init $d (i32.const 10) (i32.const 1) (i32.const 3))
      (memory.copy (i32.const 12) (i32.const 10) (i32.const 3)))))");
  std::byte* bytes = instance.memory("m")->data();
  EXPECT_EQ(trap_of(instance, "init").code, TrapCode::memory_out_of_bounds);
  EXPECT_EQ(bytes[65534], std::byte{0});
  EXPECT_EQ(trap_of(instance, "from").code, TrapCode::memory_out_of_bounds);
  ASSERT_TRUE(instance.func("good")->call({}));
  EXPECT_EQ(std::string(reinterpret_cast<char*>(bytes) + 10, 5), "bcbcd");
  EXPECT_EQ(trap_of(instance, "drop").code, TrapCode::memory_out_of_bounds);
}

TEST_P(Segments, BulkTableChecksBoundsFirst) {
  Instance instance =
      instantiate(R"((module (table $t (export "t") 4 funcref) (elem $e func $f $g) (func $f) (func $g)
    (func (export "init") (table.init $t $e (i32.const 3) (i32.const 0) (i32.const 2)))
    (func (export "good") (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 2))
      (table.copy $t $t (i32.const 2) (i32.const 0) (i32.const 2)))
    (func (export "drop") (elem.drop $e) (table.init $t $e (i32.const 0) (i32.const 1) (i32.const 1)))
    (func (export "grow") (result i32) (table.grow $t (ref.func $g) (i32.const 3)))))");
  Table table = *instance.table("t");
  EXPECT_EQ(trap_of(instance, "init").code, TrapCode::table_out_of_bounds);
  EXPECT_TRUE(table.get(3)->ref().is_null());
  ASSERT_TRUE(instance.func("good")->call({}));
  EXPECT_EQ(table.get(3)->ref(), table.get(1)->ref());
  EXPECT_EQ(trap_of(instance, "drop").code, TrapCode::table_out_of_bounds);
  EXPECT_EQ((typed<int32_t()>(instance, "grow"))(), 4);
  EXPECT_EQ(table.get(6)->ref(), table.get(1)->ref());
}

TEST_P(Segments, EffectsBeforeATrapStay) {
  Table table = *Table::create(store, {kFuncRef, {4, {}}}, Val(Ref{}, kFuncRef));
  linker.define("env", "t", table);
  Error error = instantiation_error(R"((module (import "env" "t" (table 4 funcref))
    (func $f (result i32) (i32.const 7)) (elem (i32.const 0) $f) (elem (i32.const 4) $f)))");
  EXPECT_EQ(error.message, "instantiation trapped: out of bounds table access");
  Func f = Func::from_ref(store, table.get(0)->ref());
  EXPECT_EQ((*f.typed<int32_t()>())(), 7) << "the instance lives on in the table";
}

TEST_P(Segments, DataIsNotThereWhenElementsTrap) {
  Table table = *Table::create(store, {kFuncRef, {1, {}}}, Val(Ref{}, kFuncRef));
  linker.define("env", "t", table);
  instantiation_error(R"((module (import "env" "t" (table 1 funcref)) (memory 1) (data (i32.const 0) "x")
    (func $f (result i32) (i32.load8_u (i32.const 0))) (elem (i32.const 0) $f) (elem (i32.const 1) $f)))");
  EXPECT_EQ((*Func::from_ref(store, table.get(0)->ref()).typed<int32_t()>())(), 0);
}

TEST_P(Segments, LargeImageIsFreshInEveryInstance) {
  // Large enough to be mapped copy-on-write; slots are used again between the stores.
  std::string data(100'000, 'q');
  Module module = compile("(module (memory (export \"m\") 4) (data (i32.const 65536) \"" + data + "\"))");
  for (int round = 0; round < 4; ++round) {
    Store fresh(engine);
    Linker fresh_linker(fresh);
    Instance instance = *fresh_linker.instantiate(module);
    Memory memory = *instance.memory("m");
    ASSERT_EQ(memory.data()[65535], std::byte{0});
    ASSERT_EQ(memory.data()[65536], std::byte{'q'});
    ASSERT_EQ(memory.data()[165535], std::byte{'q'});
    ASSERT_EQ(memory.data()[165536], std::byte{0});
    std::fill_n(memory.data(), memory.size(), std::byte{'!'});
  }
  // And to another module the same slot is empty.
  Store other(engine);
  Memory memory = *Memory::create(other, {{4, {}}});
  EXPECT_TRUE(std::all_of(memory.data(), memory.data() + memory.size(),
                          [](std::byte b) { return b == std::byte{0}; }));
}

TEST_P(Segments, UnknownImportIsNamed) {
  linker.define("env", "fd_write", Func::wrap(store, [] {}));
  Error error = instantiation_error(R"((module (import "env" "fd_wrote" (func (param i32)))))");
  EXPECT_EQ(error.code, ErrorCode::unlinkable);
  EXPECT_EQ(
      error.message,
      R"(unknown import "env"."fd_wrote": expected func (param i32), got none of that name; there is "fd_write")");
}

TEST_P(Segments, WrongFunctionTypeSaysBoth) {
  linker.define("env", "f", Func::wrap(store, [](int64_t) {}));
  EXPECT_THAT(
      instantiation_error(R"((module (import "env" "f" (func (param i32)))))").message,
      HasSubstr(R"(incompatible import type of "env"."f": expected func (param i32), got func (param i64))"));
}

TEST_P(Segments, WrongKindAndLimitsSayBoth) {
  linker.define("env", "m", *Memory::create(store, {{1, 4}}));
  EXPECT_THAT(instantiation_error(R"((module (import "env" "m" (func))))").message,
              HasSubstr("expected func, got memory"));
  EXPECT_THAT(instantiation_error(R"((module (import "env" "m" (memory 1 2))))").message,
              HasSubstr("expected memory 1 2, got memory 1 4"));
  EXPECT_THAT(instantiation_error(R"((module (import "env" "m" (memory 2))))").message,
              HasSubstr("expected memory 2, got memory 1 4"));
}

TEST_P(Segments, GrownMemoryCountsWithItsPresentSize) {
  Memory memory = *Memory::create(store, {{1, 4}});
  memory.grow(1);
  linker.define("env", "m", memory);
  instantiate(R"((module (import "env" "m" (memory 2 4))))");
}

} // namespace
