// Arguments, environment, clocks, randomness, and the ends of a guest.
#include <algorithm>

#include "tests/wasi/guest.h"

namespace swage::wasi {

namespace {

/// Calls a pair of functions (sizes, then contents) and gives the strings.
std::vector<std::string> strings(Guest& guest, std::string sizes, std::string_view contents) {
  uint32_t count = guest.allocate(4), bytes = guest.allocate(4);
  EXPECT_EQ(guest.call(sizes, count, bytes), Errno::success);
  uint32_t pointers = guest.allocate(4 * guest.load<uint32_t>(count)),
           text = guest.allocate(guest.load<uint32_t>(bytes));
  EXPECT_EQ(guest.call(contents, pointers, text), Errno::success);
  std::vector<std::string> result;
  for (uint32_t i = 0; i < guest.load<uint32_t>(count); ++i) {
    result.push_back(
        reinterpret_cast<const char*>(guest.memory().at(guest.load<uint32_t>(pointers + 4 * i))));
  }
  return result;
}

using Strings = std::vector<std::string>;

TEST(ProcessTest, arguments) {
  Guest guest(std::move(Config().arguments({"program", "", "two words"})));
  EXPECT_EQ(strings(guest, "args_sizes_get", "args_get"), (Strings{"program", "", "two words"}));
}

TEST(ProcessTest, nothing_is_given_unless_granted) {
  Guest guest;
  EXPECT_EQ(strings(guest, "args_sizes_get", "args_get"), Strings{});
  EXPECT_EQ(strings(guest, "environ_sizes_get", "environ_get"), Strings{});
}

TEST(ProcessTest, a_later_variable_replaces_an_earlier_one) {
  Guest guest(std::move(Config().environment("A", "1").environment("B", "x=y").environment("A", "2")));
  EXPECT_EQ(strings(guest, "environ_sizes_get", "environ_get"), (Strings{"B=x=y", "A=2"}));
}

TEST(ProcessTest, the_environment_can_be_inherited) {
  ::setenv("SWAGE_WASI_TEST", "inherited", 1);
  Guest guest(std::move(Config().inherit_environment()));
  Strings all = strings(guest, "environ_sizes_get", "environ_get");
  EXPECT_NE(std::ranges::count(all, "SWAGE_WASI_TEST=inherited"), 0);
}

TEST(ProcessTest, clocks_advance_and_have_a_resolution) {
  Guest guest;
  uint32_t a = guest.allocate(8), b = guest.allocate(8);
  for (uint32_t id = 0; id < 4; ++id) {
    ASSERT_EQ(guest.call("clock_time_get", id, 0, a), Errno::success);
    ASSERT_EQ(guest.call("clock_time_get", id, 0, b), Errno::success);
    EXPECT_GE(guest.load<uint64_t>(b), guest.load<uint64_t>(a));
    ASSERT_EQ(guest.call("clock_res_get", id, a), Errno::success);
    EXPECT_GT(guest.load<uint64_t>(a), 0u);
  }
  EXPECT_EQ(guest.call("clock_time_get", 4, 0, a), Errno::inval);
  EXPECT_EQ(guest.call("clock_res_get", 0xffffffffu, a), Errno::inval);
}

TEST(ProcessTest, clocks_and_randomness_of_the_embedder) {
  Config config;
  config.clocks([] { return uint64_t{11}; }, [] { return uint64_t{22}; });
  config.random([](std::span<std::byte> bytes) { std::ranges::fill(bytes, std::byte{'r'}); });
  Guest guest(std::move(config));
  uint32_t out = guest.allocate(8);
  guest.call("clock_time_get", 0, 0, out);
  EXPECT_EQ(guest.load<uint64_t>(out), 11u);
  guest.call("clock_time_get", 1, 0, out);
  EXPECT_EQ(guest.load<uint64_t>(out), 22u);
  guest.call("random_get", out, 4);
  EXPECT_EQ(guest.text(out, 4), "rrrr");
}

TEST(ProcessTest, random_bytes_differ_and_stay_in_their_buffer) {
  Guest guest;
  uint32_t buffer = guest.allocate(600000);
  EXPECT_EQ(guest.call("random_get", buffer, 600000 - 8), Errno::success);
  EXPECT_NE(guest.text(buffer, 64), guest.text(buffer + 64, 64));
  EXPECT_EQ(guest.load<uint64_t>(buffer + 600000 - 8), 0u);
  EXPECT_EQ(guest.call("random_get", 0, 0), Errno::success);
}

TEST(ProcessTest, exit_ends_with_its_status) {
  Guest guest;
  guest.call("proc_exit", 33);
  EXPECT_EQ(guest.ending, Ending::exits);
  EXPECT_EQ(guest.exit_status, 33);
}

TEST(ProcessTest, signals_do_what_they_do_by_default) {
  Guest guest;
  EXPECT_EQ(guest.call("proc_raise", 0), Errno::success);
  EXPECT_EQ(guest.call("proc_raise", 16), Errno::success); // chld
  EXPECT_EQ(guest.ending, Ending::returns);
  EXPECT_EQ(guest.call("proc_raise", 18), Errno::notsup); // stop
  EXPECT_EQ(guest.call("proc_raise", 31), Errno::inval);
  guest.call("proc_raise", 6);
  EXPECT_EQ(guest.ending, Ending::exits);
  EXPECT_EQ(guest.exit_status, 128 + 6);
}

TEST(ProcessTest, two_contexts_share_nothing) {
  ScratchFolder folder;
  Guest first(std::move(Config().arguments({"first"}).directory(folder.path(), "/"))), second;
  EXPECT_EQ(first.open(kFirst, "a", kCreate).error, Errno::success);
  EXPECT_EQ(second.fdstat(kFirst).error, Errno::badf);
  EXPECT_EQ(strings(second, "args_sizes_get", "args_get"), Strings{});
}

TEST(ProcessTest, a_directory_that_does_not_exist_is_an_error) {
  Expected<std::unique_ptr<Context>> context =
      Context::create(std::move(Config().directory("/no/such/folder", "/")));
  ASSERT_FALSE(context);
  EXPECT_EQ(context.error().code, ErrorCode::io);
  EXPECT_NE(context.error().message.find("/no/such/folder"), std::string::npos);
}

} // namespace

} // namespace swage::wasi
