// See script.h. Threads in threads are a stack of open ones, not a recursion.
#include "compiler/text/script.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "compiler/text/constants.h"
#include "compiler/text/cursor.h"
#include "compiler/text/parse.h"
#include "compiler/text/type_names.h"

namespace swage::text {

namespace {

using Kind = Command::Kind;

struct AssertionRow {
  std::string_view keyword;
  Kind kind;
};
constexpr std::array kActionAssertions = std::to_array<AssertionRow>({
    {"assert_return", Kind::assert_return},
    {"assert_trap", Kind::assert_trap},
    {"assert_exhaustion", Kind::assert_exhaustion},
    {"assert_exception", Kind::assert_exception},
    {"assert_suspension", Kind::assert_suspension},
});
constexpr std::array kModuleAssertions = std::to_array<AssertionRow>({
    {"assert_malformed", Kind::assert_malformed},
    {"assert_invalid", Kind::assert_invalid},
    {"assert_malformed_custom", Kind::assert_malformed_custom},
    {"assert_invalid_custom", Kind::assert_invalid_custom},
    {"assert_unlinkable", Kind::assert_unlinkable},
});

struct RefPatternRow {
  std::string_view keyword;
  ResultPattern::Kind kind;
};
constexpr std::array kRefPatterns = std::to_array<RefPatternRow>({
    {"ref.null", ResultPattern::Kind::null_ref},
    {"ref.func", ResultPattern::Kind::func_ref},
    {"ref.extern", ResultPattern::Kind::extern_ref},
    {"ref.host", ResultPattern::Kind::host_ref},
    {"ref.i31", ResultPattern::Kind::i31_ref},
    {"ref.any", ResultPattern::Kind::any_ref},
    {"ref.eq", ResultPattern::Kind::eq_ref},
    {"ref.struct", ResultPattern::Kind::struct_ref},
    {"ref.array", ResultPattern::Kind::array_ref},
    {"ref.exn", ResultPattern::Kind::exn_ref},
});

struct NumberRow {
  std::string_view keyword;
  ValType type;
  unsigned bits;
  bool is_float;
};
constexpr std::array kNumbers = std::to_array<NumberRow>({
    {"i32.const", kI32, 32, false},
    {"i64.const", kI64, 64, false},
    {"f32.const", kF32, 32, true},
    {"f64.const", kF64, 64, true},
});

class ScriptParser {
public:
  explicit ScriptParser(std::string_view text) : text_(text), cursor_(text) {}

  Expected<Script> parse() {
    if (is_bare_module()) {
      Command& command = add(Kind::module);
      command.module = {ModuleSource::Form::text, 1, text_, {}};
      command.line = command.module->line;
      return std::move(script_);
    }
    while (!cursor_.failed() && !cursor_.at(TokenKind::end)) {
      if (!open_threads_.empty() && cursor_.take_if(TokenKind::right_paren))
        close_thread();
      else
        command();
    }
    if (!open_threads_.empty()) cursor_.fail_unexpected("')'");
    if (std::optional<Error> error = cursor_.take_error()) return std::unexpected(std::move(*error));
    return std::move(script_);
  }

private:
  /// A file may be one module's fields, without (module ...).
  bool is_bare_module() const {
    if (!cursor_.at(TokenKind::left_paren) || cursor_.peek_second().kind != TokenKind::keyword) return false;
    constexpr std::string_view kFields[] = {"type",   "rec", "import", "func",  "table", "memory",
                                            "global", "tag", "export", "start", "elem",  "data"};
    return std::find(std::begin(kFields), std::end(kFields), cursor_.peek_second().text) != std::end(kFields);
  }

  Command& add(Kind kind) {
    Command& command = script_.commands.emplace_back();
    command.kind = kind;
    command.line = line();
    return command;
  }

  /// Of the next token. Tokens come in order, so that lines are counted once.
  uint32_t line() {
    for (size_t to = cursor_.position(); counted_ < to; counted_++) line_ += text_[counted_] == '\n';
    return line_;
  }

  void command() {
    if (!cursor_.at(TokenKind::left_paren)) return cursor_.fail_unexpected("a command");
    if (cursor_.at_list("module")) return module_command();
    if (cursor_.at_list("invoke") || cursor_.at_list("get")) {
      add(Kind::action);
      script_.commands.back().action = action();
      return;
    }
    for (const AssertionRow& row : kActionAssertions)
      if (cursor_.at_list(row.keyword)) return action_assertion(row.kind);
    for (const AssertionRow& row : kModuleAssertions)
      if (cursor_.at_list(row.keyword)) return module_assertion(row.kind);
    if (cursor_.at_list("register")) return register_command();
    if (cursor_.at_list("thread")) return thread();
    if (cursor_.at_list("wait")) return wait();
    cursor_.take();
    cursor_.fail_unexpected("a command: module, register, invoke, get, an assertion, thread or wait");
  }

