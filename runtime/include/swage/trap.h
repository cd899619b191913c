// A guest's fault: why it stopped, and where. Traps are values, an exception that no guest caught among them;
// no C++ exception crosses compiled code.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "swage/exception.h"
#include "swage/trap_code.h"

namespace swage {

/// One Wasm function on the stack when a trap began, innermost first.
struct Frame {
  std::string module;             ///< from the name section, may be empty
  uint32_t function = 0;          ///< function index
  std::string name;               ///< from the name section, may be empty
  std::optional<uint64_t> offset; ///< of the instruction, bytes from the start of the module; none where the
                                  ///< optimiser merged several
};

/// Copyable, owns its strings. https://webassembly.github.io/spec/core/exec/runtime.html#syntax-trap
struct Trap {
  // Out of line: every function that can trap would carry them.
  Trap();
  Trap(const Trap&);
  Trap(Trap&&) noexcept;
  Trap& operator=(const Trap&);
  Trap& operator=(Trap&&) noexcept;
  ~Trap();

  TrapCode code = TrapCode::unreachable;
  std::string message;       ///< the spec suite's words, or a host function's
  std::vector<Frame> frames; ///< at most kMaxFrames; the rest is counted in `omitted`
  uint64_t omitted = 0;      ///< a lower bound when the stack is thousands of frames deep
  int32_t exit_status = 0;   ///< code == exit: what the guest gave to proc_exit
  /// code == uncaught_exception: what was thrown. A host function that returns this Trap throws it again, and
  /// the guests around it may catch it; every other trap ends them all.
  std::optional<Exception> exception;

  static constexpr size_t kMaxFrames = 64;
  /// A host function's failure, or the orderly end of the guest.
  static Trap host(std::string message);
  static Trap exit(int32_t status);
  static Trap of(TrapCode code);
  static Trap thrown(Exception exception);
  /// "trap: integer divide by zero\n    0: app!divide (function 3, offset 0x4f)\n ..."
  std::string to_string() const;
};

/// The spec suite's message of a code.
const char* trap_message(TrapCode code);

/// The result of running a guest.
template<class T> using Result = std::expected<T, Trap>;

} // namespace swage
