// Lends Rust the functions of ../wasi.h: one row by its number, nothing behind the last.
#include "../wasi.h"

const struct WasiFunction* wasi_function(size_t index);

const struct WasiFunction* wasi_function(size_t index) {
  return index < kWasiFunctionCount ? &kWasiFunctions[index] : NULL;
}
