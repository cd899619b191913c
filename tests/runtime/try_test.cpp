// The instructions of exceptions, one behaviour each, in both forms: what is caught where, and which values
// the handler sees. The whole set runs at -O0 and -O2 in both modes, and once more with a collection at every
// allocation.
#include <gmock/gmock.h>

#include "tests/runtime/guest.h"

using namespace swage;
using swage::testing_guest::Mode;

namespace {

struct Setting {
  const char* name;
  Mode mode;
  OptLevel level;
  bool gc_stress;
};

void PrintTo(const Setting& setting, std::ostream* out) { *out << setting.name; }

struct Try : testing::TestWithParam<Setting> {
  void SetUp() override {
    if (!load_compiler()) GTEST_SKIP() << load_compiler().error().to_string();
  }

  /// Calls "f" of a module with one argument.
  Result<int32_t> run(std::string_view body, int32_t argument) {
    EngineConfig config;
    config.gc_stress = GetParam().gc_stress;
    config.compile.opt = GetParam().level;
    CompileOptions options = config.compile;
    Engine engine = *Engine::create(std::move(config));
    Store store(engine);
    std::string text = "(module (tag $e (param i32)) (tag $v (param v128 i32)) (tag $n)"
                       " (func $throw (param i32) (if (local.get 0) (then (throw $e (local.get 0)))))"
                       " (func $throw_n (throw $n))" +
                       std::string(body) + ")";
    Module module = testing_guest::value_of(testing_guest::module_of(engine, GetParam().mode, text, options));
    Instance instance = testing_guest::value_of(Instance::create(store, module, {}));
    return instance.func("f")->typed<int32_t(int32_t)>().value()(argument);
  }
};

constexpr Setting kSettings[] = {
    {"jit_O0", Mode::jit, OptLevel::O0, false},
    {"jit_O2", Mode::jit, OptLevel::O2, false},
    {"artifact_O0", Mode::artifact, OptLevel::O0, false},
    {"artifact_O2", Mode::artifact, OptLevel::O2, false},
    {"stress", Mode::jit, OptLevel::O2, true},
};
INSTANTIATE_TEST_SUITE_P(, Try, testing::ValuesIn(kSettings),
                         [](const auto& test) { return test.param.name; });

// try_table. https://webassembly.github.io/spec/core/exec/instructions.html#exec-try-table

TEST_P(Try, CatchTakesThePayload) {
  const char* body = R"((func (export "f") (param i32) (result i32)
    (block $h (result i32)
      (try_table (catch $e $h) (call $throw (local.get 0)))
      (i32.const -1))))";
  EXPECT_EQ(*run(body, 5), 5);
  EXPECT_EQ(*run(body, 0), -1);
}

TEST_P(Try, CatchTakesVectorsAndSeveralValues) {
  EXPECT_EQ(*run(R"(
    (func $t (param i32) (throw $v (i32x4.splat (local.get 0)) (i32.const 3)))
    (func (export "f") (param i32) (result i32) (local $x i32)
      (block $h (result v128 i32) (try_table (catch $v $h) (call $t (local.get 0))) (unreachable))
      (local.set $x)
      (i32x4.extract_lane 2)
      (i32.mul (local.get $x))))",
                 14),
            42);
}

TEST_P(Try, TheFirstClauseThatMatchesIsTaken) {
  EXPECT_EQ(*run(R"((func (export "f") (param i32) (result i32)
    (block $all (block $n (block $second (result i32) (block $first (result i32)
      (try_table (catch $n $n) (catch $e $first) (catch $e $second) (catch_all $all) (call $throw (local.get 0)))
      (unreachable))
      (return (i32.add (i32.const 100))))
      (return (i32.const 2))) (return (i32.const 3)))
    (i32.const 4)))",
                 1),
            101);
}

TEST_P(Try, CatchAllTakesWhatNoClauseNames) {
  EXPECT_EQ(*run(R"((func (export "f") (param i32) (result i32)
    (block $all (block $h (result i32) (try_table (catch $e $h) (catch_all $all) (call $throw_n)) (unreachable))
      (return (i32.const 1)))
    (i32.const 2)))",
                 0),
            2);
}

TEST_P(Try, CatchRefGivesAReferenceThatThrowsTheSameAgain) {
  EXPECT_EQ(*run(R"((func (export "f") (param i32) (result i32) (local $x exnref)
    (block $outer (result i32)
      (try_table (catch $e $outer)
        (block $h (result i32 exnref)
          (try_table (catch_ref $e $h) (call $throw (local.get 0)))
          (unreachable))
        (local.set $x) (drop)
        (throw_ref (local.get $x)))
      (unreachable))))",
                 6),
            6);
}

