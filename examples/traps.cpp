// A guest's fault is a value: its code, its words, and the Wasm functions that were running. The host goes
// on, and so may the instance.
#include <cstdio>

#include "swage/instance.h"
#include "swage/typed_func.h"

static constexpr std::string_view kGuest = R"(
  (module $bank
    (import "host" "audit" (func $audit (param i32)))
    (func $share (param $total i32) (param $people i32) (result i32)
      (call $audit (local.get $people))
      (i32.div_s (local.get $total) (local.get $people)))
    (func $pay (export "pay") (param $people i32) (result i32)
      (i32.add (call $share (i32.const 100) (local.get $people)) (i32.const 0)))))";

static swage::Expected<void> run() {
  swage::Engine engine = SWAGE_TRY(swage::Engine::create());
  swage::Module module = SWAGE_TRY(swage::Module::compile(engine, std::as_bytes(std::span(kGuest))));
  swage::Store store(engine);
  swage::Linker linker(store);
  // A host function traps by returning one.
  linker.define("host", "audit", swage::Func::wrap(store, [](int32_t people) -> swage::Result<void> {
                  if (people < 0) return std::unexpected(swage::Trap::host("nobody owes people"));
                  return {};
                }));
  swage::Instance instance = SWAGE_TRY(linker.instantiate(module));
  auto pay = SWAGE_TRY(instance.func("pay")->typed<int32_t(int32_t)>());
  for (int32_t people : {0, -1, 4}) {
    swage::Result<int32_t> share = pay(people);
    if (share)
      std::printf("each of %d gets %d\n", people, *share);
    else
      std::printf("%s\n", share.error().to_string().c_str());
  }
  return {};
}

int main() {
  auto result = run();
  if (!result) std::fprintf(stderr, "error: %s\n", result.error().to_string().c_str());
  return result ? 0 : 1;
}
