// Targets by name: what is valid resolves to what LLVM knows, what is not is refused with the names that are.
#include "compiler/codegen/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/artifact/artifact.h"

namespace swage::codegen {
namespace {

using testing::HasSubstr;

Expected<Target> resolve(std::string triple, std::string cpu, std::string features = "") {
  CompileOptions options;
  options.triple = std::move(triple);
  options.cpu = std::move(cpu);
  options.cpu_features = std::move(features);
  return resolve_target(options, DefaultCpu::portable);
}

std::string error_of(const Expected<Target>& target) {
  return target ? "no error" : target.error().to_string();
}

std::string needed_by(const Target& target) {
  return artifact::feature_names({target.needed_low, target.needed_high});
}

TEST(Target, PortableX86NeedsNoFeature) {
  Expected<Target> target = resolve("x86_64-linux-gnu", "");
  ASSERT_TRUE(target) << error_of(target);
  EXPECT_EQ(target->cpu, "x86-64");
  EXPECT_EQ(needed_by(*target), "");
}

TEST(Target, CpuNameImpliesItsFeatures) {
  Expected<Target> target = resolve("x86_64-linux-gnu", "x86-64-v3");
  ASSERT_TRUE(target) << error_of(target);
  EXPECT_THAT(needed_by(*target), HasSubstr("avx2"));
  EXPECT_THAT(needed_by(*target), HasSubstr("bmi2"));
}

TEST(Target, FeaturesChangeTheCpu) {
  Expected<Target> target = resolve("x86_64-linux-gnu", "x86-64-v3", "-avx2,+aes");
  ASSERT_TRUE(target) << error_of(target);
  EXPECT_THAT(needed_by(*target), HasSubstr("aes"));
  EXPECT_THAT(needed_by(*target), testing::Not(HasSubstr("avx2")));
}

TEST(Target, NativeIsNamedAndRunsHere) {
  Expected<Target> target = resolve("", "native");
  ASSERT_TRUE(target) << error_of(target);
  EXPECT_NE(target->cpu, "native");
  EXPECT_EQ(artifact::missing_features({target->needed_low, target->needed_high}, artifact::host_features()),
            "");
}

TEST(Target, ShortAndLongTriplesAreTheSame) {
  Expected<Target> short_one = resolve("aarch64-linux-gnu", "");
  Expected<Target> long_one = resolve("aarch64-unknown-linux-gnu", "");
  ASSERT_TRUE(short_one && long_one);
  EXPECT_EQ(short_one->triple, long_one->triple);
}

TEST(Target, UnknownTripleNamesTheKnownOnes) {
  EXPECT_THAT(error_of(resolve("riscv64-linux-gnu", "")),
              HasSubstr("expected x86_64-linux-gnu or aarch64-linux-gnu"));
}

TEST(Target, OtherSystemIsRefused) {
  EXPECT_THAT(error_of(resolve("x86_64-pc-windows-msvc", "")), HasSubstr("unknown target"));
}

TEST(Target, UnknownCpuNamesTheNearest) {
  EXPECT_THAT(error_of(resolve("x86_64-linux-gnu", "skylak")), HasSubstr("unknown CPU \"skylak\""));
  EXPECT_THAT(error_of(resolve("x86_64-linux-gnu", "skylak")), HasSubstr("skylake"));
}

TEST(Target, UnknownFeatureNamesTheNearest) {
  EXPECT_THAT(error_of(resolve("x86_64-linux-gnu", "", "+avx3")), HasSubstr("avx2"));
}

TEST(Target, FeatureWithoutASignIsRefused) {
  EXPECT_THAT(error_of(resolve("x86_64-linux-gnu", "", "avx2")), HasSubstr("expected +NAME or -NAME"));
}

TEST(Target, CpuWithout64BitsIsRefused) {
  EXPECT_THAT(error_of(resolve("x86_64-linux-gnu", "i386")), HasSubstr("lacks 64bit"));
}

TEST(Target, RegistersForFloatsAreRequired) {
  EXPECT_THAT(error_of(resolve("x86_64-linux-gnu", "", "-sse2")), HasSubstr("lacks sse2"));
}

TEST(Target, NativeIsRefusedForAnotherArchitecture) {
  EXPECT_THAT(error_of(resolve("aarch64-linux-gnu", "native")), HasSubstr("this machine's"));
}

} // namespace
} // namespace swage::codegen
