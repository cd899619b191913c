// Attributes, sizes, times and flags of open files and of paths; directories and their entries.
#include <fcntl.h>
#include <sys/stat.h>

#include <set>

#include "tests/wasi/guest.h"

namespace swage::wasi {

namespace {

struct FileTest : testing::Test {
  ScratchFolder folder;
  Guest guest{std::move(Config().directory(folder.path().string(), "/sandbox"))};

  uint32_t open(std::string_view name, uint32_t oflags = 0) { return guest.open(kFirst, name, oflags).fd; }

  /// The names of a directory, read with a buffer of some size.
  std::vector<std::string> names(uint32_t fd, uint32_t size) {
    std::vector<std::string> found;
    uint32_t buffer = guest.allocate(size), used = guest.allocate(4);
    for (uint64_t cookie = 0;;) {
      EXPECT_EQ(guest.call("fd_readdir", fd, buffer, size, cookie, used), Errno::success);
      uint32_t end = guest.load<uint32_t>(used), at = 0;
      uint64_t before = cookie;
      while (at + Dirent::kSize <= end) {
        uint32_t length = guest.load<uint32_t>(buffer + at + Dirent::kNameLength);
        if (at + Dirent::kSize + length > end) break;
        cookie = guest.load<uint64_t>(buffer + at + Dirent::kNext);
        found.push_back(guest.text(buffer + at + Dirent::kSize, length));
        at += Dirent::kSize + length;
      }
      if (end < size || cookie == before) return found;
    }
  }
};

TEST_F(FileTest, a_preopen_tells_its_name) {
  uint32_t out = guest.allocate(16);
  EXPECT_EQ(guest.call("fd_prestat_get", kFirst, out), Errno::success);
  EXPECT_EQ(guest.load<uint32_t>(out), 0u);
  EXPECT_EQ(guest.load<uint32_t>(out + 4), 8u);
  EXPECT_EQ(guest.call("fd_prestat_dir_name", kFirst, out, 7), Errno::nametoolong);
  EXPECT_EQ(guest.call("fd_prestat_dir_name", kFirst, out, 12), Errno::success);
  EXPECT_EQ(guest.text(out, 8), "/sandbox");
  EXPECT_EQ(guest.call("fd_prestat_get", 1, out), Errno::badf);
}

TEST_F(FileTest, status_by_descriptor_and_by_path_agree) {
  folder.write("a", "12345");
  Guest::Status by_fd = guest.status(open("a")), by_path = guest.path_status(kFirst, "a");
  EXPECT_EQ(by_fd.size, 5u);
  EXPECT_EQ(by_fd.ino, by_path.ino);
  EXPECT_EQ(by_fd.dev, by_path.dev);
  EXPECT_EQ(by_fd.mtim, by_path.mtim);
  EXPECT_EQ(by_fd.type, static_cast<uint64_t>(FileType::regular_file));
  EXPECT_EQ(guest.path_status(kFirst, "missing").error, Errno::noent);
}

TEST_F(FileTest, links_are_followed_when_asked) {
  folder.write("a", "12345");
  guest.symlink("a", kFirst, "link");
  EXPECT_EQ(guest.path_status(kFirst, "link", 0).type, static_cast<uint64_t>(FileType::symbolic_link));
  EXPECT_EQ(guest.path_status(kFirst, "link", 1).size, 5u);
  EXPECT_EQ(guest.open(kFirst, "link", 0, kFileRights, 0).error, Errno::loop);
}

TEST_F(FileTest, sizes_can_be_set_and_allocated) {
  uint32_t fd = open("a", kCreate);
  EXPECT_EQ(guest.call("fd_filestat_set_size", fd, 100), Errno::success);
  EXPECT_EQ(guest.status(fd).size, 100u);
  EXPECT_EQ(guest.call("fd_filestat_set_size", fd, ~uint64_t{0}), Errno::fbig);
  EXPECT_EQ(guest.call("fd_allocate", fd, 90, 20), Errno::success);
  EXPECT_EQ(guest.status(fd).size, 110u);
  EXPECT_EQ(guest.call("fd_allocate", fd, 0, 0), Errno::inval);
}

TEST_F(FileTest, times_can_be_set_by_descriptor_and_by_path) {
  uint32_t fd = open("a", kCreate);
  EXPECT_EQ(guest.call("fd_filestat_set_times", fd, 0, 1'000'000'001, 4), Errno::success);
  EXPECT_EQ(guest.status(fd).mtim, 1'000'000'001u);
  EXPECT_EQ(guest.call("path_filestat_set_times", kFirst, 1, guest.put("a"), 1, 2'000'000'002, 0, 1),
            Errno::success);
  EXPECT_EQ(guest.status(fd).atim, 2'000'000'002u);
  EXPECT_EQ(guest.status(fd).mtim, 1'000'000'001u);
}

TEST_F(FileTest, a_link_s_own_times_can_be_set) {
  open("a", kCreate);
  guest.symlink("a", kFirst, "link");
  uint64_t before = guest.path_status(kFirst, "a").mtim;
  EXPECT_EQ(guest.call("path_filestat_set_times", kFirst, 0, guest.put("link"), 4, 0, 77, 4), Errno::success);
  EXPECT_EQ(guest.path_status(kFirst, "link", 0).mtim, 77u);
  EXPECT_EQ(guest.path_status(kFirst, "a").mtim, before);
}

TEST_F(FileTest, contradicting_or_unknown_time_flags_are_refused) {
  uint32_t fd = open("a", kCreate);
  for (uint32_t flags : {3u, 12u, 16u, 0xffffffffu})
    EXPECT_EQ(guest.call("fd_filestat_set_times", fd, 1, 1, flags), Errno::inval);
}

TEST_F(FileTest, advice_is_checked) {
  uint32_t fd = open("a", kCreate);
  for (uint32_t advice = 0; advice < 6; ++advice)
    EXPECT_EQ(guest.call("fd_advise", fd, 0, 0, advice), Errno::success);
  EXPECT_EQ(guest.call("fd_advise", fd, 0, 0, 6), Errno::inval);
  EXPECT_EQ(guest.call("fd_advise", fd, ~uint64_t{0}, 0, 0), Errno::inval);
}

TEST_F(FileTest, syncing_works_on_files_and_directories) {
  uint32_t fd = open("a", kCreate);
  for (uint32_t target : {fd, kFirst}) {
    EXPECT_EQ(guest.call("fd_sync", target), Errno::success);
    EXPECT_EQ(guest.call("fd_datasync", target), Errno::success);
  }
}

TEST_F(FileTest, open_flags_are_reported) {
  uint32_t fd = guest.open(kFirst, "a", kCreate, kFileRights, 1, 1 | 16).fd;
  EXPECT_EQ(guest.fdstat(fd).flags, 17u);
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", fd, 16), Errno::success);
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", fd, 0), Errno::notsup);
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", fd, 32), Errno::inval);
  EXPECT_EQ(guest.open(kFirst, "a", 0, kFileRights, 1, 32).error, Errno::inval);
  EXPECT_EQ(guest.open(kFirst, "a", 16).error, Errno::inval);
  EXPECT_EQ(guest.open(kFirst, "a", 0, kFileRights, 2).error, Errno::inval);
}

TEST_F(FileTest, create_and_exclusive) {
  EXPECT_EQ(guest.open(kFirst, "a").error, Errno::noent);
  EXPECT_EQ(guest.open(kFirst, "a", kCreate | kExclusive).error, Errno::success);
  EXPECT_EQ(guest.open(kFirst, "a", kCreate | kExclusive).error, Errno::exist);
  EXPECT_EQ(guest.open(kFirst, "a", kDirectory).error, Errno::notdir);
  EXPECT_EQ(guest.open(kFirst, "a", kCreate | kDirectory).error, Errno::inval);
}

TEST_F(FileTest, truncating_empties) {
  folder.write("a", "text");
  EXPECT_EQ(guest.open(kFirst, "a", kTruncate).error, Errno::success);
  EXPECT_EQ(folder.read("a"), "");
}

TEST_F(FileTest, directories_are_made_renamed_and_removed) {
  EXPECT_EQ(guest.on_path("path_create_directory", kFirst, "d"), Errno::success);
  EXPECT_EQ(guest.on_path("path_create_directory", kFirst, "d"), Errno::exist);
  EXPECT_EQ(guest.on_path("path_create_directory", kFirst, "d/e"), Errno::success);
  EXPECT_EQ(guest.on_path("path_remove_directory", kFirst, "d"), Errno::notempty);
  EXPECT_EQ(guest.on_path("path_unlink_file", kFirst, "d"), Errno::isdir);
  EXPECT_EQ(guest.rename(kFirst, "d", kFirst, "d/e/f"), Errno::inval);
  EXPECT_EQ(guest.rename(kFirst, "d/e", kFirst, "e"), Errno::success);
  EXPECT_EQ(guest.on_path("path_remove_directory", kFirst, "d"), Errno::success);
  EXPECT_EQ(guest.on_path("path_remove_directory", kFirst, "missing"), Errno::noent);
}

TEST_F(FileTest, a_link_is_read_as_far_as_the_buffer_goes) {
  guest.symlink("target", kFirst, "link");
  uint32_t buffer = guest.allocate(16), used = guest.allocate(4);
  auto read = [&](uint32_t size) {
    Errno error = guest.call("path_readlink", kFirst, guest.put("link"), 4, buffer, size, used);
    return error == Errno::success ? guest.text(buffer, guest.load<uint32_t>(used)) : to_string(error);
  };
  EXPECT_EQ(read(16), "target");
  EXPECT_EQ(read(3), "tar");
  EXPECT_EQ(read(0), "");
  open("file", kCreate);
  EXPECT_EQ(guest.call("path_readlink", kFirst, guest.put("file"), 4, buffer, 16, used), Errno::inval);
}

TEST_F(FileTest, entries_come_through_any_buffer) {
  std::multiset<std::string> expected = {".", ".."};
  for (int i = 0; i < 300; ++i) expected.insert("file" + std::to_string(i));
  for (const std::string& name : expected) folder.write(name, "");
  for (uint32_t size : {64u, 100u, 4096u, 100000u}) {
    auto found = names(kFirst, size);
    EXPECT_EQ(std::multiset<std::string>(found.begin(), found.end()), expected) << size;
  }
}

TEST_F(FileTest, cookies_survive_removal) {
  for (int i = 0; i < 200; ++i) folder.write("file" + std::to_string(i), "");
  uint32_t buffer = guest.allocate(512), used = guest.allocate(4);
  std::set<std::string> seen;
  for (uint64_t cookie = 0;;) {
    ASSERT_EQ(guest.call("fd_readdir", kFirst, buffer, 512, cookie, used), Errno::success);
    uint32_t end = guest.load<uint32_t>(used), at = 0;
    while (at + Dirent::kSize <= end) {
      uint32_t length = guest.load<uint32_t>(buffer + at + Dirent::kNameLength);
      if (at + Dirent::kSize + length > end) break;
      cookie = guest.load<uint64_t>(buffer + at + Dirent::kNext);
      std::string name = guest.text(buffer + at + Dirent::kSize, length);
      EXPECT_TRUE(seen.insert(name).second) << name;
      if (name[0] == 'f') guest.on_path("path_unlink_file", kFirst, name);
      at += Dirent::kSize + length;
    }
    if (end < 512) break;
  }
  EXPECT_EQ(seen.size(), 202u);
}

TEST_F(FileTest, bad_cookies_are_harmless) {
  uint32_t buffer = guest.allocate(256), used = guest.allocate(4);
  EXPECT_EQ(guest.call("fd_readdir", kFirst, buffer, 256, ~uint64_t{0}, used), Errno::inval);
  guest.call("fd_readdir", kFirst, buffer, 256, 0x123456789, used);
  EXPECT_EQ(guest.call("fd_readdir", open("a", kCreate), buffer, 256, 0, used), Errno::notdir);
}

TEST_F(FileTest, times_before_1970_are_zero) {
  folder.write("a", "");
  timespec times[] = {{-100, 0}, {-100, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (folder / "a").c_str(), times, 0), 0);
  EXPECT_EQ(guest.path_status(kFirst, "a").mtim, 0u);
}

} // namespace

} // namespace swage::wasi
