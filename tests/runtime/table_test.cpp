// Tables and globals of the host's making.
#include <gtest/gtest.h>

#include "swage/typed_func.h"

using namespace swage;

namespace {

struct Tables : testing::Test {
  Engine engine = *Engine::create();
  Store store{engine};
  Val null = Val(Ref{}, kFuncRef);
};

TEST_F(Tables, BeginsWithItsInitialValue) {
  Func f = Func::wrap(store, [] {});
  Table table = *Table::create(store, {kFuncRef, {2, {}}}, f.as_ref());
  EXPECT_EQ(table.size(), 2u);
  EXPECT_EQ(table.get(1)->ref(), f.as_ref().ref());
  EXPECT_EQ(table.get(2), std::nullopt);
}

TEST_F(Tables, GrowFillsTheNewElements) {
  Func f = Func::wrap(store, [] {});
  Table table = *Table::create(store, {kFuncRef, {1, 3}}, null);
  EXPECT_EQ(table.grow(2, f.as_ref()), 1u);
  EXPECT_TRUE(table.get(0)->ref().is_null());
  EXPECT_EQ(table.get(2)->ref(), f.as_ref().ref());
  EXPECT_EQ(table.grow(1, null), std::nullopt);
}

TEST_F(Tables, SetRefusesAnotherType) {
  Table table = *Table::create(store, {kExternRef, {1, {}}}, Val(Ref{}, kExternRef));
  Func f = Func::wrap(store, [] {});
  EXPECT_FALSE(table.set(0, f.as_ref()));
  EXPECT_FALSE(table.set(0, Val(1)));
  EXPECT_FALSE(table.set(1, Val(Ref{}, kExternRef)));
  EXPECT_TRUE(table.set(0, Val(store.make_extern(std::make_shared<int>(1)), kExternRef)));
}

TEST_F(Tables, ConcreteElementTypeLooksAtTheFunction) {
  Func right = Func::wrap(store, [](int32_t) {});
  Func wrong = Func::wrap(store, [](int64_t) {});
  TableType type{ValType::ref(right.as_ref().type().heap, true), {1, {}}};
  Table table = *Table::create(store, type, null);
  EXPECT_TRUE(table.set(0, Val(right.as_ref().ref(), kFuncRef)));
  EXPECT_FALSE(table.set(0, Val(wrong.as_ref().ref(), kFuncRef)));
}

TEST_F(Tables, AbsurdSizesAreRefused) {
  auto table = Table::create(store, {kFuncRef, {uint64_t{1} << 32, {}}}, null);
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().code, ErrorCode::limit);
  Table small = *Table::create(store, {kFuncRef, {0, {}}}, null);
  EXPECT_EQ(small.grow(~uint64_t{0}, null), std::nullopt);
}

TEST_F(Tables, TenMillionElementsAreTheMost) {
  constexpr uint64_t kMost = 10'000'000;
  EXPECT_TRUE(Table::create(store, {kFuncRef, {kMost, {}}}, null));
  auto larger = Table::create(store, {kFuncRef, {kMost + 1, {}}}, null);
  ASSERT_FALSE(larger);
  EXPECT_EQ(larger.error().code, ErrorCode::limit);
  EXPECT_EQ(larger.error().message,
            "table of 10000001 elements is larger than this implementation allows (10000000)");
  Table grown = *Table::create(store, {kFuncRef, {1, {}}}, null);
  EXPECT_EQ(grown.grow(kMost, null), std::nullopt);
  EXPECT_EQ(grown.grow(kMost - 1, null), 1u);
}

TEST_F(Tables, GlobalKeepsItsTypeAndMutability) {
  Global constant = *Global::create(store, {kI32, false}, Val(3));
  Global variable = *Global::create(store, {kF64, true}, Val(1.5));
  EXPECT_FALSE(constant.set(Val(4)));
  EXPECT_FALSE(variable.set(Val(1.0f)));
  EXPECT_TRUE(variable.set(Val(2.5)));
  EXPECT_EQ(variable.get().f64(), 2.5);
  EXPECT_EQ(constant.get().i32(), 3);
  EXPECT_FALSE(Global::create(store, {kI64, false}, Val(1)));
}

TEST_F(Tables, GlobalKeepsAllBitsOfAVector) {
  V128 bits;
  for (size_t i = 0; i < 16; ++i) bits.bytes[i] = static_cast<uint8_t>(i * 17);
  Global global = *Global::create(store, {kV128, true}, Val(bits));
  EXPECT_EQ(global.get().v128(), bits);
}

} // namespace
