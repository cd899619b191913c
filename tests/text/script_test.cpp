// https://github.com/WebAssembly/spec/tree/main/interpreter#scripts
#include "compiler/text/script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace swage::text {
namespace {

using testing::HasSubstr;
using Kind = Command::Kind;

Script script(std::string_view text) {
  Expected<Script> parsed = parse_script(text, "test.wast");
  EXPECT_TRUE(parsed) << parsed.error().to_string();
  return parsed ? std::move(*parsed) : Script();
}

std::string refusal(std::string_view text) {
  Expected<Script> parsed = parse_script(text, "test.wast");
  return parsed ? std::string() : parsed.error().message;
}

TEST(Script, takes_a_file_of_fields_as_one_module) {
  Script parsed = script("\n(func) (memory 0)");
  ASSERT_EQ(parsed.commands.size(), 1u);
  EXPECT_EQ(parsed.commands[0].kind, Kind::module);
  EXPECT_TRUE(module_bytes(*parsed.commands[0].module, wasm::FeatureSet::all(), "test.wast"));
}

TEST(Script, keeps_modules_of_every_form) {
  Script parsed = script(R"wast(
    (module $a (func))
    (module $b binary "\00asm" "\01\00\00\00")
    (module quote "(func)")
    (module definition $c (memory 1))
    (module instance $d $c))wast");
  ASSERT_EQ(parsed.commands.size(), 5u);
  EXPECT_EQ(parsed.commands[0].name, "a");
  EXPECT_EQ(parsed.commands[0].line, 2u);
  EXPECT_EQ(parsed.commands[1].module->contents, std::string_view("\0asm\1\0\0\0", 8));
  EXPECT_EQ(parsed.commands[2].module->form, ModuleSource::Form::quote);
  EXPECT_EQ(parsed.commands[3].kind, Kind::module_definition);
  EXPECT_EQ(parsed.commands[4].kind, Kind::module_instance);
  EXPECT_EQ(parsed.commands[4].name, "d");
  EXPECT_EQ(parsed.commands[4].of, "c");
  for (int i = 0; i < 4; i++)
    EXPECT_TRUE(module_bytes(*parsed.commands[size_t(i)].module, wasm::FeatureSet::all(), "test.wast"));
}

TEST(Script, leaves_a_module_unparsed_until_it_is_asked_for) {
  Script parsed = script("(assert_malformed (module quote \"(func\") \"unexpected end\")\n(assert_invalid "
                         "(module (func nonsense)) \"x\")");
  ASSERT_EQ(parsed.commands.size(), 2u);
  EXPECT_EQ(parsed.commands[0].message, "unexpected end");
  EXPECT_FALSE(module_bytes(*parsed.commands[0].module, wasm::FeatureSet::all(), "test.wast"));
  Expected<std::vector<std::byte>> bytes =
      module_bytes(*parsed.commands[1].module, wasm::FeatureSet::all(), "test.wast");
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().line, 2u) << "lines count in the script";
}