  std::string id_if_any() {
    return cursor_.at(TokenKind::id) ? std::string(cursor_.id_name(cursor_.take())) : std::string();
  }

  void module_command() {
    Command& command = add(Kind::module);
    size_t start = cursor_.position();
    cursor_.take();
    if (cursor_.peek_second().text == "instance") {
      cursor_.take();
      cursor_.take();
      command.kind = Kind::module_instance;
      command.name = id_if_any();
      command.of = id_if_any();
      return cursor_.expect_close();
    }
    if (cursor_.peek_second().text == "definition") command.kind = Kind::module_definition;
    command.module = module_source(start, command.line, command.name);
  }

  /// After "(" of "(module": up to and with the parenthesis that closes it.
  ModuleSource module_source(size_t start, uint32_t start_line, std::string& name) {
    ModuleSource source;
    source.line = start_line;
    if (!cursor_.take_keyword("module")) {
      cursor_.fail_unexpected("a module");
      return source;
    }
    cursor_.take_keyword("definition");
    name = id_if_any();
    if (cursor_.take_keyword("binary"))
      source.form = ModuleSource::Form::binary;
    else if (cursor_.take_keyword("quote"))
      source.form = ModuleSource::Form::quote;
    if (source.form == ModuleSource::Form::text) {
      cursor_.skip_list();
      source.text = text_.substr(start, cursor_.position() - start);
      return source;
    }
    while (cursor_.at(TokenKind::string)) source.contents += cursor_.string_contents(cursor_.take());
    cursor_.expect_close();
    return source;
  }

  ModuleSource asserted_module(std::string& name) {
    size_t start = cursor_.position();
    uint32_t start_line = line();
    cursor_.expect(TokenKind::left_paren, "a module");
    return module_source(start, start_line, name);
  }

  Action action() {
    Action action;
    cursor_.expect(TokenKind::left_paren, "an action");
    if (cursor_.take_keyword("get"))
      action.kind = Action::Kind::get;
    else if (!cursor_.take_keyword("invoke"))
      cursor_.fail_unexpected("an action: (invoke ...) or (get ...)");
    action.module = id_if_any();
    action.field = cursor_.expect_name("an export's name");
    while (action.kind == Action::Kind::invoke && cursor_.at(TokenKind::left_paren))
      action.arguments.push_back(argument());
    cursor_.expect_close();
    return action;
  }

  void action_assertion(Kind kind) {
    Command& command = add(kind);
    cursor_.take();
    cursor_.take();
    if (kind == Kind::assert_trap && cursor_.at_list("module"))
      command.module = asserted_module(command.name);
    else
      command.action = action();
    if (kind == Kind::assert_return) {
      while (cursor_.at(TokenKind::left_paren)) command.results.push_back(result());
    } else if (kind != Kind::assert_exception) {
      command.message = cursor_.expect_string("the failure's text");
    }
    cursor_.expect_close();
  }

  void module_assertion(Kind kind) {
    Command& command = add(kind);
    cursor_.take();
    cursor_.take();
    command.module = asserted_module(command.name);
    command.message = cursor_.expect_string("the failure's text");
    cursor_.expect_close();
  }

  void register_command() {
    Command& command = add(Kind::register_);
    cursor_.take();
    cursor_.take();
    command.as = cursor_.expect_name("a name to register");
    command.name = id_if_any();
    cursor_.expect_close();
  }

  // (thread $id? (shared (module $id))* command*).
  // https://github.com/WebAssembly/threads/tree/main/interpreter#scripts
  void thread() {
    Command& command = add(Kind::thread);
    cursor_.take();
    cursor_.take();
    command.name = id_if_any();
    while (cursor_.take_list("shared")) {
      if (!cursor_.take_list("module")) return cursor_.fail_unexpected("(module $id)");
      command.shared.push_back(id_if_any());
      cursor_.expect_close();
      cursor_.expect_close();
    }
    open_threads_.push_back(script_.commands.size() - 1);
  }

  void close_thread() {
    script_.commands[open_threads_.back()].end = script_.commands.size();
    open_threads_.pop_back();
  }

  void wait() {
    Command& command = add(Kind::wait);
    cursor_.take();
    cursor_.take();
    if (!cursor_.at(TokenKind::id)) return cursor_.fail_unexpected("a thread's identifier");
    command.name = id_if_any();
    cursor_.expect_close();
  }

  // A heap type without an index: a script has no types of its own.
  HeapType heap_type() {
    for (const HeapTypeName& row : kHeapTypeNames)
      if (cursor_.take_keyword(row.text)) return {row.kind};
    cursor_.fail_unexpected("an abstract heap type");
    return {};
  }

