// The counters of an instrumented module's instances (abi/profile.h): given out when an instance begins,
// added up when it ends, and added up with those that still run whenever somebody asks.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

namespace swage {

class Counters {
public:
  Counters(uint32_t counters, uint32_t target_sites);
  Counters(const Counters&) = delete;
  Counters& operator=(const Counters&) = delete;
  ~Counters();

  /// Zeros for a new instance; never moved. Null when there is no memory. Thread-safe, as everything here.
  uint64_t* add();
  /// The instance has ended.
  void retire(uint64_t* counters);
  /// Of all instances, in the same layout.
  std::vector<uint64_t> sum();

private:
  size_t size() const;
  void add_to_sum(std::vector<uint64_t>& sum, const uint64_t* counters) const;

  const uint32_t counters_, target_sites_;
  std::mutex mutex_;
  std::vector<uint64_t*> live_;
  std::vector<uint64_t> ended_; ///< empty until an instance has ended
};

} // namespace swage