TEST(Script, reads_actions) {
  Script parsed = script(R"wast(
    (invoke "f" (i32.const -1) (f64.const 0x1p1) (ref.null func) (ref.extern 7) (v128.const i32x4 1 2 3 4))
    (get $m "g")
    (register "other" $m))wast");
  const Action& invoke = *parsed.commands[0].action;
  EXPECT_EQ(invoke.field, "f");
  ASSERT_EQ(invoke.arguments.size(), 5u);
  EXPECT_EQ(invoke.arguments[0].bits, 0xFFFF'FFFFu);
  EXPECT_EQ(invoke.arguments[1].bits, 0x4000'0000'0000'0000u);
  EXPECT_TRUE(invoke.arguments[2].is_null);
  EXPECT_EQ(invoke.arguments[3].bits, 7u);
  EXPECT_EQ(invoke.arguments[4].vector[4], 2);
  EXPECT_EQ(parsed.commands[1].action->kind, Action::Kind::get);
  EXPECT_EQ(parsed.commands[1].action->module, "m");
  EXPECT_EQ(parsed.commands[2].as, "other");
}

TEST(Script, reads_result_patterns) {
  Script parsed = script(R"wast((assert_return (invoke "f")
    (i64.const 5) (f32.const nan:canonical) (v128.const f64x2 nan:arithmetic 1)
    (ref.null) (ref.null any) (ref.func) (ref.extern 3) (ref.i31) (ref.struct)
    (either (i32.const 1) (either (i32.const 2)))))wast");
  const std::vector<ResultPatterns>& results = parsed.commands[0].results;
  ASSERT_EQ(results.size(), 10u);
  EXPECT_EQ(results[0][0].lanes[0].bits, 5u);
  EXPECT_EQ(results[1][0].lanes[0].nan, LanePattern::Nan::canonical);
  ASSERT_EQ(results[2][0].lanes.size(), 2u);
  EXPECT_EQ(results[2][0].lanes[0].nan, LanePattern::Nan::arithmetic);
  EXPECT_EQ(results[3][0].kind, ResultPattern::Kind::null_ref);
  EXPECT_EQ(results[3][0].heap, std::nullopt);
  EXPECT_EQ(results[4][0].heap, HeapType{HeapKind::any});
  EXPECT_EQ(results[5][0].kind, ResultPattern::Kind::func_ref);
  EXPECT_EQ(results[6][0].number, 3u);
  EXPECT_EQ(results[7][0].kind, ResultPattern::Kind::i31_ref);
  EXPECT_EQ(results[8][0].kind, ResultPattern::Kind::struct_ref);
  EXPECT_EQ(results[9].size(), 2u);
}

TEST(Script, tells_traps_of_actions_and_of_modules) {
  Script parsed = script(R"wast(
    (assert_trap (invoke "f") "unreachable")
    (assert_trap (module (func $s unreachable) (start $s)) "unreachable")
    (assert_exhaustion (invoke "f") "call stack exhausted")
    (assert_exception (invoke "f"))
    (assert_suspension (invoke "f") "unhandled tag")
    (assert_unlinkable (module (import "a" "b" (func))) "unknown import"))wast");
  EXPECT_TRUE(parsed.commands[0].action);
  EXPECT_TRUE(parsed.commands[1].module);
  EXPECT_EQ(parsed.commands[2].message, "call stack exhausted");
  EXPECT_EQ(parsed.commands[3].kind, Kind::assert_exception);
  EXPECT_EQ(parsed.commands[4].kind, Kind::assert_suspension);
  EXPECT_EQ(parsed.commands[5].kind, Kind::assert_unlinkable);
}

TEST(Script, lays_threads_out_flat) {
  Script parsed = script(R"wast(
    (thread $outer (shared (module $m))
      (register "m" $m)
      (thread $inner (invoke "f"))
      (wait $inner))
    (wait $outer))wast");
  ASSERT_EQ(parsed.commands.size(), 6u);
  EXPECT_THAT(parsed.commands[0].shared, testing::ElementsAre("m"));
  EXPECT_EQ(parsed.commands[0].end, 5u);
  EXPECT_EQ(parsed.commands[2].name, "inner");
  EXPECT_EQ(parsed.commands[2].end, 4u);
  EXPECT_EQ(parsed.commands[5].kind, Kind::wait);
}

TEST(Script, refuses_what_is_no_command) {
  EXPECT_THAT(refusal("(assert_nothing)"), HasSubstr("unknown operator assert_nothing"));
  EXPECT_THAT(refusal("(module"), HasSubstr("unexpected end of text"));
  EXPECT_THAT(refusal("(invoke f)"), HasSubstr("expected an export's name"));
  EXPECT_THAT(refusal("(assert_return (invoke \"f\") (i32.const nan:canonical))"),
              HasSubstr("expected an i32 constant"));
  EXPECT_THAT(refusal("(thread $t (invoke \"f\")"), HasSubstr("unexpected end of text"));
  EXPECT_THAT(refusal("(wait $t))"), HasSubstr("expected a command"));
}

TEST(Script, takes_a_million_open_threads) {
  std::string text;
  for (int i = 0; i < 1'000'000; i++) text += "(thread ";
  EXPECT_THAT(refusal(text), HasSubstr("unexpected end of text"));
}

} // namespace
} // namespace swage::text
