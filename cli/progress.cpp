// Drawn to stderr, so that `-o -` stays clean; ten times a second at the most.
#include "cli/progress.h"

#include <string>
#include <unistd.h>

#include <fmt/format.h>

namespace swage::cli {

using std::chrono::steady_clock;

ProgressBar::ProgressBar()
    : start_(steady_clock::now()), last_(start_), is_terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
  if (is_shown_) fmt::print(stderr, "\r\033[K");
}

void ProgressBar::update(size_t done, size_t total) {
  steady_clock::time_point now = steady_clock::now();
  if (!is_terminal_ || total == 0 || now - start_ < std::chrono::seconds(1)) return;
  if (is_shown_ && now - last_ < std::chrono::milliseconds(100)) return;
  constexpr size_t kWidth = 40;
  size_t filled = done * kWidth / total;
  double elapsed = std::chrono::duration<double>(now - start_).count();
  double left = done == 0 ? 0 : elapsed * static_cast<double>(total - done) / static_cast<double>(done);
  fmt::print(stderr, "\r\033[Kcompiling [{}{}] {}/{} functions, {:.0f} s left", std::string(filled, '#'),
             std::string(kWidth - filled, '.'), done, total, left);
  std::fflush(stderr);
  is_shown_ = true;
  last_ = now;
}

} // namespace swage::cli
