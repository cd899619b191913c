// The glue: which functions escape, which types cross the border, which constant expressions need code; and
// what is refused.
#include <gmock/gmock.h>

#include "tests/lower/support.h"

namespace swage::lower::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<uint32_t> escaping(std::string_view text) {
  std::unique_ptr<Source> source = source_of(text);
  std::vector<uint32_t> indices;
  for (wasm::FuncIdx function : glue_of(source->module).escaping) indices.push_back(function.value);
  return indices;
}

TEST(Glue, private_functions_do_not_escape) {
  EXPECT_THAT(escaping("(module (func) (func (call 0)))"), IsEmpty());
}

TEST(Glue, exported_functions_escape) {
  EXPECT_THAT(escaping(R"((module (func) (func (export "f"))))"), ElementsAre(1));
}

TEST(Glue, the_start_function_escapes) {
  EXPECT_THAT(escaping("(module (func) (func) (start 1))"), ElementsAre(1));
}

TEST(Glue, functions_in_tables_escape) {
  EXPECT_THAT(escaping("(module (table 3 funcref) (func) (func) (func) (elem (i32.const 0) 2 0))"),
              ElementsAre(0, 2));
}

TEST(Glue, functions_in_element_expressions_escape) {
  EXPECT_THAT(escaping("(module (func) (func) (elem funcref (ref.func 1) (ref.null func)))"), ElementsAre(1));
}

TEST(Glue, functions_of_ref_func_escape) {
  EXPECT_THAT(escaping("(module (func) (func $f) (global funcref (ref.func $f)))"), ElementsAre(1));
}

TEST(Glue, each_type_that_escapes_has_an_entry) {
  std::unique_ptr<Source> source =
      source_of(R"((module (func (param i32)) (func (export "f") (param i64))))");
  EXPECT_THAT(glue_of(source->module).entry_needed, ElementsAre(false, true));
}

TEST(Glue, each_type_that_is_imported_has_a_trampoline) {
  std::unique_ptr<Source> source =
      source_of(R"((module (import "m" "f" (func (param i32))) (func (param i64))))");
  EXPECT_THAT(glue_of(source->module).trampoline_needed, ElementsAre(true, false));
}

TEST(Glue, plain_constants_need_no_code) {
  std::unique_ptr<Source> source =
      source_of(R"((module (memory 1) (global i32 (i32.const 1)) (global externref (ref.null extern))
    (data (i32.const 8) "x")))");
  EXPECT_THAT(glue_of(source->module).expressions, IsEmpty());
}

TEST(Glue, other_expressions_are_numbered_in_order) {
  std::unique_ptr<Source> source = source_of(R"((module (import "m" "g" (global i32)) (memory 1)
    (data (i32.add (global.get 0) (i32.const 1)) "x")
    (global i32 (global.get 0))))");
  Glue glue = glue_of(source->module);
  ASSERT_EQ(glue.expressions.size(), 2u);
  EXPECT_EQ(glue.expressions[0].offset, source->module.globals[1].init.offset);
  EXPECT_EQ(glue.expressions[1].offset, source->module.datas[0].memory_offset.offset);
}

std::string refusal(std::string_view text) {
  std::unique_ptr<Source> source = source_of(text);
  Expected<void> checked = check_lowerable(source->module);
  return checked ? "" : checked.error().to_string();
}

TEST(CheckLowerable, names_the_instruction_and_its_place) {
  std::string error =
      refusal("(module (type $f (func)) (type $c (cont $f)) (func)"
              "  (func $make (param (ref $f)) (result (ref $c)) (cont.new $c (local.get 0))))");
  EXPECT_THAT(error, HasSubstr("cont.new"));
  EXPECT_THAT(error, HasSubstr("function 1 \"make\""));
}

TEST(CheckLowerable, accepts_types_that_no_instruction_uses) {
  EXPECT_EQ(refusal("(module (type (struct (field i32))) (type (array i8)) (func))"), "");
}

} // namespace
} // namespace swage::lower::test
