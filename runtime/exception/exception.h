// Exceptions as the runtime holds them, and throwing them.
//
// An exception is an object of its store's heap, a struct of the tag's parameters. Its first word is the Rtt
// in its tag's Impl, so an object says which tag it has, and compiled code knows tags by that address.
#pragma once

#include <string>

#include "runtime/call/thread.h"
#include "swage/exception.h"

namespace swage {

/// What keeps an exception alive for the host: the store's roots go over these.
struct Exception::Root {
  Root(Store::Impl& owner, void* thrown);
  ~Root();
  Root(const Root&) = delete;
  Root& operator=(const Root&) = delete;

  Store::Impl* store; ///< null when it is gone
  void* object;
};

Exception root_exception(Store::Impl& store, void* object);

/// "cpp_exception (i32 66576)"
std::string describe(const Exception& exception);

/// Continues in the handler of the running guest that is the innermost one here. Returns when there is none
/// up to where the guest was entered.
void unwind_to_handler(void* exception);

/// Throws here, on the guest's stack; the caller's locals are abandoned.
[[noreturn]] void raise_exception(void* exception);

} // namespace swage
