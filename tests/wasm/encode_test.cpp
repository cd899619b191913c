// encode is decode's inverse, and always chooses the same bytes.
#include "tests/wasm/support.h"

namespace swage::wasm {
namespace {

using testing::assemble;
using testing::bytes_of;
using testing::header;
using testing::load;
using testing::section;
using testing::operator+;

TEST(Encode, TheEmptyModule) { EXPECT_EQ(encode(Module()), header()); }

TEST(Encode, WhatIsDecodedComesBack) {
  for (
      const char* wat : {
          R"((module (func (param i32 i64) (result f32 f64) (local f32 f32 v128) (f32.const 1) (f64.const 2))))",
          R"((module (import "m" "f" (func (param i32))) (import "m" "t" (table 1 funcref)) (import "m" "g" (global (mut i64)))))",
          R"((module (memory i64 1 2) (memory 3 4 shared) (data (memory 1) (i32.const 5) "hello") (data "passive")))",
          R"((module (table 2 externref) (table i64 1 funcref) (elem (table 1) (i64.const 0) func $f) (elem declare func $f) (func $f)))",
          R"((module (rec (type $a (sub (struct (field (mut i8) (ref null $b))))) (type $b (array (mut (ref $a)))))))",
          R"((module (tag $e (param i32)) (export "e" (tag $e)) (func $s) (start $s) (global (export "g") i32 (i32.const 7))))",
          R"((module (type $f (func)) (type $c (cont $f)) (func (param (ref $c)) (resume $c (local.get 0)))))",
      }) {
    std::vector<std::byte> bytes = assemble(wat);
    EXPECT_EQ(encode(load(bytes).module), bytes) << wat;
  }
}

TEST(Encode, PaddedNumbersBecomeShort) {
  std::vector<std::byte> padded = header() + section(5, {0x81, 0x00, 0x00, 0x81, 0x00});
  EXPECT_EQ(encode(load(padded).module), header() + section(5, {1, 0, 1}));
}

TEST(Encode, CustomSectionsKeepTheirPlaces) {
  std::vector<std::byte> bytes = header() + section(0, {1, 'a'}) + section(1, {1, 0x60, 0, 0}) +
                                 section(0, {1, 'b', 1, 2}) + section(0, {1, 'c'});
  EXPECT_EQ(encode(load(bytes).module), bytes);
}

TEST(Encode, ANameSectionIsMadeFromNames) {
  Module module;
  module.names.module = "m";
  module.names.functions = {{2, "b"}, {0, "a"}};
  EXPECT_EQ(encode_names(module.names), bytes_of({0, 2, 1, 'm', 1, 7, 2, 0, 1, 'a', 2, 1, 'b'}));
  EXPECT_EQ(load(encode(module)).module.names.functions.at(2), "b");
}

TEST(Encode, ANameSectionThatIsThereIsKept) {
  std::vector<std::byte> bytes = header() + section(0, {4, 'n', 'a', 'm', 'e', 0, 2, 1, 'm'});
  EXPECT_EQ(encode(load(bytes).module), bytes);
}

TEST(Encode, BranchHintsComeBeforeTheCode) {
  auto loaded = load(R"((module (func (param i32)
    (@metadata.code.branch_hint "\00") (if (local.get 0) (then)))))");
  Module without_customs = loaded.module;
  without_customs.customs.clear();
  auto again = load(encode(without_customs));
  ASSERT_TRUE(again.module.branch_hints.contains(0));
  EXPECT_FALSE(again.module.branch_hints.at(0)[0].likely);
}

TEST(Encode, AModuleFromNothingButTheBuilder) {
  Encoder body;
  body.emit({.op = Op::local_get, .index = {0}});
  body.emit({.op = Op::i32_const, .bits = 1});
  body.emit({.op = Op::i32_add});
  body.emit({.op = Op::end});

  Module module;
  module.types.push_back(
      {.is_final = true,
       .super = std::nullopt,
       .composite = {.kind = CompositeKind::func, .func = {{kI32}, {kI32}}, .fields = {}, .cont_func = 0}});
  module.rec_group_starts = {0};
  module.functions = {{0}};
  module.bodies.push_back({.locals = {}, .code = body.view(), .offset = 0, .start = 0});
  EXPECT_EQ(encode(module),
            assemble("(module (func (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))"));
}

} // namespace
} // namespace swage::wasm
