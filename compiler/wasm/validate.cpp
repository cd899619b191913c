// A module's own rules, in the order of the sections so that the earliest error is met first, and its bodies,
// on several threads when asked. https://webassembly.github.io/spec/core/valid/modules.html
#include "compiler/wasm/validate.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <system_error>
#include <thread>
#include <unordered_set>

#include "compiler/wasm/binary_codes.h"
#include "compiler/wasm/function_validator.h"

namespace swage::wasm {

namespace {

std::unexpected<Error> invalid(std::string message, std::optional<uint64_t> offset = std::nullopt) {
  Error error;
  error.code = ErrorCode::invalid;
  error.message = std::move(message);
  error.offset = offset;
  return std::unexpected(std::move(error));
}

class ModuleValidator {
public:
  ModuleValidator(Module& module, const TypeRules& types)
      : module_(module), types_(types), expressions_(module, types) {}

  Expected<void> functions() const;
  Expected<void> tables();
  Expected<void> memories() const;
  Expected<void> tags() const;
  Expected<void> globals();
  Expected<void> exports();
  Expected<void> start() const;
  Expected<void> elements();
  Expected<void> bodies(unsigned jobs) const;
  Expected<void> datas();
  /// https://webassembly.github.io/spec/core/valid/modules.html: a context's refs
  void declare_functions();
  uint64_t features_used() const { return expressions_.features_used(); }

private:
  Expected<void> element(const ElemSegment& segment);
  Expected<void> known(ValType type, const char* where, size_t index) const;
  ValType function_reference(FuncIdx function) const {
    return ValType::ref(HeapType::concrete(module_.functions[function.value].value), false);
  }
  bool is_function(uint32_t type) const {
    return type < module_.types.size() && types_.composite(type).kind == CompositeKind::func;
  }
  uint32_t all_globals() const { return static_cast<uint32_t>(module_.globals.size()); }

