// The descriptor of a module: what the runtime will read, row by row.
#include "compiler/codegen/descriptor_builder.h"

#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

using testing::ElementsAre;

/// A descriptor without code, in memory of its own.
class Description {
public:
  explicit Description(std::string_view wat, Images images = Images::mapped) : source_(test::module_of(wat)) {
    glue_ = lower::glue_of(source_.module);
    target_ = *resolve_target(options_, DefaultCpu::portable);
    data_ = *build_descriptor({source_.module, glue_, target_, options_, {}, images});
  }
  const abi::Descriptor& operator*() const {
    return *reinterpret_cast<const abi::Descriptor*>(data_.bytes.data());
  }
  const abi::Descriptor* operator->() const { return &**this; }
  const DescriptorData& data() const { return data_; }
  template<class T> std::span<const T> rows(abi::Span span) const { return abi::elements<T>(**this, span); }
  std::string text(abi::Span span) const { return std::string(abi::text(**this, span)); }

private:
  test::Source source_;
  CompileOptions options_;
  lower::Glue glue_;
  Target target_;
  DescriptorData data_;
};

TEST(Descriptor, BeginsWithTheAbiHash) {
  Description d("(module)");
  EXPECT_EQ(d->abi_hash, abi::kHash);
  EXPECT_EQ(d->size, d.data().bytes.size());
}

TEST(Descriptor, SaysHowItWasMade) {
  Description d("(module $m)");
  EXPECT_EQ(d.text(d->cpu), "x86-64");
  EXPECT_EQ(d.text(d->options), "-O2 --cpu x86-64");
  EXPECT_EQ(d.text(d->module_name), "m");
}

TEST(Descriptor, ExportsAreSortedByName) {
  Description d(R"((module (func (export "b")) (memory (export "a") 1) (func (export "aa"))))");
  std::vector<std::string> names;
  for (const abi::ExportRow& row : d.rows<abi::ExportRow>(d->exports)) names.push_back(d.text(row.name));
  EXPECT_THAT(names, ElementsAre("a", "aa", "b"));
}

TEST(Descriptor, FunctionsAreNamedBySectionImportOrExport) {
  Description d(R"((module (import "env" "log" (func)) (func $inner) (func (export "outer"))
                           (func)))");
  std::vector<std::string> names;
  for (abi::Span span : d.rows<abi::Span>(d->function_names)) names.push_back(d.text(span));
  EXPECT_THAT(names, ElementsAre("env.log", "inner", "outer", ""));
}

TEST(Descriptor, TypesKeepTheirMembers) {
  Description d("(module (type (func (param i32 f64) (result v128))))");
  ASSERT_EQ(d->types.count, 1u);
  const abi::TypeRow& type = d.rows<abi::TypeRow>(d->types)[0];
  EXPECT_EQ(type.params, 2u);
  EXPECT_EQ(type.results, 1u);
  std::vector<uint8_t> kinds;
  for (const abi::TypeRef& ref : d.rows<abi::TypeRef>(d->type_refs)) kinds.push_back(ref.kind);
  EXPECT_THAT(kinds, ElementsAre(0x7F, 0x7C, 0x7B));
}

TEST(Descriptor, PlainGlobalsAreBits) {
  Description d(
      "(module (global i32 (i32.const -1)) (global i64 (i64.const -2)) (global (mut f32) (f32.const 1)))");
  std::span<const abi::GlobalRow> rows = d.rows<abi::GlobalRow>(d->globals);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].init.low, 0xFFFF'FFFFu);
  EXPECT_EQ(rows[1].init.low, ~uint64_t{1});
  EXPECT_EQ(rows[2].init.low, 0x3F80'0000u);
  EXPECT_EQ(rows[2].is_mutable, 1u);
  EXPECT_EQ(d->expressions, 0u);
  EXPECT_EQ(d->initialiser, 0);
}

TEST(Descriptor, ImportedGlobalsValueIsAnExpression) {
  Description d(R"((module (import "m" "g" (global i32)) (global i32 (global.get 0))))");
  const abi::InitRow& init = d.rows<abi::GlobalRow>(d->globals)[1].init;
  EXPECT_EQ(init.kind, 2u);
  EXPECT_EQ(init.low, 0u);
  EXPECT_EQ(d->expressions, 1u);
}

