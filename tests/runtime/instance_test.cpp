// Calling and linking real modules, in both modes.
#include <gmock/gmock.h>

#include "tests/runtime/guest.h"

using namespace swage;
using swage::testing_guest::Guests;

namespace {

struct Instances : Guests {
  Instances() {
    linker.define("env", "unused", Func::wrap(store, [](int32_t x) { return x; }));
  }
};
SWAGE_BOTH_MODES(Instances);

TEST_P(Instances, CallsAnExport) {
  Instance instance = instantiate(R"((module (func (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1)))))");
  EXPECT_EQ((typed<int32_t(int32_t, int32_t)>(instance, "add"))(40, 2), 42);
}

TEST_P(Instances, PassesEveryType) {
  Instance instance = instantiate(
      R"((module (func (export "all") (param i32 i64 f32 f64 v128 externref) (result externref v128 f64 f32 i64 i32)
    local.get 5 local.get 4 local.get 3 local.get 2 local.get 1 local.get 0)))");
  V128 vector;
  vector.bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  Ref ref = store.make_extern(std::make_shared<int>(1));
  auto all = typed<std::tuple<Ref, V128, double, float, int64_t, int32_t>(int32_t, int64_t, float, double,
                                                                          V128, Ref)>(instance, "all");
  auto result = all(-1, -2, 1.5f, 2.5, vector, ref);
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, std::tuple(ref, vector, 2.5, 1.5f, int64_t{-2}, -1));
}

TEST_P(Instances, CallsTheHost) {
  linker.define("env", "mix",
                Func::wrap(store, [](int32_t a, int64_t b, double c) { return std::tuple(c * 2, b + a); }));
  Instance instance =
      instantiate(R"((module (import "env" "mix" (func $mix (param i32 i64 f64) (result f64 i64)))
    (func (export "run") (result f64 i64) (call $mix (i32.const 1) (i64.const 2) (f64.const 4)))))");
  EXPECT_EQ((typed<std::tuple<double, int64_t>()>(instance, "run"))(), std::tuple(8.0, int64_t{3}));
}

TEST_P(Instances, HostSeesTheCallersMemory) {
  std::string seen;
  linker.define("env", "log",
                Func::wrap(store, [&seen](Caller& caller, uint32_t address, uint32_t length) -> Result<void> {
                  auto bytes = caller.memory()->slice(address, length);
                  if (!bytes) return std::unexpected(Trap::of(TrapCode::memory_out_of_bounds));
                  seen.assign(reinterpret_cast<const char*>(bytes->data()), bytes->size());
                  EXPECT_TRUE(caller.memory("memory"));
                  EXPECT_FALSE(caller.memory("other"));
                  return {};
                }));
  Instance instance = instantiate(R"((module (import "env" "log" (func $log (param i32 i32)))
    (memory (export "memory") 1) (data (i32.const 8) "hello")
    (func (export "run") (call $log (i32.const 8) (i32.const 5)))
    (func (export "bad") (call $log (i32.const 65535) (i32.const 2)))))");
  ASSERT_TRUE(instance.func("run")->call({}));
  EXPECT_EQ(seen, "hello");
  EXPECT_EQ(trap_of(instance, "bad").code, TrapCode::memory_out_of_bounds);
}

TEST_P(Instances, HostFunctionCalledThroughATableKnowsItsCaller) {
  linker.define("env", "pages", Func::wrap(store, [](Caller& caller) {
                  return static_cast<int32_t>(caller.memory()->pages());
                }));
  Instance instance =
      instantiate(R"((module (type $t (func (result i32))) (import "env" "pages" (func $pages (type $t)))
    (memory (export "memory") 3) (table funcref (elem $pages))
    (func (export "run") (result i32) (call_indirect (type $t) (i32.const 0)))))");
  EXPECT_EQ((typed<int32_t()>(instance, "run"))(), 3);
}

TEST_P(Instances, HostFunctionPutIntoATableByTheHost) {
  Instance instance = instantiate(
      R"((module (import "env" "unused" (func (param i32) (result i32))) (table (export "t") 1 funcref)
    (func (export "run") (param i32) (result i32) (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0)))))");
  instance.table("t")->set(0, Func::wrap(store, [](int32_t x) { return x * 3; }).as_ref());
  auto run = typed<int32_t(int32_t)>(instance, "run");
  EXPECT_EQ(run(5), 15);
  EXPECT_EQ(run(6), 18);
}

