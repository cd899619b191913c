// A project outside of swage's tree: every public header, one host function, one memory, and WASI, through
// the installed package alone.
#include <cstdio>
#include <utility>

#include <swage/compiler.h>
#include <swage/engine.h>
#include <swage/error.h>
#include <swage/instance.h>
#include <swage/module.h>
#include <swage/store.h>
#include <swage/trap.h>
#include <swage/trap_code.h>
#include <swage/typed_func.h>
#include <swage/types.h>
#include <swage/value.h>
#include <swage/wasi.h>

int main() {
  const auto engine = swage::Engine::create();
  if (!engine) return 1;
  swage::Store store(*engine);
  const swage::Func add = swage::Func::wrap(store, [](int32_t a, int32_t b) { return a + b; });
  const auto typed = add.typed<int32_t(int32_t, int32_t)>();
  if (!typed) return 1;
  const auto sum = (*typed)(40, 2);
  if (!sum || *sum != 42) return 1;

  swage::Linker linker(store);
  swage::wasi::Config config;
  config.arguments({"consumer"});
  const auto wasi = swage::wasi::Context::create(std::move(config));
  if (!wasi) return 1;
  (*wasi)->add_to(linker);
  if (!linker.get("wasi_snapshot_preview1", "fd_write")) return 1;
  std::puts("the installed package works");
  return 0;
}
