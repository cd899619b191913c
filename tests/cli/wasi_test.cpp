// What a guest is granted on the command line, and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "tests/cli/text_guests.h"

namespace swage::cli {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

using WasiOptions = TextGuests;
SWAGE_BOTH_WAYS(WasiOptions);

/// Opens "file" below the first preopen with a libc's flags in its argument count: one creates, two
/// truncates, three writes. Exits with the errno.
constexpr std::string_view kOpens = R"((module
  (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1) (data (i32.const 0) "file")
  (func (export "_start") (local $n i32)
    (drop (call $sizes (i32.const 16) (i32.const 20)))
    (local.set $n (i32.sub (i32.load (i32.const 16)) (i32.const 1)))
    (call $exit (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4)
      (i32.add (i32.eq (local.get $n) (i32.const 1)) (i32.shl (i32.eq (local.get $n) (i32.const 2)) (i32.const 3)))
      (select (i64.const 64) (i64.const 2) (i32.eq (local.get $n) (i32.const 3)))
      (i64.const 0) (i32.const 0) (i32.const 8))))))";
constexpr int kBadf = 8, kNoent = 44, kRofs = 69;

TEST_P(WasiOptions, without_dir_there_is_no_path) {
  EXPECT_EQ(run_text(kOpens, {}, {}).status, kBadf);
  EXPECT_EQ(run_text(kOpens, {}, {"create"}).status, kBadf);
}

TEST_P(WasiOptions, dir_grants_a_folder_and_ro_takes_the_changes_away) {
  std::string grant = "--dir=" + scratch.folder() + "::/data";
  EXPECT_EQ(run_text(kOpens, {grant}, {}).status, kNoent);
  EXPECT_EQ(run_text(kOpens, {grant + ":ro"}, {"create"}).status, kRofs);
  EXPECT_EQ(run_text(kOpens, {grant}, {"create"}).status, 0);
  EXPECT_EQ(run_text(kOpens, {grant + ":ro"}, {}).status, 0);
  EXPECT_EQ(run_text(kOpens, {grant + ":ro"}, {"and", "truncate"}).status, kRofs);
  EXPECT_EQ(run_text(kOpens, {grant + ":ro"}, {"and", "write", "to"}).status, kRofs);
}

TEST_P(WasiOptions, a_folder_that_is_not_there_is_an_error) {
  Outcome outcome = run_text(kOpens, {"--dir", "/no/such/folder"}, {});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("/no/such/folder"));
}

/// Writes its environment, as it is in memory.
constexpr std::string_view kPrintsEnvironment = R"((module
  (import "wasi_snapshot_preview1" "environ_get" (func $get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 16)
  (func (export "_start")
    (drop (call $sizes (i32.const 0) (i32.const 12)))
    (i32.store (i32.const 8) (i32.const 65536))
    (drop (call $get (i32.const 64) (i32.const 65536)))
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16))))))";

TEST_P(WasiOptions, variables_are_given_by_name_by_value_or_all) {
  ::setenv("SWAGE_TEST_VARIABLE", "from the host", 1);
  using namespace std::string_literals;
  EXPECT_EQ(run_text(kPrintsEnvironment, {}, {}).out, "");
  EXPECT_EQ(
      run_text(kPrintsEnvironment, {"--env", "A=1", "--env", "SWAGE_TEST_VARIABLE", "--env", "NOT_SET"}, {})
          .out,
      "A=1\0SWAGE_TEST_VARIABLE=from the host\0"s);
  EXPECT_THAT(run_text(kPrintsEnvironment, {"--inherit-env"}, {}).out,
              HasSubstr("SWAGE_TEST_VARIABLE=from the host\0"s));
}

TEST_P(WasiOptions, trace_prints_a_line_for_each_call) {
  Outcome outcome =
      run_text(kOpens, {"--dir=" + scratch.folder() + "::/data", "--trace", "wasi"}, {"create"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.err, MatchesRegex(R"(args_sizes_get\(\) = argc=2 argv_buf_size=[0-9]+  [0-9.]+us
path_open\(fd=3, dirflags=0, path="file", oflags=creat, fs_rights_base=fd_read, fs_rights_inheriting=0, fdflags=0\) = opened=4  [0-9.]+us
proc_exit\(rval=0\) = exit 0  [0-9.]+us
)"));
}

/// Says "ready", then sleeps for an hour.
constexpr std::string_view kSleeps = R"((module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1) (data (i32.const 0) "\08\00\00\00\06\00\00\00ready\n")
  (func (export "_start")
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
    (i32.store (i32.const 80) (i32.const 1)) (i64.store (i32.const 88) (i64.const 3600000000000))
    (drop (call $poll (i32.const 64) (i32.const 128) (i32.const 1) (i32.const 192))))))";

/// The words of a command for a shell; none of ours holds a quote.
std::string quoted(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += "'" + word + "' ";
  return line;
}

Outcome run_shell(const std::string& script) { return run({"/bin/sh", "-c", script}); }

