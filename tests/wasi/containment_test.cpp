// Nothing outside of a preopen can be seen, made, linked, renamed, truncated or changed: every way out that
// we know, tried with the kernel's resolution and with the walk that replaces it on old kernels.
#include <sys/stat.h>
#include <unistd.h>

#include <map>

#include "tests/wasi/guest.h"

namespace swage::wasi {

namespace {

/// Everything below a folder: names, types, contents, times of change. Two equal ones mean that nothing has
/// happened in between.
std::map<std::string, std::string> snapshot(const std::filesystem::path& root) {
  std::map<std::string, std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    struct stat status;
    ::lstat(entry.path().c_str(), &status);
    std::ostringstream text;
    text << status.st_mode << ' ' << status.st_size << ' ' << status.st_nlink << ' ' << status.st_mtim.tv_sec
         << '.' << status.st_mtim.tv_nsec;
    if (entry.is_regular_file() && !entry.is_symlink()) text << ' ' << std::ifstream(entry.path()).rdbuf();
    found[entry.path().string()] = text.str();
  }
  return found;
}

/// outside/{secret, folder/inner} beside granted/{file, sub/}, and links in granted that lead out, made by
/// the host beforehand.
struct ContainmentTest : testing::TestWithParam<Resolution> {
  ScratchFolder scratch;
  std::filesystem::path outside = scratch / "outside", granted = scratch / "granted";
  std::unique_ptr<Guest> guest;
  std::map<std::string, std::string> before;

