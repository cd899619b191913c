// A few hundred hostile sequences from a fixed seed; the fuzz target tries more.
#include "tests/wasi/hostile.h"

#include <random>

namespace swage::wasi {

namespace {

TEST(HostileTest, nothing_outside_changes) {
  HostileGround ground;
  std::mt19937 random(20260101);
  for (int sequence = 0; sequence < 400; ++sequence) {
    std::vector<uint8_t> bytes(600);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    std::string changed = ground.run(bytes);
    ASSERT_EQ(changed, "") << "sequence " << sequence;
  }
}

} // namespace

} // namespace swage::wasi