TEST_P(Try, CatchAllRefKeepsThePayloadAcrossFunctions) {
  EXPECT_EQ(*run(R"(
    (global $kept (mut exnref) (ref.null exn))
    (table $slots 1 exnref)
    (func $keep (param i32)
      (block $h (result exnref) (try_table (catch_all_ref $h) (call $throw (local.get 0))) (unreachable))
      (global.set $kept)
      (table.set $slots (i32.const 0) (global.get $kept)))
    (func $again (throw_ref (table.get $slots (i32.const 0))))
    (func (export "f") (param i32) (result i32)
      (call $keep (local.get 0))
      (block $h (result i32) (try_table (catch $e $h) (call $again)) (unreachable))))",
                 8),
            8);
}

TEST_P(Try, AnExceptionKeepsWhatItCarriesAlive) {
  EXPECT_EQ(*run(R"(
    (type $box (struct (field i32)))
    (tag $boxed (param (ref $box)))
    (func $t (param i32) (throw $boxed (struct.new $box (local.get 0))))
    (func (export "f") (param i32) (result i32) (local $x exnref)
      (block $h (result (ref $box) exnref) (try_table (catch_ref $boxed $h) (call $t (local.get 0))) (unreachable))
      (local.set $x) (drop)
      (drop (struct.new $box (i32.const 1)))
      (block $h (result (ref $box)) (try_table (catch $boxed $h) (throw_ref (local.get $x))) (unreachable))
      (struct.get $box 0)))",
                 11),
            11);
}

TEST_P(Try, WhatIsNotCaughtGoesToTheTryAround) {
  EXPECT_EQ(*run(R"((func (export "f") (param i32) (result i32)
    (block $outer (result i32)
      (try_table (catch $e $outer)
        (block $inner (try_table (catch $n $inner) (call $throw (local.get 0)))))
      (i32.const -1))))",
                 3),
            3);
}

TEST_P(Try, WhatAHandlerThrowsGoesToTheTryAround) {
  EXPECT_EQ(*run(R"((func (export "f") (param i32) (result i32)
    (block $outer
      (try_table (catch $n $outer)
        (block $h (result i32) (try_table (catch $e $h) (call $throw (local.get 0))) (unreachable))
        (drop) (throw $n))
      (unreachable))
    (i32.const 17)))",
                 1),
            17);
}

TEST_P(Try, AThrowInATryIsCaughtThere) {
  EXPECT_EQ(*run(R"((func (export "f") (param i32) (result i32)
    (block $h (result i32) (try_table (catch $e $h) (throw $e (i32.mul (local.get 0) (i32.const 3)))) (unreachable))))",
                 5),
            15);
}

TEST_P(Try, AHandlersLabelMayBeALoop) {
  EXPECT_EQ(*run(R"((func (export "f") (param i32) (result i32) (local $count i32)
    (i32.const 10)
    (loop $again (param i32) (result i32)
      (local.set 0)
      (local.set $count (i32.add (local.get $count) (i32.const 1)))
      (if (i32.eqz (local.get 0)) (then (return (local.get $count))))
      (try_table (result i32) (catch $e $again)
        (throw $e (i32.sub (local.get 0) (i32.const 1)))))))",
                 0),
            11);
}

TEST_P(Try, AHandlersLabelMayBeTheFunction) {
  EXPECT_EQ(*run(R"((func (export "f") (param i32) (result i32)
    (try_table (catch $e 0) (call $throw (local.get 0)))
    (i32.const -1)))",
                 4),
            4);
}

TEST_P(Try, AHandlerSeesTheLocalsAsTheyWereAtTheCall) {
  const char* body = R"((func (export "f") (param $which i32) (result i32) (local $x i32) (local $y i32)
    (block $h
      (try_table (catch_all $h)
        (local.set $x (i32.const 1))
        (call $throw (i32.eq (local.get $which) (i32.const 1)))
        (local.set $x (i32.const 2))
        (if (i32.eq (local.get $which) (i32.const 2))
          (then (local.set $y (i32.const 50)) (call $throw (i32.const 1))))
        (local.set $y (i32.const 60))
        (call $throw (i32.eq (local.get $which) (i32.const 3)))
        (local.set $x (i32.const 4))))
    (i32.add (local.get $x) (local.get $y))))";
  EXPECT_EQ(*run(body, 0), 64);
  EXPECT_EQ(*run(body, 1), 1);
  EXPECT_EQ(*run(body, 2), 52);
  EXPECT_EQ(*run(body, 3), 62);
}

