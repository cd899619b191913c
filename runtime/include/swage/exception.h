// An exception: a tag and the values that go with it. A guest's that nobody caught comes back in its Trap; a
// host function throws one by returning Trap::thrown(exception), and passes on one that went through it by
// returning the Trap that it got.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "swage/error.h"

namespace swage {

class Store;
class Tag;
class Val;
struct Ref;

/// A handle that keeps the exception alive. Cheap to copy; of use as long as the exception's store lives, by
/// one thread at a time as the store itself.
/// https://webassembly.github.io/spec/core/exec/runtime.html#exception-instances
class Exception {
public:
  /// Errors: usage (the values are not what the tag takes), resource (the store's heap is full).
  static Expected<Exception> create(const Tag& tag, std::span<const Val> values);
  /// The exception behind an exnref of this store that is not null.
  static Exception from_ref(Store& store, Ref ref);

  /// Equal to the tag that it was thrown with.
  Tag tag() const;
  std::vector<Val> values() const;
  /// As a value of type exnref.
  Val as_ref() const;

  struct Root;
  explicit Exception(std::shared_ptr<const Root> root) : root_(std::move(root)) {}
  const Root& root() const { return *root_; }

private:
  std::shared_ptr<const Root> root_;
};

} // namespace swage