TEST(Descriptor, ElementsNameEscapingFunctions) {
  Description d("(module (table 2 funcref) (func $a) (func $b) (func $c) (elem (i32.const 0) $c $b))");
  EXPECT_THAT(d.rows<uint32_t>(d->escaping), ElementsAre(1u, 2u));
  const abi::ElemRow& elem = d.rows<abi::ElemRow>(d->elems)[0];
  EXPECT_THAT(d.rows<uint32_t>(elem.functions), ElementsAre(1u, 0u));
}

TEST(Descriptor, MemoriesSayWhetherTheyAreChecked) {
  Description d("(module (memory 1 2) (memory i64 1))");
  std::span<const abi::LimitsRow> rows = d.rows<abi::LimitsRow>(d->memories);
  EXPECT_EQ(rows[0].is_checked, 0);
  EXPECT_EQ(rows[0].flags, 1);
  EXPECT_EQ(rows[1].is_checked, 1);
  EXPECT_EQ(rows[1].flags, 4);
}

TEST(Descriptor, EveryFunctionAndEntryHasAFixup) {
  Description d(R"((module (import "m" "f" (func (param i32))) (func (export "e")) (func)))");
  size_t functions = 0, entries = 0, trampolines = 0;
  for (const Fixup& fixup : d.data().fixups) {
    functions += fixup.target == Fixup::Target::function;
    entries += fixup.target == Fixup::Target::entry;
    trampolines += fixup.target == Fixup::Target::trampoline;
  }
  EXPECT_EQ(functions, 2u);
  EXPECT_EQ(entries, 1u);
  EXPECT_EQ(trampolines, 1u);
}

TEST(Descriptor, SmallDataStaysASegment) {
  Description d(R"((module (memory 1) (data (i32.const 8) "hello")))");
  EXPECT_EQ(d->images.count, 0u);
  const abi::DataRow& data = d.rows<abi::DataRow>(d->datas)[0];
  EXPECT_EQ(data.in_image, 0u);
  EXPECT_EQ(d.text(data.bytes), "hello");
}

/// Two segments that overlap by a byte, 5,000 bytes each: "aaa...b...b".
std::string overlapping(std::string_view memory, uint64_t second) {
  return "(module " + std::string(memory) + " (data (i32.const 100) \"" + std::string(5000, 'a') +
         "\") (data (i32.const " + std::to_string(second) + ") \"" + std::string(5000, 'b') + "\"))";
}

TEST(Descriptor, LargeDataIsAnImageInWholePages) {
  Description d(overlapping("(memory 1)", 5099));
  ASSERT_EQ(d.data().images.size(), 1u);
  const ImageRun& run = d.data().images[0];
  EXPECT_EQ(run.address, 0u);
  EXPECT_EQ(run.bytes.size(), 3 * 4096u);
  EXPECT_EQ(run.bytes[99], std::byte{0});
  EXPECT_EQ(run.bytes[5098], std::byte{'a'});
  EXPECT_EQ(run.bytes[5099], std::byte{'b'}); // the later segment wins
  EXPECT_EQ(d.rows<abi::DataRow>(d->datas)[1].in_image, 1u);
  EXPECT_EQ(d.rows<abi::DataRow>(d->datas)[1].bytes.count, 0u);
}

TEST(Descriptor, ImageIsNotForImportedMemories) {
  Description d(overlapping(R"((import "m" "memory" (memory 1)))", 5099));
  EXPECT_EQ(d->images.count, 0u);
}

TEST(Descriptor, ImageIsNotForSegmentsThatTrap) {
  Description d(overlapping("(memory 1)", 65000));
  EXPECT_EQ(d->images.count, 0u);
}

TEST(Descriptor, ScatteredDataMakesNoHugeImage) {
  std::string wat = "(module (memory 4096)";
  for (int i = 0; i < 60; i++)
    wat += "(data (i32.const " + std::to_string(i * 4'000'000) + ") \"" + std::string(100, 'x') + "\")";
  Description d(wat + ")");
  uint64_t bytes = 0;
  for (const ImageRun& run : d.data().images) bytes += run.bytes.size();
  EXPECT_LE(bytes, uint64_t{1} << 20);
}

TEST(Descriptor, WithoutMappingDataStaysSegments) {
  Description d(overlapping("(memory 1)", 5099), Images::none);
  EXPECT_EQ(d->images.count, 0u);
  EXPECT_EQ(d.rows<abi::DataRow>(d->datas)[0].bytes.count, 5000u);
}

} // namespace
} // namespace swage::codegen
