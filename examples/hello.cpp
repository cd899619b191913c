// The smallest embedding: text in, compiled in this process (libswage_compiler.so is opened for it), an
// export called.
#include <cstdio>

#include "swage/instance.h"
#include "swage/typed_func.h"

static constexpr std::string_view kGuest = R"(
  (module
    (func (export "answer") (param i32) (result i32)
      (i32.mul (local.get 0) (i32.const 2)))))";

static swage::Expected<void> run() {
  swage::Engine engine = SWAGE_TRY(swage::Engine::create());
  swage::Module module = SWAGE_TRY(swage::Module::compile(engine, std::as_bytes(std::span(kGuest))));

  swage::Store store(engine); // owns the instance and all that it makes
  swage::Linker linker(store);
  swage::Instance instance = SWAGE_TRY(linker.instantiate(module));

  // The signature is compared here, once; calls are unboxed.
  auto answer = SWAGE_TRY(instance.func("answer")->typed<int32_t(int32_t)>());
  swage::Result<int32_t> result = answer(21);
  if (!result) return swage::fail(swage::ErrorCode::trapped, result.error().to_string());
  std::printf("the guest says %d\n", *result);
  return {};
}

int main() {
  auto result = run();
  if (!result) std::fprintf(stderr, "error: %s\n", result.error().to_string().c_str());
  return result ? 0 : 1;
}
