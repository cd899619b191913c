// Script values to the API's and back: arguments, and whether a result is what an assertion expects.
#pragma once

#include <string>

#include "compiler/text/script.h"
#include "swage/store.h"

namespace swage::cli {

/// A host reference made of a number is the same reference each time within a store.
class HostReferences {
public:
  Ref get(Store& store, uint64_t number);
  /// The number behind a reference that get() made.
  std::optional<uint64_t> number(const Store& store, Ref ref) const;

private:
  std::vector<std::pair<uint64_t, Ref>> made_;
};

Val to_val(const text::ScriptValue& value, Store& store, HostReferences& references);
bool matches(const Val& value, const text::ResultPatterns& patterns, const Store& store,
             const HostReferences& references);
/// "i32 7", "f32 nan:canonical", "v128 0x...", "(ref.null)": for failure messages.
std::string describe(const text::ResultPatterns& patterns);

} // namespace swage::cli
