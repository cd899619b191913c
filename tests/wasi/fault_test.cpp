// System calls that fail or fall short, injected: the guest sees the right number, and no byte is lost or
// doubled.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <random>

#include "tests/wasi/guest.h"

namespace swage::wasi {

namespace {

// The table holds plain functions, so what they do next stands here; each test runs in one thread.
thread_local int failures_left = 0;
thread_local long failure = 0;

/// Fails while there are failures left, else does what the host does.
template<auto member> struct Failing;
template<class... A, long (*Syscalls::*member)(A...)> struct Failing<member> {
  static long call(A... arguments) {
    if (failures_left > 0) {
      --failures_left;
      return -failure;
    }
    return (kHostSyscalls.*member)(arguments...);
  }
};

long short_readv(int fd, const iovec* iov, int) {
  iovec one = {iov->iov_base, std::min<size_t>(iov->iov_len, 3)};
  return kHostSyscalls.read_vectors(fd, &one, 1);
}
long short_writev(int fd, const iovec* iov, int) {
  iovec one = {iov->iov_base, std::min<size_t>(iov->iov_len, 3)};
  return kHostSyscalls.write_vectors(fd, &one, 1);
}
long short_getrandom(void* buffer, size_t size, unsigned flags) {
  return kHostSyscalls.getrandom(buffer, std::min<size_t>(size, 7), flags);
}

struct FaultTest : testing::Test {
  ScratchFolder folder;
  Syscalls sys = kHostSyscalls;
  std::unique_ptr<Guest> guest;
  uint32_t fd = 0;

