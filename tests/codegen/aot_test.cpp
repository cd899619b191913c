// Whole modules through the code generator: that the file is what it says, and always the same.
#include "compiler/codegen/aot.h"

#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <elf.h>
#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/artifact/artifact.h"
#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

using testing::HasSubstr;

constexpr const char* kAdd = R"((module (func $sum (export "add") (param i32 i32) (result i32)
                                  local.get 0 local.get 1 i32.add)))";

std::vector<std::byte> compiled(std::string_view wat, const CompileOptions& options = {},
                                Emit emit = Emit::so) {
  Expected<std::vector<std::byte>> file = compile(test::bytes_of(wat), options, emit);
  if (!file) {
    ADD_FAILURE() << file.error().to_string();
    return {};
  }
  return *std::move(file);
}

std::string error_of(std::string_view bytes, const CompileOptions& options = {}) {
  Expected<std::vector<std::byte>> file = compile(std::as_bytes(std::span(bytes)), options, Emit::so);
  return file ? "no error" : file.error().to_string();
}

TEST(Aot, ArtifactPassesItsOwnChecks) {
  std::vector<std::byte> file = compiled(kAdd);
  Expected<artifact::File> checked = artifact::check_file(file);
  EXPECT_TRUE(checked) << checked.error().to_string();
}

class Levels : public testing::TestWithParam<OptLevel> {};
TEST_P(Levels, EveryLevelMakesAnArtifact) {
  CompileOptions options;
  options.opt = GetParam();
  EXPECT_TRUE(artifact::check_file(compiled(test::many_functions(20), options)));
}
INSTANTIATE_TEST_SUITE_P(Aot, Levels,
                         testing::Values(OptLevel::O0, OptLevel::O1, OptLevel::O2, OptLevel::O3,
                                         OptLevel::Os));

TEST(Aot, LoadedDescriptorPassesItsChecks) {
  std::vector<std::byte> bytes = compiled(kAdd);
  std::string path = testing::TempDir() + "aot_test_" + std::to_string(getpid()) + ".so";
  std::ofstream(path, std::ios::binary) << test::text_of(bytes);
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_TRUE(library) << dlerror();
  const auto* descriptor =
      static_cast<const abi::Descriptor*>(dlsym(library, std::string(abi::kDescriptorSymbol).c_str()));
  ASSERT_TRUE(descriptor) << dlerror();
  Dl_info info = {};
  ASSERT_TRUE(dladdr(descriptor, &info));
  Expected<artifact::File> file = artifact::check_file(bytes);
  ASSERT_TRUE(file);
  auto address = static_cast<uint64_t>(reinterpret_cast<const char*>(descriptor) -
                                       static_cast<const char*>(info.dli_fbase));
  Expected<artifact::Surroundings> around = artifact::surroundings(*file, address);
  ASSERT_TRUE(around) << around.error().to_string();
  Expected<void> sound = artifact::check_descriptor(*descriptor, *around);
  EXPECT_TRUE(sound) << sound.error().to_string();
  EXPECT_EQ(file->file_offset(address, sizeof *descriptor).has_value(), true);
  dlclose(library);
  std::remove(path.c_str());
}

TEST(Aot, SameBytesWhateverTheThreads) {
  CompileOptions one, three;
  one.jobs = 1;
  three.jobs = 3;
  std::string wat = test::many_functions(700);
  EXPECT_EQ(compiled(wat, one), compiled(wat, three));
}

TEST(Aot, NoPathOfThisMachineInTheFile) {
  CompileOptions options;
  options.file = "/some/where/app.wasm";
  std::string file = test::text_of(compiled(kAdd, options));
  for (const char* trace : {"app.wasm", "/some", "/proc", "/tmp"})
    EXPECT_EQ(file.find(trace), std::string::npos) << trace;
}

TEST(Aot, OneSymbolIsExportedAndFunctionsKeepTheirNames) {
  std::string file = test::text_of(compiled(kAdd));
  EXPECT_THAT(file, HasSubstr("f0.sum"));
  EXPECT_THAT(file, HasSubstr("swage_module"));
}

/// The first code range of the descriptor inside an artifact's file.
std::vector<std::pair<uint32_t, uint8_t>> places_of(const std::vector<std::byte>& file) {
  std::string text = test::text_of(file);
  std::string hash(reinterpret_cast<const char*>(&abi::kHash), sizeof abi::kHash);
  size_t at = text.rfind(hash); // the note has it first
  const auto& descriptor = *reinterpret_cast<const abi::Descriptor*>(file.data() + at);
  const abi::CodeRange& range = abi::elements<abi::CodeRange>(descriptor, descriptor.ranges)[0];
  std::vector<std::pair<uint32_t, uint8_t>> places;
  for (uint32_t i = 0; i < range.addresses.count; i++)
    places.emplace_back(abi::elements<abi::AddressRow>(descriptor, range.addresses)[i].wasm_offset,
                        abi::elements<uint8_t>(descriptor, range.traps)[i]);
  return places;
}

