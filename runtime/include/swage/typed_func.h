// Functions with C++ types: calls without boxes, and host functions made of any callable.
//
//   auto add = instance.func("add")->typed<int32_t(int32_t, int32_t)>();   // types are compared once, here
//   Result<int32_t> sum = (*add)(1, 2);
//   Func log = Func::wrap(store, [](Caller& caller, uint32_t address, uint32_t length) { ... });
//
// int32_t and uint32_t are i32, int64_t and uint64_t i64, float f32, double f64, V128 v128, and Ref an
// externref or funcref as the other side says (Func::wrap takes externref). Several results are a std::tuple,
// none is void. A callable may take Caller& first, and may return Result<T> to be able to trap. It must not
// throw.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include "runtime/abi/value.h"
#include "swage/store.h"

namespace swage {

namespace typed {

template<class T> struct Wasm; // not defined: T has no Wasm type
template<> struct Wasm<int32_t> {
  static constexpr ValType kType = kI32;
  static int32_t load(const abi::Value& v) { return static_cast<int32_t>(v.i32); }
  static void store(abi::Value& v, int32_t x) { v.i32 = static_cast<uint32_t>(x); }
};
template<> struct Wasm<uint32_t> {
  static constexpr ValType kType = kI32;
  static uint32_t load(const abi::Value& v) { return v.i32; }
  static void store(abi::Value& v, uint32_t x) { v.i32 = x; }
};
template<> struct Wasm<int64_t> {
  static constexpr ValType kType = kI64;
  static int64_t load(const abi::Value& v) { return static_cast<int64_t>(v.i64); }
  static void store(abi::Value& v, int64_t x) { v.i64 = static_cast<uint64_t>(x); }
};
template<> struct Wasm<uint64_t> {
  static constexpr ValType kType = kI64;
  static uint64_t load(const abi::Value& v) { return v.i64; }
  static void store(abi::Value& v, uint64_t x) { v.i64 = x; }
};
template<> struct Wasm<float> {
  static constexpr ValType kType = kF32;
  static float load(const abi::Value& v) { return v.f32; }
  static void store(abi::Value& v, float x) { v.f32 = x; }
};
template<> struct Wasm<double> {
  static constexpr ValType kType = kF64;
  static double load(const abi::Value& v) { return v.f64; }
  static void store(abi::Value& v, double x) { v.f64 = x; }
};
template<> struct Wasm<V128> {
  static constexpr ValType kType = kV128;
  static V128 load(const abi::Value& v) {
    V128 x;
    std::memcpy(x.bytes.data(), v.v128, sizeof v.v128);
    return x;
  }
  static void store(abi::Value& v, const V128& x) { std::memcpy(v.v128, x.bytes.data(), sizeof v.v128); }
};
template<> struct Wasm<Ref> {
  static constexpr ValType kType = kExternRef;
  static Ref load(const abi::Value& v) { return {v.i64}; }
  static void store(abi::Value& v, Ref x) { v.i64 = x.bits; }
};

/// Result types: void, one, or a tuple of them.
template<class R> struct Results {
  static constexpr size_t kCount = 1;
  static std::vector<ValType> types() { return {Wasm<R>::kType}; }
  static R load(const abi::Value* values) { return Wasm<R>::load(values[0]); }
  static void keep(Store& store, const abi::Value* values) {
    if constexpr (std::is_same_v<R, Ref>) store.keep(Wasm<R>::load(values[0]));
  }
  static void store(abi::Value* values, const R& result) { Wasm<R>::store(values[0], result); }
};
template<> struct Results<void> {
  static constexpr size_t kCount = 0;
  static std::vector<ValType> types() { return {}; }
};
template<class... Rs> struct Results<std::tuple<Rs...>> {
  static constexpr size_t kCount = sizeof...(Rs);
  static std::vector<ValType> types() { return {Wasm<Rs>::kType...}; }
  static std::tuple<Rs...> load(const abi::Value* values) {
    return [values]<size_t... k>(std::index_sequence<k...>) {
      return std::tuple<Rs...>{Wasm<Rs>::load(values[k])...};
    }(std::index_sequence_for<Rs...>{});
  }
  static void keep(Store& store, const abi::Value* values) {
    size_t next = 0;
    (Results<Rs>::keep(store, values + next++), ...);
  }
  static void store(abi::Value* values, const std::tuple<Rs...>& results) {
    [&]<size_t... k>(std::index_sequence<k...>) {
      (Wasm<Rs>::store(values[k], std::get<k>(results)), ...);
    }(std::index_sequence_for<Rs...>{});
  }
};

/// A callable's return type without its Result.
template<class R> struct Returned {
  using Type = R;
  static constexpr bool kCanTrap = false;
};
template<class R> struct Returned<Result<R>> {
  using Type = R;
  static constexpr bool kCanTrap = true;
};

/// The parts of a callable's signature.
template<class R, bool takes_caller, class... Args> struct Shape {
  using Values = Results<typename Returned<R>::Type>;

  static FuncType type() { return {{Wasm<Args>::kType...}, Values::types()}; }

  template<class F> static Result<void> call(void* data, Caller& caller, abi::Value* values) {
    return call_with<F>(*static_cast<F*>(data), caller, values, std::index_sequence_for<Args...>{});
  }

private:
  template<class F, size_t... k>
  static Result<void> call_with(F& function, [[maybe_unused]] Caller& caller,
                                [[maybe_unused]] abi::Value* values, std::index_sequence<k...>) {
    auto invoke = [&]() -> R {
      if constexpr (takes_caller)
        return function(caller, Wasm<Args>::load(values[k])...);
      else
        return function(Wasm<Args>::load(values[k])...);
    };
    if constexpr (Returned<R>::kCanTrap) {
      R result = invoke();
      if (!result) return std::unexpected(std::move(result).error());
      if constexpr (Values::kCount != 0) Values::store(values, *result);
    } else if constexpr (Values::kCount != 0) {
      Values::store(values, invoke());
    } else {
      invoke();
    }
    return {};
  }
};

template<class R, class... Args> struct SignatureOf {
  using Type = Shape<R, false, std::decay_t<Args>...>;
};
template<class R, class... Args> struct SignatureOf<R, Caller&, Args...> {
  using Type = Shape<R, true, std::decay_t<Args>...>;
};

template<class F> struct CallShape : CallShape<decltype(&F::operator())> {};
template<class R, class... Args> struct CallShape<R (*)(Args...)> : SignatureOf<R, Args...> {};
template<class C, class R, class... Args> struct CallShape<R (C::*)(Args...)> : SignatureOf<R, Args...> {};
template<class C, class R, class... Args>
struct CallShape<R (C::*)(Args...) const> : SignatureOf<R, Args...> {};
template<class C, class R, class... Args>
struct CallShape<R (C::*)(Args...) noexcept> : SignatureOf<R, Args...> {};
template<class C, class R, class... Args>
struct CallShape<R (C::*)(Args...) const noexcept> : SignatureOf<R, Args...> {};

/// Whether a function's type is this one, where Ref stands for any reference. Errors: usage.
Expected<void> check_type(const Func& function, const FuncType& expected);

} // namespace typed

/// A function whose type was compared with the C++ signature once. Copyable; lives as long as its store.
template<class R, class... Args> class TypedFunc<R(Args...)> {
public:
  explicit TypedFunc(Func function) : function_(function) {}

  /// Traps come back as the Result's error.
  Result<R> operator()(Args... args) const {
    constexpr size_t kResults = typed::Results<R>::kCount;
    constexpr size_t kValues = std::max<size_t>({sizeof...(Args), kResults, 1});
    abi::Value values[kValues];
    [[maybe_unused]] size_t next = 0;
    (typed::Wasm<Args>::store(values[next++], args), ...);
    Result<void> result = call_raw(function_.store(), function_.raw(), values);
    if (!result) [[unlikely]]
      return std::unexpected(std::move(result).error());
    if constexpr (kResults == 0) {
      return {};
    } else {
      typed::Results<R>::keep(function_.store(), values);
      return typed::Results<R>::load(values);
    }
  }

  const Func& func() const { return function_; }

  static FuncType type() { return {{typed::Wasm<Args>::kType...}, typed::Results<R>::types()}; }

private:
  Func function_;
};

template<class Signature> Expected<TypedFunc<Signature>> Func::typed() const {
  SWAGE_CHECK(typed::check_type(*this, TypedFunc<Signature>::type()));
  return TypedFunc<Signature>(*this);
}

template<class F> Func Func::wrap(Store& store, F function) {
  using Callable = std::decay_t<F>;
  using Shape = typename typed::CallShape<Callable>::Type;
  auto* copy = new Callable(std::move(function));
  return create_owned(store, Shape::type(), &Shape::template call<Callable>, copy,
                      [](void* data) { delete static_cast<Callable*>(data); });
}

} // namespace swage
