// Test scripts (.wast): their syntax, as data. Running them is the command line's business.
//
// A module inside of a script stays text (or the bytes that it spells) until module_bytes() is asked for it:
// an assert_malformed expects just that to fail, and only that. The commands of a `(thread ...)` follow it in
// the same list, up to its `end`, so that threads in threads need no tree.
//
// https://github.com/WebAssembly/spec/tree/main/interpreter#scripts
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/wasm/feature.h"
#include "swage/error.h"
#include "swage/types.h"

namespace swage::text {

/// A module as a script gives it.
struct ModuleSource {
  enum class Form : uint8_t { text, binary, quote };
  Form form = Form::text;
  uint32_t line = 1;     ///< of its first character in the script
  std::string_view text; ///< form == text: of the script, parentheses included
  std::string contents;  ///< binary: the bytes; quote: the text
};

/// The module's bytes; errors are those of parse_module, a binary module has none.
Expected<std::vector<std::byte>> module_bytes(const ModuleSource& source, wasm::FeatureSet features,
                                              std::string_view file);

/// An argument. A reference is null of its type, or what a host made of a number.
struct ScriptValue {
  ValType type = kI32;
  uint64_t bits = 0;                   ///< i32, i64, f32, f64; of a host's reference its number
  std::array<uint8_t, 16> vector = {}; ///< v128
  bool is_null = false;
};

/// One lane of an expected number or vector (a number is one lane).
struct LanePattern {
  enum class Nan : uint8_t { none, canonical, arithmetic };
  Nan nan = Nan::none; ///< otherwise any NaN of that kind will do
  uint64_t bits = 0;
};

/// What a result must be.
struct ResultPattern {
  enum class Kind : uint8_t {
    number,     ///< i32, i64, f32, f64
    vector,     ///< v128, seen as lanes
    null_ref,   ///< (ref.null), with `heap` of that hierarchy
    func_ref,   ///< (ref.func): any function
    extern_ref, ///< (ref.extern N?)
    host_ref,   ///< (ref.host N)
    i31_ref,
    any_ref,
    eq_ref,
    struct_ref,
    array_ref,
    exn_ref,
  };
  Kind kind = Kind::number;
  ValType type = kI32;            ///< of a number
  unsigned lane_bits = 32;        ///< of a vector's lanes
  std::vector<LanePattern> lanes; ///< number: one; vector: 128 / lane_bits
  std::optional<HeapType> heap;   ///< null_ref
  std::optional<uint64_t> number; ///< extern_ref and host_ref: which
};

/// One result: any of its patterns will do (there are several for `(either ...)`).
using ResultPatterns = std::vector<ResultPattern>;

struct Action {
  enum class Kind : uint8_t { invoke, get };
  Kind kind = Kind::invoke;
  std::string module; ///< identifier without the dollar; empty: the last module
  std::string field;  ///< the export's name
  std::vector<ScriptValue> arguments;
};

struct Command {
  enum class Kind : uint8_t {
    module,            ///< define and instantiate
    module_definition, ///< define only
    module_instance,   ///< instantiate `of` as `name`
    register_,         ///< make the instance `name` known as `as`
    action,
    assert_return,
    assert_trap, ///< of the action, or of the module's instantiation when there is one
    assert_exhaustion,
    assert_exception,
    assert_suspension,
    assert_malformed,
    assert_invalid,
    assert_malformed_custom,
    assert_invalid_custom,
    assert_unlinkable,
    thread, ///< the commands up to `end` run beside the following ones
    wait,   ///< for the thread `name`
  };
  Kind kind = Kind::action;
  uint32_t line = 1;                  ///< from 1
  std::string name;                   ///< identifier of the module, instance or thread; empty: none
  std::string of;                     ///< module_instance: the definition; empty: the last one
  std::string as;                     ///< register_
  std::vector<std::string> shared;    ///< thread: instances that it sees
  std::optional<ModuleSource> module; ///< of what defines or asserts on one
  std::optional<Action> action;
  std::vector<ResultPatterns> results; ///< assert_return
  std::string message;                 ///< that the failure's text should start with
  size_t end = 0;                      ///< thread: the index after its last command
};

struct Script {
  std::vector<Command> commands;
};

/// Parses a script, or a file that is one module's fields. Borrows `text`. Errors: malformed, with line and
/// column.
Expected<Script> parse_script(std::string_view text, std::string_view file = {});

} // namespace swage::text
