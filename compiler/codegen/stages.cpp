#include "compiler/codegen/stages.h"

#include <algorithm>
#include <sys/resource.h>

namespace swage::codegen {

void Stages::add(std::string_view stage, double seconds) {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  std::lock_guard lock(mutex_);
  auto row =
      std::find_if(times_.begin(), times_.end(), [&](const StageTime& time) { return time.stage == stage; });
  if (row == times_.end()) row = times_.insert(row, {.stage = std::string(stage)});
  row->wall_seconds += seconds;
  row->peak_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

std::vector<StageTime> Stages::take() {
  std::lock_guard lock(mutex_);
  return std::move(times_);
}

} // namespace swage::codegen