  Module& module_;
  const TypeRules& types_;
  FunctionValidator expressions_;
};

Expected<void> ModuleValidator::known(ValType type, const char* where, size_t index) const {
  std::string problem = types_.problem(type);
  if (!problem.empty()) return invalid(fmt::format("{} in {} {}", problem, where, index));
  return {};
}

Expected<void> ModuleValidator::functions() const {
  for (size_t i = 0; i < module_.functions.size(); i++)
    if (!is_function(module_.functions[i].value))
      return invalid(fmt::format("unknown type {} of function {}", module_.functions[i].value, i));
  return {};
}

// https://webassembly.github.io/spec/core/valid/types.html#limits
Expected<void> check_limits(const Limits& limits, uint64_t most, const char* space, const char* unit) {
  if (limits.min > most)
    return invalid(
        fmt::format("{} size must be at most {}{}: the minimum is {}", space, most, unit, limits.min));
  if (!limits.max) return {};
  if (*limits.max > most)
    return invalid(
        fmt::format("{} size must be at most {}{}: the maximum is {}", space, most, unit, *limits.max));
  if (*limits.max < limits.min)
    return invalid(fmt::format("size minimum must not be greater than maximum: {} is, than {}", limits.min,
                               *limits.max));
  return {};
}

Expected<void> ModuleValidator::tables() {
  for (size_t i = 0; i < module_.tables.size(); i++) {
    const Table& table = module_.tables[i];
    SWAGE_CHECK(known(table.type.element, "table", i));
    SWAGE_CHECK(check_limits(table.type.limits,
                             table.type.address == AddressType::i64 ? UINT64_MAX : UINT32_MAX, "table", ""));
    // Its globals are those that exist before any table: the imported ones.
    if (table.init)
      SWAGE_CHECK(expressions_.constant(*table.init, table.type.element, module_.imported_globals));
    else if (i >= module_.imported_tables && !table.type.element.is_defaultable())
      return invalid(fmt::format("type mismatch: table {} of {} needs an initializer", i,
                                 to_string(table.type.element)));
  }
  return {};
}

// https://webassembly.github.io/spec/core/valid/types.html#memory-types
Expected<void> ModuleValidator::memories() const {
  for (const MemoryType& memory : module_.memories) {
    if (memory.page_size_log2 != kDefaultPageLog2 && memory.page_size_log2 != 0)
      return invalid(
          fmt::format("invalid custom page size: 2^{}, expected 1 or 65536", memory.page_size_log2));
    // With pages of one byte the size itself must be an address.
    uint64_t last_address = memory.address == AddressType::i64 ? UINT64_MAX : UINT32_MAX;
    uint64_t most = memory.page_size_log2 == 0 ? last_address : (last_address >> memory.page_size_log2) + 1;
    SWAGE_CHECK(check_limits(memory.limits, most, "memory", " pages"));
    if (memory.is_shared && !memory.limits.max) return invalid("shared memory must have maximum");
  }
  return {};
}

Expected<void> ModuleValidator::tags() const {
  for (size_t i = 0; i < module_.tags.size(); i++) {
    uint32_t type = module_.tags[i].type_index;
    if (!is_function(type)) return invalid(fmt::format("unknown type {} of tag {}", type, i));
    // Results are what a suspended computation is resumed with.
    if (!types_.composite(type).func.results.empty() && !module_.features.has(Feature::stack_switching))
      return invalid(fmt::format("non-empty tag result type of tag {}", i));
  }
  return {};
}

Expected<void> ModuleValidator::globals() {
  for (uint32_t i = 0; i < module_.globals.size(); i++) {
    const Global& global = module_.globals[i];
    SWAGE_CHECK(known(global.type.type, "global", i));
    if (i >= module_.imported_globals) SWAGE_CHECK(expressions_.constant(global.init, global.type.type, i));
  }
  return {};
}

Expected<void> ModuleValidator::exports() {
  std::unordered_set<std::string_view> names;
  for (const Export& exported : module_.exports) {
    size_t size = 0;
    switch (exported.kind) {
    case ExternKind::func: size = module_.functions.size(); break;
    case ExternKind::table: size = module_.tables.size(); break;
    case ExternKind::memory: size = module_.memories.size(); break;
    case ExternKind::global: size = module_.globals.size(); break;
    case ExternKind::tag: size = module_.tags.size(); break;
    }
    if (exported.index >= size)
      return invalid(fmt::format("unknown {} {}",
                                 exported.kind == ExternKind::func ? "function" : to_string(exported.kind),
                                 exported.index),
                     exported.offset);
    if (!names.insert(exported.name).second)
      return invalid(fmt::format("duplicate export name \"{}\"", exported.name), exported.offset);
  }
  return {};
}

Expected<void> ModuleValidator::start() const {
  if (!module_.start) return {};
  if (module_.start->value >= module_.functions.size())
    return invalid(fmt::format("unknown function {}", module_.start->value));
  const FuncType& type = module_.func_type(*module_.start);
  if (!type.params.empty() || !type.results.empty())
    return invalid(
        fmt::format("start function: expected no parameters and results, got {}", to_string(type)));
  return {};
}

// https://webassembly.github.io/spec/core/valid/modules.html#element-segments
Expected<void> ModuleValidator::elements() {
  for (const ElemSegment& segment : module_.elems) SWAGE_CHECK(element(segment));
  return {};
}

Expected<void> ModuleValidator::element(const ElemSegment& segment) {
  if (std::string problem = types_.problem(segment.type); !problem.empty())
    return invalid(problem, segment.offset);
  if (segment.mode == SegmentMode::active) {
    if (segment.table.value >= module_.tables.size())
      return invalid(fmt::format("unknown table {}", segment.table.value), segment.offset);
    const TableType& table = module_.tables[segment.table.value].type;
    if (!types_.matches(segment.type, table.element))
      return invalid(fmt::format("type mismatch: expected elements of {}, got {}", to_string(table.element),
                                 to_string(segment.type)),
                     segment.offset);
    SWAGE_CHECK(expressions_.constant(segment.table_offset, table.address == AddressType::i64 ? kI64 : kI32,
                                      all_globals()));
  }
  for (FuncIdx function : segment.funcs) {
    if (function.value >= module_.functions.size())
      return invalid(fmt::format("unknown function {}", function.value), segment.offset);
    if (!types_.matches(function_reference(function), segment.type))
      return invalid(
          fmt::format("type mismatch: function {} is no {}", function.value, to_string(segment.type)),
          segment.offset);
  }
  for (const ConstExpr& expr : segment.exprs)
    SWAGE_CHECK(expressions_.constant(expr, segment.type, all_globals()));
  return {};
}

// https://webassembly.github.io/spec/core/valid/modules.html#data-segments
Expected<void> ModuleValidator::datas() {
  for (const DataSegment& segment : module_.datas) {
    if (segment.mode != SegmentMode::active) continue;
    if (segment.memory.value >= module_.memories.size())
      return invalid(fmt::format("unknown memory {}", segment.memory.value), segment.offset);
    bool is_64 = module_.memories[segment.memory.value].address == AddressType::i64;
    SWAGE_CHECK(expressions_.constant(segment.memory_offset, is_64 ? kI64 : kI32, all_globals()));
  }
  return {};
}

void ModuleValidator::declare_functions() {
  std::vector<bool>& declared = module_.declared_functions;
  declared.assign(module_.functions.size(), false);
  for (FuncIdx function : expressions_.references()) declared[function.value] = true;
  for (const ElemSegment& segment : module_.elems)
    for (FuncIdx function : segment.funcs) declared[function.value] = true;
  for (const Export& exported : module_.exports)
    if (exported.kind == ExternKind::func) declared[exported.index] = true;
}

/// Bodies are handed out in chunks; a failure makes all work on later bodies pointless, so that it stops
/// there, but an earlier chunk that is still running may yet find an earlier failure.
class BodyWork {
public:
  BodyWork(Module& module, const TypeRules& types)
      : module_(module), types_(types), first_failed_(module.bodies.size()) {}

