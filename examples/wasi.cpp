// A WASI command in this process. It sees what the Config grants and nothing else: here one argument and a
// place to print to.
#include <cstdio>
#include <string>

#include "swage/instance.h"
#include "swage/typed_func.h"
#include "swage/wasi.h"

static constexpr std::string_view kGuest = R"(
  (module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 16) "hello from WASI\n")
    (func (export "_start")
      (i32.store (i32.const 0) (i32.const 16))
      (i32.store (i32.const 4) (i32.const 16))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (call $exit (i32.const 3)))))";

static swage::Expected<void> run() {
  std::string output;
  swage::wasi::Config config;
  config.arguments({"hello"}).stdout_to([&output](std::span<const std::byte> bytes) {
    output.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return bytes.size();
  });
  auto context = SWAGE_TRY(swage::wasi::Context::create(std::move(config))); // outlives the store

  swage::Engine engine = SWAGE_TRY(swage::Engine::create());
  swage::Module module = SWAGE_TRY(swage::Module::compile(engine, std::as_bytes(std::span(kGuest))));
  swage::Store store(engine);
  swage::Linker linker(store);
  context->add_to(linker);
  swage::Instance instance = SWAGE_TRY(linker.instantiate(module));
  auto start = SWAGE_TRY(instance.func("_start")->typed<void()>());
  swage::Result<void> ended = start();
  // proc_exit ends the guest like a trap, with a code of its own.
  int status = ended ? 0 : ended.error().code == swage::TrapCode::exit ? ended.error().exit_status : 134;
  std::printf("%sexit status %d\n", output.c_str(), status);
  return {};
}

int main() {
  auto result = run();
  if (!result) std::fprintf(stderr, "error: %s\n", result.error().to_string().c_str());
  return result ? 0 : 1;
}
