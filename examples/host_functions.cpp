// Three ways to give a guest a function: from a C++ callable (types deduced), from boxed values (types at run
// time), and raw (no boxes, no std::function: what a generated binding would use).
#include <cstdio>

#include "swage/instance.h"
#include "swage/typed_func.h"

static constexpr std::string_view kGuest = R"(
  (module
    (import "host" "scale" (func $scale (param f64) (result f64)))
    (import "host" "show" (func $show (param f64)))
    (import "host" "count" (func $count (result i32)))
    (func (export "run") (result i32)
      (call $show (call $scale (f64.const 1.5)))
      (drop (call $count))
      (call $count))))";

// Arguments lie in `values`, results are written over them; `data` is what create_raw was given.
static swage::Result<void> count(void* data, swage::Caller&, swage::abi::Value* values) {
  values[0].i32 = ++*static_cast<uint32_t*>(data);
  return {};
}

static swage::Expected<void> run() {
  swage::Engine engine = SWAGE_TRY(swage::Engine::create());
  swage::Module module = SWAGE_TRY(swage::Module::compile(engine, std::as_bytes(std::span(kGuest))));
  uint32_t calls = 0; // outlives the store
  swage::Store store(engine);
  swage::Linker linker(store);

  double factor = 4;
  linker.define("host", "scale", swage::Func::wrap(store, [factor](double x) { return x * factor; }));
  linker.define(
      "host", "show",
      swage::Func::create(store, {{swage::kF64}, {}},
                          [](swage::Caller&, std::span<const swage::Val> args, std::span<swage::Val>) {
                            std::printf("the guest shows %g\n", args[0].f64());
                            return swage::Result<void>();
                          }));
  linker.define("host", "count", swage::Func::create_raw(store, {{}, {swage::kI32}}, count, &calls));

  swage::Instance instance = SWAGE_TRY(linker.instantiate(module));
  auto guest = SWAGE_TRY(instance.func("run")->typed<int32_t()>());
  swage::Result<int32_t> result = guest();
  if (!result) return swage::fail(swage::ErrorCode::trapped, result.error().to_string());
  std::printf("counted to %d\n", *result);
  return {};
}

int main() {
  auto result = run();
  if (!result) std::fprintf(stderr, "error: %s\n", result.error().to_string().c_str());
  return result ? 0 : 1;
}
