// Whether what is given for an import is what the module expects, and the sentence that says why not.
//
// https://webassembly.github.io/spec/core/valid/matching.html#external-types
#include "runtime/instance/instance.h"
#include "runtime/types/canonical.h"
#include "runtime/types/matching.h"
#include "runtime/vocabulary/text.h"

namespace swage {

namespace {

ExternKind kind_of(const Extern& item) {
  constexpr ExternKind kKinds[] = {ExternKind::func, ExternKind::table, ExternKind::memory,
                                   ExternKind::global, ExternKind::tag};
  static_assert(std::variant_size_v<Extern> == std::size(kKinds));
  return kKinds[item.index()];
}

/// "func (param i32)".
std::string describe(ExternKind kind, const std::string& type) {
  return join({to_string(kind), type.empty() ? "" : " ", type});
}

std::string describe_function(uint32_t type) {
  std::string text = describe(ExternKind::func, to_string(canonical_type(type).composite.func));
  return canonical_type(type).is_final ? text : join({text, " of an open type"});
}

/// Both sides of a mismatch; empty when they match.
struct Mismatch {
  std::string expected;
  std::string got;
};

template<class T> std::optional<Mismatch> compare(const T& actual, const T& expected, ExternKind kind) {
  if (matches(actual, expected)) return std::nullopt;
  return Mismatch{describe(kind, to_string(expected)), describe(kind, to_string(actual))};
}

std::optional<Mismatch> compare_types(uint32_t actual, uint32_t expected, ExternKind kind) {
  bool is_match = kind == ExternKind::tag ? actual == expected : is_subtype(actual, expected);
  if (is_match) return std::nullopt;
  Mismatch mismatch{describe_function(expected), describe_function(actual)};
  if (mismatch.expected == mismatch.got) mismatch.got = "one that differs in its recursion group";
  return mismatch;
}

std::optional<Mismatch> compare_import(const Module::Impl& module, ExternKind kind, uint32_t index,
                                       const Extern& item) {
  switch (kind) {
  case ExternKind::table:
    return compare(std::get<Table>(item).impl().current_type(), module.table_type(index), kind);
  case ExternKind::memory:
    return compare(std::get<Memory>(item).impl().current_type(), module.memory_type(index), kind);
  case ExternKind::global:
    return compare(std::get<Global>(item).impl().type, module.global_type(index), kind);
  case ExternKind::tag:
    return compare_types(std::get<Tag>(item).impl().rtt.type, module.tag_type(index), kind);
  case ExternKind::func: break;
  }
  return compare_types(std::get<Func>(item).raw().type, module.function_type(index), kind);
}

std::string name_of(const Module::Impl& module, const abi::ImportRow& row) {
  return join({"\"", module.text(row.module), "\".\"", module.text(row.name), "\""});
}

const Store& store_of(const Extern& item) {
  return std::visit([](const auto& handle) -> const Store& { return handle.store(); }, item);
}

} // namespace

Expected<void> check_imports(const Store& store, const Module::Impl& module,
                             std::span<const Extern> imports) {
  std::span<const abi::ImportRow> rows = module.elements<abi::ImportRow>(module.descriptor.imports);
  if (rows.size() != imports.size())
    return failure(ErrorCode::usage,
                   {"the module has ", decimal(rows.size()), " imports, got ", decimal(imports.size())});
  for (size_t i = 0; i < rows.size(); ++i) {
    const abi::ImportRow& row = rows[i];
    auto kind = static_cast<ExternKind>(row.kind);
    auto given = kind_of(imports[i]);
    if (&store_of(imports[i]) != &store)
      return failure(ErrorCode::usage, {"import ", name_of(module, row), " belongs to another store"});
    std::optional<Mismatch> mismatch;
    if (given != kind)
      mismatch = Mismatch{to_string(kind), to_string(given)};
    else
      mismatch = compare_import(module, kind, row.index, imports[i]);
    if (mismatch)
      return failure(ErrorCode::unlinkable, {"incompatible import type of ", name_of(module, row),
                                             ": expected ", mismatch->expected, ", got ", mismatch->got});
    if (kind != ExternKind::memory) continue;
    const abi::LimitsRow& limits = module.elements<abi::LimitsRow>(module.descriptor.memories)[row.index];
    if (limits.is_checked == 0 && !std::get<Memory>(imports[i]).impl().is_guarded)
      return failure(
          ErrorCode::unlinkable,
          {"memory ", name_of(module, row), " has no guard pages, on which the module's code relies"},
          "to compile it with --memory checked");
  }
  return {};
}

} // namespace swage