TEST_P(Try, ManyStatesOfTheLocalsMeetInOneHandler) {
  std::string body = R"((func (export "f") (param $which i32) (result i32) (local $x i32) (local $y i32)
    (block $h (try_table (catch_all $h) )";
  for (int i = 1; i <= 600; ++i)
    body += "(local.set $" + std::string(i % 3 == 0 ? "y" : "x") + " (i32.const " + std::to_string(i) +
            ")) (call $throw (i32.eq (local.get $which) (i32.const " + std::to_string(i) + ")))";
  body += ")) (i32.add (local.get $x) (i32.mul (local.get $y) (i32.const 1000))))";
  EXPECT_EQ(*run(body, 1), 1);
  EXPECT_EQ(*run(body, 300), 300'299);
  EXPECT_EQ(*run(body, 599), 597'599);
  EXPECT_EQ(*run(body, 1000), 600'599);
}

TEST_P(Try, ATryThatThrowsNothingIsABlock) {
  EXPECT_EQ(*run(R"((func (export "f") (param i32) (result i32)
    (try_table (result i32) (catch $e 0) (i32.add (local.get 0) (i32.const 1)))))",
                 1),
            2);
}

// The legacy instructions. https://webassembly.github.io/exception-handling/legacy/exceptions/core/exec.html

TEST_P(Try, LegacyCatchesBranchOverTheirArms) {
  const char* body = R"((func (export "f") (param i32) (result i32)
    (try (result i32)
      (do (call $throw (local.get 0)) (i32.const -1))
      (catch $n (i32.const -2))
      (catch $e (i32.add (i32.const 100)))
      (catch_all (i32.const -3)))))";
  EXPECT_EQ(*run(body, 5), 105);
  EXPECT_EQ(*run(body, 0), -1);
}

TEST_P(Try, LegacyCatchAllTakesTheRest) {
  EXPECT_EQ(*run(R"((func (export "f") (param i32) (result i32)
    (try (result i32) (do (call $throw_n) (i32.const 1)) (catch $e) (catch_all (i32.const 2)))))",
                 0),
            2);
}

TEST_P(Try, LegacyArmsStartFromTheLocalsOfTheThrow) {
  EXPECT_EQ(*run(R"((func (export "f") (param i32) (result i32) (local $x i32)
    (try
      (do (local.set $x (i32.const 7)) (call $throw_n) (local.set $x (i32.const 8)))
      (catch $e (local.set $x))
      (catch $n (local.set $x (i32.add (local.get $x) (i32.const 20)))))
    (local.get $x)))",
                 0),
            27);
}

TEST_P(Try, RethrowThrowsWhatTheArmOfItsLabelCaught) {
  EXPECT_EQ(*run(R"((func (export "f") (param i32) (result i32)
    (try (result i32)
      (do
        (try
          (do (call $throw (local.get 0)))
          (catch $e (drop)
            (try (do (call $throw_n)) (catch $n (rethrow 1)))))
        (i32.const -1))
      (catch $e)
      (catch_all (i32.const -2)))))",
                 9),
            9);
}

TEST_P(Try, DelegateSkipsTheTriesBetween) {
  EXPECT_EQ(*run(R"((func (export "f") (param i32) (result i32)
    (try $outer (result i32)
      (do
        (try (result i32)
          (do
            (try (do (call $throw (local.get 0))) (delegate $outer))
            (i32.const -1))
          (catch_all (i32.const -2))))
      (catch $e))))",
                 12),
            12);
}

TEST_P(Try, DelegateToTheFunctionGoesToTheCaller) {
  EXPECT_EQ(*run(R"(
    (func $inner (param i32)
      (try (do (try (do (call $throw (local.get 0))) (delegate 1))) (catch_all)))
    (func (export "f") (param i32) (result i32)
      (try (result i32) (do (call $inner (local.get 0)) (i32.const -1)) (catch $e))))",
                 13),
            13);
}

TEST_P(Try, DelegateFromAnArmLeavesItsTry) {
  EXPECT_EQ(*run(R"((func (export "f") (param i32) (result i32)
    (try (result i32)
      (do
        (try $middle
          (do (call $throw_n))
          (catch $n (try (do (call $throw (local.get 0))) (delegate $middle)))
          (catch $e (drop)))
        (i32.const -1))
      (catch $e))))",
                 14),
            14);
}

TEST_P(Try, ALegacyTryWithoutHandlersCatchesNothing) {
  EXPECT_EQ(*run(R"((func (export "f") (param i32) (result i32)
    (try (result i32) (do (try (do (call $throw (local.get 0)))) (i32.const -1)) (catch $e))))",
                 15),
            15);
}

} // namespace
