// poll_oneoff over clocks, files, pipes and sockets; sleeping is not spinning, and a stop ends it.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

#include <thread>

#include "tests/wasi/guest.h"

namespace swage::wasi {

namespace {

constexpr uint64_t kMillisecond = 1'000'000, kHour = 3600'000 * kMillisecond;

/// Builds subscriptions, and reads events back.
struct Subscriptions {
  Guest& guest;
  uint32_t in = guest.allocate(0), count = 0;

  uint32_t add(uint64_t userdata, uint8_t tag) {
    uint32_t at = guest.allocate(Subscription::kSize);
    std::memset(guest.memory().at(at), 0, Subscription::kSize);
    guest.memory().store(at + Subscription::kUserdata, userdata);
    guest.memory().store(at + Subscription::kTag, tag);
    ++count;
    return at;
  }
  void clock(uint64_t userdata, uint32_t id, uint64_t timeout, uint16_t flags = 0) {
    uint32_t at = add(userdata, 0);
    guest.memory().store(at + Subscription::kClockId, id);
    guest.memory().store(at + Subscription::kTimeout, timeout);
    guest.memory().store(at + Subscription::kClockFlags, flags);
  }
  void reads(uint64_t userdata, uint32_t fd) {
    guest.memory().store(add(userdata, 1) + Subscription::kFd, fd);
  }
  void writes(uint64_t userdata, uint32_t fd) {
    guest.memory().store(add(userdata, 2) + Subscription::kFd, fd);
  }

  struct Fired {
    uint64_t userdata;
    Errno error;
    uint8_t type;
    uint64_t bytes;
    uint16_t flags;
  };
  Errno error = Errno::success;
  std::vector<Fired> poll() {
    uint32_t out = guest.allocate(count * Event::kSize), n = guest.allocate(4);
    error = guest.call("poll_oneoff", in, out, count, n);
    std::vector<Fired> fired;
    for (uint32_t i = 0; error == Errno::success && i < guest.load<uint32_t>(n); ++i, out += Event::kSize) {
      fired.push_back({guest.load<uint64_t>(out),
                       static_cast<Errno>(guest.load<uint16_t>(out + Event::kError)),
                       guest.load<uint8_t>(out + Event::kType), guest.load<uint64_t>(out + Event::kBytes),
                       guest.load<uint16_t>(out + Event::kFlags)});
    }
    return fired;
  }
};

/// A guest whose stdin is the reading end of a pipe.
struct PipeTest : testing::Test {
  int ends[2] = {-1, -1};
  std::unique_ptr<Guest> guest;

