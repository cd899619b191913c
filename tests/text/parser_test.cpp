// Rules of the text format, each with what it accepts and what it refuses.
// https://webassembly.github.io/spec/core/text/modules.html
#include "compiler/wasm/validate.h"
#include "tests/text/helpers.h"

namespace swage::text::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Parser, folded_instructions_follow_their_operands) {
  EXPECT_EQ(body_of("(func (i32.add (i32.const 1) (i32.const 2)))"), "41 01 41 02 6a 0b");
  EXPECT_THAT(refusal("(func (i32.add i32.const 1 (i32.const 2)))"),
              StartsWith("unexpected token i32.const"));
}

TEST(Parser, a_flat_block_ends_inside_of_its_parentheses) {
  EXPECT_EQ(body_of("(func (block block end))"), "02 40 02 40 0b 0b 0b");
  EXPECT_THAT(refusal("(func (block block))"), HasSubstr("expected 'end'"));
  EXPECT_THAT(refusal("(func (block end))"), HasSubstr("expected an instruction or ')'"));
}

TEST(Parser, a_folded_if_has_its_arms_in_order) {
  EXPECT_EQ(body_of("(func (if (i32.const 1) (then nop) (else nop)))"), "41 01 04 40 01 05 01 0b 0b");
  EXPECT_THAT(refusal("(func (if (i32.const 1)))"), HasSubstr("expected '(then'"));
  EXPECT_THAT(refusal("(func (if (i32.const 1) (else)))"), HasSubstr("else"));
  EXPECT_THAT(refusal("(func (if (i32.const 1) (then) (else) (else)))"), HasSubstr("expected ')'"));
  EXPECT_THAT(refusal("(func (if (i32.const 1) (then) (nop)))"), HasSubstr("expected '(else' or ')'"));
}

TEST(Parser, the_condition_of_a_folded_if_is_outside_of_its_label) {
  EXPECT_EQ(body_of("(func (block $l (if $l (br $l (i32.const 0)) (then (br $l)))))"),
            "02 40 41 00 0c 00 04 40 0c 00 0b 0b 0b");
}

TEST(Parser, a_flat_else_needs_its_if) {
  EXPECT_EQ(body_of("(func i32.const 1 if else end)"), "41 01 04 40 05 0b 0b");
  EXPECT_THAT(refusal("(func block else end)"), HasSubstr("unexpected token else"));
  EXPECT_THAT(refusal("(func i32.const 1 if else else end)"), HasSubstr("unexpected token else"));
}

TEST(Parser, labels_may_be_repeated_at_the_end) {
  EXPECT_EQ(refusal("(func block $a end $a)"), "");
  EXPECT_THAT(refusal("(func block $a end $b)"), StartsWith("mismatching label"));
  EXPECT_THAT(refusal("(func block end $b)"), StartsWith("mismatching label"));
  EXPECT_THAT(refusal("(func (br $nowhere))"), StartsWith("unknown label $nowhere"));
}

TEST(Parser, labels_count_from_the_innermost) {
  EXPECT_EQ(body_of("(func (block $a (block $b (br $a) (br $b))))"), "02 40 02 40 0c 01 0c 00 0b 0b 0b");
}

TEST(Parser, legacy_try_has_its_arms_in_order) {
  std::string tag = "(tag $e) ";
  EXPECT_EQ(refusal(tag + "(func (try (do) (catch $e) (catch_all)))"), "");
  EXPECT_EQ(refusal(tag + "(func (try (do)))"), "");
  EXPECT_THAT(refusal(tag + "(func (try (catch $e)))"), HasSubstr("expected '(do'"));
  EXPECT_THAT(refusal(tag + "(func (try (do) (catch_all) (catch $e)))"), HasSubstr("expected ')'"));
  EXPECT_THAT(refusal(tag + "(func (try (do) (delegate 0) (catch $e)))"), HasSubstr("expected ')'"));
  EXPECT_THAT(refusal(tag + "(func try catch_all catch $e end)"), HasSubstr("unexpected token catch"));
}

TEST(Parser, implicit_types_are_shared_and_appended) {
  EXPECT_THAT(parse_and_print("(func (param i32)) (func (param i64)) (type (func (param i64)))"),
              StartsWith("(module\n  (type (;0;) (func (param i64)))\n  (type (;1;) (func (param i32)))\n"));
}

