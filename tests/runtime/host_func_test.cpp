// Host functions called by the host: they run on a guest's stack, so entering, leaving and trapping can be
// seen without any compiled code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

#include "swage/typed_func.h"

using namespace swage;
using testing::ElementsAre;

namespace {

struct HostFunc : testing::Test {
  Engine engine = *Engine::create();
  Store store{engine};
};

TEST_F(HostFunc, ReturnsTheSumOfItsArguments) {
  Func add = Func::wrap(store, [](int32_t a, int32_t b) { return a + b; });
  auto typed = add.typed<int32_t(int32_t, int32_t)>();
  ASSERT_TRUE(typed);
  EXPECT_EQ((*typed)(40, 2), 42);
}

TEST_F(HostFunc, HasTheTypeOfTheCallable) {
  Func f = Func::wrap(store, [](Caller&, uint64_t, float, V128, Ref) -> Result<std::tuple<double, int32_t>> {
    return std::tuple(1.0, 2);
  });
  EXPECT_EQ(to_string(f.type()), "(param i64 f32 v128 externref) (result f64 i32)");
}

TEST_F(HostFunc, RefusesAnotherSignature) {
  Func f = Func::wrap(store, [](int32_t) {});
  auto typed = f.typed<void(int64_t)>();
  ASSERT_FALSE(typed);
  EXPECT_EQ(typed.error().message,
            "type mismatch of a function: expected (func (param i64)), got (func (param i32))");
}

TEST_F(HostFunc, ReturnsSeveralResults) {
  Func divide = Func::wrap(store, [](uint32_t a, uint32_t b) { return std::tuple(a / b, a % b); });
  auto typed = divide.typed<std::tuple<uint32_t, uint32_t>(uint32_t, uint32_t)>();
  EXPECT_EQ((*typed)(17, 5), std::tuple(3u, 2u));
}

TEST_F(HostFunc, BoxedCallChecksTheNumberOfArguments) {
  Func f = Func::wrap(store, [](int32_t) {});
  auto result = f.call({});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "call with 0 arguments, expected 1");
}

TEST_F(HostFunc, BoxedCallChecksTheTypes) {
  Func f = Func::wrap(store, [](int32_t) {});
  Val wrong[] = {Val(int64_t{1})};
  auto result = f.call(wrong);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "argument 0: expected i32, got i64");
}

TEST_F(HostFunc, BoxedFunctionMustReturnItsTypes) {
  Func f = Func::create(store, {{}, {kI64}},
                        [](Caller&, std::span<const Val>, std::span<Val> results) -> Result<void> {
                          results[0] = Val(1.5f);
                          return {};
                        });
  auto result = f.call({});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "result of a host function 0: expected i64, got f32");
}

TEST_F(HostFunc, PassesManyValues) {
  std::vector<ValType> types(30, kI64);
  Func reverse = Func::create(store, {types, types},
                              [](Caller&, std::span<const Val> args, std::span<Val> results) -> Result<void> {
                                std::reverse_copy(args.begin(), args.end(), results.begin());
                                return {};
                              });
  std::vector<Val> args;
  for (int64_t i = 0; i < 30; ++i) args.emplace_back(i);
  auto result = reverse.call(args);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->front().i64(), 29);
  EXPECT_EQ(result->back().i64(), 0);
}

TEST_F(HostFunc, TrapComesBackAsAResult) {
  Func f =
      Func::wrap(store, []() -> Result<void> { return std::unexpected(Trap::host("the disk is full")); });
  auto result = f.call({});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, TrapCode::host);
  EXPECT_EQ(result.error().to_string(), "trap: the disk is full");
}

TEST_F(HostFunc, ExitKeepsItsStatus) {
  Func f =
      Func::wrap(store, [](int32_t status) -> Result<void> { return std::unexpected(Trap::exit(status)); });
  auto result = (*f.typed<void(int32_t)>())(7);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, TrapCode::exit);
  EXPECT_EQ(result.error().exit_status, 7);
}

TEST_F(HostFunc, NestedTrapReachesOnlyTheInnermostCall) {
  Func inner = Func::wrap(store, []() -> Result<void> { return std::unexpected(Trap::host("inner")); });
  std::string seen;
  Func outer = Func::wrap(store, [&]() -> int32_t {
    auto result = inner.call({});
    seen = result.error().message;
    return 5;
  });
  EXPECT_EQ((*outer.typed<int32_t()>())(), 5);
  EXPECT_EQ(seen, "inner");
}

TEST_F(HostFunc, NestedCallsStayOnOneStack) {
  uintptr_t addresses[2] = {};
  Func inner =
      Func::wrap(store, [&] { addresses[1] = reinterpret_cast<uintptr_t>(__builtin_frame_address(0)); });
  Func outer = Func::wrap(store, [&] {
    addresses[0] = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    ASSERT_TRUE(inner.call({}));
  });
  ASSERT_TRUE(outer.call({}));
  EXPECT_LT(addresses[1], addresses[0]);
  EXPECT_LT(addresses[0] - addresses[1], 64u << 10);
}

TEST_F(HostFunc, StoreMayMoveBetweenThreads) {
  Func f = Func::wrap(store, [](int32_t x) -> Result<int32_t> {
    if (x < 0) return std::unexpected(Trap::host("negative"));
    return x + 1;
  });
  auto typed = *f.typed<int32_t(int32_t)>();
  int32_t value = 0;
  for (int i = 0; i < 4; ++i)
    std::thread([&] {
      value = *typed(value);
      EXPECT_FALSE(typed(-1));
    }).join();
  EXPECT_EQ(value, 4);
}

TEST_F(HostFunc, ExternrefGivesTheValueBack) {
  Ref ref = store.make_extern(std::make_shared<int>(99));
  Func identity = Func::wrap(store, [](Ref x) { return x; });
  auto result = (*identity.typed<Ref(Ref)>())(ref);
  ASSERT_TRUE(result);
  EXPECT_EQ(*std::static_pointer_cast<int>(store.extern_value(*result)), 99);
  EXPECT_EQ(store.extern_value(Ref{}), nullptr);
}

TEST_F(HostFunc, FuncrefCallsTheSameFunction) {
  Func f = Func::wrap(store, [](int32_t a) { return a * 2; });
  Func again = Func::from_ref(store, f.as_ref().ref());
  EXPECT_EQ((*again.typed<int32_t(int32_t)>())(21), 42);
}

TEST_F(HostFunc, IsDestroyedWithItsStore) {
  auto token = std::make_shared<int>(0);
  {
    Store other(engine);
    Func::wrap(other, [token] {});
    EXPECT_EQ(token.use_count(), 2);
  }
  EXPECT_EQ(token.use_count(), 1);
}

} // namespace
