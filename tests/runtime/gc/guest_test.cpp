// Guests that live on the garbage-collected heap: what they can reach survives, what they drop is reused, and
// the host's references are roots as RefScope says.
#include <gmock/gmock.h>

#include "tests/runtime/guest.h"

namespace swage {
namespace {

using testing_guest::Mode;
using testing_guest::module_of;
using testing_guest::value_of;

struct GcGuests : testing_guest::Guests {
  /// An instance in a store with a small heap, or one that collects at every allocation.
  Instance start(std::string_view wat, EngineConfig config) {
    own_engine.emplace(*Engine::create(std::move(config)));
    own_store.emplace(*own_engine);
    own_linker.emplace(*own_store);
    return value_of(own_linker->instantiate(value_of(module_of(*own_engine, GetParam(), wat))));
  }
  static EngineConfig stress() {
    EngineConfig config;
    config.gc_stress = true;
    return config;
  }
  static EngineConfig small_heap() {
    EngineConfig config;
    config.max_gc_heap = 4 << 20;
    return config;
  }

  std::optional<Engine> own_engine;
  std::optional<Store> own_store;
  std::optional<Linker> own_linker;
};

constexpr std::string_view kTrees = R"((module
  (type $tree (struct (field $left (ref null $tree)) (field $right (ref null $tree))))
  (func $make (param $depth i32) (result (ref $tree))
    (if (result (ref $tree)) (local.get $depth)
      (then (struct.new $tree
        (call $make (i32.sub (local.get $depth) (i32.const 1)))
        (call $make (i32.sub (local.get $depth) (i32.const 1)))))
      (else (struct.new_default $tree))))
  (func $count (param $tree (ref $tree)) (result i32)
    (block $leaf (result i32)
      (drop (br_if $leaf (i32.const 1) (ref.is_null (struct.get $tree $left (local.get $tree)))))
      (i32.add (i32.const 1) (i32.add
        (call $count (ref.as_non_null (struct.get $tree $left (local.get $tree))))
        (call $count (ref.as_non_null (struct.get $tree $right (local.get $tree))))))))
  (func (export "nodes") (param i32) (result i32) (call $count (call $make (local.get 0))))))";

TEST_P(GcGuests, a_tree_survives_a_collection_at_every_allocation) {
  Instance instance = start(kTrees, stress());
  EXPECT_EQ(*typed<int32_t(int32_t)>(instance, "nodes")(7), 255);
  EXPECT_GE(own_store->gc_statistics().collections, 255u);
}

TEST_P(GcGuests, garbage_is_reused_in_a_small_heap) {
  Instance instance = start(kTrees, small_heap());
  auto nodes = typed<int32_t(int32_t)>(instance, "nodes");
  for (int i = 0; i < 200; ++i) ASSERT_EQ(*nodes(13), 16383);
  EXPECT_GT(own_store->gc_statistics().allocated_bytes, uint64_t{64} << 20);
}

TEST_P(GcGuests, a_heap_full_of_live_objects_traps) {
  Instance instance = start(kTrees, small_heap());
  auto result = typed<int32_t(int32_t)>(instance, "nodes")(20);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, TrapCode::heap_exhausted);
  auto after = typed<int32_t(int32_t)>(instance, "nodes")(10);
  ASSERT_TRUE(after) << "the store is usable after it";
  EXPECT_EQ(*after, 2047);
}

TEST_P(GcGuests, an_array_larger_than_the_heap_traps) {
  Instance instance = start(R"((module (type $a (array i64))
    (func (export "f") (param i32) (result i32) (array.len (array.new_default $a (local.get 0))))))",
                            small_heap());
  auto length = typed<int32_t(int32_t)>(instance, "f");
  EXPECT_EQ(length(-1).error().code, TrapCode::allocation_too_large);
  EXPECT_EQ(*length(1000), 1000);
}

TEST_P(GcGuests, cells_of_every_sort_are_roots) {
  Instance instance = start(R"((module
    (type $box (struct (field i32)))
    (type $many (array (mut (ref null $box))))
    (global $g (mut (ref null $box)) (ref.null $box))
    (global $constant (ref $box) (struct.new $box (i32.const 1)))
    (table $t 3 (ref null any))
    (table $extern 1 externref)
    (elem $e (ref $box) (struct.new $box (i32.const 2)) (struct.new $box (i32.const 4)))
    (func $box (param i32) (result (ref $box)) (struct.new $box (local.get 0)))
    (func (export "f") (result i32) (local $kept (ref null $box)) (local $array (ref null $many))
      (global.set $g (call $box (i32.const 8)))
      (table.set $t (i32.const 1) (call $box (i32.const 16)))
      (table.set $extern (i32.const 0) (extern.convert_any (call $box (i32.const 32))))
      (local.set $kept (call $box (i32.const 64)))
      (local.set $array (array.new_elem $many $e (i32.const 0) (i32.const 2)))
      (drop (call $box (i32.const 1000)))
      (i32.add (struct.get $box 0 (global.get $g))
      (i32.add (struct.get $box 0 (global.get $constant))
      (i32.add (struct.get $box 0 (ref.cast (ref $box) (table.get $t (i32.const 1))))
      (i32.add (struct.get $box 0 (ref.cast (ref $box) (any.convert_extern (table.get $extern (i32.const 0)))))
      (i32.add (struct.get $box 0 (local.get $kept))
      (i32.add (struct.get $box 0 (array.get $many (local.get $array) (i32.const 0)))
               (struct.get $box 0 (array.get $many (local.get $array) (i32.const 1))))))))))))",
                            stress());
  EXPECT_EQ(*typed<int32_t()>(instance, "f")(), 127);
}

