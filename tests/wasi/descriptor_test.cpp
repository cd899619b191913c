// The table of descriptors: numbers, rights, and use from several threads.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "tests/wasi/guest.h"

namespace swage::wasi {

namespace {

struct DescriptorTest : testing::Test {
  ScratchFolder folder;
  Guest guest{std::move(Config().directory(folder.path().string(), "/"))};

  uint32_t open(std::string_view name) { return guest.open(kFirst, name, kCreate).fd; }
};

TEST_F(DescriptorTest, the_lowest_free_number_is_taken) {
  uint32_t a = open("a"), b = open("b"), c = open("c");
  EXPECT_EQ(a, 4u);
  EXPECT_EQ(b, 5u);
  EXPECT_EQ(guest.call("fd_close", a), Errno::success);
  EXPECT_EQ(open("d"), a);
  EXPECT_EQ(guest.call("fd_close", c), Errno::success);
  EXPECT_EQ(guest.call("fd_close", b), Errno::success);
  EXPECT_EQ(open("e"), b);
}

TEST_F(DescriptorTest, closing_twice_is_badf) {
  uint32_t fd = open("a");
  EXPECT_EQ(guest.call("fd_close", fd), Errno::success);
  EXPECT_EQ(guest.call("fd_close", fd), Errno::badf);
  EXPECT_EQ(guest.call("fd_close", 0xffffffffu), Errno::badf);
}

TEST_F(DescriptorTest, renumber_moves) {
  uint32_t a = open("a"), b = open("b");
  EXPECT_EQ(guest.call("fd_renumber", a, b), Errno::success);
  EXPECT_EQ(guest.call("fd_close", a), Errno::badf);
  guest.write(b, "via b");
  EXPECT_EQ(folder.read("a"), "via b");
}

TEST_F(DescriptorTest, renumber_onto_itself_changes_nothing) {
  uint32_t a = open("a");
  EXPECT_EQ(guest.call("fd_renumber", a, a), Errno::success);
  EXPECT_EQ(guest.write(a, "x").error, Errno::success);
}

TEST_F(DescriptorTest, renumber_from_or_onto_a_closed_one_is_badf) {
  uint32_t a = open("a");
  EXPECT_EQ(guest.call("fd_renumber", a, 77), Errno::badf);
  EXPECT_EQ(guest.call("fd_renumber", 77, a), Errno::badf);
  EXPECT_EQ(guest.call("fd_renumber", 77, 77), Errno::badf);
  EXPECT_EQ(guest.write(a, "x").error, Errno::success);
}

TEST_F(DescriptorTest, renumber_over_stdio_and_preopens_replaces_them) {
  uint32_t a = open("a"), b = open("b");
  EXPECT_EQ(guest.call("fd_renumber", a, 1), Errno::success);
  guest.write(1, "stdout");
  EXPECT_EQ(folder.read("a"), "stdout");
  EXPECT_EQ(guest.call("fd_renumber", b, kFirst), Errno::success);
  EXPECT_EQ(guest.call("fd_prestat_get", kFirst, guest.allocate(8)), Errno::badf);
  EXPECT_NE(guest.open(kFirst, "c", kCreate).error, Errno::success);
}

TEST_F(DescriptorTest, no_host_descriptor_leaks) {
  auto open_files = [] { return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}); };
  auto before = open_files();
  {
    Guest other(std::move(Config().directory(folder.path().string(), "/").listen("127.0.0.1:0")));
    for (int i = 0; i < 50; ++i) other.open(kFirst, "f" + std::to_string(i), kCreate);
    uint32_t a = other.open(kFirst, "x", kCreate).fd, b = other.open(kFirst, "y", kCreate).fd;
    other.call("fd_renumber", a, b);
    EXPECT_GT(open_files(), before + 50);
  }
  EXPECT_EQ(open_files(), before);
}

TEST_F(DescriptorTest, host_descriptors_are_close_on_exec) {
  auto open_files = [] {
    std::set<int> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
      found.insert(std::stoi(entry.path().filename()));
    std::erase_if(found, [](int fd) { return ::fcntl(fd, F_GETFD) < 0; }); // what listed them
    return found;
  };
  std::set<int> before = open_files();
  Config config;
  config.directory(folder.path().string(), "/").listen("127.0.0.1:0").inherit_stdin().inherit_stdout();
  config.stream_file(Stream::err, folder / "err");
  Guest other(std::move(config));
  other.open(kFirst, "a", kCreate);
  other.open(kFirst, ".", kDirectory, kDirectoryRights);
  size_t ours = 0;
  for (int fd : open_files()) {
    if (before.contains(fd)) continue;
    EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0) << fd;
    ++ours;
  }
  EXPECT_EQ(ours, 8u); // three streams, a preopen, a listener, two opened, the stop event
}

TEST_F(DescriptorTest, closing_an_inherited_stream_leaves_the_process_its_own) {
  Guest other(std::move(Config().inherit_stderr()));
  EXPECT_EQ(other.call("fd_close", 2), Errno::success);
  EXPECT_GE(::fcntl(2, F_GETFD), 0);
}

TEST_F(DescriptorTest, the_host_s_limit_is_mfile) {
  rlimit old;
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &old), 0);
  rlimit low = {64, old.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  Errno last = Errno::success;
  for (int i = 0; i < 100 && last == Errno::success; ++i) last = guest.open(kFirst, "a", kCreate).error;
  ::setrlimit(RLIMIT_NOFILE, &old);
  EXPECT_EQ(last, Errno::mfile);
}