TEST_P(WasiOptions, a_signal_ends_a_sleep) {
  std::string out = scratch.path("out");
  Outcome outcome = run_shell(quoted(command_for(kSleeps, {})) + ">" + out + " & guest=$!; until [ -s " +
                              out + " ]; do sleep 0.01; done; kill -TERM $guest; wait $guest");
  EXPECT_EQ(outcome.status, 128 + SIGTERM) << outcome.err;
}

TEST_P(WasiOptions, a_closed_stdout_pipe_ends_the_guest_quietly) {
  std::string endless = quoted(command_for(R"((module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1) (data (i32.const 0) "\08\00\00\00\06\00\00\00again\n")
    (func (export "_start") (loop $l (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))) (br $l)))))",
                                           {}));
  Outcome outcome = run_shell("{ " + endless + "; echo status $? >&2; } | head -n 1");
  EXPECT_EQ(outcome.out, "again\n");
  EXPECT_EQ(outcome.err, "status 141\n");
  // The same where the shell ignores the signal for its children.
  outcome = run_shell("trap '' PIPE; { " + endless + "; echo status $? >&2; } | head -n 1");
  EXPECT_EQ(outcome.err, "status 141\n");
}

/// A port of this machine that nobody listens on.
uint16_t free_port() {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  socklen_t length = sizeof address;
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  ::close(fd);
  return ntohs(address.sin_port);
}

/// Sends a text and gives the answer; tries until somebody listens.
std::string ask(uint16_t port, std::string_view text) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  for (int attempt = 0; attempt < 3000; ++attempt) {
    int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
      EXPECT_EQ(::send(fd, text.data(), text.size(), MSG_NOSIGNAL), std::ssize(text));
      char bytes[64];
      for (ssize_t got; (got = ::recv(fd, bytes, sizeof bytes, 0)) > 0;)
        answer.append(bytes, static_cast<size_t>(got));
      ::close(fd);
      return answer;
    }
    ::close(fd);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return "nobody listens";
}

TEST_P(WasiOptions, listen_hands_in_a_socket) {
  // Waits for the listener and a clock, accepts, sends back what it got, shuts down.
  std::vector<std::string> command = command_for(R"((module
    (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "sock_recv" (func $recv (param i32 i32 i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "sock_send" (func $send (param i32 i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "sock_shutdown" (func $shutdown (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1) (data (i32.const 0) "\00\10\00\00\40\00\00\00")
    (func $check (param i32) (if (local.get 0) (then (call $exit (local.get 0)))))
    (func (export "_start")
      (i32.store8 (i32.const 72) (i32.const 1)) (i32.store (i32.const 80) (i32.const 3))
      (i32.store (i32.const 128) (i32.const 1)) (i64.store (i32.const 136) (i64.const 60000000000))
      (call $check (call $poll (i32.const 64) (i32.const 256) (i32.const 2) (i32.const 512)))
      (call $check (i32.ne (i32.load (i32.const 512)) (i32.const 1)))
      (call $check (i32.load16_u (i32.const 264)))
      (call $check (i32.ne (i32.load8_u (i32.const 266)) (i32.const 1)))
      (call $check (call $accept (i32.const 3) (i32.const 0) (i32.const 16)))
      (call $check (call $recv (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 4) (i32.const 24)))
      (call $check (call $send (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 20)))
      (call $check (call $shutdown (i32.load (i32.const 16)) (i32.const 2))))))",
                                                 {});
  uint16_t port = free_port();
  command.insert(command.end() - 1, {"--listen", "127.0.0.1:" + std::to_string(port)});
  Outcome outcome;
  std::thread guest([&] { outcome = run(command); });
  EXPECT_EQ(ask(port, "is anybody there?"), "is anybody there?");
  guest.join();
  EXPECT_EQ(outcome.status, 0) << outcome.err;
}

/// Two threads that compute for ever, and a third that does `what`.
std::string with_busy_threads(std::string_view what) {
  return R"((module (import "env" "memory" (memory 1 1 shared)) (export "memory" (memory 0))
    (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (func (export "wasi_thread_start") (param i32 i32)
      (if (local.get 1) (then )" +
         std::string(what) + R"()) (loop $l (br $l)))
    (func (export "_start") (drop (call $spawn (i32.const 0))) (drop (call $spawn (i32.const 1))) (loop $l (br $l)))))";
}

TEST_P(WasiOptions, an_exit_in_a_thread_ends_the_process) {
  Outcome outcome = run_text(with_busy_threads("(call $exit (i32.const 7))"), {"--wasi", "threads"}, {});
  EXPECT_EQ(outcome.status, 7);
  EXPECT_EQ(outcome.err, "");
}

TEST_P(WasiOptions, a_trap_in_a_thread_ends_the_process) {
  Outcome outcome = run_text(with_busy_threads("unreachable"), {"--wasi", "threads"}, {});
  EXPECT_EQ(outcome.status, 134);
  EXPECT_THAT(outcome.err, HasSubstr("trap: unreachable"));
}

TEST_P(WasiOptions, threads_have_to_be_asked_for) {
  Outcome outcome = run_text(with_busy_threads("unreachable"), {}, {});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("env"));
}

} // namespace
} // namespace swage::cli
