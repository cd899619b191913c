// Files that the embedder gives as bytes: they look like a read-only preopen.
#include "tests/wasi/guest.h"

namespace swage::wasi {

namespace {

std::vector<std::byte> bytes(std::string_view text) {
  const auto* data = reinterpret_cast<const std::byte*>(text.data());
  return {data, data + text.size()};
}

struct MemoryFilesTest : testing::Test {
  Guest guest{std::move(Config()
                            .file("/etc/app/conf", bytes("setting=1"))
                            .file("/etc/host", bytes("here"))
                            .file("plain", bytes("p")))};
};

TEST_F(MemoryFilesTest, the_first_part_of_the_path_names_the_preopen) {
  uint32_t out = guest.allocate(8);
  ASSERT_EQ(guest.call("fd_prestat_dir_name", kFirst, out, 8), Errno::success);
  EXPECT_EQ(guest.text(out, 4), "/etc");
  ASSERT_EQ(guest.call("fd_prestat_dir_name", kFirst + 1, out, 8), Errno::success);
  EXPECT_EQ(guest.text(out, 1), ".");
}

TEST_F(MemoryFilesTest, reads_seeks_and_reports) {
  uint32_t fd = guest.open(kFirst, "app/conf", 0, kFileRights - kChangingRights).fd, out = guest.allocate(8);
  EXPECT_EQ(guest.read(fd).text, "setting=1");
  EXPECT_EQ(guest.read(fd).text, "");
  EXPECT_EQ(guest.call("fd_seek", fd, static_cast<uint64_t>(-1), 2, out), Errno::success);
  EXPECT_EQ(guest.read(fd).text, "1");
  EXPECT_EQ(guest.call("fd_seek", fd, static_cast<uint64_t>(-1), 0, out), Errno::inval);
  EXPECT_EQ(guest.call("fd_seek", fd, 1000, 0, out), Errno::success);
  EXPECT_EQ(guest.read(fd).text, "");
  EXPECT_EQ(guest.status(fd).size, 9u);
  uint32_t buffer = guest.allocate(3);
  EXPECT_EQ(guest.call("fd_pread", fd, guest.vector(buffer, 3), 1, 4, out), Errno::success);
  EXPECT_EQ(guest.text(buffer, 3), "ing");
}

TEST_F(MemoryFilesTest, every_change_is_refused) {
  EXPECT_EQ(guest.open(kFirst, "host", 0, Right::fd_write).error, Errno::rofs);
  EXPECT_EQ(guest.open(kFirst, "new", kCreate, Right::fd_read).error, Errno::rofs);
  EXPECT_EQ(guest.open(kFirst, "host", kTruncate, Right::fd_read).error, Errno::rofs);
  EXPECT_EQ(guest.on_path("path_create_directory", kFirst, "new"), Errno::rofs);
  EXPECT_EQ(guest.on_path("path_unlink_file", kFirst, "host"), Errno::rofs);
  EXPECT_EQ(guest.rename(kFirst, "host", kFirst, "new"), Errno::rofs);
  EXPECT_EQ(guest.symlink("host", kFirst, "new"), Errno::rofs);
  EXPECT_EQ(guest.link(kFirst, "host", kFirst, "new"), Errno::rofs);
}

TEST_F(MemoryFilesTest, paths_stay_inside) {
  for (const char* path : {"..", "../plain", "app/../..", "/etc/host"})
    EXPECT_EQ(guest.open(kFirst, path, 0, Rights()).error, Errno::perm) << path;
  EXPECT_EQ(guest.open(kFirst, "host/", 0, Rights()).error, Errno::notdir);
  EXPECT_EQ(guest.open(kFirst, "host/x", 0, Rights()).error, Errno::notdir);
  EXPECT_EQ(guest.open(kFirst, "missing", 0, Rights()).error, Errno::noent);
  EXPECT_EQ(guest.open(kFirst, "app/.././/host", 0, Rights()).error, Errno::success);
  uint32_t app = guest.open(kFirst, "app", kDirectory, kDirectoryRights).fd;
  EXPECT_EQ(guest.open(app, "../host", 0, Rights()).error, Errno::perm);
}

TEST_F(MemoryFilesTest, directories_list_their_entries) {
  uint32_t buffer = guest.allocate(256), used = guest.allocate(4);
  ASSERT_EQ(guest.call("fd_readdir", kFirst, buffer, 256, 0, used), Errno::success);
  std::string names;
  for (uint32_t at = 0; at < guest.load<uint32_t>(used);) {
    uint32_t length = guest.load<uint32_t>(buffer + at + Dirent::kNameLength);
    names += guest.text(buffer + at + Dirent::kSize, length) + " ";
    at += Dirent::kSize + length;
  }
  EXPECT_EQ(names, ". .. app host ");
  EXPECT_EQ(guest.call("fd_readdir", kFirst, buffer, 256, ~uint64_t{0}, used), Errno::success);
  EXPECT_EQ(guest.load<uint32_t>(used), 0u);
}

TEST(MemoryFilesConfigTest, conflicts_are_errors) {
  auto code = [](Config config) { return Context::create(std::move(config)).error().code; };
  EXPECT_EQ(code(std::move(Config().file("/a/b", {}).file("/a/b/c", {}))), ErrorCode::usage);
  EXPECT_EQ(code(std::move(Config().file("/a/b/c", {}).file("/a/b", {}))), ErrorCode::usage);
  EXPECT_EQ(code(std::move(Config().file("/a/../b", {}))), ErrorCode::usage);
  EXPECT_EQ(code(std::move(Config().file("", {}))), ErrorCode::usage);
  EXPECT_EQ(code(std::move(Config().directory("/", "/a").file("/a/b", {}))), ErrorCode::usage);
}

} // namespace

} // namespace swage::wasi