TEST_P(Instances, LinksInstances) {
  linker.define_instance("a", instantiate(R"((module
    (func (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
    (global (export "g") (mut i32) (i32.const 5)) (memory (export "m") 1) (table (export "t") 4 funcref))
  )"));
  Instance b = instantiate(R"((module (import "a" "twice" (func $twice (param i32) (result i32)))
    (import "a" "g" (global $g (mut i32))) (import "a" "m" (memory 1)) (import "a" "t" (table $t 4 funcref))
    (elem (i32.const 1) $twice) (data (i32.const 100) "\2a")
    (func (export "run") (result i32)
      (global.set $g (call_indirect (param i32) (result i32) (global.get $g) (i32.const 1)))
      (i32.add (global.get $g) (i32.load8_u (i32.const 100))))))");
  EXPECT_EQ((typed<int32_t()>(b, "run"))(), 52);
  EXPECT_EQ(std::get<Global>(*linker.get("a", "g")).get().i32(), 10);
}

TEST_P(Instances, ReexportedImportIsTheSameFunction) {
  linker.define("env", "f", Func::wrap(store, [](int32_t x) { return x + 1; }));
  Instance middle =
      instantiate(R"((module (import "env" "f" (func $f (param i32) (result i32))) (export "g" (func $f))))");
  EXPECT_EQ((typed<int32_t(int32_t)>(middle, "g"))(1), 2);
  linker.define_instance("middle", middle);
  Instance last = instantiate(R"((module (import "middle" "g" (func $g (param i32) (result i32)))
    (func (export "run") (result i32) (call $g (i32.const 9)))))");
  EXPECT_EQ((typed<int32_t()>(last, "run"))(), 10);
}

TEST_P(Instances, StartRunsOnce) {
  Instance instance = instantiate(R"((module (global $g (export "g") (mut i32) (i32.const 1))
    (func $start (global.set $g (i32.add (global.get $g) (i32.const 1)))) (start $start)))");
  EXPECT_EQ(instance.global("g")->get().i32(), 2);
}

TEST_P(Instances, GlobalsTakeConstantExpressions) {
  linker.define("env", "base", *Global::create(store, {kI32, false}, Val(1000)));
  Instance instance = instantiate(R"((module (import "env" "base" (global $base i32))
    (global $next i32 (i32.add (global.get $base) (i32.const 24)))
    (global (export "g") i32 (i32.mul (global.get $next) (i32.const 2)))
    (memory (export "m") 1) (data (offset (global.get $next)) "x")))");
  EXPECT_EQ(instance.global("g")->get().i32(), 2048);
  EXPECT_EQ(instance.memory("m")->data()[1024], std::byte{'x'});
}

TEST_P(Instances, ExportsAreListed) {
  Module module = compile(R"((module (import "env" "t" (table 3 funcref))
    (func (export "f") (param i32)) (memory (export "m") 1 2) (global (export "g") (mut i64) (i64.const 1))))");
  ASSERT_EQ(module.exports().size(), 3u);
  EXPECT_EQ(to_string(std::get<FuncType>(module.exports()[0].type)), "(param i32)");
  EXPECT_EQ(std::get<MemoryType>(module.exports()[2].type).limits.max, 2u);
  ASSERT_EQ(module.imports().size(), 1u);
  EXPECT_EQ(module.imports()[0].name, "t");
  EXPECT_EQ(module.info().functions, 1u);
}

TEST_P(Instances, TwoInstancesShareNothing) {
  Module module = compile(
      R"((module (memory (export "m") 1) (data (i32.const 0) "abc") (global $n (mut i32) (i32.const 0))
    (func (export "count") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1)))
      (i32.store8 (i32.const 0) (i32.const 0)) (global.get $n))))");
  Instance a = *linker.instantiate(module);
  Instance b = *linker.instantiate(module);
  EXPECT_EQ((typed<int32_t()>(a, "count"))(), 1);
  EXPECT_EQ((typed<int32_t()>(a, "count"))(), 2);
  EXPECT_EQ((typed<int32_t()>(b, "count"))(), 1);
  EXPECT_NE(a.memory("m")->data(), b.memory("m")->data());
}

TEST_P(Instances, ManyResultsGoThroughMemory) {
  Instance instance = instantiate(R"((module (func $six (result i32 i32 i32 i32 i32 i32)
      (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6))
    (func (export "run") (result i32 i32 i32 i32 i32 i32) (call $six))))");
  auto result = instance.func("run")->call({});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->size(), 6u);
  EXPECT_EQ((*result)[5].i32(), 6);
}

} // namespace
