// Programs with threads, in a process that outlives them: whoever ends the program, and whatever the other
// threads are at, all of them end.
#include <fcntl.h>
#include <unistd.h>

#include "swage/wasi.h"
#include "tests/runtime/guest.h"

namespace swage::wasi {

namespace {

using testing_guest::Guests;

struct StopTest : Guests {
  int pipe[2] = {-1, -1};  ///< a guest's stdin; nobody writes to it
  std::optional<Trap> end; ///< what on_end was given

  void SetUp() override {
    Guests::SetUp();
    ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
  }
  void TearDown() override {
    ::close(pipe[0]);
    ::close(pipe[1]);
  }

  /// Runs a program of a main function and a thread. Returns when all of it has ended.
  Result<std::vector<Val>> run(std::string_view main, std::string_view thread) {
    Module module = compile(R"((module
      (import "env" "memory" (memory 1 1 shared)) (export "memory" (memory 0))
      (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
      (func $begin (i32.atomic.store (i32.const 0) (i32.const 1)))
      (func $await_begin (loop $again (br_if $again (i32.eqz (i32.atomic.load (i32.const 0))))))
      (func $compute (loop $again (br $again)))
      (func $wait (drop (memory.atomic.wait32 (i32.const 4) (i32.const 0) (i64.const -1))))
      (func $read_stdin (i32.store (i32.const 64) (i32.const 128)) (i32.store (i32.const 68) (i32.const 16))
        (drop (call $read (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 72))))
      (func $sleep (i32.store (i32.const 272) (i32.const 1)) (i64.store (i32.const 280) (i64.const 3600000000000))
        (drop (call $poll (i32.const 256) (i32.const 320) (i32.const 1) (i32.const 352))))
      (func (export "_start") (if (i32.le_s (call $spawn (i32.const 0)) (i32.const 0)) (then unreachable)) )" +
                            std::string(main) + R"()
      (func (export "wasi_thread_start") (param i32 i32) )" +
                            std::string(thread) + "))");
    Config config;
    config.stream_file(Stream::in, "/proc/self/fd/" + std::to_string(pipe[0]));
    std::unique_ptr<Context> context = testing_guest::value_of(Context::create(std::move(config)));
    Store own(engine);
    Linker own_linker(own);
    Threads threads(*context, engine, module, [this](const Trap& trap) { end = trap; });
    if (Expected<void> added = threads.add_to(own_linker); !added)
      throw std::runtime_error(added.error().message);
    Instance instance = testing_guest::value_of(own_linker.instantiate(module));
    return instance.func("_start")->call({});
  }
};
SWAGE_BOTH_MODES(StopTest);

constexpr const char* kEndless[] = {"(call $compute)", "(call $wait)", "(call $read_stdin)", "(call $sleep)"};

TEST_P(StopTest, threads_end_with_the_program) {
  for (const char* thread : kEndless) {
    EXPECT_TRUE(run("(call $await_begin)", std::string("(call $begin) ") + thread)) << thread;
    EXPECT_FALSE(end) << thread;
  }
}

TEST_P(StopTest, an_exit_in_a_thread_ends_main) {
  Result<std::vector<Val>> result = run("(call $compute)", "(call $exit (i32.const 7))");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, TrapCode::interrupted);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->code, TrapCode::exit);
  EXPECT_EQ(end->exit_status, 7);
}

TEST_P(StopTest, a_trap_in_a_thread_ends_main_whatever_it_does) {
  for (const char* main : kEndless) {
    Result<std::vector<Val>> result = run(main, "unreachable");
    EXPECT_EQ(result.error().code, TrapCode::interrupted) << main;
    EXPECT_EQ(end->code, TrapCode::unreachable) << main;
  }
}

TEST_P(StopTest, the_main_thread_s_end_is_the_embedder_s_to_see) {
  Result<std::vector<Val>> result =
      run("(call $await_begin) (call $exit (i32.const 3))", "(call $begin) (call $compute)");
  EXPECT_EQ(result.error().exit_status, 3);
  EXPECT_FALSE(end);
}

TEST_P(StopTest, threads_that_spawn_without_end_end) {
  Result<std::vector<Val>> result = run(
      "(call $await_begin)",
      "(call $begin) (loop $again (drop (call $spawn (i32.const 0))) (drop (call $spawn (i32.const 0))))");
  EXPECT_TRUE(result);
}

} // namespace

} // namespace swage::wasi
