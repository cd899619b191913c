// Other Wasm engines that `swage bench` times beside swage, where they are on PATH.
#pragma once

#include <string>
#include <vector>

namespace swage::cli {

/// A directory for the guest, as --dir names it.
struct BenchDirectory {
  std::string host;
  std::string guest;
};

struct BenchPeer {
  std::string name;
  std::vector<std::string> command; ///< ends with the module; the guest's arguments follow
};

/// The commands that run `module` in each engine on PATH, and in `missing` the names of those that are not
/// there.
std::vector<BenchPeer> bench_peers(const std::string& module, const std::vector<BenchDirectory>& directories,
                                   std::vector<std::string>& missing);

} // namespace swage::cli
