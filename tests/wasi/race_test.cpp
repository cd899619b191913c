// Two guests against one folder: one swaps a directory for a link that leads out, as fast as it can, the
// other goes through that name all the while. Whatever it reaches must be inside. A swap is either one step
// of the host's, which no guest can do, or a guest's own four.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

#include "tests/wasi/guest.h"

namespace swage::wasi {

namespace {

constexpr auto kDuration = std::chrono::milliseconds(1000);

enum class Swapper { host, guest };
using RaceParam = std::tuple<Resolution, Swapper>;

struct RaceTest : testing::TestWithParam<RaceParam> {
  ScratchFolder folder;

  Guest new_guest() {
    Config config;
    config.directory(folder / "granted", "/");
    config.impl().resolution = std::get<Resolution>(GetParam());
    return Guest(std::move(config));
  }
  void swap_as_host(const std::stop_token& ends) {
    std::string a = folder / "granted/swapped", b = folder / "granted/link";
    std::string deep = folder / "granted/deep/er", away = folder / "granted/er";
    while (!ends.stop_requested()) {
      ::syscall(SYS_renameat2, AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), 2 /* RENAME_EXCHANGE */);
      ::rename(deep.c_str(), away.c_str());
      ::rename(away.c_str(), deep.c_str());
    }
  }
  void swap_as_guest(const std::stop_token& ends) {
    Guest guest = new_guest();
    while (!ends.stop_requested()) {
      guest.release();
      guest.rename(kFirst, "swapped", kFirst, "aside");
      guest.symlink("../outside", kFirst, "swapped");
      guest.on_path("path_unlink_file", kFirst, "swapped");
      guest.rename(kFirst, "aside", kFirst, "swapped");
      guest.rename(kFirst, "deep/er", kFirst, "er");
      guest.rename(kFirst, "er", kFirst, "deep/er");
    }
  }
};
std::string race_name(const testing::TestParamInfo<RaceParam>& race) {
  std::string name = std::get<Resolution>(race.param) == Resolution::kernel ? "kernel" : "walk";
  return name + (std::get<Swapper>(race.param) == Swapper::host ? "_against_host" : "_against_guest");
}
INSTANTIATE_TEST_SUITE_P(All, RaceTest,
                         testing::Combine(testing::Values(Resolution::kernel, Resolution::walk),
                                          testing::Values(Swapper::host, Swapper::guest)),
                         race_name);

TEST_P(RaceTest, swapping_a_directory_for_a_link_opens_no_way_out) {
  for (const char* name :
       {"granted", "granted/swapped", "granted/deep", "granted/deep/er", "outside", "outside/er"}) {
    std::filesystem::create_directory(folder / name);
  }
  folder.write("granted/swapped/file", "inside");
  folder.write("outside/file", "outside");
  std::filesystem::create_symlink("../outside", folder / "granted/link");

  // Also when an assertion leaves the test, it ends and is joined.
  std::jthread swapper([&](const std::stop_token& ends) {
    std::get<Swapper>(GetParam()) == Swapper::host ? swap_as_host(ends) : swap_as_guest(ends);
  });

  Guest guest = new_guest();
  uint64_t reads = 0, refusals = 0;
  for (auto end = std::chrono::steady_clock::now() + kDuration; std::chrono::steady_clock::now() < end;) {
    for (const char* path : {"swapped/file", "deep/er/../../swapped/file", "link/file"}) {
      Guest::Opened opened = guest.open(kFirst, path, 0, Right::fd_read);
      if (opened.error != Errno::success) {
        ++refusals;
        continue;
      }
      ASSERT_EQ(guest.read(opened.fd).text, "inside") << path;
      guest.call("fd_close", opened.fd);
      ++reads;
    }
    Guest::Opened made = guest.open(kFirst, "swapped/made", kCreate, Right::fd_write);
    if (made.error == Errno::success) guest.call("fd_close", made.fd);
    guest.on_path("path_create_directory", kFirst, "swapped/dir");
    guest.on_path("path_create_directory", kFirst, "deep/er/../../../made");
    guest.rename(kFirst, "swapped/file", kFirst, "swapped/file2");
    guest.rename(kFirst, "swapped/file2", kFirst, "swapped/file");
    guest.on_path("path_unlink_file", kFirst, "swapped/made");
    if (guest.allocate(0) > Guest::kMemoryBytes / 2) guest.release();
  }
  swapper.request_stop();
  swapper.join();
  EXPECT_GT(reads, 0u);
  EXPECT_GT(refusals, 0u);
  // The link may have ended up under either name; what it leads to has kept its two entries.
  EXPECT_EQ(folder.read("outside/file"), "outside");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder / "outside"), {}), 2);
  EXPECT_FALSE(folder.exists("made"));
}

} // namespace

} // namespace swage::wasi
