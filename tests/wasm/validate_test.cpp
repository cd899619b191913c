// Rules that are not one instruction's: module fields, constant expressions, unreachable code, local
// initialization, immediates, threads. Each valid module is followed by its invalid twin.
// https://webassembly.github.io/spec/core/valid/index.html
#include "compiler/wasm/validate.h"

#include "tests/wasm/support.h"

namespace swage::wasm {
namespace {

using testing::assemble;
using testing::load;
using testing::StartsWith;
using testing::verdict;
using testing::operator+;

TEST(ValidateTypes, FunctionsHaveFunctionTypes) {
  EXPECT_EQ(verdict("(module (type (func)) (func (type 0)))"), "");
  EXPECT_EQ(verdict("(module (type (struct)) (import \"m\" \"f\" (func (type 0))))"),
            "invalid: unknown type 0 of function 0");
}

TEST(ValidateTypes, GroupsNameThemselvesAndWhatIsBefore) {
  EXPECT_EQ(verdict("(module (rec (type $a (struct (field (ref $b)))) (type $b (struct))))"), "");
  EXPECT_EQ(verdict("(module (type $a (struct (field (ref $b)))) (type $b (struct)))"),
            "invalid: unknown type 1 in type 0");
}

TEST(ValidateTypes, SuperTypesComeBeforeAndAreOpen) {
  EXPECT_EQ(verdict("(module (type $a (sub (struct))) (type (sub $a (struct (field i32)))))"), "");
  EXPECT_EQ(verdict("(module (type $a (struct)) (type (sub $a (struct (field i32)))))"),
            "invalid: sub type 1 does not match super type 0, which is final");
  EXPECT_EQ(verdict("(module (rec (type $a (sub $b (struct))) (type $b (sub (struct)))))"),
            "invalid: unknown type 1 as super type of 0");
}

TEST(ValidateTypes, MutableFieldsAreInvariant) {
  EXPECT_EQ(verdict("(module (type $a (sub (array anyref))) (type (sub $a (array eqref))))"), "");
  EXPECT_EQ(verdict("(module (type $a (sub (array (mut anyref)))) (type (sub $a (array (mut eqref)))))"),
            "invalid: sub type 1 does not match super type 0");
}

TEST(ValidateTypes, ParametersAreContravariant) {
  EXPECT_EQ(verdict("(module (type $a (sub (func (param eqref) (result eqref)))) (type (sub $a (func (param "
                    "anyref) (result i31ref)))))"),
            "");
  EXPECT_EQ(verdict("(module (type $a (sub (func (param anyref)))) (type (sub $a (func (param eqref)))))"),
            "invalid: sub type 1 does not match super type 0");
}

TEST(ValidateTypes, EqualGroupsAreOneType) {
  auto loaded = load(R"((module
    (rec (type $a (struct (field (ref null $b)))) (type $b (func (param (ref $a)))))
    (rec (type $c (struct (field (ref null $d)))) (type $d (func (param (ref $c)))))
    (type $e (struct (field (ref null $b))))
    (func (param (ref $c)) (result (ref $a)) (local.get 0))))");
  EXPECT_EQ(std::vector(loaded.module.canonical.begin(), loaded.module.canonical.begin() + 5),
            (std::vector<uint32_t>{0, 1, 0, 1, 4}));
}

TEST(ValidateTypes, UnequalGroupsAreNot) {
  EXPECT_EQ(verdict(R"((module
    (rec (type $a (struct)) (type (struct)))
    (rec (type $b (struct)))
    (func (param (ref $b)) (result (ref $a)) (local.get 0))))"),
            "invalid: type mismatch: expected (ref 0), got (ref 2)");
}

TEST(ValidateTables, Limits) {
  EXPECT_EQ(verdict("(module (table 0xffffffff funcref) (table 1 1 funcref))"), "");
  EXPECT_EQ(verdict("(module (table 0x100000000 funcref))"),
            "invalid: table size must be at most 4294967295: the minimum is 4294967296");
  EXPECT_EQ(verdict("(module (table i64 0xffffffffffffffff funcref))"), "");
  EXPECT_EQ(verdict("(module (table 2 1 funcref))"),
            "invalid: size minimum must not be greater than maximum: 2 is, than 1");
}

