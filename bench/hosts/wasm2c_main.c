// Runs what wasm2c made of a command called `guest`: guest.c and this file, linked with wabt's runtime
// library. The names are wasm2c's of wabt 1.0.32.
#include "guest.h"
#include "wasi.h"

struct Z_wasi_snapshot_preview1_instance_t {
  struct Guest guest;
};
typedef struct Z_wasi_snapshot_preview1_instance_t Wasi;

static Z_guest_instance_t instance;

static uint32_t call(Wasi* wasi, uint32_t (*function)(struct Guest*, const uint64_t*),
                     const uint64_t* arguments) {
  wasm_rt_memory_t* memory = Z_guestZ_memory(&instance);
  wasi->guest.memory = memory->data;
  wasi->guest.memory_size = memory->size;
  return function(&wasi->guest, arguments);
}

#define IMPORT(name) Z_wasi_snapshot_preview1Z_##name
#define BIND0(name, function)                                                                                \
  u32 IMPORT(name)(Wasi * wasi) { return call(wasi, wasi_##function, NULL); }
#define BIND1(name, function, A)                                                                             \
  u32 IMPORT(name)(Wasi * wasi, A a) { return call(wasi, wasi_##function, (uint64_t[]){a}); }
#define BIND2(name, function, A, B)                                                                          \
  u32 IMPORT(name)(Wasi * wasi, A a, B b) { return call(wasi, wasi_##function, (uint64_t[]){a, b}); }
#define BIND3(name, function, A, B, C)                                                                       \
  u32 IMPORT(name)(Wasi * wasi, A a, B b, C c) { return call(wasi, wasi_##function, (uint64_t[]){a, b, c}); }
#define BIND4(name, function, A, B, C, D)                                                                    \
  u32 IMPORT(name)(Wasi * wasi, A a, B b, C c, D d) {                                                        \
    return call(wasi, wasi_##function, (uint64_t[]){a, b, c, d});                                            \
  }

BIND2(args_sizes_get, args_sizes_get, u32, u32)
BIND2(args_get, args_get, u32, u32)
BIND2(environ_sizes_get, environ_sizes_get, u32, u32)
BIND2(environ_get, environ_get, u32, u32)
BIND4(fd_write, fd_write, u32, u32, u32, u32)
BIND4(fd_read, fd_read, u32, u32, u32, u32)
BIND2(fd_fdstat_get, fd_fdstat_get, u32, u32)
BIND2(fd_fdstat_set_flags, no_system, u32, u32)
BIND2(fd_prestat_get, fd_prestat_get, u32, u32)
BIND3(fd_prestat_dir_name, no_system, u32, u32, u32)
BIND1(fd_close, no_system, u32)
BIND2(fd_renumber, no_system, u32, u32)
BIND4(fd_seek, no_system, u32, u64, u32, u32)
BIND3(clock_time_get, clock_time_get, u32, u64, u32)
BIND2(random_get, random_get, u32, u32)
BIND0(sched_yield, sched_yield)
BIND4(poll_oneoff, no_system, u32, u32, u32, u32)

u32 IMPORT(path_open)(Wasi* wasi, u32 folder, u32 flags, u32 path, u32 length, u32 opening, u64 rights,
                      u64 inherited, u32 status, u32 opened) {
  return call(wasi, wasi_no_system,
              (uint64_t[]){folder, flags, path, length, opening, rights, inherited, status, opened});
}

void IMPORT(proc_exit)(Wasi* wasi, u32 status) {
  (void)wasi;
  exit((int)status);
}

int main(int argc, char** argv) {
  Wasi wasi = {{argc, argv, NULL, 0}};
  wasm_rt_init();
  Z_guest_init_module();
  Z_guest_instantiate(&instance, &wasi);
  Z_guestZ__start(&instance);
  return 0;
}
