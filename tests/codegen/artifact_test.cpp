// Artifacts that are not what they should be: cut, changed, of another machine, CPU or build. Each is refused
// before the dynamic linker could see it, by reading alone.
#include "runtime/artifact/artifact.h"

#include <cstring>
#include <elf.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::artifact {
namespace {

using testing::HasSubstr;
using Bytes = std::vector<std::byte>;

const Bytes& artifact_of_one_function() {
  static const Bytes file =
      *codegen::compile(test::bytes_of("(module (memory 1) (func (export \"f\")))"), {}, Emit::so);
  return file;
}

std::string error_of(std::span<const std::byte> file) {
  Expected<artifact::File> checked = check_file(file);
  return checked ? "no error" : checked.error().to_string();
}

/// Where the note's description stands.
size_t note_of(const Bytes& file) {
  std::string text = test::text_of(file);
  return text.find(std::string("swage\0\0\0", 8)) + 8;
}

/// The artifact with one field of its note changed, and a right checksum again.
template<class T> Bytes with_note(T abi::ArtifactNote::* member, T value) {
  Bytes file = artifact_of_one_function();
  abi::ArtifactNote note;
  std::memcpy(&note, file.data() + note_of(file), sizeof note);
  note.*member = value;
  std::memcpy(file.data() + note_of(file), &note, sizeof note);
  EXPECT_TRUE(seal(file));
  return file;
}

TEST(Artifact, UnchangedIsFine) { EXPECT_EQ(error_of(artifact_of_one_function()), "no error"); }

TEST(Artifact, TruncationAtEveryByteIsRefused) {
  const Bytes& file = artifact_of_one_function();
  for (size_t size = 0; size < file.size(); size++)
    ASSERT_FALSE(check_file(std::span(file).first(size))) << "cut to " << size << " bytes";
}

TEST(Artifact, EveryChangedByteIsRefused) {
  Bytes file = artifact_of_one_function();
  for (size_t i = 0; i < file.size(); i++) {
    std::byte flip{static_cast<unsigned char>(1u << (i % 8))};
    file[i] ^= flip;
    ASSERT_FALSE(check_file(file)) << "changed at " << i;
    file[i] ^= flip;
  }
}

TEST(Artifact, TextIsNoArtifact) {
  EXPECT_THAT(error_of(std::as_bytes(std::span("(module)"))), HasSubstr("expected an ELF file"));
}

TEST(Artifact, NothingIsNoArtifact) { EXPECT_THAT(error_of({}), HasSubstr("expected an ELF file")); }

TEST(Artifact, LibraryOfAnotherMakerIsRefused) {
  Bytes file = artifact_of_one_function();
  std::memcpy(file.data() + note_of(file) - 8, "other", 5);
  EXPECT_THAT(error_of(file), HasSubstr("not made by swage"));
}

TEST(Artifact, OtherMachineIsRefusedByName) {
  CompileOptions options;
  options.triple = host_machine() == EM_X86_64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
  EXPECT_THAT(error_of(*codegen::compile(test::bytes_of("(module)"), options, Emit::so)),
              HasSubstr("compiled for "));
}

TEST(Artifact, OtherBuildIsRefused) {
  EXPECT_THAT(error_of(with_note(&abi::ArtifactNote::abi_hash, abi::kHash + 1)),
              HasSubstr("another build of swage"));
}

TEST(Artifact, MissingCpuFeatureIsNamed) {
  // A row of the other architecture.
  CpuFeatures host = host_features();
  uint64_t missing = host_machine() == EM_X86_64 ? uint64_t{1} << 52 : uint64_t{1} << 0;
  ASSERT_EQ(host.low & missing, 0u);
  EXPECT_THAT(error_of(with_note(&abi::ArtifactNote::cpu_features_low, missing)),
              HasSubstr("with " + feature_names({missing, 0}) + ", which this machine lacks"));
}

TEST(Artifact, PresentCpuFeaturesAreFine) {
  EXPECT_EQ(error_of(with_note(&abi::ArtifactNote::cpu_features_low, host_features().low)), "no error");
}

/// A descriptor that says nothing, in memory with room behind it.
struct Empty {
  Empty() {
    descriptor.abi_hash = abi::kHash;
    descriptor.size = sizeof *this;
    descriptor.start = abi::kNone;
  }
  abi::Descriptor descriptor = {};
  std::byte room[256] = {};
  std::string check() const {
    Surroundings around = {
        .readable = sizeof *this, .code_begin = 4096, .code_end = 8192, .image_begin = 0, .image_end = 0};
    Expected<void> result = check_descriptor(descriptor, around);
    return result ? "no error" : result.error().message;
  }
};

TEST(ArtifactDescriptor, EmptyIsFine) { EXPECT_EQ(Empty().check(), "no error"); }

TEST(ArtifactDescriptor, SizeBeyondTheSegment) {
  Empty d;
  d.descriptor.size = sizeof d + 1;
  EXPECT_THAT(d.check(), HasSubstr("wrong size"));
}

TEST(ArtifactDescriptor, SpanBeyondTheSize) {
  Empty d;
  d.descriptor.exports = {sizeof(abi::Descriptor), 1000};
  EXPECT_THAT(d.check(), HasSubstr("outside of its bytes"));
}

TEST(ArtifactDescriptor, SpanThatIsNotAligned) {
  Empty d;
  d.descriptor.globals = {sizeof(abi::Descriptor) + 1, 1};
  EXPECT_THAT(d.check(), HasSubstr("outside of its bytes"));
}

TEST(ArtifactDescriptor, CountsThatDoNotFit) {
  Empty d;
  d.descriptor.imported_functions = 1;
  EXPECT_THAT(d.check(), HasSubstr("do not fit together"));
}

TEST(ArtifactDescriptor, TypeThatIsNone) {
  Empty d;
  d.descriptor.tables = {sizeof(abi::Descriptor), 1}; // zeros are no element type
  EXPECT_THAT(d.check(), HasSubstr("wrong function, table, global or tag"));
}

/// A row in the room behind the descriptor; what else is counted with it is made of zeros.
template<class Row> abi::Span put(Empty& d, const Row& row) {
  std::memcpy(d.room, &row, sizeof row);
  return {static_cast<uint32_t>(d.room - reinterpret_cast<std::byte*>(&d)), 1};
}
abi::Span zeros(Empty& d) {
  return {static_cast<uint32_t>(d.room + 128 - reinterpret_cast<std::byte*>(&d)), 1};
}

TEST(ArtifactDescriptor, ArrayWithoutElements) {
  Empty d;
  abi::TypeRow row{};
  row.kind = static_cast<uint8_t>(CompositeKind::array);
  row.super = abi::kNone;
  row.first_in_group = 1;
  d.descriptor.types = put(d, row);
  d.descriptor.entries = d.descriptor.trampolines = zeros(d);
  EXPECT_THAT(d.check(), HasSubstr("wrong type"));
}

TEST(ArtifactDescriptor, ImportOfAKindThatOnlyItsLowByteKnows) {
  Empty d;
  abi::ImportRow row{};
  row.kind = 0x3200;
  d.descriptor.imports = put(d, row);
  d.descriptor.functions = d.descriptor.function_names = zeros(d);
  d.descriptor.imported_functions = 1;
  EXPECT_THAT(d.check(), HasSubstr("wrong import or export"));
}

TEST(ArtifactDescriptor, StartThatDoesNotExist) {
  Empty d;
  d.descriptor.start = 0;
  EXPECT_THAT(d.check(), HasSubstr("do not fit together"));
}

TEST(ArtifactDescriptor, InitialiserOutsideOfTheCode) {
  Empty d;
  d.descriptor.expressions = 1;
  d.descriptor.initialiser = d.descriptor.initialiser_entry = 8192;
  EXPECT_THAT(d.check(), HasSubstr("outside of the code"));
}

} // namespace
} // namespace swage::artifact