TEST(Aot, AddressTableSaysWhereAndWhyCodeMayTrap) {
  std::vector<std::byte> wasm =
      test::bytes_of("(module (memory 1) (func (param i32) (result i32) local.get 0 i32.load))");
  std::string load("\x28\x02", 2);
  auto offset = static_cast<uint32_t>(test::text_of(wasm).find(load));
  for (OptLevel level : {OptLevel::O0, OptLevel::O1, OptLevel::O2}) {
    CompileOptions options;
    options.opt = level;
    EXPECT_THAT(places_of(*compile(wasm, options, Emit::so)),
                testing::Contains(std::pair(
                    offset, static_cast<uint8_t>(static_cast<int>(TrapCode::memory_out_of_bounds) + 1))));
  }
}

TEST(Aot, ProgressReachesTheTotal) {
  CompileOptions options;
  size_t done = 0, total = 0;
  options.progress = [&](size_t d, size_t t) {
    done = d;
    total = t;
  };
  compiled(test::many_functions(300), options);
  EXPECT_EQ(done, 300u);
  EXPECT_EQ(total, 300u);
}

TEST(Aot, TimesNameEveryStage) {
  CompileOptions options;
  std::vector<StageTime> times;
  options.times = &times;
  compiled(kAdd, options);
  std::vector<std::string> stages;
  for (const StageTime& time : times) stages.push_back(time.stage);
  EXPECT_THAT(stages, testing::IsSupersetOf({"decode", "validate", "lower", "optimise", "emit", "link"}));
}

TEST(Aot, OtherArchitecture) {
  CompileOptions options;
  options.triple = "aarch64-linux-gnu";
  std::vector<std::byte> file = compiled(kAdd, options);
  ASSERT_GE(file.size(), sizeof(Elf64_Ehdr));
  Elf64_Ehdr header;
  std::memcpy(&header, file.data(), sizeof header);
  EXPECT_EQ(header.e_machine, EM_AARCH64);
}

TEST(Aot, LinkingLeavesTheCompilersChoicesAlone) {
  constexpr std::string_view kSource =
      "(module (import \"m\" \"f\" (func $f (param i32) (result i32))) (memory 1)"
      "  (func (param i32 i32) (result i32) (local $x i32)"
      "  (local.set $x (i32.load (local.get 0)))"
      "  (if (result i32) (local.get 1) (then (call $f (local.get $x))) (else (i32.const 7)))))";
  std::string before = test::compiled(kSource, OptLevel::O2, Emit::ir);
  EXPECT_FALSE(test::compiled(kSource, OptLevel::O2, Emit::so).empty());
  EXPECT_EQ(test::compiled(kSource, OptLevel::O2, Emit::ir), before);
}

TEST(Aot, ObjectIsRelocatable) {
  std::vector<std::byte> file = compiled(kAdd, {}, Emit::obj);
  ASSERT_GE(file.size(), sizeof(Elf64_Ehdr));
  Elf64_Ehdr header;
  std::memcpy(&header, file.data(), sizeof header);
  EXPECT_EQ(header.e_type, ET_REL);
}

TEST(Aot, IrIsText) { EXPECT_THAT(test::text_of(compiled(kAdd, {}, Emit::ir)), HasSubstr("@f0.sum(")); }
TEST(Aot, AssemblyIsText) {
  EXPECT_THAT(test::text_of(compiled(kAdd, {}, Emit::asm_)), HasSubstr("f0.sum:"));
}

TEST(Aot, EmptyModule) { EXPECT_TRUE(artifact::check_file(compiled("(module)"))); }

TEST(Aot, ComponentIsRefusedByName) {
  EXPECT_THAT(error_of(std::string_view("\0asm\x0d\0\x01\0", 8)), HasSubstr("component"));
}

TEST(Aot, UnknownFeatureFlagNamesTheKnownOnes) {
  CompileOptions options;
  options.enable = {"simdd"};
  EXPECT_THAT(error_of(std::string_view("\0asm\1\0\0\0", 8), options),
              HasSubstr("unknown feature \"simdd\""));
}

TEST(Aot, ErrorsNameTheFile) {
  CompileOptions options;
  options.file = "app.wasm";
  EXPECT_THAT(error_of("nonsense", options), testing::StartsWith("app.wasm: "));
}

} // namespace
} // namespace swage::codegen
