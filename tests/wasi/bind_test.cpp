// Real guests against the API: which memory addresses are in, both names of preview 1, and what a context
// keeps to itself.
#include "swage/wasi.h"
#include "tests/runtime/guest.h"

namespace swage::wasi {

namespace {

using testing_guest::Guests;

/// Collects what a guest writes.
std::function<size_t(std::span<const std::byte>)> sink_of(std::string& text) {
  return [&text](std::span<const std::byte> bytes) {
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return bytes.size();
  };
}

struct BindTest : Guests {
  std::string out;
  std::vector<std::unique_ptr<Context>> contexts;

  /// Instantiates in the test's store with a context of its own.
  Instance start(std::string_view wat, Config config = {}) {
    contexts.push_back(testing_guest::value_of(Context::create(std::move(config))));
    contexts.back()->add_to(linker);
    return instantiate(wat);
  }
  Config to_out() { return std::move(Config().stdout_to(sink_of(out))); }
};
SWAGE_BOTH_MODES(BindTest);

TEST_P(BindTest, addresses_are_in_the_memory_that_is_exported_as_memory) {
  Instance instance = start(R"((module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory $other 1) (memory $data (export "memory") 1) (export "other" (memory $other))
    (data (memory $other) (i32.const 0) "\10\00\00\00\06\00\00\00........wrong!")
    (data (memory $data) (i32.const 0) "\10\00\00\00\06\00\00\00........right!")
    (func (export "_start") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))))",
                            to_out());
  ASSERT_TRUE(instance.func("_start")->call({}));
  EXPECT_EQ(out, "right!");
}

TEST_P(BindTest, an_imported_memory_may_be_the_one_that_is_exported) {
  linker.define("env", "memory", *Memory::create(store, {{1, {}}, AddressType::i32, false}));
  Instance instance = start(R"((module (import "env" "memory" (memory 1)) (export "memory" (memory 0))
    (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
    (func (export "_start") (if (call $sizes (i32.const 0) (i32.const 4)) (then unreachable)))))",
                            std::move(Config().arguments({"a", "b"})));
  ASSERT_TRUE(instance.func("_start")->call({}));
  EXPECT_EQ(instance.memory("memory")->data()[0], std::byte{2});
}

TEST_P(BindTest, without_an_exported_memory_addresses_are_a_trap) {
  // Exported, but under another name; and the name, but not for a memory.
  for (const char* memory :
       {"", "(memory 1)", R"((memory (export "mem") 1))", R"((memory 1) (func (export "memory")))"}) {
    Instance instance = start(R"((module
      (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32))) )" +
                              std::string(memory) + R"(
      (func (export "yields") (result i32) (call $yield))
      (func (export "_start") (drop (call $random (i32.const 0) (i32.const 4))))))");
    Trap trap = trap_of(instance, "_start");
    EXPECT_EQ(trap.message, "random_get: the guest exports no memory named \"memory\"");
    EXPECT_EQ((typed<int32_t()>(instance, "yields"))(), 0);
  }
}

TEST_P(BindTest, an_import_of_another_type_is_named) {
  contexts.push_back(testing_guest::value_of(Context::create({})));
  contexts.back()->add_to(linker);
  Error error = instantiation_error(
      R"((module (import "wasi_snapshot_preview1" "fd_close" (func (param i64) (result i32)))))");
  EXPECT_EQ(error.code, ErrorCode::unlinkable);
  EXPECT_NE(error.message.find("fd_close"), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("expected func (param i64) (result i32), got func (param i32)"),
            std::string::npos)
      << error.message;
}

TEST_P(BindTest, the_start_function_may_call) {
  start(
      R"((module (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1) (data (i32.const 0) "\10\00\00\00\02\00\00\00........hi")
    (func $main (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))) (start $main)))",
      to_out());
  EXPECT_EQ(out, "hi");
}

