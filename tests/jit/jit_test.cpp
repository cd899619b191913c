// Whole modules: from bytes to calls through the descriptor, as the runtime makes them.
#include "compiler/jit/jit.h"

#include <thread>

#include <gmock/gmock.h>

#include "tests/jit/fake_registry.h"
#include "tests/jit/graph_program.h"

namespace swage::jit {
namespace {

using wasm::Op;

/// (func $double (param i32) (result i32) local.get 0, local.get 0, i32.add)
/// (func $main (export "main") (param i32) (result i32) local.get 0, call $double, call $double)
std::vector<std::byte> double_twice(std::string_view export_name = "main") {
  wasm::Encoder twice, main;
  twice.emit({.op = Op::local_get, .index = {0}});
  twice.emit({.op = Op::local_get, .index = {0}});
  twice.emit({.op = Op::i32_add});
  twice.emit({.op = Op::end});
  main.emit({.op = Op::local_get, .index = {0}});
  main.emit({.op = Op::call, .index = {0}});
  main.emit({.op = Op::call, .index = {0}});
  main.emit({.op = Op::end});
  wasm::Module module;
  module.features = wasm::FeatureSet::defaults();
  module.types.resize(1);
  module.types[0].composite.func = {{kI32}, {kI32}};
  module.rec_group_starts = {0};
  module.functions = {{0}, {0}};
  module.bodies.push_back({.locals = {}, .code = twice.view()});
  module.bodies.push_back({.locals = {}, .code = main.view()});
  module.exports.push_back({.name = export_name, .kind = ExternKind::func, .index = 1});
  return wasm::encode(module);
}

/// Calls defined function `index` of type 0 as the runtime does.
uint32_t call(const abi::Descriptor& descriptor, uint32_t index, uint32_t argument) {
  const void* code =
      abi::code_address(descriptor, abi::elements<int32_t>(descriptor, descriptor.code)[index]);
  const void* entry =
      abi::code_address(descriptor, abi::elements<int32_t>(descriptor, descriptor.entries)[0]);
  abi::StoreState store = {};
  abi::Context context = {};
  context.store = &store;
  abi::Value values[1] = {};
  values[0].i32 = argument;
  reinterpret_cast<abi::EntryFn>(reinterpret_cast<uintptr_t>(entry))(code, &context, values);
  return values[0].i32;
}

TEST(Jit, CompilesWhenCalledThroughTheDescriptor) {
  FakeRegistry registry;
  JitModule module = jit_module(double_twice(), {}, registry).value();
  EXPECT_EQ(jit_stats(module).functions, 0u);
  EXPECT_EQ(call(*module.descriptor, 1, 10), 40u);
  EXPECT_EQ(jit_stats(module).functions, 2u);
  EXPECT_EQ(jit_stats(module).demand_batches, 1u);
}

TEST(Jit, WorksAtEveryLevel) {
  for (OptLevel level : {OptLevel::O0, OptLevel::O1, OptLevel::O2, OptLevel::O3, OptLevel::Os}) {
    FakeRegistry registry;
    CompileOptions options;
    options.opt = level;
    JitModule module = jit_module(double_twice(), options, registry).value();
    EXPECT_EQ(call(*module.descriptor, 1, 3), 12u);
  }
}

TEST(Jit, StartsOnTheEntryPointOfAProgramBeforeItIsCalled) {
  if (std::thread::hardware_concurrency() == 1)
    GTEST_SKIP() << "there is no background work on a single core";
  FakeRegistry registry;
  JitModule module = jit_module(double_twice("_start"), {}, registry).value();
  while (jit_stats(module).functions < 2) std::this_thread::yield();
  EXPECT_EQ(jit_stats(module).demand_batches, 0u);
}

TEST(Jit, DoesNothingInTheBackgroundWithOneJob) {
  FakeRegistry registry;
  CompileOptions options;
  options.jobs = 1;
  JitModule module = jit_module(double_twice("_start"), options, registry).value();
  call(*module.descriptor, 1, 1);
  EXPECT_EQ(jit_stats(module).background_batches, 0u);
}

TEST(Jit, TakesBackAllThatItRegistered) {
  FakeRegistry registry;
  JitModule module = jit_module(double_twice(), {}, registry).value();
  call(*module.descriptor, 1, 1);
  EXPECT_FALSE(registry.ranges.empty());
  module = {};
  EXPECT_TRUE(registry.ranges.empty());
  EXPECT_TRUE(registry.frames.empty());
}

TEST(Jit, DescribesTheModule) {
  FakeRegistry registry;
  JitModule module = jit_module(double_twice(), {}, registry).value();
  EXPECT_EQ(module.descriptor->abi_hash, abi::kHash);
  EXPECT_EQ(module.descriptor->code.count, 2u);
  EXPECT_EQ(module.descriptor->ranges.count, 0u);
}

TEST(Jit, GivesCodeRowsThatPointIntoTheModule) {
  FakeRegistry registry;
  std::vector<std::byte> bytes = double_twice();
  JitModule module = jit_module(bytes, {}, registry).value();
  call(*module.descriptor, 1, 1);
  bool has_place = false;
  for (const auto& [begin, range] : registry.ranges) {
    for (const abi::AddressRow& row : range.addresses) {
      EXPECT_LT(row.code_offset, static_cast<size_t>(range.end - begin));
      EXPECT_LT(row.wasm_offset, bytes.size());
      has_place |= row.wasm_offset != 0;
    }
  }
  EXPECT_TRUE(has_place);
}

TEST(Jit, RefusesWhatIsNoModule) {
  FakeRegistry registry;
  std::vector<std::byte> bytes = double_twice();
  bytes.resize(bytes.size() - 3);
  Expected<JitModule> module = jit_module(bytes, {}, registry);
  ASSERT_FALSE(module);
  EXPECT_EQ(module.error().code, ErrorCode::malformed);
}

TEST(Jit, RefusesAnotherArchitecture) {
  FakeRegistry registry;
  CompileOptions options;
  options.triple = kStubSize == 16 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
  Expected<JitModule> module = jit_module(double_twice(), options, registry);
  ASSERT_FALSE(module);
  EXPECT_EQ(module.error().code, ErrorCode::usage);
}

} // namespace
} // namespace swage::jit
