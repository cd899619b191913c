// Bytes in and out of descriptors: positions, partial transfers, streams.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/wasi/guest.h"

namespace swage::wasi {

namespace {

struct IoTest : testing::Test {
  ScratchFolder folder;
  Guest guest{std::move(Config().directory(folder.path().string(), "/"))};

  uint32_t open(std::string_view name, uint32_t oflags = 0) { return guest.open(kFirst, name, oflags).fd; }
};

TEST_F(IoTest, writes_then_reads_back) {
  uint32_t fd = open("a", kCreate);
  EXPECT_EQ(guest.write(fd, "hello").count, 5u);
  uint32_t out = guest.allocate(8);
  EXPECT_EQ(guest.call("fd_seek", fd, 0, 0, out), Errno::success);
  EXPECT_EQ(guest.read(fd).text, "hello");
  EXPECT_EQ(folder.read("a"), "hello");
}

TEST_F(IoTest, gathers_and_scatters_across_vectors) {
  uint32_t fd = open("a", kCreate);
  uint32_t pairs = guest.allocate(24), count = guest.allocate(4);
  for (uint32_t i = 0; i < 3; ++i) {
    guest.memory().store(pairs + 8 * i, guest.put(std::string(i, 'x') + "|"));
    guest.memory().store(pairs + 8 * i + 4, i + 1);
  }
  EXPECT_EQ(guest.call("fd_write", fd, pairs, 3, count), Errno::success);
  EXPECT_EQ(guest.load<uint32_t>(count), 6u);
  EXPECT_EQ(folder.read("a"), "|x|xx|");
}

TEST_F(IoTest, more_vectors_than_the_host_takes_is_a_short_write) {
  uint32_t fd = open("a", kCreate);
  constexpr uint32_t kPairs = 1500;
  uint32_t pairs = guest.allocate(kPairs * 8), count = guest.allocate(4), byte = guest.put("z");
  for (uint32_t i = 0; i < kPairs; ++i) {
    guest.memory().store(pairs + 8 * i, byte);
    guest.memory().store(pairs + 8 * i + 4, 1u);
  }
  EXPECT_EQ(guest.call("fd_write", fd, pairs, kPairs, count), Errno::success);
  EXPECT_EQ(guest.load<uint32_t>(count), 1024u);
  EXPECT_EQ(folder.read("a"), std::string(1024, 'z'));
}

TEST_F(IoTest, empty_vectors_do_not_hide_the_data_behind_them) {
  uint32_t fd = open("a", kCreate);
  constexpr uint32_t kPairs = 1100;
  uint32_t pairs = guest.allocate(kPairs * 8), count = guest.allocate(4);
  guest.memory().store(pairs + 8 * (kPairs - 1), guest.put("z"));
  guest.memory().store(pairs + 8 * (kPairs - 1) + 4, 1u);
  EXPECT_EQ(guest.call("fd_write", fd, pairs, kPairs, count), Errno::success);
  EXPECT_EQ(guest.load<uint32_t>(count), 1u);
}

TEST_F(IoTest, pread_and_pwrite_leave_the_position) {
  folder.write("a", "0123456789");
  uint32_t fd = open("a");
  uint32_t buffer = guest.allocate(4), out = guest.allocate(8);
  EXPECT_EQ(guest.call("fd_pread", fd, guest.vector(buffer, 4), 1, 3, out), Errno::success);
  EXPECT_EQ(guest.text(buffer, 4), "3456");
  EXPECT_EQ(guest.call("fd_pwrite", fd, guest.vector(guest.put("AB"), 2), 1, 8, out), Errno::success);
  EXPECT_EQ(guest.call("fd_tell", fd, out), Errno::success);
  EXPECT_EQ(guest.load<uint64_t>(out), 0u);
  EXPECT_EQ(folder.read("a"), "01234567AB");
}

TEST_F(IoTest, pread_beyond_any_offset_is_refused) {
  uint32_t fd = open("a", kCreate), out = guest.allocate(4);
  EXPECT_EQ(guest.call("fd_pread", fd, guest.vector(guest.allocate(4), 4), 1, ~uint64_t{0}, out),
            Errno::inval);
}

TEST_F(IoTest, seek_before_the_start_is_refused) {
  uint32_t fd = open("a", kCreate), out = guest.allocate(8);
  EXPECT_EQ(guest.call("fd_seek", fd, static_cast<uint64_t>(-1), 0, out), Errno::inval);
  EXPECT_EQ(guest.call("fd_seek", fd, 0, 3, out), Errno::inval);
}

TEST_F(IoTest, append_writes_at_the_end) {
  folder.write("a", "one");
  uint32_t fd = guest.open(kFirst, "a", 0, kFileRights, 1, FdFlags(FdFlagsBit::append).bits).fd;
  guest.write(fd, "two");
  EXPECT_EQ(folder.read("a"), "onetwo");
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", fd, 0), Errno::success);
  uint32_t out = guest.allocate(8);
  guest.call("fd_seek", fd, 0, 0, out);
  guest.write(fd, "ONE");
  EXPECT_EQ(folder.read("a"), "ONEtwo");
}

TEST_F(IoTest, directories_cannot_be_read_or_sought) {
  uint32_t out = guest.allocate(8);
  EXPECT_EQ(guest.read(kFirst).error, Errno::isdir);
  EXPECT_EQ(guest.write(kFirst, "x").error, Errno::isdir);
  EXPECT_EQ(guest.call("fd_seek", kFirst, 0, 0, out), Errno::isdir);
  EXPECT_EQ(guest.call("fd_tell", kFirst, out), Errno::isdir);
}

TEST_F(IoTest, a_fifo_without_a_reader_gives_pipe_and_does_not_end_the_process) {
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  int reader = ::open((folder / "fifo").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  uint32_t fd = guest.open(kFirst, "fifo", 0, Right::fd_write).fd;
  ::close(reader);
  EXPECT_EQ(guest.write(fd, "x").error, Errno::pipe);
}

TEST(StreamTest, null_streams_are_empty_and_swallow) {
  Guest guest;
  EXPECT_EQ(guest.read(0).text, "");
  EXPECT_EQ(guest.write(1, "dropped").count, 7u);
  EXPECT_EQ(guest.write(0, "x").error, Errno::notcapable);
  EXPECT_EQ(guest.read(1).error, Errno::notcapable);
}

TEST(StreamTest, callbacks_get_and_give_bytes) {
  std::string out, err;
  auto sink = [](std::string& text) {
    return [&text](std::span<const std::byte> bytes) {
      text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return bytes.size();
    };
  };
  auto source = [](std::span<std::byte> room) {
    std::memcpy(room.data(), "in", 2);
    return size_t{2};
  };
  Guest guest(std::move(Config().stdin_from(source).stdout_to(sink(out)).stderr_to(sink(err))));
  EXPECT_EQ(guest.read(0).text, "in");
  guest.write(1, "out");
  guest.write(2, "err");
  EXPECT_EQ(out + err, "outerr");
}

TEST(StreamTest, a_callback_that_takes_less_makes_a_short_write) {
  Guest guest(
      std::move(Config().stdout_to([](std::span<const std::byte> bytes) { return bytes.size() / 2; })));
  EXPECT_EQ(guest.write(1, "12345678").count, 4u);
}

TEST(StreamTest, streams_cannot_seek) {
  Guest guest(std::move(Config().stdin_from([](std::span<std::byte>) { return size_t{0}; })));
  uint32_t out = guest.allocate(8);
  EXPECT_EQ(guest.call("fd_seek", 0, 0, 0, out), Errno::spipe);
  EXPECT_EQ(guest.call("fd_tell", 0, out), Errno::spipe);
}

TEST(StreamTest, streams_to_and_from_files) {
  ScratchFolder folder;
  folder.write("in", "from a file");
  folder.write("out", "what was there before");
  Config config;
  config.stream_file(Stream::in, folder / "in").stream_file(Stream::out, folder / "out");
  Guest guest(std::move(config));
  EXPECT_EQ(guest.read(0).text, "from a file");
  guest.write(1, "new");
  EXPECT_EQ(folder.read("out"), "new");
}

/// Replaces a standard stream of the process for one test.
class ReplacedStream {
public:
  ReplacedStream(int stream, int with) : stream_(stream), saved_(::fcntl(stream, F_DUPFD_CLOEXEC, 10)) {
    ::dup2(with, stream);
  }
  ~ReplacedStream() {
    ::dup2(saved_, stream_);
    ::close(saved_);
  }

private:
  int stream_, saved_;
};

TEST(StreamTest, a_closed_stdout_pipe_ends_the_guest_quietly) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  ::close(ends[0]);
  ReplacedStream replaced(1, ends[1]);
  ::close(ends[1]);
  ::signal(SIGPIPE, SIG_IGN);
  Guest guest(std::move(Config().inherit_stdout()));
  EXPECT_EQ(guest.write(1, "x").error, Errno::pipe);
  EXPECT_EQ(guest.ending, Ending::exits);
  EXPECT_EQ(guest.exit_status, 141);
  ::signal(SIGPIPE, SIG_DFL);
}

TEST(StreamTest, nonblocking_stdin_leaves_the_shared_pipe_blocking) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  ReplacedStream replaced(0, ends[0]);
  Guest guest(std::move(Config().inherit_stdin()));
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", 0, FdFlags(FdFlagsBit::nonblock).bits), Errno::success);
  EXPECT_EQ(guest.read(0).error, Errno::again);
  EXPECT_EQ(::fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  EXPECT_EQ(guest.read(0).text, "x");
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(StreamTest, a_terminal_and_nothing_else_looks_like_one) {
  // What a guest's libc asks: a character device that cannot seek.
  auto is_terminal = [](const Guest::Stat& stat) {
    return stat.type == static_cast<uint8_t>(FileType::character_device) && !stat.base.has(Right::fd_seek) &&
           !stat.base.has(Right::fd_tell);
  };
  int terminal = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC),
      null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (terminal < 0 || ::grantpt(terminal) != 0 || ::unlockpt(terminal) != 0)
    GTEST_SKIP() << "no terminals here";
  {
    ReplacedStream replaced(0, terminal);
    Guest guest(std::move(Config().inherit_stdin()));
    EXPECT_TRUE(is_terminal(guest.fdstat(0)));
  }
  {
    ReplacedStream replaced(0, null);
    Guest guest(std::move(Config().inherit_stdin()));
    EXPECT_FALSE(is_terminal(guest.fdstat(0)));
    EXPECT_FALSE(is_terminal(guest.fdstat(1)));
  }
  ::close(terminal);
  ::close(null);
}

} // namespace

} // namespace swage::wasi