  void work() {
    FunctionValidator validator(module_, types_);
    for (;;) {
      size_t begin = next_.fetch_add(kChunk);
      if (begin >= first_failed_.load()) break;
      size_t end = std::min(begin + kChunk, module_.bodies.size());
      for (size_t i = begin; i < end; i++) {
        FuncIdx function{static_cast<uint32_t>(module_.imported_functions + i)};
        Expected<void> result = validator.body(function);
        if (result) continue;
        std::scoped_lock lock(mutex_);
        if (i < first_failed_.load()) {
          first_failed_ = i;
          error_ = std::move(result).error();
        }
        break;
      }
    }
    std::scoped_lock lock(mutex_);
    features_used_ |= validator.features_used();
    written_tables_ |= validator.written_tables();
  }

  Expected<void> result() const {
    if (first_failed_ < module_.bodies.size()) return std::unexpected(error_);
    module_.features_used |= features_used_;
    module_.written_tables = written_tables_;
    return {};
  }

private:
  static constexpr size_t kChunk = 64;
  Module& module_;
  const TypeRules& types_;
  std::atomic<size_t> next_ = 0;
  std::atomic<size_t> first_failed_; ///< index into bodies; their number when none failed
  std::mutex mutex_;
  Error error_;
  uint64_t features_used_ = 0;
  uint64_t written_tables_ = 0;
};

Expected<void> ModuleValidator::bodies(unsigned jobs) const {
  constexpr size_t kWorthAThread = 256;
  if (jobs == 0) jobs = std::max(1u, std::thread::hardware_concurrency());
  size_t helpers = std::min<size_t>(jobs - 1, module_.bodies.size() / kWorthAThread);
  BodyWork work(module_, types_);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < helpers; i++) {
    try {
      threads.emplace_back([&work] { work.work(); });
    } catch (const std::system_error&) {
      break; // the host has no more threads: those there are do the work
    }
  }
  work.work();
  for (std::thread& thread : threads) thread.join();
  return work.result();
}

} // namespace

Expected<void> validate(Module& module, unsigned jobs) {
  TypeRules types = SWAGE_TRY(TypeRules::make(module));
  ModuleValidator validator(module, types);
  SWAGE_CHECK(validator.functions());
  SWAGE_CHECK(validator.tables());
  SWAGE_CHECK(validator.memories());
  SWAGE_CHECK(validator.tags());
  SWAGE_CHECK(validator.globals());
  SWAGE_CHECK(validator.exports());
  SWAGE_CHECK(validator.start());
  SWAGE_CHECK(validator.elements());
  validator.declare_functions();
  SWAGE_CHECK(validator.bodies(jobs));
  SWAGE_CHECK(validator.datas());
  module.features_used |= validator.features_used();
  return {};
}

} // namespace swage::wasm