TEST(ValidateTables, NonNullElementsNeedAnInitializer) {
  EXPECT_EQ(verdict("(module (type $f (func)) (func $g) (table 1 (ref $f) (ref.func $g)))"), "");
  EXPECT_EQ(verdict("(module (type $f (func)) (table 1 (ref $f)))"),
            "invalid: type mismatch: table 0 of (ref 0) needs an initializer");
}

TEST(ValidateMemories, Limits) {
  EXPECT_EQ(verdict("(module (memory 65536) (memory i64 0x1000000000000) (memory 0xffffffff (pagesize 1)))"),
            "");
  EXPECT_EQ(verdict("(module (memory 65537))"),
            "invalid: memory size must be at most 65536 pages: the minimum is 65537");
  EXPECT_EQ(verdict("(module (memory i64 1 0x1000000000001))"),
            "invalid: memory size must be at most 281474976710656 pages: the maximum is 281474976710657");
  EXPECT_EQ(verdict("(module (memory 0x100000000 (pagesize 1)))"),
            "invalid: memory size must be at most 4294967295 pages: the minimum is 4294967296");
}

TEST(ValidateMemories, PageSizes) {
  auto page = [](int log2) { return verdict(testing::header() + testing::section(5, {1, 0x08, 0, log2})); };
  EXPECT_EQ(page(0), "");
  EXPECT_EQ(page(16), "");
  EXPECT_EQ(page(12), "invalid: invalid custom page size: 2^12, expected 1 or 65536");
}

TEST(ValidateMemories, SharedOnesHaveAMaximum) {
  EXPECT_EQ(verdict("(module (memory 1 2 shared))"), "");
  EXPECT_EQ(verdict(testing::header() + testing::section(5, {1, 0x02, 1})),
            "invalid: shared memory must have maximum");
}

TEST(ValidateTags, TypesAreFunctionsWithoutResults) {
  FeatureSet features = FeatureSet::defaults();
  EXPECT_EQ(verdict("(module (tag (param i32)))", features), "");
  EXPECT_EQ(verdict("(module (tag (param i32) (result i32)))", features),
            "invalid: non-empty tag result type of tag 0");
  EXPECT_EQ(verdict("(module (tag (param i32) (result i32)))", FeatureSet::all()), "");
}

TEST(ValidateExports, NamesAreUniqueAndIndicesKnown) {
  EXPECT_EQ(verdict("(module (func $f) (export \"a\" (func $f)) (export \"b\" (func $f)))"), "");
  EXPECT_EQ(verdict("(module (func $f) (export \"a\" (func $f)) (export \"a\" (func $f)))"),
            "invalid: duplicate export name \"a\"");
  EXPECT_EQ(verdict("(module (export \"a\" (func 0)))"), "invalid: unknown function 0");
  EXPECT_EQ(verdict("(module (export \"a\" (memory 0)))"), "invalid: unknown memory 0");
  EXPECT_EQ(verdict("(module (export \"a\" (tag 0)))"), "invalid: unknown tag 0");
}

TEST(ValidateStart, TakesAndGivesNothing) {
  EXPECT_EQ(verdict("(module (func $s) (start $s))"), "");
  EXPECT_EQ(verdict("(module (func $s (param i32)) (start $s))"),
            "invalid: start function: expected no parameters and results, got (param i32)");
  EXPECT_EQ(verdict("(module (start 3))"), "invalid: unknown function 3");
}

TEST(ValidateSegments, ElementsFitTheirTable) {
  EXPECT_EQ(verdict("(module (table 1 funcref) (func $f) (elem (i32.const 0) func $f))"), "");
  EXPECT_EQ(verdict("(module (table 1 externref) (func $f) (elem (i32.const 0) func $f))"),
            "invalid: type mismatch: expected elements of externref, got (ref func)");
  EXPECT_EQ(verdict("(module (elem (i32.const 0) func))"), "invalid: unknown table 0");
  EXPECT_EQ(verdict("(module (elem func 0))"), "invalid: unknown function 0");
}

