// Every instruction with a rule of its own: a body that it accepts, and that body's twin with one thing
// wrong. The last test holds that no such instruction is without a pair.
#include <set>

#include "tests/wasm/support.h"

namespace swage::wasm {
namespace {

using testing::StartsWith;
using testing::verdict;

struct Rule {
  Op op;
  const char* valid;
  const char* invalid;
  const char* message;
};

/// The surroundings that the bodies below name.
std::string module_around(const char* body) {
  return std::string(R"((module
    (type $f (func (param i32) (result i32)))
    (type $cont (cont $f))
    (type $done (func (result i32)))
    (type $done_cont (cont $done))
    (type $pair (struct (field $a (mut i32)) (field $p (mut i8)) (field $c i64)))
    (type $refs (struct (field (ref func))))
    (type $ints (array (mut i32)))
    (type $bytes (array (mut i8)))
    (type $fixed (array i32))
    (type $funcs (array (mut funcref)))
    (type $sure (array (mut (ref func))))
    (type $back (func (param i64) (result i32)))
    (type $back_cont (cont $back))
    (type $peer (func (param f32 (ref $back_cont)) (result i32)))
    (type $peer_cont (cont $peer))
    (memory 1) (memory $m64 i64 1)
    (table $t 1 funcref) (table $e 1 externref) (table $t64 i64 1 funcref)
    (global $g (mut i32) (i32.const 0)) (global $constant i32 (i32.const 0))
    (tag $e (param i32)) (tag $ask (param i32) (result i64)) (tag $swap (result i32))
    (data $d "data")
    (elem $el funcref (ref.func $h) (ref.null func))
    (elem $ex externref (ref.null extern))
    (func $h (export "h") (param i32) (result i32) (local.get 0))
    (func $secret (param i32) (result i32) (local.get 0))
    (func (param $i i32) (param $any anyref) (param $fn (ref null $f)) (param $x exnref) (result i32)
      (local $sure (ref func))
)") + body +
         "))";
}

// After `unreachable` a body needs no result: that keeps the pairs to what they are about.
const Rule kRules[] = {
    {Op::unreachable, "unreachable i32.add", "nop", "type mismatch: expected i32, got nothing"},
    {Op::block, "(block (result i32) (i32.const 1))", "(block (result i32)) unreachable",
     "type mismatch: expected i32, got nothing"},
    {Op::loop, "(loop (result i32) (i32.const 1))", "(loop (i32.const 1)) unreachable",
     "type mismatch: expected an empty stack at the end of the block, got 1 more operands"},
    {Op::if_, "(if (i32.const 0) (then)) unreachable", "(if (i64.const 0) (then)) unreachable",
     "type mismatch: expected i32, got i64"},
    {Op::else_, "(if (result i32) (i32.const 0) (then (i32.const 1)) (else (i32.const 2)))",
     "(if (result i32) (i32.const 0) (then (i32.const 1)) (else (i64.const 2)))",
     "type mismatch: expected i32, got i64"},
    {Op::end, "(if (param i32) (result i32) (i32.const 1) (i32.const 0) (then))",
     "(if (result i32) (i32.const 0) (then (i32.const 1)))",
     "type mismatch: an if without else must give back its parameters"},
    {Op::br, "(block (br 0) i32.add drop) unreachable", "(block (result i32) (br 0)) unreachable",
     "type mismatch: expected i32, got nothing"},
    {Op::br_if, "(block (result i32) (br_if 0 (i32.const 1) (i32.const 0)))", "(block (br_if 0)) unreachable",
     "type mismatch: expected i32, got nothing"},
    {Op::br_table, "(block (result i32) (br_table 0 1 (i32.const 1) (i32.const 0)))",
     "(block (block (result i32) (br_table 0 1 (i32.const 1) (i32.const 0))) drop) unreachable",
     "type mismatch: br_table's label 0 takes 1 operands, its default 0"},
    {Op::return_, "(return (i32.const 1))", "(return)", "type mismatch: expected i32, got nothing"},
    {Op::call, "(call $h (i32.const 1))", "(call $h (f32.const 1))", "type mismatch: expected i32, got f32"},
    {Op::call_indirect, "(call_indirect $t64 (type $f) (i32.const 1) (i64.const 0))",
     "(call_indirect $e (type $f) (i32.const 1) (i32.const 0))",
     "type mismatch: expected funcref, got externref"},
    {Op::return_call, "(return_call $h (i32.const 1))", "(return_call 0)",
     "type mismatch: expected i32, got nothing"},
    {Op::return_call_indirect, "(return_call_indirect (type $f) (i32.const 1) (i32.const 0))",
     "(return_call_indirect (param i32) (i32.const 1) (i32.const 0))",
     "type mismatch: the callee's results are "},
    {Op::call_ref, "(call_ref $f (i32.const 1) (local.get $fn))",
     "(call_ref $f (i32.const 1) (table.get $t (i32.const 0)))",
     "type mismatch: expected (ref null 0), got funcref"},
    {Op::return_call_ref, "(return_call_ref $f (i32.const 1) (local.get $fn))",
     "(return_call_ref $pair (local.get $fn))", "type mismatch: expected a function type, type 4 is none"},
    {Op::br_on_null, "(i32.const 1) (br_on_null 0 (local.get $fn)) (call_ref $f)",
     "(block (br_on_null 0 (local.get $i)) drop) unreachable",
     "type mismatch: expected a reference, got i32"},
    {Op::br_on_non_null,
     "(block (result (ref $f)) (br_on_non_null 0 (local.get $fn)) unreachable) drop unreachable",
     "(block (br_on_non_null 0 (local.get $fn))) unreachable",
     "type mismatch: br_on_non_null's label must end in a reference"},
    {Op::br_on_cast,
     "(block (result i31ref) (br_on_cast 0 anyref i31ref (local.get $any)) unreachable) drop unreachable",
     "(block (result anyref) (br_on_cast 0 i31ref anyref (ref.null i31))) drop unreachable",
     "type mismatch: expected i31ref, got anyref"},
    {Op::br_on_cast_fail,
     "(block (result anyref) (br_on_cast_fail 0 anyref (ref i31) (local.get $any))) drop unreachable",
     "(block (result (ref any)) (br_on_cast_fail 0 anyref (ref i31) (local.get $any))) drop unreachable",
     "type mismatch: expected (ref any), got anyref"},
    {Op::drop, "(drop (f64.const 0)) unreachable", "drop unreachable",
     "type mismatch: expected an operand, got nothing"},
    {Op::select_, "(select (i32.const 1) (i32.const 2) (i32.const 0))",
     "(select (local.get $fn) (local.get $fn) (i32.const 0)) drop unreachable",
     "type mismatch: select of references must name their type"},
    {Op::select_t,
     "(drop (select (result funcref) (local.get $fn) (ref.null func) (i32.const 0))) unreachable",
     "(select (result i32 i32) (i32.const 1) (i32.const 2) (i32.const 0))",
     "invalid result arity: expected 1 type, got 2"},
    {Op::local_get, "(local.get $i)", "(drop (local.get $sure)) unreachable", "uninitialized local 4"},
    {Op::local_set, "(local.set $sure (ref.func $h)) (drop (local.get $sure)) unreachable",
     "(local.set $i (i64.const 0)) unreachable", "type mismatch: expected i32, got i64"},
    {Op::local_tee, "(local.tee $i (i32.const 1))", "(local.tee $sure (local.get $fn)) unreachable",
     "type mismatch: expected (ref func), got (ref null 0)"},
    {Op::global_get, "(global.get $g)", "(global.get 2)", "unknown global 2"},
    {Op::global_set, "(global.set $g (i32.const 1)) unreachable",
     "(global.set $constant (i32.const 1)) unreachable", "immutable global 1"},

    {Op::throw_, "(throw $e (i32.const 1))", "(throw $ask (i32.const 1))",
     "type mismatch: tag 1 has results, an exception has none"},
    {Op::throw_ref, "(throw_ref (local.get $x))", "(throw_ref (local.get $fn))",
     "type mismatch: expected exnref, got (ref null 0)"},
    {Op::try_table, "(block (result i32 exnref) (try_table (catch_ref $e 0)) unreachable) drop",
     "(block (result i32) (try_table (catch_all 0)) unreachable)",
     "type mismatch: the catch clause's values are not what label 0 takes"},
    {Op::try_, "(try (result i32) (do (i32.const 1)))", "(try (result i32) (do)) unreachable",
     "type mismatch: expected i32, got nothing"},
    {Op::catch_, "(try (result i32) (do (i32.const 1)) (catch $e))", "(try (do) (catch $e)) unreachable",
     "type mismatch: expected an empty stack at the end of the block, got 1 more operands"},
    {Op::catch_all, "(try (result i32) (do (i32.const 1)) (catch_all (i32.const 2)))",
     "(try (result i32) (do (i32.const 1)) (catch_all)) unreachable",
     "type mismatch: expected i32, got nothing"},
    {Op::delegate, "(try (do) (delegate 0)) unreachable", "(try (do) (delegate 1)) unreachable",
     "unknown label 1"},
    {Op::rethrow, "(try (do) (catch_all (rethrow 0))) unreachable", "(try (do (rethrow 0))) unreachable",
     "invalid rethrow label: not a catch"},

    {Op::cont_new, "(drop (cont.new $cont (local.get $fn))) unreachable",
     "(drop (cont.new $f (local.get $fn))) unreachable", "non-continuation type 0"},
    {Op::cont_bind, "(drop (cont.bind $cont $done_cont (i32.const 1) (ref.null $cont))) unreachable",
     "(drop (cont.bind $done_cont $cont (ref.null $done_cont))) unreachable",
     "type mismatch: cont.bind to a type with more parameters"},
    {Op::suspend, "(drop (suspend $ask (i32.const 1))) unreachable",
     "(drop (suspend $ask (i64.const 1))) unreachable", "type mismatch: expected i32, got i64"},
    {Op::resume,
     "(block (result i32 (ref $back_cont)) (return (resume $cont (on $ask 0) (i32.const 1) (ref.null "
     "$cont)))) unreachable",
     "(block (result i32 (ref $cont)) (return (resume $cont (on $ask 0) (i32.const 1) (ref.null $cont)))) "
     "unreachable",
     "type mismatch: handler of tag 1"},
    {Op::resume_throw, "(resume_throw $cont $e (i32.const 1) (ref.null $cont))",
     "(resume_throw $cont $ask (i32.const 1) (ref.null $cont))",
     "type mismatch: tag 1 has results, an exception has none"},
    {Op::resume_throw_ref, "(resume_throw_ref $cont (local.get $x) (ref.null $cont))",
     "(resume_throw_ref $cont (i32.const 0) (ref.null $cont))", "type mismatch: expected exnref, got i32"},
    {Op::switch_, "(drop (switch $peer_cont $swap (f32.const 1) (ref.null $peer_cont))) unreachable",
     "(drop (switch $peer_cont $ask (f32.const 1) (ref.null $peer_cont))) unreachable",
     "type mismatch: tag 1 of switch"},

    {Op::ref_null, "(drop (ref.null $f)) unreachable", "(drop (ref.null 99)) unreachable", "unknown type 99"},
    {Op::ref_is_null, "(ref.is_null (local.get $fn))", "(ref.is_null (i32.const 0))",
     "type mismatch: expected a reference, got i32"},
    {Op::ref_func, "(drop (ref.func $h)) unreachable", "(drop (ref.func $secret)) unreachable",
     "undeclared function reference 1"},
    {Op::ref_eq, "(ref.eq (ref.null eq) (ref.null $pair))", "(ref.eq (ref.null eq) (local.get $any))",
     "type mismatch: expected eqref, got anyref"},
    {Op::ref_as_non_null, "(local.set $sure (ref.as_non_null (local.get $fn))) unreachable",
     "(i32.add (unreachable) (ref.as_non_null)) drop", "type mismatch: expected i32, got a reference"},
    {Op::ref_test, "(ref.test (ref $pair) (local.get $any))", "(ref.test (ref $pair) (local.get $fn))",
     "type mismatch: expected anyref, got (ref null 0)"},
    {Op::ref_test_null, "(ref.test i31ref (local.get $any))", "(ref.test funcref (local.get $any))",
     "type mismatch: expected funcref, got anyref"},
    {Op::ref_cast, "(i31.get_s (ref.cast (ref i31) (local.get $any)))",
     "(i31.get_s (ref.cast (ref eq) (local.get $any)))", "type mismatch: expected i31ref, got (ref eq)"},
    {Op::ref_cast_null, "(drop (ref.cast (ref null $f) (table.get $t (i32.const 0)))) unreachable",
     "(drop (ref.cast contref)) unreachable", "invalid cast to (ref cont)"},
    {Op::any_convert_extern, "(drop (any.convert_extern (ref.null extern))) unreachable",
     "(drop (any.convert_extern (local.get $any))) unreachable",
     "type mismatch: expected externref, got anyref"},
    {Op::extern_convert_any, "(drop (extern.convert_any (local.get $any))) unreachable",
     "(drop (extern.convert_any (local.get $fn))) unreachable",
     "type mismatch: expected anyref, got (ref null 0)"},
    {Op::ref_i31, "(drop (ref.i31 (i32.const 1))) unreachable", "(drop (ref.i31 (i64.const 1))) unreachable",
     "type mismatch: expected i32, got i64"},
    {Op::i31_get_s, "(i31.get_s (ref.i31 (i32.const 1)))", "(i31.get_s (local.get $any))",
     "type mismatch: expected i31ref, got anyref"},
    {Op::i31_get_u, "(i31.get_u (ref.null i31))", "(i31.get_u (i32.const 1))",
     "type mismatch: expected i31ref, got i32"},

    {Op::struct_new, "(drop (struct.new $pair (i32.const 1) (i32.const 2) (i64.const 3))) unreachable",
     "(drop (struct.new $pair (i32.const 1) (i64.const 3))) unreachable",
     "type mismatch: expected i32, got nothing"},
    {Op::struct_new_default, "(drop (struct.new_default $pair)) unreachable",
     "(drop (struct.new_default $refs)) unreachable", "type mismatch: (ref func) is not defaultable"},
    {Op::struct_get, "(struct.get $pair $a (ref.null $pair))", "(struct.get $pair $p (ref.null $pair))",
     "type mismatch: the field is packed, say _s or _u"},
    {Op::struct_get_s, "(struct.get_s $pair $p (ref.null $pair))", "(struct.get_s $pair $a (ref.null $pair))",
     "type mismatch: the field is not packed"},
    {Op::struct_get_u, "(struct.get_u $pair $p (ref.null none))", "(struct.get_u $pair 3 (ref.null $pair))",
     "unknown field 3"},
    {Op::struct_set, "(struct.set $pair $p (ref.null $pair) (i32.const 1)) unreachable",
     "(struct.set $pair $c (ref.null $pair) (i64.const 1)) unreachable", "immutable field 2"},
    {Op::array_new, "(drop (array.new $bytes (i32.const 1) (i32.const 2))) unreachable",
     "(drop (array.new $pair (i32.const 1) (i32.const 2))) unreachable",
     "type mismatch: expected an array type, type 4 is none"},
    {Op::array_new_default, "(drop (array.new_default $funcs (i32.const 2))) unreachable",
     "(drop (array.new_default $sure (i32.const 2))) unreachable",
     "type mismatch: (ref func) is not defaultable"},
    {Op::array_new_fixed, "(drop (array.new_fixed $ints 2 (i32.const 1) (i32.const 2))) unreachable",
     "(drop (array.new_fixed $ints 2 (i32.const 1))) unreachable",
     "type mismatch: expected i32, got nothing"},
    {Op::array_new_data, "(drop (array.new_data $ints $d (i32.const 0) (i32.const 1))) unreachable",
     "(drop (array.new_data $funcs $d (i32.const 0) (i32.const 1))) unreachable",
     "array type is not numeric or vector"},
    {Op::array_new_elem, "(drop (array.new_elem $funcs $el (i32.const 0) (i32.const 1))) unreachable",
     "(drop (array.new_elem $sure $el (i32.const 0) (i32.const 1))) unreachable",
     "type mismatch: expected (ref func), got funcref"},
    {Op::array_get, "(array.get $ints (ref.null $ints) (i32.const 0))",
     "(array.get $bytes (ref.null $bytes) (i32.const 0))",
     "type mismatch: the field is packed, say _s or _u"},
    {Op::array_get_s, "(array.get_s $bytes (ref.null $bytes) (i32.const 0))",
     "(array.get_s $ints (ref.null $ints) (i32.const 0))", "type mismatch: the field is not packed"},
    {Op::array_get_u, "(array.get_u $bytes (ref.null $bytes) (i32.const 0))",
     "(array.get_u $bytes (ref.null $ints) (i32.const 0))",
     "type mismatch: expected (ref null 7), got (ref null 6)"},
    {Op::array_set, "(array.set $ints (ref.null $ints) (i32.const 0) (i32.const 1)) unreachable",
     "(array.set $fixed (ref.null $fixed) (i32.const 0) (i32.const 1)) unreachable",
     "immutable array type 8"},
    {Op::array_len, "(array.len (ref.null $ints))", "(array.len (ref.null $pair))",
     "type mismatch: expected arrayref, got (ref null 4)"},
    {Op::array_fill,
     "(array.fill $bytes (ref.null $bytes) (i32.const 0) (i32.const 1) (i32.const 2)) unreachable",
     "(array.fill $fixed (ref.null $fixed) (i32.const 0) (i32.const 1) (i32.const 2)) unreachable",
     "immutable array type 8"},
    {Op::array_copy,
     "(array.copy $ints $fixed (ref.null $ints) (i32.const 0) (ref.null $fixed) (i32.const 0) (i32.const 1)) "
     "unreachable",
     "(array.copy $ints $bytes (ref.null $ints) (i32.const 0) (ref.null $bytes) (i32.const 0) (i32.const 1)) "
     "unreachable",
     "array types do not match"},
    {Op::array_init_data,
     "(array.init_data $ints $d (ref.null $ints) (i32.const 0) (i32.const 0) (i32.const 1)) unreachable",
     "(array.init_data $funcs $d (ref.null $funcs) (i32.const 0) (i32.const 0) (i32.const 1)) unreachable",
     "array type is not numeric or vector"},
    {Op::array_init_elem,
     "(array.init_elem $funcs $el (ref.null $funcs) (i32.const 0) (i32.const 0) (i32.const 1)) unreachable",
     "(array.init_elem $funcs $ex (ref.null $funcs) (i32.const 0) (i32.const 0) (i32.const 1)) unreachable",
     "type mismatch: expected funcref, got externref"},

    {Op::table_get, "(drop (table.get $t64 (i64.const 0))) unreachable",
     "(drop (table.get $t64 (i32.const 0))) unreachable", "type mismatch: expected i64, got i32"},
    {Op::table_set, "(table.set $t (i32.const 0) (ref.func $h)) unreachable",
     "(table.set $t (i32.const 0) (ref.null extern)) unreachable",
     "type mismatch: expected funcref, got externref"},
    {Op::table_init, "(table.init $t64 $el (i64.const 0) (i32.const 0) (i32.const 1)) unreachable",
     "(table.init $e $el (i32.const 0) (i32.const 0) (i32.const 1)) unreachable",
     "type mismatch: expected externref, got funcref"},
    {Op::table_copy, "(table.copy $t $t64 (i32.const 0) (i64.const 0) (i32.const 1)) unreachable",
     "(table.copy $t $t64 (i32.const 0) (i64.const 0) (i64.const 1)) unreachable",
     "type mismatch: expected i32, got i64"},
    {Op::table_grow, "(drop (table.grow $t64 (ref.null func) (i64.const 1))) unreachable",
     "(table.grow $t64 (ref.null func) (i32.const 1))", "type mismatch: expected i64, got i32"},
    {Op::table_fill, "(table.fill $t (i32.const 0) (local.get $fn) (i32.const 1)) unreachable",
     "(table.fill $e (i32.const 0) (local.get $fn) (i32.const 1)) unreachable",
     "type mismatch: expected externref, got (ref null 0)"},
    {Op::memory_copy, "(memory.copy $m64 0 (i64.const 0) (i32.const 0) (i32.const 1)) unreachable",
     "(memory.copy $m64 $m64 (i64.const 0) (i64.const 0) (i32.const 1)) unreachable",
     "type mismatch: expected i64, got i32"},
};

TEST(InstructionRules, AcceptAValidUse) {
  for (const Rule& rule : kRules) EXPECT_EQ(verdict(module_around(rule.valid)), "") << rule.valid;
}

TEST(InstructionRules, RefuseItsTwin) {
  for (const Rule& rule : kRules)
    EXPECT_THAT(verdict(module_around(rule.invalid)), StartsWith(std::string("invalid: ") + rule.message))
        << rule.invalid;
}

TEST(InstructionRules, EveryRuleHasItsPair) {
  std::set<std::string_view> with_rule, with_pair;
  for (const OpInfo& info : op_infos())
    if (info.signature == "*") with_rule.insert(info.name);
  for (const Rule& rule : kRules) with_pair.insert(op_info(rule.op).name);
  EXPECT_EQ(with_pair, with_rule);
}

} // namespace
} // namespace swage::wasm
