#include "runtime/types/rtt.h"

#include <cassert>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "runtime/abi/object_layout.h"
#include "runtime/types/canonical.h"

namespace swage {

namespace {

/// An Rtt with its display behind it, as compiled code expects.
struct FullRtt {
  abi::Rtt rtt{};
  const abi::Rtt* display[abi::kDisplaySize]{};
  std::vector<uint32_t> references;
};
static_assert(offsetof(FullRtt, display) == abi::display_offset(0));

struct Registry {
  std::mutex mutex;
  std::unordered_map<uint32_t, std::unique_ptr<FullRtt>> rtts;
};

/// Never destroyed: objects of static stores may outlive any order of destruction.
Registry& registry() {
  static Registry* instance = new Registry;
  return *instance;
}

void describe(FullRtt& full, const CompositeType& type) {
  abi::Rtt& rtt = full.rtt;
  if (type.kind == CompositeKind::array) {
    rtt.is_array = 1;
    rtt.size = abi::storage_size(type.fields.front());
    rtt.reference_count = type.fields.front().type.is_ref();
    return;
  }
  abi::StructLayout layout = abi::struct_layout(type.fields);
  for (size_t i = 0; i < type.fields.size(); ++i)
    if (type.fields[i].type.is_ref()) full.references.push_back(layout.offsets[i]);
  rtt.size = layout.size;
  rtt.references = full.references.data();
  rtt.reference_count = static_cast<uint32_t>(full.references.size());
}

} // namespace

const abi::Rtt* rtt_of(uint32_t canonical_id) {
  Registry& all = registry();
  std::lock_guard lock(all.mutex);
  std::unique_ptr<FullRtt>& entry = all.rtts[canonical_id];
  if (entry != nullptr) return &entry->rtt;
  entry = std::make_unique<FullRtt>();
  FullRtt& full = *entry;
  full.rtt.type = canonical_id;
  const SubType& type = canonical_type(canonical_id);
  describe(full, type.composite);
  uint32_t depth = 0;
  if (type.super) {
    auto super = all.rtts.find(*type.super);
    assert(super != all.rtts.end() && "a module declares supertypes first");
    for (; super->second->display[depth] != nullptr; ++depth)
      full.display[depth] = super->second->display[depth];
  }
  full.display[depth] = &full.rtt;
  return &full.rtt;
}

} // namespace swage
