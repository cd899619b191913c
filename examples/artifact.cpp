// Runs a shared object that `swage compile` made. Neither the compiler nor LLVM is opened: this program needs
// libswage_runtime only.
#include <cstdio>

#include "swage/instance.h"
#include "swage/typed_func.h"

static swage::Expected<void> run(const char* path) {
  swage::Engine engine = SWAGE_TRY(swage::Engine::create());
  // Checks ABI, architecture, CPU and checksum before the dynamic linker sees the file.
  swage::Module module = SWAGE_TRY(swage::Module::load(engine, path));
  std::printf("made by %s for %s\n", module.info().producer.c_str(), module.info().triple.c_str());

  swage::Store store(engine);
  swage::Linker linker(store);
  swage::Instance instance = SWAGE_TRY(linker.instantiate(module));
  auto add = SWAGE_TRY(instance.func("add")->typed<int32_t(int32_t, int32_t)>());
  swage::Result<int32_t> sum = add(40, 2);
  if (!sum) return swage::fail(swage::ErrorCode::trapped, sum.error().to_string());
  std::printf("40 + 2 = %d\n", *sum);
  return {};
}

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: %s ARTIFACT\n", argv[0]), 2;
  auto result = run(argv[1]);
  if (!result) std::fprintf(stderr, "error: %s\n", result.error().to_string().c_str());
  return result ? 0 : 1;
}
