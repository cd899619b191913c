// libFuzzer target: any bytes as a sequence of WASI calls with hostile arguments. Nothing outside of what was
// granted may change, and no call may touch memory that is not the guest's.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/wasi/hostile.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static swage::wasi::HostileGround ground;
  std::string changed = ground.run({data, size});
  if (changed.empty()) return 0;
  std::fprintf(stderr, "%s", changed.c_str());
  std::abort();
}
