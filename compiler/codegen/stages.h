// Where the time of a compilation goes: wall time of each stage, summed over the threads that work on it.
#pragma once

#include <chrono>
#include <mutex>
#include <string_view>
#include <vector>

#include "swage/compiler.h"

namespace swage::codegen {

/// Thread-safe; keeps the stages in the order of their first mention.
class Stages {
public:
  /// Measures from its construction to its end.
  class Timer {
  public:
    Timer(Stages& stages, std::string_view stage) : stages_(stages), stage_(stage), begin_(Clock::now()) {}
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    ~Timer() { stages_.add(stage_, std::chrono::duration<double>(Clock::now() - begin_).count()); }

  private:
    using Clock = std::chrono::steady_clock;
    Stages& stages_;
    std::string_view stage_;
    Clock::time_point begin_;
  };

  void add(std::string_view stage, double seconds);
  std::vector<StageTime> take();

private:
  std::mutex mutex_;
  std::vector<StageTime> times_;
};

} // namespace swage::codegen
