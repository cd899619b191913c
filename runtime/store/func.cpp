// Functions as the host sees them: host functions made of C++ callables, and calls of either kind.
//
// https://webassembly.github.io/spec/core/exec/runtime.html#function-instances
#include <algorithm>
#include <array>
#include <vector>

#include "runtime/abi/abi.h"
#include "runtime/call/call.h"
#include "runtime/exception/exception.h"
#include "runtime/instance/instance.h"
#include "runtime/platform/entry.h"
#include "runtime/store/store.h"
#include "runtime/types/canonical.h"
#include "runtime/types/matching.h"
#include "runtime/vocabulary/text.h"
#include "swage/typed_func.h"

namespace swage {

namespace {

/// FuncRef::entry of host functions: the host calls the host, but on a guest's stack, so that traps work the
/// same.
void call_host_function(const void*, abi::Context* context, abi::Value* values) {
  // There is no guest who could catch it.
  if (void* exception = swage_host_entry(reinterpret_cast<abi::HostContext*>(context), values))
    raise_uncaught(exception);
}

const void* code_pointer(auto* function) { return reinterpret_cast<const void*>(function); }

/// Room for some values on the stack, for any number on the heap.
class Vals {
public:
  explicit Vals(size_t size) : many_(size > few_.size() ? size : 0), size_(size) {}
  std::span<Val> span() { return {many_.empty() ? few_.data() : many_.data(), size_}; }

private:
  std::array<Val, 8> few_;
  std::vector<Val> many_;
  size_t size_;
};

struct BoxedFunction {
  FuncType type;
  HostFunction function;
};

std::unexpected<Trap> mismatch(std::string_view what, size_t index, ValType expected, const Val& got) {
  return std::unexpected(Trap::host(join(
      {what, " ", decimal(index), ": expected ", to_string(expected), ", got ", to_string(got.type())})));
}

/// Apart, so that no string lives where the trap is raised.
[[gnu::noinline]] Trap* no_trampoline(const FuncType& type) {
  return new Trap(Trap::host(join({"no instance of this store can call a host function of type ",
                                   to_string(type), " through a reference"})));
}

Result<void> call_boxed(void* data, Caller& caller, abi::Value* values) {
  auto& boxed = *static_cast<BoxedFunction*>(data);
  const std::vector<ValType>& params = boxed.type.params;
  const std::vector<ValType>& expected = boxed.type.results;
  Vals args(params.size());
  Vals results(expected.size());
  for (size_t i = 0; i < params.size(); ++i)
    args.span()[i] = to_val(caller.store().impl(), params[i], values[i]);
  for (size_t i = 0; i < expected.size(); ++i) results.span()[i] = Val::from_bits(expected[i], 0);
  Result<void> result = boxed.function(caller, args.span(), results.span());
  if (!result) return result;
  for (size_t i = 0; i < expected.size(); ++i) {
    const Val& value = results.span()[i];
    if (!value_matches(value, expected[i]))
      return mismatch("result of a host function", i, expected[i], value);
    values[i] = to_raw(value);
  }
  return {};
}

} // namespace

Func Func::create_owned(Store& store, FuncType type, RawHostFunction function, void* data,
                        void (*destroy)(void*)) {
  HostFunctionObject& object = store.impl().functions.emplace_front();
  object.raw = function;
  object.data = data;
  object.destroy = destroy;
  object.store = &store;
  object.context.builtins = &kBuiltins;
  object.context.store = &store.impl().state;
  object.context.entry = code_pointer(&swage_host_stub);
  object.context.function = &object;
  object.reference.code = swage_bind_stub;
  object.reference.context = reinterpret_cast<abi::Context*>(&object.context);
  object.reference.type = canonical_id(type);
  object.reference.entry = code_pointer(&call_host_function);
  object.type = std::move(type);
  return Func(store, object.reference);
}

Func Func::create_raw(Store& store, FuncType type, RawHostFunction function, void* data) {
  return create_owned(store, std::move(type), function, data, nullptr);
}

Func Func::create(Store& store, FuncType type, HostFunction function) {
  auto* boxed = new BoxedFunction{type, std::move(function)};
  return create_owned(store, std::move(type), call_boxed, boxed,
                      [](void* data) { delete static_cast<BoxedFunction*>(data); });
}

FuncType Func::type() const { return canonical_type(ref_->type).composite.func; }

Val Func::as_ref() const {
  return Val(Ref{reinterpret_cast<uintptr_t>(ref_)}, ValType::ref(HeapType::concrete(ref_->type), false));
}

Func Func::from_ref(Store& store, Ref ref) { return Func(store, *reinterpret_cast<abi::FuncRef*>(ref.bits)); }

Result<std::vector<Val>> Func::call(std::span<const Val> args) const {
  const FuncType& type = canonical_type(ref_->type).composite.func;
  if (args.size() != type.params.size())
    return std::unexpected(Trap::host(
        join({"call with ", decimal(args.size()), " arguments, expected ", decimal(type.params.size())})));
  std::vector<abi::Value> values(std::max(type.params.size(), type.results.size()));
  for (size_t i = 0; i < args.size(); ++i) {
    if (!value_matches(args[i], type.params[i])) return mismatch("argument", i, type.params[i], args[i]);
    values[i] = to_raw(args[i]);
  }
  if (Result<void> result = call_raw(*store_, *ref_, values.data()); !result)
    return std::unexpected(std::move(result).error());
  std::vector<Val> results(type.results.size());
  for (size_t i = 0; i < results.size(); ++i) results[i] = to_val(store_->impl(), type.results[i], values[i]);
  return results;
}

namespace typed {

Expected<void> check_type(const Func& function, const FuncType& expected) {
  const FuncType& actual = canonical_type(function.raw().type).composite.func;
  auto is_same_kind = [](ValType a, ValType b) { return a.kind == b.kind; };
  if (std::ranges::equal(actual.params, expected.params, is_same_kind) &&
      std::ranges::equal(actual.results, expected.results, is_same_kind))
    return {};
  return failure(ErrorCode::usage, {"type mismatch of a function: expected (func ", to_string(expected),
                                    "), got (func ", to_string(actual), ")"});
}

} // namespace typed

HostFunctionObject* host_function_of(const abi::FuncRef& reference) {
  if (reference.entry != code_pointer(&call_host_function)) return nullptr;
  return static_cast<HostFunctionObject*>(
      reinterpret_cast<const abi::HostContext*>(reference.context)->function);
}

// Called by swage_bind_stub when a guest calls a host function through a reference for the first time.
extern "C" const void* swage_bind_trampoline(abi::HostContext* host) {
  auto* function = static_cast<HostFunctionObject*>(host->function);
  for (const auto& instance : function->store->impl().instances)
    if (const void* trampoline = instance.module->trampoline(function->reference.type)) {
      function->reference.code = trampoline;
      return trampoline;
    }
  raise_host_trap(no_trampoline(function->type));
}

} // namespace swage
