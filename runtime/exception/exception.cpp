#include "runtime/exception/exception.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "runtime/abi/object_layout.h"
#include "runtime/instance/instance.h"
#include "runtime/types/canonical.h"
#include "runtime/types/matching.h"
#include "runtime/vocabulary/text.h"

namespace swage {

namespace {

const FuncType& payload_of(const Tag::Impl& tag) { return canonical_type(tag.rtt.type).composite.func; }

const Tag::Impl& tag_of(const void* object) {
  const abi::Rtt* rtt = nullptr;
  std::memcpy(&rtt, object, sizeof rtt);
  return *reinterpret_cast<const Tag::Impl*>(rtt);
}

Store::Impl& store_of(const Exception::Root& root) {
  assert(root.store != nullptr && "the exception's store is gone");
  return *root.store;
}

} // namespace

Tag::Impl::Impl(uint32_t type) {
  const FuncType& payload = canonical_type(type).composite.func;
  abi::StructLayout layout = abi::exception_layout(payload);
  for (size_t i = 0; i < payload.params.size(); ++i)
    if (payload.params[i].is_ref()) references.push_back(layout.offsets[i]);
  rtt.references = references.data();
  rtt.reference_count = static_cast<uint32_t>(references.size());
  rtt.size = layout.size;
  rtt.type = type;
}

Exception::Root::Root(Store::Impl& owner, void* thrown) : store(&owner), object(thrown) {
  owner.exceptions.push_back(this);
}

Exception::Root::~Root() {
  if (store == nullptr) return;
  std::vector<Root*>& all = store->exceptions;
  // Most often the last one.
  all.erase(std::prev(std::find(all.rbegin(), all.rend(), this).base()));
}

Exception root_exception(Store::Impl& store, void* object) {
  return Exception(std::make_shared<const Exception::Root>(store, object));
}

Expected<Exception> Exception::create(const Tag& tag, std::span<const Val> values) {
  const FuncType& payload = payload_of(tag.impl());
  if (values.size() != payload.params.size())
    return failure(ErrorCode::usage, {"an exception of ", decimal(values.size()), " values, the tag takes ",
                                      decimal(payload.params.size())});
  for (size_t i = 0; i < values.size(); ++i)
    if (!value_matches(values[i], payload.params[i]))
      return failure(ErrorCode::usage, {"value ", decimal(i), " of an exception: expected ",
                                        to_string(payload.params[i]), ", got ", to_string(values[i].type())});
  Store::Impl& store = tag.store().impl();
  const abi::Rtt* rtt = &tag.impl().rtt;
  std::byte* object = store.heap.allocate(rtt->size);
  if (object == nullptr) return failure(ErrorCode::resource, "no room for an exception in the store's heap");
  std::memcpy(object, &rtt, sizeof rtt);
  abi::StructLayout layout = abi::exception_layout(payload);
  for (size_t i = 0; i < values.size(); ++i) {
    abi::Value raw = to_raw(values[i]);
    std::memcpy(object + layout.offsets[i], &raw, abi::storage_size({.type = payload.params[i]}));
  }
  return root_exception(store, object);
}

Exception Exception::from_ref(Store& store, Ref ref) {
  return root_exception(store.impl(), reinterpret_cast<void*>(ref.bits));
}

Tag Exception::tag() const {
  Store& store = *static_cast<Store*>(store_of(*root_).state.store);
  return Tag(store, const_cast<Tag::Impl&>(tag_of(root_->object)));
}

std::vector<Val> Exception::values() const {
  Store::Impl& store = store_of(*root_);
  const FuncType& payload = payload_of(tag_of(root_->object));
  abi::StructLayout layout = abi::exception_layout(payload);
  std::vector<Val> values(payload.params.size());
  for (size_t i = 0; i < values.size(); ++i) {
    abi::Value raw{};
    std::memcpy(&raw, static_cast<const std::byte*>(root_->object) + layout.offsets[i],
                abi::storage_size({.type = payload.params[i]}));
    values[i] = to_val(store, payload.params[i], raw);
  }
  return values;
}

Val Exception::as_ref() const {
  store_of(*root_).keep(root_->object);
  return Val(Ref{reinterpret_cast<uintptr_t>(root_->object)}, ValType::ref({HeapKind::exn}, false));
}

std::string describe(const Exception& exception) {
  RefScope scope(*static_cast<Store*>(store_of(exception.root()).state.store));
  const Tag::Impl& tag = tag_of(exception.root().object);
  std::string text = tag.name.empty() ? join({"tag ", decimal(tag.index)}) : tag.name;
  std::string_view separator = " (";
  for (const Val& value : exception.values()) {
    text += join({separator, to_string(value.type()), " ", to_string(value)});
    separator = ", ";
  }
  if (separator != " (") text += ")";
  return text;
}

} // namespace swage