TEST(ValidateSegments, OffsetsHaveTheAddressType) {
  EXPECT_EQ(
      verdict(
          "(module (memory i64 1) (table i64 1 funcref) (data (i64.const 0)) (elem (i64.const 0) funcref))"),
      "");
  EXPECT_EQ(verdict("(module (memory i64 1) (data (i32.const 0)))"),
            "invalid: type mismatch: expected i64, got i32");
  EXPECT_EQ(verdict("(module (table 1 funcref) (elem (i64.const 0) funcref))"),
            "invalid: type mismatch: expected i32, got i64");
}

TEST(ValidateConstants, WhatMayBeConstant) {
  EXPECT_EQ(verdict(R"((module (type $s (struct (field i32))) (type $a (array i8)) (func $f)
    (global i32 (i32.mul (i32.const 2) (i32.add (i32.const 1) (i32.const 2))))
    (global i64 (i64.sub (i64.const 2) (i64.const 1)))
    (global v128 (v128.const i64x2 0 0))
    (global (ref $s) (struct.new $s (i32.const 1)))
    (global (ref $a) (array.new_fixed $a 2 (i32.const 1) (i32.const 2)))
    (global externref (extern.convert_any (ref.i31 (i32.const 1))))
    (global funcref (ref.func $f))))"),
            "");
  EXPECT_EQ(verdict("(module (global i32 (i32.div_s (i32.const 1) (i32.const 1))))"),
            "invalid: constant expression required");
  EXPECT_EQ(verdict("(module (global i32 (nop) (i32.const 1)))"), "invalid: constant expression required");
  EXPECT_EQ(verdict("(module (func $f (result i32) (i32.const 0)) (global i32 (call $f)))"),
            "invalid: constant expression required");
}

TEST(ValidateConstants, ArithmeticIsAFeature) {
  FeatureSet features = FeatureSet::defaults();
  features.disable(Feature::extended_const);
  EXPECT_EQ(verdict("(module (global i32 (i32.add (i32.const 1) (i32.const 2))))", features),
            "unsupported: arithmetic in a constant expression needs extended-const, which is switched off");
}

TEST(ValidateConstants, GlobalsThatCameBefore) {
  EXPECT_EQ(verdict("(module (global $a i32 (i32.const 1)) (global i32 (global.get $a)))"), "");
  EXPECT_EQ(verdict("(module (global i32 (global.get $a)) (global $a i32 (i32.const 1)))"),
            "invalid: unknown global 1");
  EXPECT_EQ(verdict("(module (global $a (mut i32) (i32.const 1)) (global i32 (global.get $a)))"),
            "invalid: constant expression required: the global is mutable");
}

TEST(ValidateConstants, HaveOneResultOfTheirType) {
  EXPECT_EQ(verdict("(module (global i32 (i64.const 1)))"), "invalid: type mismatch: expected i32, got i64");
  EXPECT_EQ(verdict("(module (global i32))"), "invalid: type mismatch: expected i32, got nothing");
  EXPECT_THAT(verdict("(module (global i32 (i32.const 1) (i32.const 2)))"),
              StartsWith("invalid: type mismatch: expected an empty stack"));
}

TEST(ValidateBodies, UnreachableCodeMayPopAnything) {
  EXPECT_EQ(verdict("(module (func (result i64) unreachable i32.add i64.extend_i32_s))"), "");
  EXPECT_EQ(verdict("(module (func (result i64) unreachable i32.add))"),
            "invalid: type mismatch: expected i64, got i32");
  EXPECT_EQ(verdict("(module (func (result i32) unreachable (f32.const 0) i32.add))"),
            "invalid: type mismatch: expected i32, got f32");
}

