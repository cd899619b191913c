// Imports by name. https://webassembly.github.io/spec/core/appendix/embedding.html
#include <algorithm>
#include <map>

#include "runtime/instance/instance.h"

namespace swage {

struct Linker::Impl {
  Store* store;
  std::map<std::string, Extern, std::less<>> items; ///< by key()

  /// No module name contains a zero byte followed by another meaning: lengths make the key unique.
  static std::string key(std::string_view module, std::string_view name) {
    std::string text = std::to_string(module.size()) + ':';
    text += module;
    text += name;
    return text;
  }
};

namespace {

/// Edit distance, given up at `limit`.
size_t distance(std::string_view a, std::string_view b, size_t limit) {
  if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit + 1;
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t substituted = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

constexpr size_t kLongestComparedName = 100;

} // namespace

Linker::Linker(Store& store) : impl_(std::make_unique<Impl>(&store)) {}
Linker::~Linker() = default;
Linker::Linker(Linker&&) noexcept = default;
Linker& Linker::operator=(Linker&&) noexcept = default;

Store& Linker::store() const { return *impl_->store; }

void Linker::define(std::string_view module, std::string_view name, Extern item) {
  impl_->items.insert_or_assign(Impl::key(module, name), item);
}

void Linker::define_instance(std::string_view module, const Instance& instance) {
  for (auto& [name, item] : instance.exports()) define(module, name, item);
}

std::optional<Extern> Linker::get(std::string_view module, std::string_view name) const {
  auto found = impl_->items.find(Impl::key(module, name));
  if (found == impl_->items.end()) return std::nullopt;
  return found->second;
}

Expected<Instance> Linker::instantiate(const Module& module, Trap* trap) {
  const Module::Impl& code = module.impl();
  std::vector<Extern> imports;
  for (const abi::ImportRow& row : code.elements<abi::ImportRow>(code.descriptor.imports)) {
    std::string_view from = code.text(row.module);
    std::string_view name = code.text(row.name);
    if (std::optional<Extern> item = get(from, name)) {
      imports.push_back(*item);
      continue;
    }
    std::string prefix = Impl::key(from, "");
    std::string_view nearest;
    size_t best = 3; // as many typing errors are still the same name
    bool has_module = false;
    for (auto at = impl_->items.lower_bound(prefix); at != impl_->items.end() && at->first.starts_with(prefix); ++at) {
      has_module = true;
      std::string_view candidate = std::string_view(at->first).substr(prefix.size());
      if (candidate.size() > kLongestComparedName || name.size() > kLongestComparedName) continue;
      size_t steps = distance(candidate, name, best);
      if (steps < best && steps < candidate.size()) {
        best = steps;
        nearest = candidate;
      }
    }
    Error error;
    error.code = ErrorCode::unlinkable;
    error.message = "unknown import \"" + std::string(from) + "\".\"" + std::string(name) + "\": expected ";
    auto kind = static_cast<ExternKind>(row.kind);
    error.message += to_string(kind);
    ExternType type = code.extern_type(kind, row.index);
    std::string detail = std::visit(
        [](const auto& t) {
          if constexpr (std::is_same_v<std::decay_t<decltype(t)>, TagType>)
            return std::string();
          else
            return to_string(t);
        },
        type);
    if (!detail.empty()) error.message += " " + detail;
    error.message += has_module ? ", got none of that name" : ", got no module of that name";
    if (!nearest.empty()) error.message += "; there is \"" + std::string(nearest) + "\"";
    return std::unexpected(std::move(error));
  }
  return Instance::create(*impl_->store, module, imports, trap);
}

} // namespace swage
