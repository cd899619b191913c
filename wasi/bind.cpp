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

FuncType import_type(const Function& function) {
  FuncType type;
  for (const char* letter = function.signature; *letter != 0; ++letter)
    type.params.push_back(*letter == 'i' ? kI32 : kI64);
  if (function.has_errno) type.results.push_back(kI32);
  return type;
}

Result<void> call_host(void* data, Caller& caller, abi::Value* values) {
  const Binding& binding = *static_cast<const Binding*>(data);
  const Function& function = *binding.function;
  std::optional<Memory> memory = caller.memory();
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

/// Whether preview 0 ("wasi_unstable") has the same function: the others differ in a struct's layout or in
/// the order of whence.
bool is_in_unstable(std::string_view name) {
  return name != "fd_filestat_get" && name != "path_filestat_get" && name != "fd_seek" &&
         name != "poll_oneoff" && name != "sock_accept";
}

} // namespace

void Context::add_to(Linker& linker) {
  for (Binding& binding : impl_->bindings) {
    Func host = Func::create_raw(linker.store(), import_type(*binding.function), &call_host, &binding);
    linker.define("wasi_snapshot_preview1", binding.function->name, host);
    if (is_in_unstable(binding.function->name)) linker.define("wasi_unstable", binding.function->name, host);
  }
}

} // namespace swage::wasi