  ScriptValue argument() {
    ScriptValue value;
    if (cursor_.take_list("v128.const")) {
      value.type = kV128;
      value.vector = vector_constant(cursor_);
    } else if (cursor_.take_list("ref.null")) {
      value.type = ValType::ref(heap_type(), true);
      value.is_null = true;
    } else if (cursor_.take_list("ref.extern")) {
      value.type = ValType::ref({HeapKind::extern_}, false);
      value.bits = cursor_.expect_nat(UINT64_MAX, "a host reference's number");
    } else if (cursor_.take_list("ref.host")) {
      value.type = ValType::ref({HeapKind::any}, false);
      value.bits = cursor_.expect_nat(UINT64_MAX, "a host reference's number");
    } else if (const NumberRow* row = take_number()) {
      value.type = row->type;
      value.bits = row->is_float ? float_constant(cursor_, row->bits) : integer_constant(cursor_, row->bits);
    } else {
      cursor_.take_if(TokenKind::left_paren);
      cursor_.fail_unexpected("an argument: a constant, ref.null, ref.extern or ref.host");
    }
    cursor_.expect_close();
    return value;
  }

  const NumberRow* take_number() {
    for (const NumberRow& row : kNumbers)
      if (cursor_.take_list(row.keyword)) return &row;
    return nullptr;
  }

  LanePattern lane(bool is_float, unsigned bits) {
    using Nan = LanePattern::Nan;
    if (is_float && cursor_.take_keyword("nan:canonical")) return {Nan::canonical, 0};
    if (is_float && cursor_.take_keyword("nan:arithmetic")) return {Nan::arithmetic, 0};
    return {Nan::none, is_float ? float_constant(cursor_, bits) : integer_constant(cursor_, bits)};
  }

  // A result, or (either result*). One either inside of another adds to it.
  ResultPatterns result() {
    ResultPatterns patterns;
    size_t open = 0;
    do {
      if (cursor_.take_list("either"))
        open++;
      else if (open > 0 && cursor_.take_if(TokenKind::right_paren))
        open--;
      else
        patterns.push_back(pattern());
    } while (open > 0 && !cursor_.failed());
    return patterns;
  }

  ResultPattern pattern() {
    ResultPattern pattern;
    if (const NumberRow* row = take_number()) {
      pattern.type = row->type;
      pattern.lanes.push_back(lane(row->is_float, row->bits));
    } else if (cursor_.take_list("v128.const")) {
      VectorShape shape = vector_shape(cursor_);
      pattern.kind = ResultPattern::Kind::vector;
      pattern.type = kV128;
      pattern.lane_bits = shape.lane_bits;
      for (unsigned i = 0; i < shape.lanes() && !cursor_.failed(); i++)
        pattern.lanes.push_back(lane(shape.is_float, shape.lane_bits));
    } else {
      reference_pattern(pattern);
    }
    cursor_.expect_close();
    return pattern;
  }

  void reference_pattern(ResultPattern& pattern) {
    for (const RefPatternRow& row : kRefPatterns) {
      if (!cursor_.take_list(row.keyword)) continue;
      pattern.kind = row.kind;
      if (row.kind == ResultPattern::Kind::null_ref && cursor_.at(TokenKind::keyword))
        pattern.heap = heap_type();
      if (cursor_.at(TokenKind::nat)) pattern.number = cursor_.expect_nat(UINT64_MAX, "a reference's number");
      return;
    }
    cursor_.take_if(TokenKind::left_paren);
    cursor_.fail_unexpected("a result: a constant, (ref.KIND ...) or (either ...)");
  }

  std::string_view text_;
  Cursor cursor_;
  Script script_;
  std::vector<size_t> open_threads_; ///< indices of their commands
  size_t counted_ = 0;               ///< bytes whose line ends line_ counts
  uint32_t line_ = 1;
};

} // namespace

Expected<std::vector<std::byte>> module_bytes(const ModuleSource& source, wasm::FeatureSet features,
                                              std::string_view file) {
  switch (source.form) {
  case ModuleSource::Form::binary: {
    std::span<const std::byte> bytes = std::as_bytes(std::span(source.contents));
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  }
  case ModuleSource::Form::quote: return parse_module(source.contents, features, {.file = file});
  case ModuleSource::Form::text: break;
  }
  return parse_module(source.text, features, {.file = file, .first_line = source.line});
}

Expected<Script> parse_script(std::string_view text, std::string_view file) {
  Expected<Script> script = ScriptParser(text).parse();
  if (script) return script;
  Error& error = script.error();
  error.file = file;
  error.excerpt = excerpt(text, {error.line.value_or(1), error.column.value_or(1)});
  return script;
}

} // namespace swage::text
