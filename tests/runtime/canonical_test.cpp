// Iso-recursive type equality: what gets the same canonical id, and what does not.
#include <gtest/gtest.h>
#include <thread>

#include "runtime/types/canonical.h"
#include "runtime/types/matching.h"

using namespace swage;

namespace {

SubType func(std::vector<ValType> params, std::vector<ValType> results = {}) {
  SubType type;
  type.composite.func = {std::move(params), std::move(results)};
  return type;
}

SubType open(SubType type, std::optional<uint32_t> super = {}) {
  type.is_final = false;
  type.super = super;
  return type;
}

SubType structure(std::vector<FieldType> fields) {
  SubType type;
  type.composite.kind = CompositeKind::struct_;
  type.composite.fields = std::move(fields);
  return type;
}

ValType ref(uint32_t index) { return ValType::ref(HeapType::concrete(index), true); }

std::vector<uint32_t> singles(const std::vector<SubType>& types) {
  return canonicalize(types, std::vector<uint8_t>(types.size(), 1));
}
std::vector<uint32_t> group(const std::vector<SubType>& types) {
  std::vector<uint8_t> begins(types.size());
  begins[0] = 1;
  return canonicalize(types, begins);
}

TEST(Canonical, EqualTypesOfOneModuleHaveOneId) {
  auto ids = singles({func({kI32}), func({kI64}), func({kI32})});
  EXPECT_EQ(ids[0], ids[2]);
  EXPECT_NE(ids[0], ids[1]);
}

TEST(Canonical, ApiTypeEqualsModuleType) {
  EXPECT_EQ(canonical_id({{kI32, kF64}, {kV128}}), singles({func({kI32, kF64}, {kV128})})[0]);
}

TEST(Canonical, ParametersAreNotResults) {
  EXPECT_NE(canonical_id({{kI32}, {}}), canonical_id({{}, {kI32}}));
}

TEST(Canonical, GroupIsEqualAsAWholeOnly) {
  auto pair = group({func({}), func({kI32})});
  auto single = singles({func({})});
  auto again = group({func({}), func({kI32})});
  EXPECT_NE(pair[0], single[0]);
  EXPECT_EQ(pair, again);
}

TEST(Canonical, RecursionIsRelativeToTheGroup) {
  // (rec (type $a (func (param (ref null $a)))) at index 0 of one module and at index 2 of another.
  auto first = singles({func({ref(0)})});
  auto second = singles({func({kI32}), func({kI64}), func({ref(2)})});
  EXPECT_EQ(first[0], second[2]);
}

TEST(Canonical, ReferenceOutOfTheGroupIsByIdentity) {
  auto ids = singles({func({kI32}), func({kI64}), func({ref(0)}), func({ref(1)})});
  auto other = singles({func({kI64}), func({ref(0)})});
  EXPECT_NE(ids[2], ids[3]);
  EXPECT_EQ(ids[3], other[1]);
}

TEST(Canonical, InnerAndOuterReferenceDiffer) {
  // (type $a (struct (field (ref null $a)))), and a struct with a reference to it: unrolled, not equal.
  auto recursive = singles({structure({{ref(0)}})});
  auto unrolled = singles({structure({{ref(0)}}), structure({{ref(0)}})});
  EXPECT_EQ(recursive[0], unrolled[0]);
  EXPECT_NE(unrolled[0], unrolled[1]);
}

TEST(Canonical, FinalityAndSupertypeCount) {
  auto ids = singles({open(func({})), func({}), open(func({}), 0)});
  EXPECT_NE(ids[0], ids[1]);
  EXPECT_NE(ids[0], ids[2]);
  EXPECT_TRUE(is_subtype(ids[2], ids[0]));
  EXPECT_FALSE(is_subtype(ids[0], ids[2]));
}

TEST(Canonical, FieldsCompareMutabilityAndPacking) {
  auto ids = singles({structure({{kI32, Packing::i8, false}}), structure({{kI32, Packing::i16, false}}),
                      structure({{kI32, Packing::i8, true}}), structure({{kI32, Packing::none, false}})});
  EXPECT_EQ(std::set<uint32_t>(ids.begin(), ids.end()).size(), 4u);
}

TEST(Canonical, StoredTypeHasCanonicalIndices) {
  auto ids = singles({func({kF32}), func({ref(0)})});
  EXPECT_EQ(canonical_type(ids[1]).composite.func.params[0].heap.index, ids[0]);
}

TEST(Canonical, ThreadsAgree) {
  std::vector<uint32_t> ids[4];
  std::vector<std::thread> threads;
  for (auto& mine : ids)
    threads.emplace_back([&mine] {
      std::vector<ValType> params;
      for (int i = 0; i < 300; ++i) {
        params.push_back(i % 3 == 0 ? kF32 : kF64);
        mine.push_back(canonical_id({params, {kExternRef}}));
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ids[0], ids[1]);
  EXPECT_EQ(ids[0], ids[2]);
  EXPECT_EQ(ids[0], ids[3]);
}

TEST(Matching, AbstractHeapTypes) {
  auto below = [](HeapKind a, HeapKind b) { return matches(HeapType{a}, HeapType{b}); };
  EXPECT_TRUE(below(HeapKind::i31, HeapKind::any));
  EXPECT_TRUE(below(HeapKind::none, HeapKind::array));
  EXPECT_TRUE(below(HeapKind::nofunc, HeapKind::func));
  EXPECT_FALSE(below(HeapKind::eq, HeapKind::i31));
  EXPECT_FALSE(below(HeapKind::none, HeapKind::func));
  EXPECT_FALSE(below(HeapKind::extern_, HeapKind::any));
}

TEST(Matching, ConcreteHeapTypes) {
  uint32_t function = canonical_id({{kI32}, {}});
  uint32_t record = singles({structure({})})[0];
  EXPECT_TRUE(matches(HeapType::concrete(function), HeapType{HeapKind::func}));
  EXPECT_TRUE(matches(HeapType::concrete(record), HeapType{HeapKind::eq}));
  EXPECT_TRUE(matches(HeapType{HeapKind::nofunc}, HeapType::concrete(function)));
  EXPECT_FALSE(matches(HeapType{HeapKind::none}, HeapType::concrete(function)));
  EXPECT_FALSE(matches(HeapType::concrete(record), HeapType{HeapKind::func}));
}

TEST(Matching, NullabilityOfReferences) {
  ValType nullable = ValType::ref({HeapKind::func}, true);
  ValType certain = ValType::ref({HeapKind::func}, false);
  EXPECT_TRUE(matches(certain, nullable));
  EXPECT_FALSE(matches(nullable, certain));
}

TEST(Matching, Limits) {
  EXPECT_TRUE(matches(Limits{2, 4}, Limits{1, 5}));
  EXPECT_TRUE(matches(Limits{2, 4}, Limits{2, {}}));
  EXPECT_FALSE(matches(Limits{1, 4}, Limits{2, 5}));
  EXPECT_FALSE(matches(Limits{2, 6}, Limits{1, 5}));
  EXPECT_FALSE(matches(Limits{2, {}}, Limits{1, 5}));
}

TEST(Matching, GlobalsAreInvariantWhenMutable) {
  GlobalType narrow{ValType::ref({HeapKind::nofunc}, true), false};
  GlobalType wide{kFuncRef, false};
  EXPECT_TRUE(matches(narrow, wide));
  narrow.is_mutable = wide.is_mutable = true;
  EXPECT_FALSE(matches(narrow, wide));
}

} // namespace
