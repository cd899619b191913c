// Imports by name. https://webassembly.github.io/spec/core/appendix/embedding.html
#include <algorithm>
#include <map>

#include "runtime/instance/instance.h"
#include "runtime/text.h"

namespace swage {

struct Linker::Impl {
  Store* store;
  std::map<std::string, Extern, std::less<>> items; ///< by key()

  /// With the length in front, no two pairs of names have one key.
  static std::string key(std::string_view module, std::string_view name) {
    return join({decimal(module.size()), ":", module, name});
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

namespace {

/// The defined name that is most like `name`, if one is like it at all.
std::string_view nearest_name(std::span<const std::string_view> candidates, std::string_view name) {
  std::string_view nearest;
  size_t best = 3; // as many typing errors are still the same name
  for (std::string_view candidate : candidates) {
    if (candidate.size() > kLongestComparedName || name.size() > kLongestComparedName) continue;
    size_t steps = distance(candidate, name, best);
    if (steps >= best || steps >= candidate.size()) continue;
    best = steps;
    nearest = candidate;
  }
  return nearest;
}

std::string type_text(const ExternType& type) {
  return std::visit(
      [](const auto& t) {
        if constexpr (std::is_same_v<std::decay_t<decltype(t)>, TagType>)
          return std::string();
        else
          return to_string(t);
      },
      type);
}

Error unknown_import(const Module::Impl& module, const abi::ImportRow& row,
                     std::span<const std::string_view> candidates) {
  auto kind = static_cast<ExternKind>(row.kind);
  std::string type = type_text(module.extern_type(kind, row.index));
  std::string_view nearest = nearest_name(candidates, module.text(row.name));
  Error error;
  error.code = ErrorCode::unlinkable;
  error.message = join({"unknown import \"", module.text(row.module), "\".\"", module.text(row.name),
                        "\": expected ", to_string(kind), type.empty() ? "" : " ", type,
                        candidates.empty() ? ", got no module of that name" : ", got none of that name"});
  if (!nearest.empty()) error.message += join({"; there is \"", nearest, "\""});
  return error;
}

} // namespace

Expected<Instance> Linker::instantiate(const Module& module, Trap* trap) {
  const Module::Impl& code = module.impl();
  std::vector<Extern> imports;
  for (const abi::ImportRow& row : code.elements<abi::ImportRow>(code.descriptor.imports)) {
    if (std::optional<Extern> item = get(code.text(row.module), code.text(row.name))) {
      imports.push_back(*item);
      continue;
    }
    std::string prefix = Impl::key(code.text(row.module), "");
    std::vector<std::string_view> candidates;
    for (auto at = impl_->items.lower_bound(prefix);
         at != impl_->items.end() && at->first.starts_with(prefix); ++at)
      candidates.push_back(std::string_view(at->first).substr(prefix.size()));
    return std::unexpected(unknown_import(code, row, candidates));
  }
  return Instance::create(*impl_->store, module, imports, trap);
}

} // namespace swage