TEST(ValidateBodies, LocalsWithoutDefaultAreSetFirst) {
  EXPECT_EQ(verdict("(module (func (param $p (ref any)) (local $l (ref any)) (local.set $l (local.get $p)) "
                    "(drop (local.get $l))))"),
            "");
  EXPECT_EQ(verdict("(module (func (local $l (ref any)) (drop (local.get $l))))"),
            "invalid: uninitialized local 0");
}

TEST(ValidateBodies, InitializationEndsWithItsBlock) {
  EXPECT_EQ(verdict("(module (func (param $p (ref any)) (local $l (ref any)) (local.set $l (local.get $p)) "
                    "(block (drop (local.get $l)))))"),
            "");
  EXPECT_EQ(verdict("(module (func (param $p (ref any)) (local $l (ref any)) (block (local.set $l (local.get "
                    "$p))) (drop (local.get $l))))"),
            "invalid: uninitialized local 1");
  EXPECT_EQ(verdict(R"((module (func (param $p (ref any)) (local $l (ref any))
    (if (i32.const 0) (then (local.set $l (local.get $p))) (else (drop (local.get $l)))))))"),
            "invalid: uninitialized local 1");
}

TEST(ValidateBodies, ManyLocalsAreFoundInTheirRuns) {
  EXPECT_EQ(verdict(testing::header() + testing::section(1, {1, 0x60, 1, 0x7E, 1, 0x7D}) +
                    testing::section(3, {1, 0}) +
                    // local 0 i64, 1 to 1000 i32, 1001 f32: get 1001
                    testing::section(10, {1, 10, 2, 0xE8, 0x07, 0x7F, 1, 0x7D, 0x20, 0xE9, 0x07, 0x0B})),
            "");
  EXPECT_EQ(verdict(testing::header() + testing::section(1, {1, 0x60, 1, 0x7E, 1, 0x7D}) +
                    testing::section(3, {1, 0}) +
                    testing::section(10, {1, 10, 2, 0xE8, 0x07, 0x7F, 1, 0x7D, 0x20, 0xE8, 0x07, 0x0B})),
            "invalid: type mismatch: expected f32, got i32");
}

TEST(ValidateBodies, IndicesAreKnown) {
  EXPECT_EQ(verdict("(module (func (drop (local.get 0))))"), "invalid: unknown local 0");
  EXPECT_EQ(verdict("(module (func (call 1)))"), "invalid: unknown function 1");
  EXPECT_EQ(verdict("(module (func (br 1)))"), "invalid: unknown label 1");
  EXPECT_EQ(verdict("(module (func (drop (i32.load (i32.const 0)))))"), "invalid: unknown memory 0");
  EXPECT_EQ(verdict("(module (func (drop (table.size 0))))"), "invalid: unknown table 0");
  EXPECT_EQ(verdict("(module (func (elem.drop 0)))"), "invalid: unknown elem segment 0");
  EXPECT_EQ(verdict("(module (data \"\") (func (data.drop 1)))"), "invalid: unknown data segment 1");
  EXPECT_EQ(verdict("(module (func (throw 0)))"), "invalid: unknown tag 0");
}

TEST(ValidateBodies, StrayArmsAreMalformed) {
  EXPECT_EQ(verdict(testing::header() + testing::section(1, {1, 0x60, 0, 0}) + testing::section(3, {1, 0}) +
                    testing::section(10, {1, 3, 0, 0x05, 0x0B})),
            "malformed: END opcode expected: else without if");
  EXPECT_EQ(verdict(testing::header() + testing::section(1, {1, 0x60, 0, 0}) + testing::section(3, {1, 0}) +
                    testing::section(10, {1, 3, 0, 0x19, 0x0B})),
            "malformed: END opcode expected: catch_all without try");
}

TEST(ValidateMemory, AlignmentIsAtMostNatural) {
  EXPECT_EQ(verdict("(module (memory 1) (func (drop (i32.load align=4 (i32.const 0)))))"), "");
  EXPECT_EQ(verdict("(module (memory 1) (func (drop (i32.load align=8 (i32.const 0)))))"),
            "invalid: alignment must not be larger than natural: expected at most 4, got 2^3");
}

