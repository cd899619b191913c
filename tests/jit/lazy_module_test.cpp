// Functions are compiled when they are called: which, how often, and what happens when several guests or the
// end come in between.
#include "compiler/jit/lazy_module.h"

#include <chrono>
#include <future>
#include <thread>

#include <gmock/gmock.h>

#include "tests/jit/graph_program.h"

namespace swage::jit {
namespace {

constexpr BatchLimits kAlone = {.functions = 1, .bytes = 0, .callee_bytes = 0};
/// Every function a batch of its own, nothing ahead of time.
constexpr LazyOptions kOneByOne = {
    .demand = kAlone, .background = kAlone, .background_allowance = 0, .background_ratio = 0};
/// Callees come along, nothing ahead of time.
constexpr LazyOptions kTogether = {.background_allowance = 0, .background_ratio = 0};

TEST(LazyModule, CompilesNothingBeforeTheFirstCall) {
  GraphProgram program({{1}, {}}, kTogether);
  EXPECT_EQ(program.lazy().stats().functions, 0u);
}

TEST(LazyModule, CompilesAFunctionWithItsCalleesAsOneBatch) {
  GraphProgram program({{1, 2}, {2}, {}, {}}, kTogether);
  EXPECT_EQ(program.call(0), 4u);
  EXPECT_EQ(program.lazy().stats().demand_batches, 1u);
  EXPECT_EQ(program.lazy().stats().functions, 3u);
}

TEST(LazyModule, CompilesAFunctionOnce) {
  GraphProgram program(CallGraph{{}}, kTogether);
  program.call(0);
  program.call(0);
  EXPECT_EQ(program.compiled, 1u);
}

TEST(LazyModule, CallsBetweenBatchesGoThroughStubs) {
  GraphProgram program({{1, 2}, {2}, {}}, kOneByOne);
  EXPECT_EQ(program.call(0), 4u);
  EXPECT_EQ(program.lazy().stats().demand_batches, 3u);
}

TEST(LazyModule, CompilesOnceForEightGuestsAtTheSameStub) {
  GraphProgram program({{1}, {2}, {3}, {}}, kOneByOne);
  std::vector<std::thread> guests;
  std::atomic<uint32_t> sum = 0;
  for (int i = 0; i < 8; ++i) guests.emplace_back([&] { sum += program.call(0); });
  for (std::thread& guest : guests) guest.join();
  EXPECT_EQ(sum, 8 * 4u);
  EXPECT_EQ(program.compiled, 4u);
}

TEST(LazyModule, CompilesDifferentFunctionsForDifferentGuests) {
  CallGraph graph(64);
  GraphProgram program(graph, kOneByOne);
  std::vector<std::thread> guests;
  for (uint32_t i = 0; i < 8; ++i) {
    guests.emplace_back([&, i] {
      for (uint32_t n = 0; n < 64; ++n) EXPECT_EQ(program.call((n * 7 + i * 8) % 64), 1u);
    });
  }
  for (std::thread& guest : guests) guest.join();
  EXPECT_EQ(program.compiled, 64u);
}

TEST(LazyModule, LooksAheadInTheBackground) {
  GraphProgram program({{1}, {2}, {}}, {.demand = kAlone});
  program.call(0);
  while (program.lazy().stats().functions < 3) std::this_thread::yield();
  EXPECT_LE(program.lazy().stats().demand_batches, 3u);
  EXPECT_EQ(program.compiled, 3u);
}

TEST(LazyModule, LooksAheadOnlyInProportionToWhatWasNeeded) {
  CallGraph chain(100);
  for (uint32_t i = 0; i < 99; ++i) chain[i] = {i + 1};
  constexpr size_t kBodyBytes = 100;
  GraphProgram program(
      chain, {.demand = kAlone, .background = kAlone, .background_allowance = 0, .background_ratio = 5},
      kBodyBytes);
  std::vector<wasm::FuncIdx> roots = {{50}};
  program.lazy().expect(roots); // nothing was needed yet
  program.call(99);
  program.destroy();
  EXPECT_LT(program.compiled, 10u);
}

TEST(LazyModule, DestructionEndsABackgroundCompilation) {
  GraphProgram program(CallGraph{{}});
  std::promise<void> started;
  LazyModule& lazy = program.lazy();
  program.before_compile = [&]() -> Expected<void> {
    started.set_value();
    while (!lazy.is_cancelled()) std::this_thread::yield();
    return fail(ErrorCode::resource, "cancelled");
  };
  std::vector<wasm::FuncIdx> roots = {{0}};
  program.lazy().expect(roots);
  started.get_future().wait();
  program.destroy();
  EXPECT_TRUE(program.registry.ranges.empty());
}

TEST(LazyModule, AFunctionThatCannotBeCompiledTraps) {
  GraphProgram program(CallGraph{{}}, kTogether);
  program.before_compile = [] { return Expected<void>(fail(ErrorCode::limit, "too large for LLVM")); };
  testing::internal::CaptureStderr();
  EXPECT_EQ(program.registry.trap_of([&] { program.call(0); }), TrapCode::host);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr("too large for LLVM"));
}

TEST(LazyModule, AFailedBatchDoesNotHurtItsOtherFunctions) {
  GraphProgram program({{1}, {}}, kTogether);
  program.before_compile = [&] {
    return program.compiled == 2 ? Expected<void>(fail(ErrorCode::limit, "too many")) : Expected<void>();
  };
  EXPECT_EQ(program.call(0), 2u);
}

TEST(LazyModule, TheEndOfTheStackIsATrap) {
  GraphProgram program(CallGraph{{}}, kTogether);
  std::byte here;
  program.registry.limit = &here; // the call below starts beneath it
  EXPECT_EQ(program.registry.trap_of([&] { program.call(0); }), TrapCode::stack_exhausted);
  EXPECT_EQ(program.compiled, 0u);
  program.registry.limit = nullptr;
  EXPECT_EQ(program.call(0), 1u);
}

TEST(LazyModule, ResolvesItsFunctionsAndTheListOfTheProcess) {
  GraphProgram program(CallGraph{{}, {}});
  const wasm::FuncIdx second{1};
  GraphModule wasm(CallGraph{{}, {}});
  EXPECT_EQ(program.lazy().resolve_symbol(lower::function_symbol(wasm.module, second)),
            program.lazy().stub(second));
  EXPECT_NE(program.lazy().resolve_symbol("memcpy"), nullptr);
  EXPECT_EQ(program.lazy().resolve_symbol("f2"), nullptr);
  EXPECT_EQ(program.lazy().resolve_symbol("f1x"), nullptr);
}

TEST(LazyModule, LaterBatchesCallTheCodeItselfAndNotTheStub) {
  GraphProgram program(CallGraph{{1}, {}}, kOneByOne);
  GraphModule wasm(CallGraph{{1}, {}});
  const wasm::FuncIdx second{1};
  program.call(1);
  EXPECT_NE(program.lazy().resolve_symbol(lower::function_symbol(wasm.module, second)),
            program.lazy().stub(second));
  EXPECT_EQ(program.call(0), 2u);
}

TEST(LazyModule, PlacesInDataLeadToTheStubAndThenToTheCode) {
  GraphProgram program(CallGraph{{}, {}}, kOneByOne);
  const wasm::FuncIdx second{1};
  auto* stub = static_cast<const std::byte*>(program.lazy().stub(second));
  const std::byte* from = stub + 4096;
  int32_t distance = 0;
  program.lazy().add_distance(second, distance, from);
  EXPECT_EQ(from + distance, stub);
  program.call(0);
  EXPECT_EQ(from + distance, stub);
  program.call(1);
  EXPECT_NE(from + distance, stub);
}

} // namespace
} // namespace swage::jit