TEST(Parser, implicit_types_are_never_found_in_groups_or_open_types) {
  EXPECT_THAT(parse_and_print("(rec (type (func)) (type (struct))) (type (sub (func))) (func)"),
              HasSubstr("(type (;2;) (sub (func)))\n  (type (;3;) (func))\n"));
}

TEST(Parser, a_type_use_says_the_same_twice_or_nothing) {
  std::string type = "(type $t (func (param i32) (result i64))) ";
  EXPECT_EQ(refusal(type + "(func (type $t) (param i32) (result i64) (i64.const 0))"), "");
  EXPECT_THAT(refusal(type + "(func (type $t) (param i32))"),
              StartsWith("inline function type: expected (param i32) (result i64)"));
  EXPECT_THAT(refusal(type + "(func (result i64) (param i32))"), StartsWith("unexpected token param"));
  EXPECT_THAT(refusal(type + "(func (param i32) (type $t))"), StartsWith("unexpected token type"));
  EXPECT_THAT(refusal("(func (type 3) (param i32))"), StartsWith("unknown type 3"));
}

TEST(Parser, block_types_have_no_parameter_names) {
  EXPECT_EQ(body_of("(func (block (result i32) (i32.const 1)))"), "02 7f 41 01 0b 0b");
  EXPECT_THAT(refusal("(func (block (param $x i32)))"), StartsWith("unexpected token $x"));
}

TEST(Parser, parameters_of_a_type_count_as_locals) {
  EXPECT_EQ(body_of("(type $t (func (param i32 i32))) (func (type $t) (local $x i64) (drop (local.get $x)))"),
            "20 02 1a 0b");
}

TEST(Parser, identifiers_are_unique_in_their_space) {
  EXPECT_EQ(refusal("(func $x) (memory $x 1) (global $x i32 (i32.const 0))"), "");
  EXPECT_THAT(refusal("(func $x) (func $x)"), StartsWith("duplicate func $x"));
  EXPECT_THAT(refusal("(func (param $x i32) (local $x i32))"), StartsWith("duplicate local $x"));
  EXPECT_THAT(refusal("(type (struct (field $x i32) (field $x i32)))"), StartsWith("duplicate field $x"));
  EXPECT_THAT(refusal("(func $\"\\78\") (func $x)"), StartsWith("duplicate func $x"));
}

TEST(Parser, references_may_point_forward) {
  EXPECT_EQ(body_of("(func (call $later) (global.set $g (i32.const 0))) (global $g (mut i32) (i32.const 0)) "
                    "(func $later)"),
            "10 01 41 00 24 00 0b");
  EXPECT_THAT(refusal("(func (call $never))"), StartsWith("unknown func $never"));
}

TEST(Parser, fields_are_named_by_type) {
  EXPECT_EQ(
      body_of(
          "(type $a (struct (field $x i32) (field $y i32))) (func (struct.get $a $y (unreachable)) drop)"),
      "00 fb 02 00 01 1a 0b");
  EXPECT_THAT(refusal("(type $a (struct)) (func (struct.get $a $y))"), StartsWith("unknown field $y"));
}

TEST(Parser, imports_come_first) {
  EXPECT_EQ(refusal("(import \"a\" \"b\" (func)) (func)"), "");
  EXPECT_THAT(refusal("(func) (import \"a\" \"b\" (func))"), StartsWith("import after function"));
  EXPECT_THAT(refusal("(table 0 funcref) (memory (import \"a\" \"b\") 1)"), StartsWith("import after table"));
}

TEST(Parser, names_of_imports_and_exports_are_utf8) {
  EXPECT_EQ(refusal("(memory (export \"\\ce\\bb\") 1)"), "");
  EXPECT_THAT(refusal("(memory (export \"\\ff\") 1)"), StartsWith("malformed UTF-8 encoding"));
  EXPECT_THAT(refusal("(import \"\\c0\\80\" \"\" (func))"), StartsWith("malformed UTF-8 encoding"));
  EXPECT_THAT(refusal("(func) ;; \xff"), StartsWith("malformed UTF-8 encoding"));
}

TEST(Parser, there_is_one_start) {
  EXPECT_EQ(refusal("(func $f) (start $f)"), "");
  EXPECT_THAT(refusal("(func $f) (start $f) (start $f)"), StartsWith("multiple start sections"));
}

