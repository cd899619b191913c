// The plan of a module's batches: everything once, in order, and no function so large that LLVM drowns in it.
#include "compiler/codegen/batches.h"

#include <gtest/gtest.h>

#include "tests/codegen/support.h"

namespace swage::codegen {
namespace {

TEST(Batches, EveryFunctionOnceInOrder) {
  test::Source source = test::module_of(test::many_functions(1000));
  uint32_t next = source.module.imported_functions;
  for (const Batch& batch : plan_batches(source.module, OptLevel::O2)) {
    EXPECT_FALSE(batch.functions.empty());
    for (wasm::FuncIdx function : batch.functions) EXPECT_EQ(function.value, next++);
  }
  EXPECT_EQ(next, source.module.functions.size());
}

TEST(Batches, ManyFunctionsAreSeveralBatches) {
  test::Source source = test::module_of(test::many_functions(1000));
  EXPECT_GT(plan_batches(source.module, OptLevel::O2).size(), 4u);
}

TEST(Batches, NoFunctionsAreNoBatches) {
  test::Source source = test::module_of("(module)");
  EXPECT_TRUE(plan_batches(source.module, OptLevel::O2).empty());
}

/// One function of about `bytes`, between two small ones.
std::string with_large_function(size_t bytes) {
  std::string wat = "(module (func) (func (param i32) (result i32) local.get 0\n";
  for (size_t i = 0; i < bytes / 3; i++) wat += "i32.const 7 i32.add\n";
  return wat + ") (func))";
}

TEST(Batches, HugeFunctionIsAloneAndCheap) {
  test::Source source = test::module_of(with_large_function(600'000));
  std::vector<Batch> batches = plan_batches(source.module, OptLevel::O2);
  ASSERT_EQ(batches.size(), 3u);
  EXPECT_EQ(batches[1].functions.size(), 1u);
  EXPECT_EQ(batches[1].level, OptLevel::O1);
  EXPECT_EQ(batches[2].level, OptLevel::O2);
}

TEST(Batches, HugeFunctionIsNeverMoreThanAskedFor) {
  test::Source source = test::module_of(with_large_function(600'000));
  for (const Batch& batch : plan_batches(source.module, OptLevel::O0)) EXPECT_EQ(batch.level, OptLevel::O0);
}

} // namespace
} // namespace swage::codegen