  ContainmentTest() {
    namespace fs = std::filesystem;
    fs::create_directories(outside / "folder");
    fs::create_directories(granted / "sub");
    scratch.write("outside/secret", "secret");
    scratch.write("outside/folder/inner", "inner");
    scratch.write("granted/file", "file");
    fs::create_symlink("../outside/secret", granted / "relative_file");
    fs::create_symlink("../outside/folder", granted / "relative_dir");
    fs::create_symlink(outside / "secret", granted / "absolute_file");
    fs::create_symlink(outside / "folder", granted / "absolute_dir");
    fs::create_symlink("../outside/not_there", granted / "dangling");
    fs::create_symlink("..", granted / "up");
    fs::create_symlink("relative_dir", granted / "chain");
    fs::create_symlink("/proc/self/root", granted / "magic");
    Config config;
    config.directory(granted.string(), "/");
    config.impl().resolution = GetParam();
    guest = std::make_unique<Guest>(std::move(config));
    before = snapshot(outside);
  }
  void TearDown() override { EXPECT_EQ(snapshot(outside), before); }
};

INSTANTIATE_TEST_SUITE_P(Both, ContainmentTest, testing::Values(Resolution::kernel, Resolution::walk),
                         resolution_name);

/// Paths that name something outside, with and without trailing slashes.
const char* const kWaysOut[] = {
    "..",
    "../",
    "../outside/secret",
    "sub/../../outside/secret",
    "/",
    "/etc/passwd",
    "//etc/passwd",
    "relative_file",
    "absolute_file",
    "relative_dir/inner",
    "relative_dir/",
    "absolute_dir/inner",
    "absolute_dir/",
    "up/outside/secret",
    "up/",
    "chain/inner",
    "chain/",
    "magic/etc/passwd",
    "magic/",
    "dangling",
    "./../",
    "sub/../..",
    "relative_file/",
    "relative_dir/.",
    "relative_dir/..",
    "up/granted/file",
};

TEST_P(ContainmentTest, opening_outside_is_refused) {
  for (const char* path : kWaysOut) {
    for (uint32_t oflags : {0u, kDirectory, kCreate, kTruncate, kCreate | kTruncate, kCreate | kExclusive}) {
      for (uint32_t lookup : {0u, 1u}) {
        for (Rights rights : {Rights(), Rights(Right::fd_read), Rights(Right::fd_read) | Right::fd_write}) {
          EXPECT_NE(guest->open(kFirst, path, oflags, rights, lookup).error, Errno::success)
              << path << ' ' << oflags << ' ' << lookup;
        }
      }
    }
  }
}

TEST_P(ContainmentTest, escapes_are_not_permitted_rather_than_missing) {
  for (const char* path :
       {"..", "../outside/secret", "/etc/passwd", "relative_file", "absolute_dir/inner", "up/outside"}) {
    EXPECT_EQ(guest->open(kFirst, path).error, Errno::perm) << path;
  }
}

TEST_P(ContainmentTest, what_is_outside_looks_like_what_is_not_there) {
  // A difference between the two would tell a guest what exists.
  std::filesystem::create_symlink("../outside/secret/x", granted / "through_file");
  std::filesystem::create_symlink("../outside/folder/x", granted / "through_folder");
  const std::vector<std::string> paths[] = {
      {"../outside/secret", "../outside/folder", "../outside/nothing", "../nothing/at/all",
       "../outside/secret/x"},
      {"relative_file", "relative_dir", "dangling", "through_file", "through_folder"},
      {"absolute_file", "absolute_dir", "magic"},
      {"up/outside/secret", "up/outside/nothing", "up/nothing"},
  };
  for (const std::vector<std::string>& alike : paths) {
    for (const std::string& path : alike) {
      const std::string& first = alike.front();
      EXPECT_EQ(guest->open(kFirst, path).error, guest->open(kFirst, first).error) << path;
      EXPECT_EQ(guest->open(kFirst, path, kCreate).error, guest->open(kFirst, first, kCreate).error) << path;
      EXPECT_EQ(guest->path_status(kFirst, path).error, guest->path_status(kFirst, first).error) << path;
      for (const char* function : {"path_create_directory", "path_remove_directory", "path_unlink_file"}) {
        if (!path.contains('/')) continue; // names of the preopen's own
        EXPECT_EQ(guest->on_path(function, kFirst, path), guest->on_path(function, kFirst, first)) << path;
      }
    }
  }
}

TEST_P(ContainmentTest, status_outside_is_refused) {
  for (const char* path : kWaysOut)
    EXPECT_NE(guest->path_status(kFirst, path, 1).error, Errno::success) << path;
  for (const char* path : kWaysOut) {
    Guest::Status status = guest->path_status(kFirst, path, 0);
    // Without following, a link that leads out may be seen for what it is.
    EXPECT_TRUE(status.error != Errno::success ||
                status.type == static_cast<uint64_t>(FileType::symbolic_link))
        << path;
  }
}

TEST_P(ContainmentTest, times_outside_cannot_be_set) {
  for (const char* path : kWaysOut) {
    for (uint32_t lookup : {0u, 1u})
      guest->call("path_filestat_set_times", kFirst, lookup, guest->put(path), strlen(path), 1, 1, 5);
  }
}

TEST_P(ContainmentTest, nothing_outside_is_created_or_removed) {
  for (std::string path : {"../new", "relative_dir/new", "absolute_dir/new", "up/new", "chain/new",
                           "up/outside/new", "magic/var/new"}) {
    for (const char* end : {"", "/", "/."}) {
      EXPECT_NE(guest->on_path("path_create_directory", kFirst, path + end), Errno::success) << path << end;
      EXPECT_NE(guest->symlink("x", kFirst, path + end), Errno::success) << path << end;
      EXPECT_NE(guest->open(kFirst, path + end, kCreate).error, Errno::success) << path << end;
      EXPECT_NE(guest->link(kFirst, "file", kFirst, path + end), Errno::success) << path << end;
      EXPECT_NE(guest->rename(kFirst, "file", kFirst, path + end), Errno::success) << path << end;
    }
  }
  for (const char* path : {"../outside/secret", "relative_dir/inner", "absolute_dir/inner",
                           "up/outside/secret", "chain/inner"}) {
    EXPECT_NE(guest->on_path("path_unlink_file", kFirst, path), Errno::success) << path;
    EXPECT_NE(guest->rename(kFirst, path, kFirst, "stolen"), Errno::success) << path;
    EXPECT_NE(guest->link(kFirst, path, kFirst, "stolen"), Errno::success) << path;
  }
  for (const char* path :
       {"../outside/folder", "relative_dir/", "absolute_dir/", "up/outside/folder", "up/", "chain/"}) {
    EXPECT_NE(guest->on_path("path_remove_directory", kFirst, path), Errno::success) << path;
    EXPECT_NE(guest->rename(kFirst, path, kFirst, "stolen"), Errno::success) << path;
  }
}

TEST_P(ContainmentTest, a_link_to_a_link_that_leads_out_links_the_link) {
  EXPECT_EQ(guest->link(kFirst, "relative_file", kFirst, "again"), Errno::success);
  EXPECT_EQ(guest->path_status(kFirst, "again", 0).type, static_cast<uint64_t>(FileType::symbolic_link));
  for (const char* path : {"relative_file/", "relative_dir/", "absolute_dir/", "up/", "magic/"}) {
    EXPECT_NE(guest->link(kFirst, path, kFirst, "stolen"), Errno::success) << path;
  }
  EXPECT_EQ(guest->link(kFirst, "relative_file", kFirst, "stolen", 1), Errno::inval);
  EXPECT_FALSE(scratch.exists("granted/stolen"));
}

TEST_P(ContainmentTest, creating_through_a_dangling_link_makes_nothing_outside) {
  for (uint32_t oflags : {kCreate, kCreate | kTruncate, kCreate | kExclusive}) {
    EXPECT_NE(guest->open(kFirst, "dangling", oflags).error, Errno::success);
    EXPECT_NE(guest->open(kFirst, "dangling/", oflags).error, Errno::success);
  }
  EXPECT_EQ(guest->on_path("path_create_directory", kFirst, "dangling"), Errno::exist);
  EXPECT_NE(guest->on_path("path_create_directory", kFirst, "dangling/"), Errno::success);
}

TEST_P(ContainmentTest, links_of_the_guest_lead_nowhere_outside) {
  EXPECT_EQ(guest->symlink("/etc/passwd", kFirst, "mine"), Errno::perm);
  EXPECT_EQ(guest->symlink("../outside/secret", kFirst, "mine"), Errno::success);
  EXPECT_EQ(guest->open(kFirst, "mine").error, Errno::perm);
  EXPECT_EQ(guest->symlink("../../outside/folder", kFirst, "sub/mine"), Errno::success);
  EXPECT_EQ(guest->open(kFirst, "sub/mine/inner").error, Errno::perm);
  EXPECT_EQ(guest->open(kFirst, "sub/mine/", kDirectory).error, Errno::perm);
}

TEST_P(ContainmentTest, links_that_stay_inside_work) {
  EXPECT_EQ(guest->symlink("../file", kFirst, "sub/up_and_down"), Errno::success);
  uint32_t fd = guest->open(kFirst, "sub/up_and_down").fd;
  EXPECT_EQ(guest->read(fd).text, "file");
  EXPECT_EQ(guest->open(kFirst, "sub/../sub/.//up_and_down").error, Errno::success);
  EXPECT_EQ(guest->symlink("sub", kFirst, "dir"), Errno::success);
  EXPECT_EQ(guest->open(kFirst, "dir/", kDirectory, kDirectoryRights, 0).error, Errno::success);
  EXPECT_EQ(guest->open(kFirst, "dir", kDirectory, kDirectoryRights, 0).error, Errno::notdir);
  EXPECT_EQ(guest->open(kFirst, "dir/new", kCreate).error, Errno::success);
  EXPECT_TRUE(scratch.exists("granted/sub/new"));
}

TEST_P(ContainmentTest, a_subdirectory_is_a_boundary_too) {
  uint32_t sub = guest->open(kFirst, "sub", kDirectory, kDirectoryRights).fd;
  EXPECT_EQ(guest->open(sub, "../file").error, Errno::perm);
  EXPECT_EQ(guest->open(sub, "..", kDirectory).error, Errno::perm);
  EXPECT_EQ(guest->rename(sub, "../file", sub, "file"), Errno::perm);
}

TEST_P(ContainmentTest, magic_links_lead_nowhere) {
  // The kernel would follow these to what a process has open, wherever that is.
  Config config;
  config.directory("/proc/self", "/");
  config.impl().resolution = GetParam();
  Guest process(std::move(config));
  std::string open_file = "fd/" + std::to_string(::dup(0));
  for (std::string path :
       {"root", "root/etc", "root/", "cwd", "cwd/.", "exe", "ns/mnt", "task/../root", open_file.c_str()}) {
    EXPECT_NE(process.open(kFirst, path, 0, Rights()).error, Errno::success) << path;
    EXPECT_NE(process.path_status(kFirst, path).error, Errno::success) << path;
  }
  EXPECT_EQ(process.open(kFirst, "status", 0, Right::fd_read).error, Errno::success);
  ::close(std::stoi(open_file.substr(3)));
}

TEST_P(ContainmentTest, loops_and_long_chains_end) {
  EXPECT_EQ(guest->symlink("loop", kFirst, "loop"), Errno::success);
  EXPECT_EQ(guest->open(kFirst, "loop").error, Errno::loop);
  EXPECT_EQ(guest->open(kFirst, "loop/x").error, Errno::loop);
  EXPECT_EQ(guest->symlink("even/x", kFirst, "odd"), Errno::success);
  EXPECT_EQ(guest->symlink("odd/x", kFirst, "even"), Errno::success);
  EXPECT_EQ(guest->open(kFirst, "odd").error, Errno::loop);
}

TEST_P(ContainmentTest, text_that_is_no_path_is_refused) {
  using namespace std::literals;
  for (std::string_view path : {"a\0b"sv, "file\0"sv, "\xff"sv, "\xc0\xaf"sv, "\xed\xa0\x80"sv,
                                "\xf4\x90\x80\x80"sv, "a\xc3"sv, "\x80"sv}) {
    EXPECT_EQ(guest->open(kFirst, path, kCreate).error, Errno::ilseq);
    EXPECT_EQ(guest->on_path("path_create_directory", kFirst, path), Errno::ilseq);
    EXPECT_EQ(guest->symlink(path, kFirst, "link"), Errno::ilseq);
  }
  EXPECT_EQ(guest->open(kFirst, "").error, Errno::noent);
  EXPECT_EQ(guest->open(kFirst, std::string(5000, 'a')).error, Errno::nametoolong);
  EXPECT_EQ(guest->open(kFirst, std::string(300, 'a')).error, Errno::nametoolong);
  EXPECT_EQ(guest->on_path("path_create_directory", kFirst, std::string(300, 'a')), Errno::nametoolong);
}

TEST_P(ContainmentTest, names_are_taken_as_they_are) {
  EXPECT_EQ(guest->open(kFirst, "FILE").error, Errno::noent);
  EXPECT_EQ(guest->open(kFirst, "grün ☃\n", kCreate).error, Errno::success);
  EXPECT_TRUE(scratch.exists("granted/grün ☃\n"));
}

TEST_P(ContainmentTest, trailing_slashes_ask_for_directories) {
  EXPECT_EQ(guest->open(kFirst, "file/").error, Errno::notdir);
  EXPECT_EQ(guest->open(kFirst, "sub/", 0, kDirectoryRights).error, Errno::success);
  EXPECT_NE(guest->open(kFirst, "new/", kCreate).error, Errno::success);
  EXPECT_EQ(guest->path_status(kFirst, "file/").error, Errno::notdir);
  EXPECT_EQ(guest->on_path("path_unlink_file", kFirst, "file/"), Errno::notdir);
  EXPECT_EQ(guest->on_path("path_unlink_file", kFirst, "sub/"), Errno::isdir);
  EXPECT_EQ(guest->rename(kFirst, "file/", kFirst, "new"), Errno::notdir);
  EXPECT_EQ(guest->link(kFirst, "file/", kFirst, "new"), Errno::notdir);
  EXPECT_EQ(guest->link(kFirst, "file", kFirst, "new/"), Errno::noent);
  EXPECT_EQ(guest->on_path("path_create_directory", kFirst, "new///"), Errno::success);
  EXPECT_EQ(guest->on_path("path_remove_directory", kFirst, "new///"), Errno::success);
}

TEST_P(ContainmentTest, dots_have_no_name_of_their_own) {
  for (const char* path : {".", "sub/.", "sub/..", "./"}) {
    EXPECT_EQ(guest->on_path("path_create_directory", kFirst, path), Errno::exist) << path;
    EXPECT_EQ(guest->on_path("path_remove_directory", kFirst, path), Errno::inval) << path;
    EXPECT_EQ(guest->on_path("path_unlink_file", kFirst, path), Errno::isdir) << path;
    EXPECT_EQ(guest->rename(kFirst, path, kFirst, "new"), Errno::busy) << path;
    EXPECT_EQ(guest->path_status(kFirst, path).error, Errno::success) << path;
  }
  EXPECT_EQ(guest->on_path("path_remove_directory", kFirst, ".."), Errno::perm);
}

TEST(PreopenTest, without_a_preopen_no_path_exists) {
  Guest guest;
  for (uint32_t fd = 0; fd < 8; ++fd) {
    for (const char* path : {".", "", "/", "etc/passwd"})
      EXPECT_NE(guest.open(fd, path).error, Errno::success);
  }
  EXPECT_EQ(guest.call("fd_prestat_get", 3, guest.allocate(8)), Errno::badf);
}

TEST(PreopenTest, a_read_only_preopen_refuses_every_change) {
  ScratchFolder folder;
  std::filesystem::create_directory(folder / "ro");
  std::filesystem::create_directory(folder / "rw");
  std::filesystem::create_directory(folder / "ro/dir");
  folder.write("ro/file", "file");
  folder.write("rw/mine", "mine");
  Config config;
  config.directory(folder / "ro", "/ro", Access::read_only).directory(folder / "rw", "/rw");
  Guest guest(std::move(config));
  auto before = snapshot(folder / "ro");
  constexpr uint32_t ro = kFirst, rw = kFirst + 1;

  EXPECT_EQ(guest.open(ro, "new", kCreate).error, Errno::rofs);
  EXPECT_EQ(guest.open(ro, "file", kTruncate).error, Errno::rofs);
  EXPECT_EQ(guest.open(ro, "file", 0, Right::fd_write).error, Errno::rofs);
  EXPECT_EQ(guest.open(ro, "file", kCreate, Right::fd_read).error, Errno::success);
  EXPECT_EQ(guest.open(ro, "file", kCreate | kExclusive, Right::fd_read).error, Errno::exist);
  EXPECT_EQ(guest.on_path("path_create_directory", ro, "new"), Errno::rofs);
  EXPECT_EQ(guest.on_path("path_remove_directory", ro, "dir"), Errno::rofs);
  EXPECT_EQ(guest.on_path("path_unlink_file", ro, "file"), Errno::rofs);
  EXPECT_EQ(guest.symlink("x", ro, "new"), Errno::rofs);
  EXPECT_EQ(guest.rename(ro, "file", rw, "stolen"), Errno::rofs);
  EXPECT_EQ(guest.rename(rw, "mine", ro, "new"), Errno::rofs);
  EXPECT_EQ(guest.rename(ro, "file", ro, "new"), Errno::rofs);
  EXPECT_EQ(guest.link(rw, "mine", ro, "new"), Errno::rofs);
  // A second name in the writable preopen would be a way to write.
  EXPECT_EQ(guest.link(ro, "file", rw, "stolen"), Errno::rofs);
  EXPECT_EQ(guest.call("path_filestat_set_times", ro, 1, guest.put("file"), 4, 1, 1, 5), Errno::rofs);

  uint32_t file = guest.open(ro, "file", 0, kFileRights - kChangingRights).fd;
  EXPECT_EQ(guest.read(file).text, "file");
  EXPECT_NE(guest.write(file, "x").error, Errno::success);
  EXPECT_NE(guest.call("fd_filestat_set_size", file, 0), Errno::success);
  EXPECT_NE(guest.call("fd_filestat_set_times", file, 1, 1, 5), Errno::success);
  EXPECT_NE(guest.call("fd_allocate", file, 0, 100), Errno::success);
  uint32_t dir = guest.open(ro, "dir", kDirectory, kDirectoryRights).fd;
  EXPECT_EQ(guest.open(dir, "new", kCreate).error, Errno::rofs);
  EXPECT_EQ(snapshot(folder / "ro"), before);
}

TEST(PreopenTest, renames_and_links_between_writable_preopens_work) {
  ScratchFolder folder;
  std::filesystem::create_directory(folder / "a");
  std::filesystem::create_directory(folder / "b");
  folder.write("a/file", "text");
  Config config;
  config.directory(folder / "a", "/a").directory(folder / "b", "/b");
  Guest guest(std::move(config));
  EXPECT_EQ(guest.link(kFirst, "file", kFirst + 1, "linked"), Errno::success);
  EXPECT_EQ(guest.rename(kFirst, "file", kFirst + 1, "moved"), Errno::success);
  EXPECT_EQ(folder.read("b/linked") + folder.read("b/moved"), "texttext");
}

TEST(PreopenTest, the_parent_of_a_preopen_has_the_number_of_the_preopen) {
  ScratchFolder folder;
  struct stat self;
  ASSERT_EQ(stat(folder.path().c_str(), &self), 0);
  Guest guest(std::move(Config().directory(folder.path(), "/")));
  uint32_t buffer = guest.allocate(256), used = guest.allocate(4);
  ASSERT_EQ(guest.call("fd_readdir", kFirst, buffer, 256, 0, used), Errno::success);
  for (uint32_t at = 0; at + Dirent::kSize <= guest.load<uint32_t>(used);) {
    uint32_t length = guest.load<uint32_t>(buffer + at + Dirent::kNameLength);
    if (guest.text(buffer + at + Dirent::kSize, length) == "..") {
      EXPECT_EQ(guest.load<uint64_t>(buffer + at + Dirent::kIno), self.st_ino);
    }
    at += Dirent::kSize + length;
  }
}

} // namespace

} // namespace swage::wasi
