// Broken bytes: cut at every place, and with bits flipped. Nothing is expected but an answer, under the
// sanitizers too.
#include <random>
#include <set>

#include "tests/wasm/support.h"

namespace swage::wasm {
namespace {

using testing::assemble;
using testing::verdict;

/// Modules that between them have every section and most kinds of instruction.
std::vector<std::vector<std::byte>> samples() {
  std::vector<std::vector<std::byte>> modules;
  for (
      const char* wat : {
          R"((module $names (import "wasi" "f" (func $f (param i32 i64) (result f32))) (memory (export "m") 1 2)
                (global $g (mut i32) (i32.const 7)) (data (i32.const 8) "hello") (data $d "passive")
                (func $loop (param $n i32) (result i32) (local $i i32) (local v128)
                  (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
                  (block (block (br_table 0 1 0 (local.get $n))))
                  (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))
                  (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (v128.const i64x2 1 2) (v128.load offset=300 (i32.const 0))))
                  (if (result i32) (local.get $n) (then (i32.load8_s (i32.const 3))) (else (i32.const -100000))))))",
          R"((module (rec (type $list (sub (struct (field $next (mut (ref null $list))) (field i8)))) (type $f (func (param (ref $list)))))
                (type $a (array (mut f64))) (table $t 3 10 (ref null $f)) (elem (table $t) (i32.const 0) (ref null $f) (ref.func $g) (ref.null $f))
                (elem declare func $g) (tag $e (param i32)) (start $s)
                (func $g (type $f) (block (result anyref) (br_on_cast 0 anyref (ref $list) (local.get 0))) drop)
                (func $s (block (result i32) (try_table (catch $e 0) (throw $e (i32.const 1))) unreachable) drop)
                (func (result (ref $a)) (array.new_fixed $a 2 (f64.const 1) (f64.const 2)))))",
          R"((module (memory i64 1 5 shared) (memory 1 (pagesize 1)) (table i64 2 externref)
                (func (param i64) (result i32) (try (result i32) (do (i32.atomic.rmw.add (local.get 0) (i32.const 1))) (catch_all (rethrow 0))))
                (func (memory.copy 1 0 (i32.const 0) (i64.const 0) (i32.const 3)) (atomic.fence))))",
      })
    modules.push_back(assemble(wat));
  return modules;
}

/// Where the header and each section end: nowhere else can a module be cut and remain one.
std::set<size_t> section_ends(const std::vector<std::byte>& bytes) {
  Reader reader(bytes, 0, FeatureSet::all());
  reader.take(8);
  std::set<size_t> ends{reader.position()};
  while (!reader.at_end()) {
    reader.byte();
    reader.take(reader.u32());
    ends.insert(reader.position());
  }
  return ends;
}

TEST(BadInput, CutAtEveryByte) {
  for (const std::vector<std::byte>& whole : samples()) {
    ASSERT_EQ(verdict(whole), "");
    std::set<size_t> ends = section_ends(whole);
    for (size_t size = 0; size < whole.size(); size++) {
      std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
      bool accepted = verdict(cut).empty();
      EXPECT_TRUE(!accepted || ends.contains(size)) << size;
    }
  }
}

TEST(BadInput, EveryBitFlipped) {
  for (std::vector<std::byte> bytes : samples()) {
    for (size_t bit = 0; bit < bytes.size() * 8; bit++) {
      bytes[bit / 8] ^= std::byte{1} << bit % 8;
      verdict(bytes);
      bytes[bit / 8] ^= std::byte{1} << bit % 8;
    }
  }
}

TEST(BadInput, ManyBytesReplaced) {
  std::minstd_rand random(1); // always the same ones
  for (const std::vector<std::byte>& whole : samples()) {
    for (int round = 0; round < 5000; round++) {
      std::vector<std::byte> bytes = whole;
      for (int i = 0; i < 4; i++) bytes[random() % bytes.size()] = static_cast<std::byte>(random());
      verdict(bytes);
    }
  }
}

TEST(BadInput, WhatIsAcceptedEncodesToTheSameVerdict) {
  std::minstd_rand random(2);
  for (const std::vector<std::byte>& whole : samples()) {
    for (int round = 0; round < 5000; round++) {
      std::vector<std::byte> bytes = whole;
      bytes[8 + random() % (bytes.size() - 8)] = static_cast<std::byte>(random());
      if (!verdict(bytes).empty()) continue;
      EXPECT_EQ(verdict(encode(testing::load(bytes).module)), "");
    }
  }
}

} // namespace
} // namespace swage::wasm
