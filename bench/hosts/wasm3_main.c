// Runs a WASI command in wasm3: wasm3_main FILE [ARGS...], linked with wasm3's sources.
#include <stdio.h>

#include "wasi.h"
#include "wasm3.h"

static struct Guest guest;

static const void* call(IM3Runtime runtime, IM3ImportContext context, uint64_t* stack, void* memory) {
  (void)memory;
  const struct WasiFunction* function = context->userdata;
  uint32_t size = 0;
  guest.memory = m3_GetMemory(runtime, &size, 0);
  guest.memory_size = size;
  uint64_t arguments[kWasiMostParameters] = {0};
  for (int i = 0; function->parameters[i]; i++) // results stand in front of the arguments
    arguments[i] = function->parameters[i] == 'I' ? stack[1 + i] : (uint32_t)stack[1 + i];
  stack[0] = function->call(&guest, arguments);
  return m3Err_none;
}

static const void* leave(IM3Runtime runtime, IM3ImportContext context, uint64_t* stack, void* memory) {
  (void)runtime, (void)context, (void)memory;
  exit((int)stack[0]);
}

static void check(M3Result result) {
  if (!result || result == m3Err_functionLookupFailed) return;
  fprintf(stderr, "wasm3: %s\n", result);
  exit(1);
}

int main(int argc, char** argv) {
  static uint8_t bytes[64 << 20];
  FILE* file = argc > 1 ? fopen(argv[1], "rb") : NULL;
  if (!file) check("no file");
  uint32_t length = (uint32_t)fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  guest = (struct Guest){argc - 1, argv + 1, NULL, 0};
  IM3Environment environment = m3_NewEnvironment();
  IM3Runtime runtime = m3_NewRuntime(environment, 1 << 20, NULL);
  IM3Module module;
  check(m3_ParseModule(environment, &module, bytes, length));
  check(m3_LoadModule(runtime, module));
  const char* from = "wasi_snapshot_preview1";
  for (int i = 0; i < kWasiFunctionCount; i++) {
    char signature[16];
    snprintf(signature, sizeof signature, "i(%s)", kWasiFunctions[i].parameters);
    check(m3_LinkRawFunctionEx(module, from, kWasiFunctions[i].name, signature, call, &kWasiFunctions[i]));
  }
  check(m3_LinkRawFunction(module, from, "proc_exit", "v(i)", leave));
  IM3Function start;
  check(m3_FindFunction(&start, runtime, "_start"));
  check(m3_CallV(start));
  return 0;
}
