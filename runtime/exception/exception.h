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

/// Ends the running guest with the trap of an exception that it did not catch, called on its stack as
/// raise_trap is (call/call.h).
[[noreturn]] void raise_uncaught(void* exception);

} // namespace swage
