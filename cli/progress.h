// A progress bar for compilations that people wait for: only on a terminal, only after a second, gone when
// done.
#pragma once

#include <chrono>
#include <cstddef>

namespace swage::cli {

class ProgressBar {
public:
  ProgressBar();
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  void update(size_t done, size_t total);

private:
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_;
  bool is_terminal_;
  bool is_shown_ = false;
};

} // namespace swage::cli
