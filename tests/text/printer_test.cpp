// What the golden files do not show: options, limits, and modules that no text could have made.
#include "compiler/wasm/encode.h"
#include "tests/text/helpers.h"

namespace swage::text::test {
namespace {

using testing::HasSubstr;

Expected<std::string> print(std::string_view text, const PrintOptions& options) {
  Binary bytes = parse(text).value();
  wasm::Module module = wasm::decode(bytes, wasm::FeatureSet::all()).value();
  return print_module(module, options);
}

Expected<std::string> print_bytes(std::initializer_list<uint8_t> sections) {
  Binary bytes;
  for (int byte : {0x00, 0x61, 0x73, 0x6D, 0x01, 0x00, 0x00, 0x00})
    bytes.push_back(static_cast<std::byte>(byte));
  for (uint8_t byte : sections) bytes.push_back(std::byte{byte});
  Expected<wasm::Module> module = wasm::decode(bytes, wasm::FeatureSet::all());
  if (!module) return std::unexpected(module.error());
  return print_module(*module);
}

TEST(Printer, calls_things_by_index_without_names) {
  Expected<std::string> text =
      print("(module $m (func $f (param $x i32) (drop (local.get $x)) (block $l (br $l))))",
            {.names = NameUse::none});
  EXPECT_EQ(*text, R"((module
  (type (;0;) (func (param i32)))
  (func (;0;) (type 0) (param i32)
    local.get 0
    drop
    block
      br 0
    end
  )
)
)");
}

TEST(Printer, stops_at_its_limit) {
  std::string_view text = "(module (func (local i64 i64 i64 i64)))";
  EXPECT_TRUE(print(text, {.max_bytes = 1000}));
  Expected<std::string> refused = print(text, {.max_bytes = 50});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::limit);
}

// A few bytes declare 50,000 locals, in each of many functions: the text stops growing at the limit.
TEST(Printer, stops_at_its_limit_among_locals) {
  wasm::Module module;
  module.features = wasm::FeatureSet::all();
  module.types.emplace_back();
  module.rec_group_starts = {0};
  wasm::Encoder code;
  code.emit({.op = wasm::Op::end});
  for (int i = 0; i < 1000; i++) {
    module.functions.push_back({0});
    wasm::Body& body = module.bodies.emplace_back();
    body.locals = {{50'000, kI64}};
    body.code = code.view();
  }
  Expected<std::string> refused = print_module(module, {.max_bytes = 1 << 20});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::limit);
}

TEST(Printer, refuses_a_body_that_does_not_decode) {
  Expected<std::string> text = print_bytes({1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 5, 1, 3, 0, 0xFF, 0x0B});
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::malformed);
  EXPECT_EQ(text.error().function, 0u);
}

TEST(Printer, refuses_instructions_after_the_end) {
  Expected<std::string> text =
      print_bytes({1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 6, 1, 4, 0, 0x0B, 0x01, 0x0B});
  ASSERT_FALSE(text);
  EXPECT_THAT(text.error().message, HasSubstr("after the end"));
}

TEST(Printer, prints_what_is_not_valid) {
  // Type, function, label, local and table indices that do not exist.
  Expected<std::string> text = print_bytes(
      {1, 4, 1, 0x60, 0, 0, 3, 2, 1, 7, 10, 14, 1, 12, 0, 0x10, 9, 0x0C, 8, 0x20, 7, 0x11, 6, 5, 0x1A, 0x0B});
  ASSERT_TRUE(text) << text.error().to_string();
  EXPECT_EQ(*text, R"((module
  (type (;0;) (func))
  (func (;0;) (type 7)
    call 9
    br 8
    local.get 7
    call_indirect 5 (type 6)
    drop
  )
)
)");
}

TEST(Printer, names_hidden_labels_by_number) {
  std::string text = parse_and_print("(func (block $a (block $a (br 0) (br 1))))");
  EXPECT_THAT(text, HasSubstr("br $a\n        br 1"));
}

TEST(Printer, keeps_names_that_stand_twice) {
  std::string text = parse_and_print("(func (@name \"f\")) (func (@name \"f\")) (func $f.1)");
  EXPECT_THAT(text, HasSubstr("(func $f (type"));
  EXPECT_THAT(text, HasSubstr("(func $f.2 (@name \"f\") (type"));
  EXPECT_THAT(text, HasSubstr("(func $f.1 (type"));
}

} // namespace
} // namespace swage::text::test
