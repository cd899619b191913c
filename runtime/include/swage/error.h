// What went wrong, as data: every stage that meets bad input returns one of these, and the CLI prints it in
// one line.
//
// A message says what was expected and what was found; `where` fields say the place; `hint` says what to do
// ("--features gc"). A guest's fault while it runs is not an Error but a Trap (swage/trap.h); a bug in swage
// is an assert.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>

namespace swage {

/// The kind of a failure. The spec's own three (malformed, invalid, unlinkable) are told apart because script
/// runners must.
enum class ErrorCode : uint8_t {
  malformed,    ///< the bytes or the text are no module
  invalid,      ///< the module does not validate
  unsupported,  ///< valid, but a feature is switched off or not lowered
  limit,        ///< an implementation limit
  unlinkable,   ///< an import is missing or has another type
  incompatible, ///< an artifact of another build, CPU or architecture
  io,           ///< the host refused a file
  usage,        ///< the embedder or the command line asked for something that makes no sense
  resource,     ///< out of memory, address space, descriptors
  trapped,      ///< instantiation ran a start function or a segment that trapped
};

/// A failure. Copyable, no ownership beyond its strings.
struct Error {
  // Out of line: the strings in every function that can fail would be most of the thin runtime's code.
  Error();
  Error(const Error&);
  Error(Error&&) noexcept;
  Error& operator=(const Error&);
  Error& operator=(Error&&) noexcept;
  ~Error();

  ErrorCode code = ErrorCode::malformed;
  std::string message;              ///< what: "type mismatch: expected i32, got i64"
  std::optional<uint64_t> offset;   ///< bytes from the start of the module
  std::optional<uint32_t> line;     ///< in text, from 1
  std::optional<uint32_t> column;   ///< in text, from 1
  std::optional<uint32_t> function; ///< function index
  std::string function_name;
  std::string opcode;  ///< text name of the instruction
  std::string file;    ///< filled by who knows the file's name
  std::string hint;    ///< the flag or the step that helps
  std::string excerpt; ///< of text: its line, and a caret under the place, in lines of their own

  /// "app.wasm: type mismatch: expected i32, got i64 (offset 0x3c, function 2 \"fib\", i32.add); try
  /// --features gc". Without the excerpt: one line.
  std::string to_string() const;
};

template<class T> using Expected = std::expected<T, Error>;

std::unexpected<Error> fail(ErrorCode code, std::string message);

} // namespace swage

/// `TRY(x)`: the value of an Expected, or return its error. A GNU statement expression (GCC and clang).
#define SWAGE_TRY(expression)                                                                                \
  __extension__({                                                                                            \
    auto swage_result = (expression);                                                                        \
    if (!swage_result) return std::unexpected(std::move(swage_result).error());                              \
    std::move(swage_result).operator*();                                                                     \
  })
/// The same for an Expected<void>.
#define SWAGE_CHECK(expression)                                                                              \
  do {                                                                                                       \
    auto swage_result = (expression);                                                                        \
    if (!swage_result) return std::unexpected(std::move(swage_result).error());                              \
  } while (0)