  PipeTest() {
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    int saved = ::fcntl(0, F_DUPFD_CLOEXEC, 10);
    ::dup2(ends[0], 0);
    guest = std::make_unique<Guest>(std::move(Config().inherit_stdin()));
    ::dup2(saved, 0);
    ::close(saved);
  }
  ~PipeTest() override {
    ::close(ends[0]);
    if (ends[1] >= 0) ::close(ends[1]);
  }
};

/// The host's calls, with a count of the waits: a guest that waits is asleep, not asking again and again.
thread_local int waits = 0;
const Syscalls& counting_syscalls() {
  static const Syscalls sys = [] {
    Syscalls counting = kHostSyscalls;
    counting.ppoll = [](pollfd* fds, nfds_t count, const timespec* timeout) -> long {
      ++waits;
      return kHostSyscalls.ppoll(fds, count, timeout);
    };
    return counting;
  }();
  waits = 0;
  return sys;
}
Config counting() {
  Config config;
  config.impl().sys = &counting_syscalls();
  return config;
}

uint64_t now(clockid_t clock) {
  timespec time;
  ::clock_gettime(clock, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1000 * kMillisecond + static_cast<uint64_t>(time.tv_nsec);
}

TEST(PollTest, no_subscriptions_are_refused) {
  Guest guest;
  EXPECT_EQ(guest.call("poll_oneoff", 0, 0, 0, 16), Errno::inval);
}

TEST(PollTest, a_relative_sleep_takes_its_time_and_no_processor) {
  Guest guest(counting());
  Subscriptions polled{guest};
  polled.clock(7, 1, 50 * kMillisecond);
  uint64_t start = now(CLOCK_MONOTONIC);
  auto fired = polled.poll();
  EXPECT_GE(now(CLOCK_MONOTONIC) - start, 50 * kMillisecond);
  EXPECT_EQ(waits, 1);
  ASSERT_EQ(fired.size(), 1u);
  EXPECT_EQ(fired[0].userdata, 7u);
  EXPECT_EQ(fired[0].error, Errno::success);
}

TEST(PollTest, absolute_deadlines_of_both_clocks) {
  Guest guest;
  for (auto [id, host] : {std::pair{0u, CLOCK_REALTIME}, std::pair{1u, CLOCK_MONOTONIC}}) {
    Subscriptions polled{guest};
    uint64_t deadline = now(host) + 30 * kMillisecond;
    polled.clock(1, id, deadline, 1);
    EXPECT_EQ(polled.poll().size(), 1u);
    EXPECT_GE(now(host), deadline);
  }
}

TEST(PollTest, deadlines_in_the_past_are_over) {
  Guest guest;
  Subscriptions polled{guest};
  polled.clock(1, 0, 1, 1);
  polled.clock(2, 1, 1, 1);
  polled.clock(3, 0, 0, 1);
  polled.clock(4, 1, kHour);
  EXPECT_EQ(polled.poll().size(), 3u);
}

TEST(PollTest, only_the_earliest_of_several_clocks_fires) {
  Guest guest;
  Subscriptions polled{guest};
  polled.clock(1, 1, kHour);
  polled.clock(2, 1, 10 * kMillisecond);
  polled.clock(3, 0, now(CLOCK_REALTIME) + kHour, 1);
  polled.clock(4, 1, ~uint64_t{0});
  auto fired = polled.poll();
  ASSERT_EQ(fired.size(), 1u);
  EXPECT_EQ(fired[0].userdata, 2u);
}

TEST(PollTest, clocks_that_cannot_be_waited_for_are_inval) {
  Guest guest;
  for (uint32_t id : {2u, 3u, 4u, 99u}) {
    Subscriptions polled{guest};
    polled.clock(1, id, 1);
    auto fired = polled.poll();
    ASSERT_EQ(fired.size(), 1u);
    EXPECT_EQ(fired[0].error, Errno::inval);
  }
}

TEST(PollTest, an_unknown_kind_of_subscription_is_refused) {
  Guest guest;
  Subscriptions polled{guest};
  polled.add(1, 3);
  polled.poll();
  EXPECT_EQ(polled.error, Errno::inval);
}

TEST(PollTest, a_clock_of_the_embedder_that_stands_still_does_not_hang) {
  auto still = [] { return uint64_t{1000}; };
  Guest guest(std::move(Config().clocks(still, still)));
  Subscriptions polled{guest};
  polled.clock(1, 0, 1000 + 5 * kMillisecond, 1);
  EXPECT_EQ(polled.poll().size(), 1u);
}

TEST(PollTest, files_and_callbacks_are_always_ready) {
  ScratchFolder folder;
  folder.write("a", "12345");
  Guest guest(
      std::move(Config().directory(folder.path(), "/").stdout_to([](auto bytes) { return bytes.size(); })));
  uint32_t fd = guest.open(kFirst, "a").fd;
  Subscriptions polled{guest};
  polled.reads(1, fd);
  polled.writes(2, fd);
  polled.writes(3, 1);
  polled.reads(4, 0);
  polled.clock(5, 1, kHour);
  auto fired = polled.poll();
  ASSERT_EQ(fired.size(), 4u);
  EXPECT_EQ(fired[0].bytes, 5u);
}

TEST(PollTest, a_number_that_is_not_open_is_an_event_of_its_own) {
  Guest guest;
  Subscriptions polled{guest};
  polled.reads(1, 77);
  polled.clock(2, 1, kHour);
  auto fired = polled.poll();
  ASSERT_EQ(fired.size(), 1u);
  EXPECT_EQ(fired[0].error, Errno::badf);
}

TEST_F(PipeTest, data_wakes_the_poll) {
  Subscriptions polled{*guest};
  polled.reads(1, 0);
  polled.clock(2, 1, kHour);
  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    EXPECT_EQ(::write(ends[1], "abc", 3), 3);
  });
  auto fired = polled.poll();
  writer.join();
  ASSERT_EQ(fired.size(), 1u);
  EXPECT_EQ(fired[0].userdata, 1u);
  EXPECT_EQ(fired[0].bytes, 3u);
}

TEST_F(PipeTest, the_writer_s_end_is_a_hangup) {
  ::close(std::exchange(ends[1], -1));
  Subscriptions polled{*guest};
  polled.reads(1, 0);
  auto fired = polled.poll();
  ASSERT_EQ(fired.size(), 1u);
  EXPECT_EQ(fired[0].flags, 1u);
  EXPECT_EQ(fired[0].error, Errno::success);
}

TEST_F(PipeTest, a_quiet_pipe_times_out) {
  Subscriptions polled{*guest};
  polled.reads(1, 0);
  polled.reads(2, 0);
  polled.clock(3, 1, 10 * kMillisecond);
  auto fired = polled.poll();
  ASSERT_EQ(fired.size(), 1u);
  EXPECT_EQ(fired[0].userdata, 3u);
}

TEST_F(PipeTest, clocks_files_pipes_and_sockets_wait_together) {
  int saved = ::fcntl(0, F_DUPFD_CLOEXEC, 10);
  ::dup2(ends[0], 0);
  Guest waiting(std::move(counting().inherit_stdin().listen("127.0.0.1:0")));
  ::dup2(saved, 0);
  ::close(saved);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(*waiting.api().listening_port(0));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  auto subscribe = [&] {
    Subscriptions polled{waiting};
    polled.clock(1, 1, kHour);
    polled.clock(2, 0, now(CLOCK_REALTIME) + kHour, 1);
    polled.reads(3, 0);
    polled.reads(4, kFirst);
    return polled;
  };
  Subscriptions before = subscribe();
  std::thread connecting([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    EXPECT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  });
  auto fired = before.poll();
  connecting.join();
  ASSERT_EQ(fired.size(), 1u);
  EXPECT_EQ(fired[0].userdata, 4u);
  EXPECT_EQ(fired[0].error, Errno::success);
  EXPECT_EQ(waits, 1);

  // A connection, once there is one, and the pipe beside it.
  uint32_t accepted = waiting.allocate(4);
  ASSERT_EQ(waiting.call("sock_accept", kFirst, 0, accepted), Errno::success);
  ASSERT_EQ(::send(client, "12345", 5, 0), 5);
  ASSERT_EQ(::write(ends[1], "123", 3), 3);
  Subscriptions after = subscribe();
  after.reads(5, waiting.load<uint32_t>(accepted));
  after.writes(6, waiting.load<uint32_t>(accepted));
  fired = after.poll();
  ASSERT_EQ(fired.size(), 3u);
  EXPECT_EQ(fired[0].bytes, 3u);
  EXPECT_EQ(fired[1].bytes, 5u);
  EXPECT_EQ(fired[2].userdata, 6u);
  ::close(client);
}

TEST_F(PipeTest, a_stop_ends_a_sleep) {
  Subscriptions polled{*guest};
  polled.clock(1, 1, kHour);
  polled.reads(2, 0);
  std::thread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    guest->api().stop();
  });
  polled.poll();
  stopper.join();
  EXPECT_EQ(guest->ending, Ending::interrupted);
}

TEST(PollTest, a_stop_ends_a_read_of_an_interruptible_guest) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  int saved = ::fcntl(0, F_DUPFD_CLOEXEC, 10);
  ::dup2(ends[0], 0);
  Guest guest(std::move(Config().inherit_stdin().interruptible()));
  ::dup2(saved, 0);
  ::close(saved);
  std::thread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    guest.api().stop();
  });
  guest.read(0);
  stopper.join();
  EXPECT_EQ(guest.ending, Ending::interrupted);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(PollTest, many_subscriptions_to_one_descriptor) {
  ScratchFolder folder;
  Guest guest(std::move(Config().directory(folder.path(), "/")));
  uint32_t fd = guest.open(kFirst, "a", kCreate).fd;
  Subscriptions polled{guest};
  for (uint64_t i = 0; i < 5000; ++i) polled.writes(i, fd);
  EXPECT_EQ(polled.poll().size(), 5000u);
}

} // namespace

} // namespace swage::wasi