TEST(Parser, alignment_is_a_power_of_two) {
  EXPECT_EQ(body_of("(memory 1) (func (drop (i32.load offset=1 align=2 (i32.const 0))))"),
            "41 00 28 01 01 1a 0b");
  EXPECT_THAT(refusal("(memory 1) (func (drop (i32.load align=0 (i32.const 0))))"),
              StartsWith("alignment must be a power of two"));
  EXPECT_THAT(refusal("(memory 1) (func (drop (i32.load align=x (i32.const 0))))"),
              StartsWith("unknown operator align=x"));
  EXPECT_THAT(refusal("(memory 1) (func (drop (i32.load align=1 offset=1 (i32.const 0))))"),
              StartsWith("unexpected token offset=1"));
}

TEST(Parser, constants_fit_their_type) {
  EXPECT_EQ(body_of("(func (drop (i32.const 0xffffffff)))"), "41 7f 1a 0b");
  EXPECT_THAT(refusal("(func (drop (i32.const 0x100000000)))"), StartsWith("i32 constant out of range"));
  EXPECT_THAT(refusal("(func (drop (i32.const 1.0)))"),
              StartsWith("unexpected token 1.0: expected an i32 constant"));
  EXPECT_THAT(refusal("(func (drop (f32.const 1e39)))"), StartsWith("f32 constant out of range"));
  EXPECT_THAT(refusal("(func (drop (f32.const nan:canonical)))"),
              StartsWith("unexpected token nan:canonical"));
}

TEST(Parser, vectors_have_all_their_lanes) {
  EXPECT_EQ(refusal("(func (drop (v128.const i64x2 1 2)))"), "");
  EXPECT_THAT(refusal("(func (drop (v128.const i64x2 1)))"), StartsWith("wrong number of lane literals"));
  EXPECT_THAT(refusal("(func (drop (v128.const i64x2 1 2 3)))"), StartsWith("wrong number of lane literals"));
  EXPECT_THAT(refusal("(func (drop (v128.const i8x16 256 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0)))"),
              StartsWith("i8 constant out of range"));
  EXPECT_THAT(refusal("(func (i8x16.shuffle 0 1 2 3))"), StartsWith("invalid lane length"));
}

TEST(Parser, page_sizes_are_powers_of_two) {
  EXPECT_EQ(refusal("(memory 1 (pagesize 1))"), "");
  EXPECT_THAT(refusal("(memory 1 (pagesize 3))"), StartsWith("invalid custom page size"));
  EXPECT_THAT(refusal("(memory 1 (pagesize 0))"), StartsWith("invalid custom page size"));
}

TEST(Parser, elements_may_leave_out_func_where_no_table_is_named) {
  std::string table = "(table 1 funcref) (func $f) ";
  EXPECT_EQ(refusal(table + "(elem (i32.const 0) $f)"), "");
  EXPECT_EQ(refusal(table + "(elem (table 0) (i32.const 0) func $f)"), "");
  EXPECT_THAT(refusal(table + "(elem (table 0) (i32.const 0) $f)"), StartsWith("unexpected token $f"));
  EXPECT_THAT(refusal(table + "(elem $f)"), HasSubstr("expected a reference type"));
}

TEST(Parser, select_tells_its_form_by_its_types) {
  EXPECT_EQ(body_of("(func (select))"), "1b 0b");
  EXPECT_EQ(body_of("(func (select (result i32)))"), "1c 01 7f 0b");
  EXPECT_EQ(body_of("(func (select (result)))"), "1c 00 0b");
}

TEST(Parser, an_annotation_stands_where_it_means_something) {
  EXPECT_EQ(refusal("(func $f (@name \"x\"))"), "");
  EXPECT_EQ(refusal("(func $f (@\"n\\61me\" \"x\"))"), "") << "an identifier may be quoted";
  EXPECT_THAT(refusal("(func nop (@name \"x\"))"), StartsWith("misplaced @name annotation"));
  EXPECT_THAT(refusal("(func (@custom \"x\"))"), StartsWith("misplaced @custom annotation"));
  EXPECT_EQ(refusal("(func (@anything else))"), "");
}

