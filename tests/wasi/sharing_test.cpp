// Several threads of one program in one context. Whatever the order of their calls, the outcome must be that
// of some order; ThreadSanitizer, which runs these tests too, sees what goes without one.
#include <algorithm>
#include <random>
#include <thread>

#include "tests/wasi/guest.h"
#include "wasi/trace.h"

namespace swage::wasi {

namespace {

constexpr uint32_t kThreads = 4;

/// A main guest, and threads that share its context but not its memory.
struct SharingTest : testing::Test {
  ScratchFolder folder;
  Guest guest{[this] {
    Config config;
    config.directory(folder.path(), "/").file("/m/file", std::vector<std::byte>(10'000, std::byte{'m'}));
    return config;
  }()};

  template<class F> void on_threads(F body) {
    std::vector<std::jthread> threads;
    for (uint32_t number = 0; number < kThreads; ++number)
      threads.emplace_back([this, number, &body] {
        Guest thread(guest);
        body(thread, number);
      });
  }
};

TEST_F(SharingTest, a_number_belongs_to_the_thread_that_opened_it) {
  on_threads([](Guest& thread, uint32_t number) {
    std::string name = "file" + std::to_string(number);
    for (int i = 0; i < 300; ++i) {
      thread.release();
      uint32_t fd = thread.open(kFirst, name, kCreate | kTruncate).fd;
      ASSERT_EQ(thread.write(fd, name).count, name.size());
      uint32_t buffer = thread.allocate(16), count = thread.allocate(4);
      ASSERT_EQ(thread.call("fd_pread", fd, thread.vector(buffer, 16), 1, 0, count), Errno::success);
      ASSERT_EQ(thread.text(buffer, thread.load<uint32_t>(count)), name);
      ASSERT_EQ(thread.call("fd_close", fd), Errno::success);
    }
  });
  EXPECT_EQ(guest.context().table.open_count(), 5u);
}

TEST_F(SharingTest, appended_records_are_whole) {
  uint32_t fd = guest.open(kFirst, "log", kCreate, kFileRights, 1, FdFlags(FdFlagsBit::append).bits).fd;
  on_threads([fd](Guest& thread, uint32_t number) {
    std::string record(16, static_cast<char>('a' + number));
    for (int i = 0; i < 300; ++i) {
      thread.release();
      ASSERT_EQ(thread.write(fd, record).count, record.size());
    }
  });
  std::string log = folder.read("log");
  ASSERT_EQ(log.size(), kThreads * 300 * 16);
  for (size_t at = 0; at < log.size(); at += 16) EXPECT_EQ(log.substr(at, 16), std::string(16, log[at]));
}

TEST_F(SharingTest, bytes_of_a_memory_file_are_read_once_each) {
  uint32_t fd = guest.open(kFirst + 1, "file", 0, kFileRights - kChangingRights).fd;
  std::atomic<size_t> total = 0;
  on_threads([fd, &total](Guest& thread, uint32_t) {
    for (;;) {
      thread.release();
      Guest::Transferred got = thread.read(fd, 7);
      if (got.text.empty()) break;
      total += got.text.size();
    }
  });
  EXPECT_EQ(total, 10'000u);
}

TEST_F(SharingTest, renumbering_under_a_writer_moves_whole_writes) {
  uint32_t a = guest.open(kFirst, "a", kCreate).fd, b = guest.open(kFirst, "b", kCreate).fd;
  on_threads([=](Guest& thread, uint32_t number) {
    for (int i = 0; i < 200; ++i) {
      thread.release();
      if (number == 0) {
        thread.call("fd_renumber", thread.open(kFirst, i % 2 == 0 ? "a" : "b", 0).fd, a);
        continue;
      }
      Guest::Counted put = thread.write(number == 1 ? a : b, "12345678");
      if (put.error == Errno::success) {
        ASSERT_EQ(put.count, 8u);
      }
    }
  });
  EXPECT_EQ(folder.read("a").size() % 8 + folder.read("b").size() % 8, 0u);
}

TEST_F(SharingTest, a_right_that_one_thread_drops_is_gone_for_all) {
  uint32_t fd = guest.open(kFirst, "a", kCreate).fd;
  on_threads([fd](Guest& thread, uint32_t number) {
    for (uint32_t bit = number; bit < 30; bit += kThreads) {
      Guest::Stat stat = thread.fdstat(fd);
      thread.call("fd_fdstat_set_rights", fd, stat.base.bits & ~(uint64_t{1} << bit), 0);
      EXPECT_EQ(thread.fdstat(fd).base.bits >> bit & 1, 0u);
    }
  });
  EXPECT_EQ(guest.fdstat(fd).base, Rights());
}

TEST_F(SharingTest, a_directory_is_listed_whole_by_each) {
  for (int i = 0; i < 100; ++i) folder.write("file" + std::to_string(i), "");
  on_threads([](Guest& thread, uint32_t) {
    for (int round = 0; round < 20; ++round) {
      thread.release();
      uint32_t buffer = thread.allocate(512), used = thread.allocate(4), entries = 0;
      for (uint64_t cookie = 0;;) {
        ASSERT_EQ(thread.call("fd_readdir", kFirst, buffer, 512, cookie, used), Errno::success);
        uint32_t end = thread.load<uint32_t>(used), at = 0;
        while (at + Dirent::kSize <= end) {
          uint32_t length = thread.load<uint32_t>(buffer + at + Dirent::kNameLength);
          if (at + Dirent::kSize + length > end) break;
          cookie = thread.load<uint64_t>(buffer + at + Dirent::kNext);
          at += Dirent::kSize + length;
          ++entries;
        }
        if (end < 512) break;
      }
      ASSERT_EQ(entries, 102u);
    }
  });
}

TEST_F(SharingTest, any_calls_at_the_same_time_leave_a_sane_table) {
  on_threads([](Guest& thread, uint32_t number) {
    std::mt19937 random(number);
    for (int i = 0; i < 2000; ++i) {
      thread.release();
      uint32_t fd = static_cast<uint32_t>(random() % 12), out = thread.allocate(64);
      switch (random() % 9) {
      case 0: thread.open(kFirst, "f" + std::to_string(random() % 3), kCreate); break;
      case 1: thread.call("fd_close", 5 + fd); break;
      case 2: thread.call("fd_renumber", 5 + fd, 5 + random() % 12); break;
      case 3: thread.write(fd, "bytes"); break;
      case 4: thread.read(fd, 16); break;
      case 5: thread.call("fd_fdstat_set_flags", fd, random() % 2); break;
      case 6: thread.call("fd_seek", fd, random() % 100, random() % 3, out); break;
      case 7: thread.status(fd); break;
      case 8: thread.open(kFirst + 1, "file", 0, Right::fd_read); break;
      }
    }
  });
  for (uint32_t fd = 5; fd < 5000; ++fd) guest.call("fd_close", fd);
  EXPECT_EQ(guest.context().table.open_count(), 5u);
}

TEST(SharingTraceTest, lines_of_a_trace_come_whole_and_one_at_a_time) {
  std::vector<std::string> lines; // not guarded: the trace is
  Guest guest(std::move(Config().trace([&lines](std::string_view line) { lines.emplace_back(line); })));
  std::vector<std::jthread> threads;
  for (uint32_t i = 0; i < kThreads; ++i)
    threads.emplace_back([&guest] {
      Guest thread(guest);
      for (int call = 0; call < 100; ++call) {
        uint64_t raw[kMaxArguments] = {1, 16};
        Call one{thread.context(), thread.memory(), *find_function("random_get")};
        trace::traced_call(one, raw);
      }
    });
  threads.clear();
  ASSERT_EQ(lines.size(), kThreads * 100);
  for (const std::string& line : lines)
    EXPECT_TRUE(line.starts_with("random_get(buf=16 bytes at 0x1)")) << line;
}

} // namespace

} // namespace swage::wasi
