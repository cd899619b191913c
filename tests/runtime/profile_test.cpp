// Profiles and CPU levels as an embedder uses them.
#include <gmock/gmock.h>

#include "tests/runtime/guest.h"

namespace swage {
namespace {

using testing_guest::compile_artifact;
using testing_guest::TemporaryFile;
using testing_guest::value_of;

constexpr std::string_view kLoop = R"((module
  (func (export "run") (param $n i32) (result i32) (local $x i32)
    (loop $next
      (local.set $x (i32.add (local.get $x) (local.get $n)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x))))";

struct ProfileApiTest : testing::Test {
  Engine engine = value_of(Engine::create());

  void SetUp() override {
    if (!load_compiler()) GTEST_SKIP() << load_compiler().error().to_string();
  }
  Module load(const CompileOptions& options, const std::string& level = "") {
    TemporaryFile file;
    file.write(value_of(compile_artifact(kLoop, options)));
    EngineConfig config;
    config.cpu_level = level;
    return value_of(Module::load(value_of(Engine::create(config)), file.path()));
  }
  int32_t run(const Module& module, int32_t n) const {
    Store store(engine);
    Instance instance = value_of(Instance::create(store, module, {}));
    return *value_of(instance.func("run")->typed<int32_t(int32_t)>())(n);
  }
};

TEST_F(ProfileApiTest, a_module_that_does_not_count_has_no_profile) {
  Module module = load({});
  EXPECT_FALSE(module.info().is_instrumented);
  Expected<std::vector<std::byte>> profile = module.profile();
  ASSERT_FALSE(profile);
  EXPECT_EQ(profile.error().code, ErrorCode::usage);
}

TEST_F(ProfileApiTest, instances_that_have_ended_are_in_the_profile) {
  CompileOptions options;
  options.instrument = true;
  Module module = load(options);
  EXPECT_TRUE(module.info().is_instrumented);
  std::vector<std::byte> nothing = value_of(module.profile());
  run(module, 10);
  std::vector<std::byte> once = value_of(module.profile());
  run(module, 10);
  std::vector<std::byte> twice = value_of(module.profile());
  EXPECT_NE(nothing, once);
  EXPECT_NE(once, twice);
}

TEST_F(ProfileApiTest, a_profile_goes_into_the_next_compilation) {
  CompileOptions options;
  options.instrument = true;
  Module counting = load(options);
  EXPECT_EQ(run(counting, 1000), 500500);
  CompileOptions profiled;
  profiled.profiles.push_back({"memory", value_of(counting.profile())});
  EXPECT_EQ(run(load(profiled), 1000), 500500);
}

#ifdef __x86_64__
TEST_F(ProfileApiTest, a_level_can_be_chosen) {
  CompileOptions options;
  options.cpu = "x86-64-v1,native";
  Module best = load(options), least = load(options, "x86-64-v1");
  ASSERT_EQ(best.info().levels.size(), 2u);
  EXPECT_TRUE(best.info().levels[1].is_used);
  EXPECT_TRUE(least.info().levels[0].is_used);
  EXPECT_EQ(run(best, 100000), run(least, 100000));
}
#endif

} // namespace
} // namespace swage