TEST(Parser, branch_hints_stand_at_branches) {
  EXPECT_EQ(refusal("(func (@metadata.code.branch_hint \"\\01\") (if (i32.const 1) (then)))"), "");
  EXPECT_THAT(refusal("(func (@metadata.code.branch_hint \"\\01\") nop)"), HasSubstr("invalid target"));
  EXPECT_THAT(refusal("(func (@metadata.code.branch_hint \"\\01\"))"), HasSubstr("invalid target"));
  EXPECT_THAT(refusal("(func (@metadata.code.branch_hint \"\\02\") (br_if 0))"),
              HasSubstr("expected \"\\00\" or \"\\01\""));
  EXPECT_THAT(refusal("(@metadata.code.branch_hint \"\\01\") (func)"), HasSubstr("not in a function"));
}

TEST(Parser, an_instruction_needs_its_feature) {
  wasm::FeatureSet features = wasm::FeatureSet::all();
  features.disable(wasm::Feature::tail_call);
  Expected<Binary> bytes = parse_module("(func $f (return_call $f))", features);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, ErrorCode::unsupported);
  EXPECT_EQ(bytes.error().hint, "--features tail-call");
}

TEST(Parser, names_are_left_out_on_request) {
  Expected<Binary> with = parse("(func $f)");
  Expected<Binary> without = parse_module("(func $f)", wasm::FeatureSet::all(), {.names = NameSection::omit});
  EXPECT_EQ(hex(*without), hex(*parse("(func)")));
  EXPECT_GT(with->size(), without->size());
}

TEST(Parser, a_text_is_one_module) {
  EXPECT_EQ(refusal(""), "");
  EXPECT_EQ(refusal("(module) ;; and a comment"), "");
  EXPECT_THAT(refusal("(module) (module)"), HasSubstr("expected the end of the text"));
  EXPECT_THAT(refusal("(module))"), HasSubstr("expected the end of the text"));
  EXPECT_THAT(refusal("func"), HasSubstr("expected the end of the text"));
}

TEST(Parser, errors_have_a_place) {
  Expected<Binary> bytes = parse_module("(module\n  (func\n    (nope)))", wasm::FeatureSet::all(),
                                        {.file = "a.wat", .first_line = 10});
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().file, "a.wat");
  EXPECT_EQ(bytes.error().line, 12u);
  EXPECT_EQ(bytes.error().column, 6u);
}

TEST(Parser, an_excerpt_cuts_long_lines_around_the_place) {
  std::string text = "(func " + std::string(100'000, ' ') + "(nope)" + std::string(100'000, ' ') + ")";
  std::string shown = parse(text).error().excerpt;
  EXPECT_LT(shown.size(), 400u);
  EXPECT_THAT(shown, HasSubstr("(nope)"));
}

/// "line:column" of what validation refuses.
std::string invalid_place(std::string_view text) {
  Expected<Binary> bytes = parse(text);
  Expected<wasm::Module> module = wasm::decode(*bytes, wasm::FeatureSet::all());
  Expected<void> valid = wasm::validate(*module);
  if (valid) return "valid";
  show_place(valid.error(), text, wasm::FeatureSet::all());
  return std::to_string(valid.error().line.value_or(0)) + ":" +
         std::to_string(valid.error().column.value_or(0));
}

TEST(Parser, shows_where_in_the_text_an_instruction_is_invalid) {
  EXPECT_EQ(invalid_place("(module\n  (func)\n  (func (drop\n    (i32.add (i64.const 1) (i32.const 2)))))"),
            "4:6");
  EXPECT_EQ(invalid_place("(module (func\n  i64.const 1\n  i32.eqz\n  drop))"), "3:3");
  EXPECT_EQ(invalid_place("(module (import \"\" \"\" (func))\n (func (result i32)))"), "2:20");
  EXPECT_EQ(invalid_place("(module (func\n block (result i32)\n end\n drop))"), "3:2");
  EXPECT_EQ(invalid_place("(func (if\n (i64.const 0) (then)))"), "1:8");
}

TEST(Parser, leaves_an_invalid_module_without_a_place_alone) {
  EXPECT_EQ(invalid_place("(module (func $f) (export \"a\" (func 0)) (export \"a\" (func 0)))"), "0:0");
}

} // namespace
} // namespace swage::text::test
