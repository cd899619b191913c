// Unwinding to a handler: by the unwind tables that all code on a guest's stack has, with the C++ runtime's
// unwinder. Nothing is asked of code that does not throw.
//
// One walk suffices, the unwinder's forced one: every landing pad of compiled code takes every exception, so
// there is no need to look for a handler first and leave the frames alone in case that there is none. (A walk
// changes nothing before it lands.) It ends where the guest was entered: what the host does about an
// exception is its own affair.
//
// https://itanium-cxx-abi.github.io/cxx-abi/abi-eh.html#base-abi
#include <bit>
#include <cassert>
#include <cstddef>
#include <optional>
#include <unwind.h>

#include "runtime/call/call.h"
#include "runtime/exception/exception.h"
#include "runtime/platform/entry.h"
#include "runtime/trap/unwind_tables.h"

namespace swage {

static_assert(sizeof(_Unwind_Exception) == offsetof(abi::Thrown, personality),
              "abi::Thrown begins with the unwinder's own exception");

namespace {

/// Reads the language-specific data area that LLVM writes for a function with landing pads.
/// https://itanium-cxx-abi.github.io/cxx-abi/exceptions.pdf (7.3)
class LandingPads {
public:
  explicit LandingPads(const uint8_t* table) : at_(table) {
    constexpr uint8_t kOmitted = 0xff;
    [[maybe_unused]] constexpr uint8_t kUleb128 = 0x01;
    [[maybe_unused]] uint8_t base_encoding = *at_++;
    assert(base_encoding == kOmitted && "landing pads count from the function's begin");
    if (*at_++ != kOmitted) uleb128(); // where the types are, of which we have none
    [[maybe_unused]] uint8_t encoding = *at_++;
    assert(encoding == kUleb128);
    uint64_t length = uleb128();
    end_ = at_ + length;
  }

  /// The landing pad of a call, both counted from the function's begin. Calls ascend.
  std::optional<uint64_t> find(uint64_t call) {
    while (at_ < end_) {
      uint64_t begin = uleb128();
      uint64_t length = uleb128();
      uint64_t pad = uleb128();
      uleb128(); // the action: to catch
      if (call < begin) break;
      if (call - begin < length) return pad == 0 ? std::nullopt : std::optional(pad);
    }
    return std::nullopt;
  }

private:
  uint64_t uleb128() {
    uint64_t value = 0;
    for (uint32_t shift = 0;; shift += 7) {
      uint8_t byte = *at_++;
      value |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
  }

  const uint8_t* at_;
  const uint8_t* end_ = nullptr;
};

/// The personality behind the one of compiled code (lower/environment.h).
_Unwind_Reason_Code land(int, _Unwind_Action, _Unwind_Exception_Class, _Unwind_Exception* thrown,
                         _Unwind_Context* context) {
  auto* table = static_cast<const uint8_t*>(_Unwind_GetLanguageSpecificData(context));
  if (table == nullptr) return _URC_CONTINUE_UNWIND;
  uint64_t begin = _Unwind_GetRegionStart(context);
  uint64_t call = _Unwind_GetIP(context) - 1; // inside of the call instruction
  std::optional<uint64_t> pad = LandingPads(table).find(call - begin);
  if (!pad) return _URC_CONTINUE_UNWIND;
  end_unwinding();
  platform::after_abandoning(t_thread.current->stack->bottom(),
                             reinterpret_cast<std::byte*>(_Unwind_GetCFA(context)));
  // It was a host function's until now.
  delete std::exchange(t_thread.trap.host_trap, nullptr);
  void* exception = reinterpret_cast<abi::Thrown*>(thrown)->exception;
  _Unwind_SetGR(context, __builtin_eh_return_data_regno(0), reinterpret_cast<uintptr_t>(exception));
  _Unwind_SetGR(context, __builtin_eh_return_data_regno(1), 0);
  _Unwind_SetIP(context, begin + *pad);
  return _URC_INSTALL_CONTEXT;
}

/// Asked of each frame before its personality is.
_Unwind_Reason_Code stop_at_entry(int, _Unwind_Action, _Unwind_Exception_Class, _Unwind_Exception*,
                                  _Unwind_Context* context, void*) {
  auto* pc = reinterpret_cast<const std::byte*>(_Unwind_GetIP(context)) - 1;
  return is_in_entry(pc) ? _URC_END_OF_STACK : _URC_NO_REASON;
}

} // namespace

void unwind_to_handler(void* exception) {
  abi::Thrown& thrown = t_thread.thrown;
  thrown = {};
  thrown.exception_class = abi::kExceptionClass;
  thrown.personality = std::bit_cast<const void*>(&land);
  thrown.exception = exception;
  begin_unwinding();
  _Unwind_ForcedUnwind(reinterpret_cast<_Unwind_Exception*>(&thrown), stop_at_entry, nullptr);
  end_unwinding();
}

void raise_exception(void* exception) {
  unwind_to_handler(exception);
  t_thread.trap.exception = exception;
  raise_trap(TrapCode::uncaught_exception);
}

} // namespace swage