TEST(ValidateMemory, AtomicAlignmentIsExact) {
  EXPECT_EQ(verdict("(module (memory 1) (func (drop (i64.atomic.load32_u align=4 (i32.const 0)))))"), "");
  EXPECT_EQ(verdict("(module (memory 1) (func (drop (i64.atomic.load32_u align=2 (i32.const 0)))))"),
            "invalid: atomic alignment must be natural: expected 4, got 2^1");
}

TEST(ValidateMemory, OffsetsFitTheAddressType) {
  EXPECT_EQ(verdict("(module (memory i64 1) (func (drop (i32.load offset=0x100000000 (i64.const 0)))))"), "");
  EXPECT_EQ(
      verdict(testing::header() + testing::section(1, {1, 0x60, 0, 0}) + testing::section(3, {1, 0}) +
              testing::section(5, {1, 0, 1}) +
              testing::section(10, {1, 12, 0, 0x41, 0, 0x28, 2, 0x80, 0x80, 0x80, 0x80, 0x10, 0x1A, 0x0B})),
      "invalid: offset out of range: 4294967296 in a 32-bit memory");
}

TEST(ValidateVectors, LanesAreInRange) {
  EXPECT_EQ(verdict("(module (func (drop (i16x8.extract_lane_s 7 (v128.const i64x2 0 0)))))"), "");
  EXPECT_EQ(verdict("(module (func (drop (i16x8.extract_lane_s 8 (v128.const i64x2 0 0)))))"),
            "invalid: invalid lane index 8");
  EXPECT_EQ(
      verdict("(module (memory 1) (func (drop (v128.load32_lane 4 (i32.const 0) (v128.const i64x2 0 0)))))"),
      "invalid: invalid lane index 4");
}

TEST(ValidateErrors, SayWhereInTheBody) {
  std::vector<std::byte> bytes =
      assemble("(module (func) (func $wrong (drop (i32.add (i32.const 1) (f32.const 1)))))");
  Expected<Module> module = decode(bytes, FeatureSet::all());
  ASSERT_TRUE(module.has_value());
  Expected<void> result = validate(*module);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().to_string(),
            "type mismatch: expected i32, got f32 (offset 0x22, function 1 \"wrong\", i32.add)");
}

TEST(ValidateErrors, SayWhichFlagHelps) {
  FeatureSet features = FeatureSet::defaults();
  features.disable(Feature::simd);
  std::vector<std::byte> bytes = assemble("(module (func (drop (i32x4.splat (i32.const 1)))))");
  Expected<Module> module = decode(bytes, features);
  ASSERT_TRUE(module.has_value());
  Expected<void> result = validate(*module);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().message, "i32x4.splat needs simd, which is switched off");
  EXPECT_EQ(result.error().hint, "--features simd");
}

TEST(ValidateErrors, TheEarliestWinsOnAnyNumberOfThreads) {
  std::string wat = "(module ";
  for (int i = 0; i < 5000; i++) wat += i % 1000 == 700 ? "(func i32.add)" : "(func)";
  std::vector<std::byte> bytes = assemble(wat + ")");
  for (unsigned jobs : {1u, 2u, 4u, 0u}) {
    Expected<Module> module = decode(bytes, FeatureSet::all());
    ASSERT_TRUE(module.has_value());
    Expected<void> result = validate(*module, jobs);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().function, 700u) << jobs << " jobs";
  }
}

TEST(ValidateNesting, MillionsOfBlocksTakeNoStack) {
  constexpr uint32_t kDepth = 1'000'000;
  Encoder body;
  body.u32(0);
  for (uint32_t i = 0; i < kDepth; i++) body.emit({.op = Op::block});
  for (uint32_t i = 0; i <= kDepth; i++) body.emit({.op = Op::end});
  Encoder code;
  code.u32(1);
  code.sized(body.view());
  EXPECT_EQ(verdict(testing::header() + testing::section(1, {1, 0x60, 0, 0}) + testing::section(3, {1, 0}) +
                    testing::section(10, code.take())),
            "");
}

} // namespace
} // namespace swage::wasm