TEST(DescriptorTableTest, has_a_limit_of_its_own) {
  DescriptorTable table;
  auto shared = std::make_shared<Descriptor>();
  for (uint32_t i = 0; i < DescriptorTable::kMaxDescriptors; ++i) ASSERT_TRUE(table.insert(shared));
  EXPECT_EQ(table.insert(shared).error(), Errno::mfile);
  EXPECT_EQ(table.close(static_cast<Fd>(100)), Errno::success);
  EXPECT_EQ(static_cast<uint32_t>(*table.insert(shared)), 100u);
}

TEST_F(DescriptorTest, use_after_close_in_another_thread_never_reaches_another_file) {
  // One thread opens, writes to and closes a file; the other uses the number all the while. Its writes must
  // land in that file or fail: never in the files that take its host descriptor's place.
  folder.write("victim", "untouched");
  std::atomic<bool> ends = false;
  std::thread user([&] {
    Guest scribbler;
    while (!ends) {
      const Function& write = *find_function("fd_write");
      scribbler.release();
      uint64_t raw[] = {4, scribbler.vector(scribbler.put("scribble"), 8), 1, 512};
      Call call{guest.context(), scribbler.memory(), write};
      write.invoke(call, raw);
    }
  });
  for (int i = 0; i < 3000; ++i) {
    guest.release();
    uint32_t fd = guest.open(kFirst, "scratch", kCreate, Right::fd_write).fd;
    guest.call("fd_close", fd);
    uint32_t other = guest.open(kFirst, "scratch", 0, Right::fd_read).fd;
    int host = ::open((folder / "victim").c_str(), O_RDWR | O_CLOEXEC);
    guest.call("fd_close", other);
    ::close(host);
  }
  ends = true;
  user.join();
  EXPECT_EQ(folder.read("victim"), "untouched");
}

TEST_F(DescriptorTest, rights_can_be_dropped_and_never_regained) {
  uint32_t fd = open("a");
  Guest::Stat stat = guest.fdstat(fd);
  EXPECT_TRUE(stat.base.has(Right::fd_write));
  Rights less = stat.base - Right::fd_write;
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", fd, less.bits, stat.inheriting.bits), Errno::success);
  EXPECT_EQ(guest.write(fd, "x").error, Errno::notcapable);
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", fd, stat.base.bits, stat.inheriting.bits), Errno::notcapable);
  EXPECT_EQ(guest.fdstat(fd).base, less);
}

TEST_F(DescriptorTest, rights_dropped_from_a_directory_are_dropped_beneath_it) {
  Guest::Stat stat = guest.fdstat(kFirst);
  Rights less = stat.inheriting - Right::fd_write;
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", kFirst, stat.base.bits, less.bits), Errno::success);
  EXPECT_EQ(guest.open(kFirst, "a", kCreate, Right::fd_write).error, Errno::notcapable);
  uint32_t dir = guest.open(kFirst, ".", kDirectory, kDirectoryRights).fd;
  EXPECT_EQ(guest.open(dir, "a", kCreate, Right::fd_write).error, Errno::notcapable);
  EXPECT_EQ(guest.open(dir, "a", kCreate, Right::fd_read).error, Errno::success);
}

TEST_F(DescriptorTest, each_path_function_needs_its_right) {
  open("file");
  struct Case {
    Right right;
    std::function<Errno()> call;
  };
  const Case cases[] = {
      {Right::path_create_directory, [&] { return guest.on_path("path_create_directory", kFirst, "d"); }},
      {Right::path_unlink_file, [&] { return guest.on_path("path_unlink_file", kFirst, "d"); }},
      {Right::path_remove_directory, [&] { return guest.on_path("path_remove_directory", kFirst, "d"); }},
      {Right::path_symlink, [&] { return guest.symlink("a", kFirst, "s"); }},
      {Right::path_rename_source, [&] { return guest.rename(kFirst, "file", kFirst, "file2"); }},
      {Right::path_rename_target, [&] { return guest.rename(kFirst, "file", kFirst, "file2"); }},
      {Right::path_link_source, [&] { return guest.link(kFirst, "file", kFirst, "file2"); }},
      {Right::path_filestat_get, [&] { return guest.path_status(kFirst, "file").error; }},
      {Right::path_create_file, [&] { return guest.open(kFirst, "file", kCreate).error; }},
      {Right::path_filestat_set_size, [&] { return guest.open(kFirst, "file", kTruncate).error; }},
      {Right::path_open, [&] { return guest.open(kFirst, "file").error; }},
  };
  for (const Case& c : cases) {
    Guest::Stat stat = guest.fdstat(kFirst);
    ASSERT_EQ(guest.call("fd_fdstat_set_rights", kFirst, (stat.base - c.right).bits, stat.inheriting.bits),
              Errno::success);
    EXPECT_EQ(c.call(), Errno::notcapable) << static_cast<uint32_t>(c.right);
  }
}

TEST_F(DescriptorTest, a_file_s_rights_are_those_of_files) {
  EXPECT_EQ(guest.fdstat(guest.open(kFirst, "a", kCreate, kAllRights).fd).base, kFileRights);
  EXPECT_EQ(guest.fdstat(guest.open(kFirst, ".", kDirectory, kDirectoryRights | Right::fd_seek).fd).base,
            kDirectoryRights);
}

} // namespace

} // namespace swage::wasi
