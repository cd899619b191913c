// The sections of a module. https://webassembly.github.io/spec/core/binary/modules.html
#include "tests/wasm/support.h"

namespace swage::wasm {
namespace {

using testing::bytes_of;
using testing::header;
using testing::load;
using testing::section;
using testing::StartsWith;
using testing::verdict;
using testing::operator+;

// A module of one function without parameters, results and code: its type, function and code section.
std::vector<std::byte> types() { return section(1, {1, 0x60, 0, 0}); }
std::vector<std::byte> functions() { return section(3, {1, 0}); }
std::vector<std::byte> code() { return section(10, {1, 2, 0, 0x0B}); }

TEST(Decode, TheEmptyModule) { EXPECT_EQ(verdict(header()), ""); }

TEST(Decode, Headers) {
  EXPECT_EQ(verdict(std::vector<std::byte>{}), "malformed: unexpected end");
  EXPECT_EQ(verdict(bytes_of({0x00, 0x61, 0x73})), "malformed: unexpected end");
  EXPECT_EQ(verdict(bytes_of({0x00, 0x61, 0x73, 0x6D, 0x01, 0x00, 0x00})), "malformed: unexpected end");
  EXPECT_EQ(verdict(bytes_of({0x7F, 0x45, 0x4C, 0x46, 0x02, 0x01, 0x01, 0x00})),
            "malformed: magic header not detected: not a WebAssembly module");
  EXPECT_EQ(verdict(bytes_of({0x00, 0x61, 0x73, 0x6D, 0x02, 0x00, 0x00, 0x00})),
            "malformed: unknown binary version");
}

TEST(Decode, AComponentIsRecognised) {
  EXPECT_EQ(verdict(bytes_of({0x00, 0x61, 0x73, 0x6D, 0x0D, 0x00, 0x01, 0x00})),
            "malformed: unknown binary version: this is a component, not a core module");
}

TEST(Decode, ErrorsSayWhere) {
  Expected<Module> module = decode(header() + section(1, {1, 0x61}), FeatureSet::all());
  ASSERT_FALSE(module.has_value());
  EXPECT_EQ(module.error().to_string(), "malformed definition type (offset 0xb)");
}

TEST(Decode, SectionsStandInOrder) {
  EXPECT_EQ(verdict(header() + types() + functions() + code()), "");
  EXPECT_EQ(verdict(header() + functions() + types() + code()),
            "malformed: unexpected content after last section");
  EXPECT_EQ(verdict(header() + types() + types()), "malformed: unexpected content after last section");
}

TEST(Decode, TagsStandBeforeGlobalsAndDataCountBeforeCode) {
  std::vector<std::byte> tags = section(13, {1, 0, 0});
  std::vector<std::byte> globals = section(6, {0});
  std::vector<std::byte> data_count = section(12, {0});
  EXPECT_EQ(verdict(header() + types() + functions() + tags + globals + data_count + code()), "");
  EXPECT_EQ(verdict(header() + types() + functions() + globals + tags + code()),
            "malformed: unexpected content after last section");
  EXPECT_EQ(verdict(header() + types() + functions() + code() + data_count),
            "malformed: unexpected content after last section");
}

TEST(Decode, AnUnknownSectionIsMalformed) {
  EXPECT_EQ(verdict(header() + section(14, {})), "malformed: malformed section id 14");
}

TEST(Decode, ASectionIsAsLongAsItSays) {
  EXPECT_EQ(verdict(header() + section(1, {1, 0x60, 0, 0, 0})), "malformed: section size mismatch");
  EXPECT_EQ(verdict(header() + section(1, {2, 0x60, 0, 0})), "malformed: unexpected end");
  EXPECT_EQ(verdict(header() + bytes_of({1, 5, 1, 0x60, 0, 0})), "malformed: length out of bounds");
}

TEST(Decode, AnAbsurdCountAllocatesNothing) {
  EXPECT_EQ(verdict(header() + section(1, {0xFF, 0xFF, 0xFF, 0xFF, 0x0F})),
            "malformed: length out of bounds");
  EXPECT_EQ(verdict(header() + bytes_of({10, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 1})),
            "malformed: length out of bounds");
}

TEST(Decode, FunctionsAndBodiesAreAsMany) {
  EXPECT_EQ(verdict(header() + types() + functions()),
            "malformed: function and code section have inconsistent lengths");
  EXPECT_EQ(verdict(header() + code()), "malformed: function and code section have inconsistent lengths");
}

TEST(Decode, DataSegmentsAreAsManyAsCounted) {
  std::vector<std::byte> one_passive = section(11, {1, 1, 1, 'a'});
  EXPECT_EQ(verdict(header() + section(12, {1}) + one_passive), "");
  EXPECT_EQ(verdict(header() + section(12, {2}) + one_passive),
            "malformed: data count and data section have inconsistent lengths");
  EXPECT_EQ(verdict(header() + section(12, {1})),
            "malformed: data count and data section have inconsistent lengths");
}

TEST(Decode, ABodyIsAsLongAsItSays) {
  EXPECT_EQ(verdict(header() + types() + functions() + section(10, {1, 3, 0, 0x0B, 0x01})),
            "malformed: section size mismatch: bytes after the last end");
  EXPECT_EQ(verdict(header() + types() + functions() + section(10, {1, 2, 0, 0x01})),
            "malformed: END opcode expected");
  EXPECT_EQ(verdict(header() + types() + functions() + section(10, {1, 9, 0, 0x0B})),
            "malformed: unexpected end of section or function");
}

TEST(Decode, TooManyLocalsForTheFormat) {
  std::vector<std::byte> body =
      section(10, {1, 12, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x7F, 1, 0x7F, 0x0B, 0x00, 0x00});
  EXPECT_EQ(verdict(header() + types() + functions() + body), "malformed: too many locals");
}

TEST(Decode, ImportsComeFirstInTheirIndexSpaces) {
  std::vector<std::byte> imports = section(2, {2, 1, 'm', 1, 'f', 0, 0, 1, 'm', 1, 'g', 3, 0x7F, 1});
  auto loaded =
      load(header() + types() + imports + functions() + section(6, {1, 0x7E, 0, 0x42, 0, 0x0B}) + code());
  const Module& module = loaded.module;
  EXPECT_EQ(module.imported_functions, 1u);
  EXPECT_EQ(module.functions.size(), 2u);
  EXPECT_EQ(module.bodies.size(), 1u);
  EXPECT_EQ(module.imports[1].module, "m");
  EXPECT_EQ(module.imports[1].name, "g");
  EXPECT_TRUE(module.globals[0].type.is_mutable);
  EXPECT_EQ(module.globals[1].type.type, kI64);
}

TEST(Decode, ImportKinds) {
  EXPECT_EQ(verdict(header() + section(2, {1, 0, 0, 5})), "malformed: malformed import kind");
  EXPECT_EQ(verdict(header() + section(2, {1, 0, 0, 2, 0, 1})), "");
  EXPECT_EQ(verdict(header() + section(2, {1, 1, 0xFF, 0, 2, 0, 1})), "malformed: malformed UTF-8 encoding");
}

TEST(Decode, MutabilityIsZeroOrOne) {
  EXPECT_EQ(verdict(header() + section(6, {1, 0x7F, 1, 0x41, 0, 0x0B})), "");
  EXPECT_EQ(verdict(header() + section(6, {1, 0x7F, 2, 0x41, 0, 0x0B})), "malformed: malformed mutability");
}

TEST(Decode, LimitsFlags) {
  EXPECT_EQ(verdict(header() + section(5, {1, 0x00, 1})), "");
  EXPECT_EQ(verdict(header() + section(5, {1, 0x03, 1, 2})), "");
  EXPECT_EQ(verdict(header() + section(5, {1, 0x0D, 1, 2, 0})), "");
  EXPECT_EQ(verdict(header() + section(5, {1, 0x10, 1})), "malformed: malformed limits flags");
  EXPECT_EQ(verdict(header() + section(4, {1, 0x70, 0x05, 1, 2})), "");
  EXPECT_EQ(verdict(header() + section(4, {1, 0x70, 0x02, 1})), "malformed: malformed limits flags")
      << "there are no shared tables";
}

TEST(Decode, LimitsAreKept) {
  auto loaded = load(header() + section(5, {1, 0x0F, 0x80, 0x02, 0x80, 0x04, 0}));
  MemoryType expected{.limits = {.min = 256, .max = 512},
                      .address = AddressType::i64,
                      .is_shared = true,
                      .page_size_log2 = 0};
  EXPECT_EQ(loaded.module.memories[0], expected);
}

TEST(Decode, ATableMayHaveAnInitializer) {
  auto loaded = load(header() + section(4, {1, 0x40, 0x00, 0x70, 0x00, 1, 0xD0, 0x70, 0x0B}));
  ASSERT_TRUE(loaded.module.tables[0].init);
  EXPECT_EQ(loaded.module.tables[0].init->code.size(), 3u);
  EXPECT_EQ(verdict(header() + section(4, {1, 0x40, 0x01, 0x70, 0x00, 1, 0xD0, 0x70, 0x0B})),
            "malformed: zero byte expected");
}

TEST(Decode, RecursionGroupsAreFlattened) {
  // (type func) (rec (type (sub struct)) (type (sub final 1 struct (field i8)))) (rec)
  std::vector<std::byte> rec =
      section(1, {3, 0x60, 0, 0, 0x4E, 2, 0x50, 0, 0x5F, 0, 0x4F, 1, 1, 0x5F, 1, 0x78, 0, 0x4E, 0});
  auto loaded = load(header() + rec);
  EXPECT_EQ(loaded.module.rec_group_starts, (std::vector<uint32_t>{0, 1, 3}));
  ASSERT_EQ(loaded.module.types.size(), 3u);
  EXPECT_FALSE(loaded.module.types[1].is_final);
  EXPECT_EQ(loaded.module.types[2].super, 1u);
  EXPECT_EQ(loaded.module.types[2].composite.fields[0].packing, Packing::i8);
}

TEST(Decode, TypeForms) {
  EXPECT_EQ(verdict(header() + section(1, {1, 0x62})), "malformed: malformed definition type");
  EXPECT_EQ(verdict(header() + section(1, {1, 0x50, 2, 0, 0, 0x60, 0, 0})),
            "invalid: 2 super types, expected at most one");
  EXPECT_EQ(verdict(header() + section(1, {1, 0x5E, 0x79, 0})), "malformed: malformed storage type");
  EXPECT_EQ(verdict(header() + section(1, {1, 0x5D, 0x70})), "malformed: malformed continuation type");
}

/// The one element segment of a module with a table and one function.
std::string element(std::initializer_list<int> segment) {
  std::vector<std::byte> bytes = header() + types() + functions() + section(4, {1, 0x70, 0, 1}) +
                                 section(9, bytes_of({1}) + bytes_of(segment)) + code();
  if (std::string problem = verdict(bytes); !problem.empty()) return problem;
  auto loaded = load(bytes);
  const ElemSegment& elem = loaded.module.elems[0];
  const char* modes[] = {"active", "passive", "declarative"};
  return std::string(modes[static_cast<int>(elem.mode)]) + " " + to_string(elem.type) + ", " +
         std::to_string(elem.funcs.size()) + " functions, " + std::to_string(elem.exprs.size()) +
         " expressions";
}

TEST(Decode, TheEightFormsOfAnElementSegment) {
  EXPECT_EQ(element({0, 0x41, 0, 0x0B, 1, 0}), "active (ref func), 1 functions, 0 expressions");
  EXPECT_EQ(element({1, 0, 1, 0}), "passive (ref func), 1 functions, 0 expressions");
  EXPECT_EQ(element({2, 0, 0x41, 0, 0x0B, 0, 1, 0}), "active (ref func), 1 functions, 0 expressions");
  EXPECT_EQ(element({3, 0, 1, 0}), "declarative (ref func), 1 functions, 0 expressions");
  EXPECT_EQ(element({4, 0x41, 0, 0x0B, 1, 0xD2, 0, 0x0B}), "active funcref, 1 functions, 0 expressions");
  EXPECT_EQ(element({5, 0x6F, 1, 0xD0, 0x6F, 0x0B}), "passive externref, 0 functions, 1 expressions");
  EXPECT_EQ(element({6, 0, 0x41, 0, 0x0B, 0x70, 1, 0xD0, 0x70, 0x0B}),
            "active funcref, 0 functions, 1 expressions");
  EXPECT_EQ(element({7, 0x64, 0x00, 1, 0xD2, 0, 0x0B}), "declarative (ref 0), 1 functions, 0 expressions");
}

TEST(Decode, MalformedElementSegments) {
  EXPECT_EQ(element({8, 0}), "malformed: malformed elements segment kind");
  EXPECT_EQ(element({1, 1, 1, 0}), "malformed: malformed element kind");
  EXPECT_EQ(element({5, 0x7F, 0}), "malformed: malformed reference type");
}

TEST(Decode, OneExpressionMakesASegmentOneOfExpressions) {
  EXPECT_EQ(element({5, 0x70, 2, 0xD2, 0, 0x0B, 0xD0, 0x70, 0x0B}),
            "passive funcref, 0 functions, 2 expressions");
}

TEST(Decode, DataSegments) {
  auto loaded =
      load(header() + section(5, {1, 0, 1}) + section(11, {2, 0, 0x41, 5, 0x0B, 2, 'a', 'b', 1, 1, 'c'}));
  EXPECT_EQ(loaded.module.datas[0].mode, SegmentMode::active);
  EXPECT_EQ(loaded.module.datas[0].bytes.size(), 2u);
  EXPECT_EQ(loaded.module.datas[1].mode, SegmentMode::passive);
  EXPECT_EQ(verdict(header() + section(11, {1, 3, 0})), "malformed: malformed data segment kind");
}

TEST(Decode, CustomSectionsAreKeptWithTheirPlace) {
  auto loaded = load(header() + section(0, {1, 'a', 7}) + types() + section(0, {1, 'b'}));
  ASSERT_EQ(loaded.module.customs.size(), 2u);
  EXPECT_EQ(loaded.module.customs[0].name, "a");
  EXPECT_EQ(loaded.module.customs[0].bytes.size(), 1u);
  EXPECT_EQ(loaded.module.customs[0].after, 0);
  EXPECT_EQ(loaded.module.customs[1].after, 1);
}

TEST(Decode, ACustomSectionNeedsItsName) {
  EXPECT_EQ(verdict(header() + section(0, {})), "malformed: unexpected end");
  EXPECT_EQ(verdict(header() + section(0, {2, 'a'})), "malformed: length out of bounds");
}

TEST(Decode, NamesAreRead) {
  auto loaded = load(R"((module $m (func $f (param $p i32) (block $l)) (global $g i32 (i32.const 0))))");
  EXPECT_EQ(loaded.module.names.module, "m");
  EXPECT_EQ(loaded.module.func_name({0}), "f");
  EXPECT_EQ(loaded.module.names.locals.at(0).at(0), "p");
  EXPECT_EQ(loaded.module.names.labels.at(0).at(0), "l");
  EXPECT_EQ(loaded.module.names.globals.at(0), "g");
}

TEST(Decode, AMalformedNameSectionIsIgnored) {
  auto loaded = load(header() + section(0, {4, 'n', 'a', 'm', 'e', 0, 2, 1, 'm', 1, 9, 0}));
  EXPECT_EQ(loaded.module.names.module, "");
  EXPECT_EQ(loaded.module.customs.size(), 1u);
}

TEST(Decode, BranchHintsAreRead) {
  auto loaded = load(R"((module (func (param i32)
    (@metadata.code.branch_hint "\01") (if (local.get 0) (then)))))");
  ASSERT_TRUE(loaded.module.branch_hints.contains(0));
  EXPECT_TRUE(loaded.module.branch_hints.at(0)[0].likely);
}

