// Which functions a batch holds.
#include "compiler/jit/batch.h"

#include <gmock/gmock.h>

#include "tests/jit/graph_program.h"

namespace swage::jit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr BatchLimits kAmple = {.functions = 100, .bytes = 10000, .callee_bytes = 1000};

std::vector<uint32_t> values(const std::vector<wasm::FuncIdx>& functions) {
  std::vector<uint32_t> numbers;
  for (wasm::FuncIdx function : functions) numbers.push_back(function.value);
  return numbers;
}

Batch choose(const CallGraph& graph, std::vector<wasm::FuncIdx> roots, BatchLimits limits,
             uint32_t unwanted = ~0u) {
  GraphModule wasm(graph);
  return choose_batch(wasm.module, roots, limits,
                      [&](wasm::FuncIdx function) { return function.value != unwanted; });
}

TEST(Batch, HoldsCalleesNearestFirst) {
  Batch batch = choose({{1, 2}, {3}, {}, {}, {}}, {{0}}, kAmple);
  EXPECT_THAT(values(batch.functions), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(batch.frontier, IsEmpty());
}

TEST(Batch, HoldsEachFunctionOnceInARecursiveProgram) {
  Batch batch = choose({{1, 1, 0}, {0}}, {{0}}, kAmple);
  EXPECT_THAT(values(batch.functions), ElementsAre(0, 1));
}

TEST(Batch, LeavesWhatDoesNotFitToTheFrontier) {
  Batch batch = choose({{1, 2}, {3}, {}, {}}, {{0}}, {.functions = 2, .bytes = 10000, .callee_bytes = 1000});
  EXPECT_THAT(values(batch.functions), ElementsAre(0, 1));
  EXPECT_THAT(values(batch.frontier), ElementsAre(2, 3));
}

TEST(Batch, HoldsARootHoweverLargeAndNoLargeCallee) {
  GraphModule wasm({{1}, {}}, 50);
  wasm::FuncIdx root{0};
  Batch batch = choose_batch(wasm.module, {&root, 1}, {.functions = 9, .bytes = 1000, .callee_bytes = 40},
                             [](wasm::FuncIdx) { return true; });
  EXPECT_THAT(values(batch.functions), ElementsAre(0));
  EXPECT_THAT(values(batch.frontier), ElementsAre(1));
}

TEST(Batch, StopsAtFunctionsThatAreNotWanted) {
  Batch batch = choose({{1, 2}, {3}, {}, {}}, {{0}}, kAmple, 1);
  EXPECT_THAT(values(batch.functions), ElementsAre(0, 2));
}

TEST(Batch, IsEmptyWhenNoRootIsWanted) {
  Batch batch = choose({{1}, {}}, {{0}}, kAmple, 0);
  EXPECT_THAT(batch.functions, IsEmpty());
}

TEST(Batch, DoesNotCountImports) {
  GraphModule wasm({{}, {0, 2}, {}});
  wasm.module.imported_functions = 1;
  wasm.module.bodies.erase(wasm.module.bodies.begin());
  wasm::FuncIdx root{1};
  Batch batch = choose_batch(wasm.module, {&root, 1}, kAmple, [](wasm::FuncIdx) { return true; });
  EXPECT_THAT(values(batch.functions), ElementsAre(1, 2));
}

} // namespace
} // namespace swage::jit