  /// Fails the next `times` calls of one system call.
  template<auto member> void inject(int error, int times = 1) {
    sys.*member = &Failing<member>::call;
    failure = error;
    failures_left = times;
  }
  void SetUp() override {
    failures_left = 0;
    Config config;
    config.directory(folder.path(), "/");
    config.impl().sys = &sys;
    guest = std::make_unique<Guest>(std::move(config));
    fd = guest->open(kFirst, "file", kCreate).fd;
  }
};

TEST_F(FaultTest, a_full_disk_is_nospc_and_writes_nothing) {
  inject<&Syscalls::write_vectors>(ENOSPC);
  EXPECT_EQ(guest->write(fd, "lost?").error, Errno::nospc);
  EXPECT_EQ(guest->write(fd, "kept").error, Errno::success);
  EXPECT_EQ(folder.read("file"), "kept");
}

TEST_F(FaultTest, an_io_error_is_io) {
  inject<&Syscalls::read_vectors>(EIO);
  EXPECT_EQ(guest->read(fd).error, Errno::io);
  inject<&Syscalls::fsync>(EIO);
  EXPECT_EQ(guest->call("fd_sync", fd), Errno::io);
  inject<&Syscalls::getdents64>(EIO);
  EXPECT_EQ(guest->call("fd_readdir", kFirst, 1024, 256, 0, 512), Errno::io);
}

TEST_F(FaultTest, an_interrupted_call_is_repeated_once_not_doubled) {
  inject<&Syscalls::write_vectors>(EINTR, 3);
  EXPECT_EQ(guest->write(fd, "once").count, 4u);
  EXPECT_EQ(folder.read("file"), "once");
  inject<&Syscalls::openat2>(EINTR, 3);
  EXPECT_EQ(guest->open(kFirst, "file").error, Errno::success);
  inject<&Syscalls::getrandom>(EINTR, 3);
  EXPECT_EQ(guest->call("random_get", 1024, 16), Errno::success);
  inject<&Syscalls::ftruncate>(EINTR, 3);
  EXPECT_EQ(guest->call("fd_filestat_set_size", fd, 2), Errno::success);
}

TEST_F(FaultTest, an_interrupted_sleep_goes_on) {
  inject<&Syscalls::ppoll>(EINTR, 3);
  uint32_t in = guest->allocate(48);
  guest->memory().store<uint32_t>(in + Subscription::kClockId, 1);
  guest->memory().store<uint64_t>(in + Subscription::kTimeout, 2'000'000);
  EXPECT_EQ(guest->call("poll_oneoff", in, guest->allocate(32), 1, 512), Errno::success);
  EXPECT_EQ(guest->load<uint32_t>(512), 1u);
}

TEST_F(FaultTest, an_interrupted_call_of_a_stopped_guest_ends_it) {
  inject<&Syscalls::read_vectors>(EINTR, 1'000'000'000);
  guest->api().stop();
  guest->read(fd);
  EXPECT_EQ(guest->ending, Ending::interrupted);
}

TEST_F(FaultTest, no_descriptor_left_is_mfile_and_leaks_no_number) {
  inject<&Syscalls::openat2>(EMFILE);
  EXPECT_EQ(guest->open(kFirst, "file").error, Errno::mfile);
  EXPECT_EQ(guest->open(kFirst, "file").fd, fd + 1);
}

TEST_F(FaultTest, a_file_whose_status_is_refused_is_closed_again) {
  size_t before = guest->context().table.open_count();
  inject<&Syscalls::fstat>(EIO);
  EXPECT_EQ(guest->open(kFirst, "file").error, Errno::io);
  EXPECT_EQ(guest->context().table.open_count(), before);
}

TEST_F(FaultTest, short_writes_are_reported_as_they_are) {
  sys.write_vectors = &short_writev;
  std::string_view text = "0123456789";
  while (!text.empty()) {
    Guest::Counted written = guest->write(fd, text);
    ASSERT_EQ(written.error, Errno::success);
    ASSERT_LE(written.count, 3u);
    text.remove_prefix(written.count);
  }
  EXPECT_EQ(folder.read("file"), "0123456789");
}

TEST_F(FaultTest, short_reads_are_reported_as_they_are) {
  folder.write("file", "0123456789");
  sys.read_vectors = &short_readv;
  std::string text;
  for (;;) {
    Guest::Transferred got = guest->read(fd);
    ASSERT_EQ(got.error, Errno::success);
    if (got.text.empty()) break;
    text += got.text;
  }
  EXPECT_EQ(text, "0123456789");
}

TEST_F(FaultTest, short_random_bytes_are_completed) {
  sys.getrandom = &short_getrandom;
  uint32_t buffer = guest->allocate(64);
  EXPECT_EQ(guest->call("random_get", buffer, 64), Errno::success);
  EXPECT_NE(guest->text(buffer + 48, 16), std::string(16, '\0'));
}

/// Fails or falls short at random.
struct Mischief {
  static inline std::mt19937 random{7};
  /// How many bytes this call may move, or the negative of an error.
  static long luck(size_t wanted) {
    switch (random() % 6) {
    case 0: return -EINTR;
    case 1: return -EIO;
    case 2: return -ENOSPC;
    default: return static_cast<long>(std::min<size_t>(wanted, 1 + random() % 5000));
    }
  }
  static long read(int file, const iovec* iov, int) {
    long bytes = luck(iov->iov_len);
    return bytes < 0 ? bytes : ::read(file, iov->iov_base, static_cast<size_t>(bytes));
  }
  static long write(int file, const iovec* iov, int) {
    long bytes = luck(iov->iov_len);
    return bytes < 0 ? bytes : ::write(file, iov->iov_base, static_cast<size_t>(bytes));
  }
};

TEST_F(FaultTest, a_copy_that_meets_every_fault_and_goes_on_is_exact) {
  std::string source;
  for (uint32_t i = 0; i < 100'000; ++i) source += static_cast<char>(i * 2654435761u >> 24);
  folder.write("source", source);
  uint32_t in = guest->open(kFirst, "source").fd;
  sys.read_vectors = &Mischief::read;
  sys.write_vectors = &Mischief::write;
  int faults = 0;
  auto must_be_reported = [&](Errno error) {
    EXPECT_TRUE(error == Errno::io || error == Errno::nospc) << to_string(error);
    ++faults;
  };
  for (;;) {
    guest->release();
    Guest::Transferred got = guest->read(in, 4096);
    if (got.error != Errno::success) {
      must_be_reported(got.error);
      continue;
    }
    if (got.text.empty()) break;
    for (std::string_view rest = got.text; !rest.empty();) {
      Guest::Counted put = guest->write(fd, rest);
      if (put.error == Errno::success)
        rest.remove_prefix(put.count);
      else
        must_be_reported(put.error);
    }
  }
  EXPECT_GT(faults, 10);
  EXPECT_EQ(folder.read("file"), source);
}

TEST_F(FaultTest, a_deadline_that_needs_a_descriptor_is_mfile_without_one) {
  inject<&Syscalls::timerfd>(EMFILE);
  uint32_t in = guest->allocate(48);
  guest->memory().store<uint64_t>(in + Subscription::kTimeout, ~uint64_t{0} / 2);
  guest->memory().store<uint16_t>(in + Subscription::kClockFlags, 1);
  EXPECT_EQ(guest->call("poll_oneoff", in, guest->allocate(32), 1, 512), Errno::mfile);
}

TEST_F(FaultTest, a_connection_that_needs_a_descriptor_is_mfile_without_one) {
  Config config;
  config.listen("127.0.0.1:0");
  config.impl().sys = &sys;
  Guest server(std::move(config));
  inject<&Syscalls::accept4>(EMFILE);
  size_t before = server.context().table.open_count();
  EXPECT_EQ(server.call("sock_accept", kFirst, 0, server.allocate(4)), Errno::mfile);
  EXPECT_EQ(server.context().table.open_count(), before);
}

TEST_F(FaultTest, a_path_on_a_slow_file_system_survives_signals) {
  for (Resolution resolution : {Resolution::kernel, Resolution::walk}) {
    guest->context().resolution = resolution;
    inject<&Syscalls::openat2>(EINTR, 2);
    sys.openat = &Failing<&Syscalls::openat>::call;
    EXPECT_EQ(guest->path_status(kFirst, "file").error, Errno::success);
    EXPECT_EQ(failures_left, 0);
  }
}

TEST_F(FaultTest, a_host_without_descriptors_makes_no_context) {
  inject<&Syscalls::openat>(EMFILE);
  Config config;
  config.directory(folder.path(), "/");
  config.impl().sys = &sys;
  Expected<std::unique_ptr<Context>> context = Context::create(std::move(config));
  ASSERT_FALSE(context);
  EXPECT_EQ(context.error().code, ErrorCode::io);
}

TEST_F(FaultTest, a_directory_that_disappears_is_noent) {
  std::filesystem::create_directory(folder / "dir");
  uint32_t dir = guest->open(kFirst, "dir", kDirectory, kDirectoryRights).fd;
  std::filesystem::remove(folder / "dir");
  EXPECT_EQ(guest->open(dir, "new", kCreate).error, Errno::noent);
  EXPECT_EQ(guest->on_path("path_create_directory", dir, "new"), Errno::noent);
  EXPECT_EQ(guest->status(dir).nlink, 0u);
}

TEST_F(FaultTest, a_kernel_without_openat2_is_walked) {
  inject<&Syscalls::openat2>(ENOSYS, 1'000'000'000);
  EXPECT_EQ(guest->open(kFirst, "file").error, Errno::success);
  EXPECT_EQ(guest->context().resolution.load(), Resolution::walk);
  EXPECT_EQ(guest->open(kFirst, "../outside").error, Errno::perm);
}

TEST_F(FaultTest, a_sandbox_that_does_not_know_openat2_is_walked) {
  inject<&Syscalls::openat2>(EPERM, 1'000'000'000);
  EXPECT_EQ(guest->open(kFirst, "file").error, Errno::success);
  EXPECT_EQ(guest->context().resolution.load(), Resolution::walk);
}

TEST_F(FaultTest, an_endless_race_is_walked) {
  inject<&Syscalls::openat2>(EAGAIN, 1'000'000'000);
  EXPECT_EQ(guest->open(kFirst, "file").error, Errno::success);
  EXPECT_EQ(guest->context().resolution.load(), Resolution::kernel);
}

TEST_F(FaultTest, numbers_that_preview_1_does_not_know_are_io) {
  inject<&Syscalls::write_vectors>(EUCLEAN);
  EXPECT_EQ(guest->write(fd, "x").error, Errno::io);
}

} // namespace

} // namespace swage::wasi