TEST(Decode, FeaturesThatAreOffAreNamed) {
  FeatureSet mvp;
  EXPECT_EQ(verdict(header() + section(5, {2, 0, 1, 0, 1}), mvp),
            "unsupported: a second memory needs multi-memory, which is switched off");
  EXPECT_EQ(verdict(header() + section(5, {1, 4, 1}), mvp),
            "unsupported: a 64-bit memory needs memory64, which is switched off");
  EXPECT_EQ(verdict(header() + section(5, {1, 3, 1, 1}), mvp),
            "unsupported: a shared memory needs threads, which is switched off");
  EXPECT_EQ(verdict(header() + section(1, {1, 0x5F, 0}), mvp),
            "unsupported: a struct type needs gc, which is switched off");
  EXPECT_EQ(verdict(header() + section(1, {1, 0x60, 0, 2, 0x7F, 0x7F}), mvp),
            "unsupported: a function with several results needs multi-value, which is switched off");
  EXPECT_EQ(verdict(header() + types() + section(13, {1, 0, 0}), mvp),
            "unsupported: a tag needs exceptions, which is switched off");
  EXPECT_EQ(verdict(header() + section(12, {0}), mvp),
            "unsupported: a data count section needs bulk-memory, which is switched off");
}

TEST(Decode, FeaturesUsedAreRecorded) {
  auto used = [](const char* wat) { return load(wat).module.features_used; };
  auto bit = [](Feature feature) { return uint64_t{1} << static_cast<int>(feature); };
  EXPECT_EQ(used("(module (func))") & ~bit(Feature::mvp), 0u);
  EXPECT_TRUE(used("(module (func (drop (v128.const i64x2 0 0))))") & bit(Feature::simd));
  EXPECT_TRUE(used("(module (memory i64 1))") & bit(Feature::memory64));
  EXPECT_TRUE(used("(module (global i32 (i32.add (i32.const 1) (i32.const 2))))") &
              bit(Feature::extended_const));
}

} // namespace
} // namespace swage::wasm
