// Imports by name. https://webassembly.github.io/spec/core/appendix/embedding.html
#include <algorithm>
#include <map>
#include <utility>

#include "runtime/instance/instance.h"
#include "runtime/vocabulary/text.h"

namespace swage {

struct Linker::Impl {
  Store* store;
  std::map<std::string, Extern, std::less<>> items; ///< by key()

  /// With the length in front, no two pairs of names have one key.
  static std::string key(std::string_view module, std::string_view name) {
    return join({decimal(module.size()), ":", module, name});
  }
  std::unexpected<Error> unknown_import(const Module::Impl& code, const abi::ImportRow& row) const;
};

namespace {

constexpr size_t kLongestComparedName = 100;

/// Edit distance of names that are not longer than that.
size_t distance(std::string_view a, std::string_view b) {
  uint8_t row[kLongestComparedName + 1]; // to b's first j characters
  for (size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<uint8_t>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    uint8_t diagonal = row[0];
    row[0] = static_cast<uint8_t>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      int least = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = std::exchange(row[j], static_cast<uint8_t>(least));
    }
  }
  return row[b.size()];
}

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

} // namespace

std::unexpected<Error> Linker::Impl::unknown_import(const Module::Impl& code,
                                                    const abi::ImportRow& row) const {
  auto kind = static_cast<ExternKind>(row.kind);
  std::string type = type_text(code.extern_type(kind, row.index));
  std::string_view module = code.text(row.module), name = code.text(row.name);
  // The defined name that is most like it, if one is like it at all.
  std::string prefix = key(module, "");
  std::string_view got = "no module", nearest;
  size_t best = 3; // as many typing errors are still the same name
  for (auto at = items.lower_bound(prefix); at != items.end() && at->first.starts_with(prefix); ++at) {
    got = "none";
    std::string_view candidate = std::string_view(at->first).substr(prefix.size());
    if (candidate.size() > kLongestComparedName || name.size() > kLongestComparedName) continue;
    size_t steps = distance(candidate, name);
    if (steps >= best || steps >= candidate.size()) continue;
    best = steps;
    nearest = candidate;
  }
  std::string hint = nearest.empty() ? "" : join({"; there is \"", nearest, "\""});
  return failure(ErrorCode::unlinkable,
                 {"unknown import \"", module, "\".\"", name, "\": expected ", to_string(kind),
                  type.empty() ? "" : " ", type, ", got ", got, " of that name", hint});
}

Expected<Instance> Linker::instantiate(const Module& module, Trap* trap) {
  const Module::Impl& code = module.impl();
  std::vector<Extern> imports;
  for (const abi::ImportRow& row : code.elements<abi::ImportRow>(code.descriptor.imports)) {
    if (std::optional<Extern> item = get(code.text(row.module), code.text(row.name))) {
      imports.push_back(*item);
      continue;
    }
    return impl_->unknown_import(code, row);
  }
  return Instance::create(*impl_->store, module, imports, trap);
}

} // namespace swage