constexpr std::string_view kBox = R"((module
  (type $box (struct (field i32)))
  (import "host" "keep" (func $keep (param anyref)))
  (func (export "make") (param i32) (result anyref) (struct.new $box (local.get 0)))
  (func (export "get") (param anyref) (result i32)
    (struct.get $box 0 (ref.cast (ref $box) (local.get 0))))
  (func (export "show") (param i32) (call $keep (struct.new $box (local.get 0))))))";

TEST_P(GcGuests, what_the_host_holds_is_kept_until_its_scope_ends) {
  linker.define("host", "keep",
                Func::create(store, {{ValType::ref({HeapKind::any}, true)}, {}},
                             [](Caller&, auto, auto) { return Result<void>(); }));
  Instance instance = instantiate(kBox);
  auto make = typed<Ref(int32_t)>(instance, "make");
  auto get = typed<int32_t(Ref)>(instance, "get");
  uint64_t live_in_scope = 0;
  {
    RefScope scope(store);
    Ref box = *make(7);
    store.collect_garbage();
    live_in_scope = store.gc_statistics().live_bytes;
    EXPECT_EQ(*get(box), 7);
  }
  EXPECT_GT(live_in_scope, 0u);
  store.collect_garbage();
  EXPECT_EQ(store.gc_statistics().live_bytes, 0u);
}

TEST_P(GcGuests, arguments_of_a_host_function_live_as_long_as_its_call_or_as_they_are_rooted) {
  std::optional<RootedRef> rooted;
  linker.define("host", "keep",
                Func::create(store, {{ValType::ref({HeapKind::any}, true)}, {}},
                             [&](Caller& caller, std::span<const Val> args, auto) -> Result<void> {
                               if (!rooted) rooted.emplace(caller.store(), args[0].ref());
                               return {};
                             }));
  Instance instance = instantiate(kBox);
  auto show = typed<void(int32_t)>(instance, "show");
  ASSERT_TRUE(show(41));
  for (int i = 0; i < 100'000; ++i) ASSERT_TRUE(show(0));
  store.collect_garbage();
  EXPECT_EQ(*typed<int32_t(Ref)>(instance, "get")(rooted->get()), 41);
  EXPECT_LE(store.gc_statistics().live_bytes, 1024u) << "the arguments of ended calls are garbage";
}

TEST_P(GcGuests, is_instance_tells_what_a_reference_is) {
  Instance instance = instantiate(R"((module (type $s (struct)) (type $a (array i8))
    (func (export "struct") (result anyref) (struct.new $s))
    (func (export "array") (result anyref) (array.new_fixed $a 0))
    (func (export "i31") (result anyref) (ref.i31 (i32.const -1)))
    (func (export "host") (param externref) (result anyref) (any.convert_extern (local.get 0)))))");
  auto kinds = [&](const char* name, std::vector<Val> args = {}) {
    std::vector<HeapKind> found;
    Val value = instance.func(name)->call(args)->front();
    for (HeapKind kind : {HeapKind::struct_, HeapKind::array, HeapKind::i31, HeapKind::eq, HeapKind::any})
      if (store.is_instance(value, {kind})) found.push_back(kind);
    return found;
  };
  EXPECT_THAT(kinds("struct"), testing::ElementsAre(HeapKind::struct_, HeapKind::eq, HeapKind::any));
  EXPECT_THAT(kinds("array"), testing::ElementsAre(HeapKind::array, HeapKind::eq, HeapKind::any));
  EXPECT_THAT(kinds("i31"), testing::ElementsAre(HeapKind::i31, HeapKind::eq, HeapKind::any));
  Val host(store.make_extern(std::make_shared<int>(1)), kExternRef);
  EXPECT_THAT(kinds("host", {host}), testing::ElementsAre(HeapKind::any));
}

TEST_P(GcGuests, a_subtype_of_another_module_passes_call_indirect) {
  linker.define_instance("a", instantiate(R"((module
    (rec (type $super (sub (func (result i32)))))
    (table (export "t") 1 funcref)
    (func (export "call") (result i32) (call_indirect (type $super) (i32.const 0)))))"));
  instantiate(R"((module
    (rec (type $super (sub (func (result i32)))))
    (type $below (sub $super (func (result i32))))
    (import "a" "t" (table 1 funcref))
    (func $f (type $below) (i32.const 42))
    (elem (i32.const 0) $f)))");
  Instance caller = instantiate(R"((module (import "a" "call" (func $c (result i32)))
    (func (export "f") (result i32) (call $c))))");
  EXPECT_EQ(*typed<int32_t()>(caller, "f")(), 42);
}

SWAGE_BOTH_MODES(GcGuests);

} // namespace
} // namespace swage
