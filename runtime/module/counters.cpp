// A profile may be asked for while guests run on other threads, so counters are read as atomics; what the
// guests add meanwhile is in the sum or not. Blocks come zeroed from calloc, whose pages cost nothing until
// they are written: of a large program most functions never run.
#include "runtime/module/counters.h"

#include <algorithm>
#include <cstdlib>

#include "runtime/abi/profile.h"
#include "runtime/artifact/profile.h"
#include "runtime/module/module.h"
#include "runtime/vocabulary/text.h"

namespace swage {

Counters::Counters(uint32_t counters, uint32_t target_sites)
    : counters_(counters), target_sites_(target_sites) {}

Counters::~Counters() {
  for (uint64_t* counters : live_) std::free(counters);
}

size_t Counters::size() const { return artifact::profile_values(counters_, target_sites_); }

uint64_t* Counters::add() {
  auto* counters = static_cast<uint64_t*>(std::calloc(size(), sizeof(uint64_t)));
  if (counters == nullptr) return nullptr;
  std::lock_guard lock(mutex_);
  live_.push_back(counters);
  return counters;
}

void Counters::retire(uint64_t* counters) {
  std::lock_guard lock(mutex_);
  ended_.resize(size());
  add_to_sum(ended_, counters);
  std::erase(live_, counters);
  std::free(counters);
}

std::vector<uint64_t> Counters::sum() {
  std::lock_guard lock(mutex_);
  std::vector<uint64_t> sum = ended_;
  sum.resize(size());
  for (const uint64_t* counters : live_) add_to_sum(sum, counters);
  return sum;
}

void Counters::add_to_sum(std::vector<uint64_t>& sum, const uint64_t* counters) const {
  std::vector<uint64_t> copy(size());
  for (size_t i = 0; i < copy.size(); ++i) copy[i] = __atomic_load_n(counters + i, __ATOMIC_RELAXED);
  artifact::add_profile_values(sum, copy, counters_);
}

Expected<std::vector<std::byte>> Module::profile() const {
  if (!impl_->counters)
    return failure(ErrorCode::usage, {"the module is not instrumented: it counts nothing"},
                   "swage compile --instrument");
  const abi::Descriptor& descriptor = impl_->descriptor;
  artifact::Profile profile;
  profile.key = {descriptor.source_hash_low, descriptor.source_hash_high, descriptor.counters,
                 descriptor.target_sites};
  profile.values = impl_->counters->sum();
  return artifact::encode_profile(profile);
}

} // namespace swage