TEST_P(BindTest, preview_0_has_its_own_layouts) {
  // filestat's size is at 24, a subscription's clock at 24 and its timeout at 32, and whence begins with cur.
  Instance instance = start(R"((module
    (import "wasi_unstable" "path_filestat_get" (func $stat (param i32 i32 i32 i32 i32) (result i32)))
    (import "wasi_unstable" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_unstable" "fd_seek" (func $seek (param i32 i64 i32 i32) (result i32)))
    (import "wasi_unstable" "fd_filestat_get" (func $fdstat (param i32 i32) (result i32)))
    (import "wasi_unstable" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1) (data (i32.const 0) "file")
    (func (export "path_size") (result i64)
      (if (call $stat (i32.const 3) (i32.const 1) (i32.const 0) (i32.const 4) (i32.const 64)) (then unreachable))
      (i64.load (i32.const 88)))
    (func (export "fd_size") (result i64)
      (if (call $open (i32.const 3) (i32.const 1) (i32.const 0) (i32.const 4) (i32.const 0) (i64.const 0x200006) (i64.const 0) (i32.const 0) (i32.const 8))
        (then unreachable))
      (if (call $fdstat (i32.load (i32.const 8)) (i32.const 64)) (then (return (i64.const -1))))
      (i64.load (i32.const 88)))
    (func (export "seek") (param i64 i32) (result i64)
      (if (call $seek (i32.load (i32.const 8)) (local.get 0) (local.get 1) (i32.const 128)) (then (return (i64.const -1))))
      (i64.load (i32.const 128)))
    (func (export "sleep") (result i32)
      (i64.store (i32.const 256) (i64.const 99)) (i32.store (i32.const 280) (i32.const 1)) (i64.store (i32.const 288) (i64.const 1000000))
      (if (call $poll (i32.const 256) (i32.const 512) (i32.const 1) (i32.const 600)) (then unreachable))
      (if (i32.ne (i32.load (i32.const 600)) (i32.const 1)) (then unreachable))
      (i32.load (i32.const 512)))))",
                            std::move(Config().file("/d/file", std::vector<std::byte>(123))));
  EXPECT_EQ((typed<int64_t()>(instance, "path_size"))(), 123);
  EXPECT_EQ((typed<int64_t()>(instance, "fd_size"))(), 123);
  auto seek = typed<int64_t(int64_t, int32_t)>(instance, "seek");
  EXPECT_EQ(seek(100, 2), 100); // set
  EXPECT_EQ(seek(5, 0), 105);   // cur
  EXPECT_EQ(seek(-3, 1), 120);  // end
  EXPECT_EQ(seek(0, 3), -1);
  EXPECT_EQ((typed<int32_t()>(instance, "sleep"))(), 99);
}

TEST_P(BindTest, preview_0_has_no_sock_accept) {
  contexts.push_back(testing_guest::value_of(Context::create({})));
  contexts.back()->add_to(linker);
  EXPECT_FALSE(linker.get("wasi_unstable", "sock_accept"));
  EXPECT_TRUE(linker.get("wasi_snapshot_preview1", "sock_accept"));
  EXPECT_TRUE(linker.get("wasi_unstable", "sock_recv"));
}

/// Prints 16 random bytes and both clocks.
constexpr const char* kDice = R"((module
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1) (data (i32.const 0) "\10\00\00\00\20\00\00\00")
  (func (export "_start")
    (drop (call $random (i32.const 16) (i32.const 16)))
    (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 32)))
    (drop (call $clock (i32.const 1) (i64.const 0) (i32.const 40)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))))";

TEST_P(BindTest, runs_with_clocks_and_randomness_of_the_embedder_repeat) {
  std::string first;
  for (std::string* text : {&first, &out}) {
    Config config;
    config.stdout_to(sink_of(*text));
    config.clocks([now = uint64_t{5}]() mutable { return now += 10; }, [] { return uint64_t{77}; });
    config.random([state = uint8_t{1}](std::span<std::byte> bytes) mutable {
      for (std::byte& byte : bytes) byte = std::byte{state = static_cast<uint8_t>(state * 5 + 1)};
    });
    ASSERT_TRUE(start(kDice, std::move(config)).func("_start")->call({}));
  }
  EXPECT_EQ(first.size(), 32u);
  EXPECT_EQ(first, out);
}

TEST_P(BindTest, runs_without_differ) {
  std::string first;
  for (std::string* text : {&first, &out})
    ASSERT_TRUE(start(kDice, std::move(Config().stdout_to(sink_of(*text)))).func("_start")->call({}));
  EXPECT_NE(first, out);
}

TEST_P(BindTest, two_instances_of_a_process_share_nothing) {
  // Each closes its stdout; the other's goes on.
  constexpr const char* kCloses = R"((module
    (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
    (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "close") (result i32) (call $close (i32.const 1)))
    (func (export "arguments") (result i32) (drop (call $sizes (i32.const 0) (i32.const 4))) (i32.load (i32.const 0)))))";
  Instance first = start(kCloses, std::move(Config().arguments({"a", "b", "c"})));
  Instance second = start(kCloses, std::move(Config().arguments({"a"})));
  EXPECT_EQ((typed<int32_t()>(first, "close"))(), 0);
  EXPECT_EQ((typed<int32_t()>(first, "close"))(), 8); // badf
  EXPECT_EQ((typed<int32_t()>(second, "close"))(), 0);
  EXPECT_EQ((typed<int32_t()>(first, "arguments"))(), 3);
  EXPECT_EQ((typed<int32_t()>(second, "arguments"))(), 1);
}

} // namespace

} // namespace swage::wasi
