// The rows of functions.inc as host functions of a linker: all that ties the WASI core to swage's own API.
//
// One raw function serves all rows; its data is the row. A call costs this function, the row's glue, and what
// it does.
#include <cstring>

#include "swage/instance.h"
#include "swage/typed_func.h"
#include "wasi/call.h"
#include "wasi/trace.h"

namespace swage::wasi {

namespace {

constexpr std::string_view kPreview1 = "wasi_snapshot_preview1", kPreview0 = "wasi_unstable";

FuncType import_type(const Function& function) {
  FuncType type;
  for (const char* letter = function.signature; *letter != 0; ++letter)
    type.params.push_back(*letter == 'i' ? kI32 : kI64);
  if (function.has_errno) type.results.push_back(kI32);
  return type;
}

[[gnu::cold]] Trap no_memory(const Function& function) {
  return Trap::host(std::string(function.name) + ": the guest exports no memory named \"memory\"");
}

Result<void> call_host(void* data, Caller& caller, abi::Value* values) {
  const Binding& binding = *static_cast<const Binding*>(data);
  const Function& function = *binding.function;
  // Addresses are in the memory that the caller exports as "memory", wherever that comes from.
  // https://github.com/WebAssembly/WASI/blob/main/legacy/application-abi.md
  std::optional<Memory> memory = caller.memory();
  if (!memory && function.takes_addresses) return std::unexpected(no_memory(function));
  Call call{*binding.context, memory ? GuestMemory{memory->data(), memory->size()} : GuestMemory{}, function};
  uint64_t arguments[kMaxArguments];
  for (size_t i = 0; function.signature[i] != 0; ++i) arguments[i] = typed::Wasm<uint64_t>::load(values[i]);

  Errno error;
  if (call.stops()) return std::unexpected(Trap::of(TrapCode::interrupted));
  if (call.context.trace)
    error = trace::traced_call(call, arguments);
  else
    error = function.invoke(call, arguments);

  if (call.ending == Ending::exits) return std::unexpected(Trap::exit(call.exit_status));
  if (call.ending == Ending::interrupted) return std::unexpected(Trap::of(TrapCode::interrupted));
  if (function.has_errno) typed::Wasm<uint32_t>::store(values[0], static_cast<uint32_t>(error));
  return {};
}

} // namespace

void Context::add_to(Linker& linker) {
  auto define = [&linker](Binding& binding, std::initializer_list<std::string_view> modules) {
    Func host = Func::create_raw(linker.store(), import_type(*binding.function), &call_host, &binding);
    for (std::string_view module : modules) linker.define(module, binding.function->name, host);
  };
  for (Binding& binding : impl_->bindings) {
    if (std::string_view(binding.function->name) == "sock_accept")
      define(binding, {kPreview1});
    else
      define(binding, {kPreview1, kPreview0});
  }
  // In the place of those with the same name.
  for (Binding& binding : impl_->unstable_bindings) define(binding, {kPreview0});
}

} // namespace swage::wasi
