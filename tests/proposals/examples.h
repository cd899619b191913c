// What each proposal brings besides instructions, one module for each thing: accepted where the feature is
// on, and refused with these words where it is off. Instructions need no example, their rows say which
// feature is theirs.
#pragma once

#include <string_view>

#include "compiler/wasm/feature.h"

namespace swage::proposals {

struct Example {
  wasm::Feature feature;
  std::string_view what; ///< as the error names it
  std::string_view wat;
};

inline constexpr Example kExamples[] = {
    {wasm::Feature::mutable_globals, "an imported mutable global", R"((import "m" "g" (global (mut i32))))"},
    {wasm::Feature::mutable_globals, "an exported mutable global",
     R"((global (export "g") (mut i32) (i32.const 0)))"},
    {wasm::Feature::multi_value, "a function with several results", "(type (func (result i32 i32)))"},
    {wasm::Feature::multi_value, "a block type with parameters or several results",
     "(type $t (func (param i32))) (func (i32.const 1) (block (type $t) (drop)))"},
    {wasm::Feature::bulk_memory, "a passive data segment", R"((memory 0) (data "a"))"},
    {wasm::Feature::bulk_memory, "a data count section", R"((data $d "") (func (data.drop $d)))"},
    {wasm::Feature::bulk_memory, "a passive element segment", "(elem func)"},
    {wasm::Feature::reference_types, "an element segment that is neither plain and active nor passive",
     "(func $f) (elem declare func $f)"},
    {wasm::Feature::reference_types, "externref", "(func (param externref))"},
    {wasm::Feature::reference_types, "funcref", "(func (param funcref))"},
    {wasm::Feature::reference_types, "a second table", "(table 0 funcref) (table 0 funcref)"},
    {wasm::Feature::simd, "v128", "(func (param v128))"},
    {wasm::Feature::extended_const, "arithmetic in a constant expression",
     "(global i32 (i32.add (i32.const 1) (i32.const 2)))"},
    {wasm::Feature::multi_memory, "a second memory", "(memory 0) (memory 0)"},
    {wasm::Feature::memory64, "a 64-bit memory", "(memory i64 0)"},
    {wasm::Feature::memory64, "a 64-bit table", "(table i64 0 funcref)"},
    {wasm::Feature::function_references, "a typed reference", "(type $t (func)) (func (param (ref $t)))"},
    {wasm::Feature::function_references, "a table with an initializer", "(table 1 funcref (ref.null func))"},
    {wasm::Feature::gc, "a struct type", "(type (struct))"},
    {wasm::Feature::gc, "an array type", "(type (array i8))"},
    {wasm::Feature::gc, "a sub type", "(type (sub (func)))"},
    {wasm::Feature::gc, "a recursion group", "(rec (type (func)) (type (func)))"},
    {wasm::Feature::gc, "anyref", "(func (param anyref))"},
    {wasm::Feature::gc, "i31ref", "(global i31ref (ref.null i31))"},
    {wasm::Feature::exceptions, "a tag", "(tag)"},
    {wasm::Feature::exceptions, "exnref", "(func (param exnref))"},
    {wasm::Feature::threads, "a shared memory", "(memory 1 1 shared)"},
    {wasm::Feature::custom_page_sizes, "a custom page size", "(memory 0 (pagesize 1))"},
    {wasm::Feature::compact_imports, "a list of imports", R"((import "m" (item "a") (item "b") (func)))"},
    {wasm::Feature::stack_switching, "a continuation type",
     R"((type $f (func)) (type $c (cont $f)) (type $g (func (param i32))) (type $d (cont $g)) (tag $t) (tag $u)
        (type $h (func (param (ref null $c)))) (type $k (cont $h))
        (func $work) (elem declare func $work)
        (func (param (ref $d)) (result (ref $c)) (cont.bind $d $c (i32.const 1) (local.get 0)))
        (func (result (ref $c)) (cont.new $c (ref.func $work)))
        (func (suspend $t))
        (func (param (ref $c)) (block $on (result (ref $c)) (resume $c (on $t $on) (local.get 0)) (return)) (drop))
        (func (param (ref $c)) (resume_throw $c $u (local.get 0)))
        (func (param (ref $c) (ref exn)) (resume_throw_ref $c (local.get 1) (local.get 0)))
        (func (param (ref $k)) (switch $k $t (local.get 0))))"},
    {wasm::Feature::stack_switching, "contref", "(func (param contref))"},
};

} // namespace swage::proposals
