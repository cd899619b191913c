// The little of WASI preview 1 that the kernels ask for, for peers that come as a library or a translator
// without WASI of their own: standard streams, arguments, clocks, random bytes, exit.
//
// One row per function: its name and its parameters, i for 32 bits and I for 64. A host binds the rows as its
// engine wants it; every implementation takes the guest and its arguments as 64-bit words, and returns WASI's
// error number. https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
#ifndef BENCH_HOSTS_WASI_H
#define BENCH_HOSTS_WASI_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

struct Guest {
  int argument_count;
  char** arguments;
  uint8_t* memory; // where it is now: hosts set both before each call
  uint64_t memory_size;
};

enum { kWasiSuccess = 0, kWasiBadDescriptor = 8, kWasiFault = 21, kWasiIo = 29, kWasiNoSystem = 52 };

// Every access of the guest's memory goes through here; NULL where it is out of bounds.
static inline void* wasi_at(struct Guest* guest, uint64_t address, uint64_t length) {
  return address <= guest->memory_size && length <= guest->memory_size - address ? guest->memory + address
                                                                                 : NULL;
}

static inline uint32_t wasi_put(struct Guest* guest, uint64_t address, const void* value, uint64_t length) {
  void* to = wasi_at(guest, address, length);
  if (!to) return kWasiFault;
  memcpy(to, value, length);
  return kWasiSuccess;
}

static inline uint32_t wasi_put32(struct Guest* guest, uint64_t address, uint32_t value) {
  return wasi_put(guest, address, &value, sizeof value);
}

static inline uint32_t wasi_args_sizes_get(struct Guest* guest, const uint64_t* a) {
  uint32_t bytes = 0;
  for (int i = 0; i < guest->argument_count; i++) bytes += (uint32_t)strlen(guest->arguments[i]) + 1;
  return wasi_put32(guest, a[0], (uint32_t)guest->argument_count) | wasi_put32(guest, a[1], bytes);
}

static inline uint32_t wasi_args_get(struct Guest* guest, const uint64_t* a) {
  uint32_t error = kWasiSuccess, to = (uint32_t)a[1];
  for (int i = 0; i < guest->argument_count; i++) {
    uint32_t length = (uint32_t)strlen(guest->arguments[i]) + 1;
    error |= wasi_put32(guest, a[0] + 4 * (uint32_t)i, to);
    error |= wasi_put(guest, to, guest->arguments[i], length);
    to += length;
  }
  return error;
}

static inline uint32_t wasi_environ_sizes_get(struct Guest* guest, const uint64_t* a) {
  return wasi_put32(guest, a[0], 0) | wasi_put32(guest, a[1], 0);
}

static inline uint32_t wasi_environ_get(struct Guest* guest, const uint64_t* a) {
  (void)guest, (void)a;
  return kWasiSuccess;
}

// Reads or writes the pieces of a vector until one is short.
static inline uint32_t wasi_stream(struct Guest* guest, const uint64_t* a, int is_write) {
  uint32_t total = 0;
  if (a[0] > 2) return kWasiBadDescriptor;
  for (uint32_t i = 0; i < a[2]; i++) {
    uint32_t piece[2];
    const void* vector = wasi_at(guest, a[1] + 8 * (uint64_t)i, sizeof piece);
    if (!vector) return kWasiFault;
    memcpy(piece, vector, sizeof piece);
    void* data = wasi_at(guest, piece[0], piece[1]);
    if (!data) return kWasiFault;
    ssize_t done = is_write ? write((int)a[0], data, piece[1]) : read((int)a[0], data, piece[1]);
    if (done < 0) return kWasiIo;
    total += (uint32_t)done;
    if ((uint32_t)done < piece[1]) break;
  }
  return wasi_put32(guest, a[3], total);
}

static inline uint32_t wasi_fd_write(struct Guest* guest, const uint64_t* a) {
  return wasi_stream(guest, a, 1);
}
static inline uint32_t wasi_fd_read(struct Guest* guest, const uint64_t* a) {
  return wasi_stream(guest, a, 0);
}

static inline uint32_t wasi_fd_fdstat_get(struct Guest* guest, const uint64_t* a) {
  uint8_t character_device[24] = {2};
  return a[0] > 2 ? (uint32_t)kWasiBadDescriptor
                  : wasi_put(guest, a[1], character_device, sizeof character_device);
}

static inline uint32_t wasi_fd_prestat_get(struct Guest* guest, const uint64_t* a) {
  (void)guest, (void)a;
  return kWasiBadDescriptor; // no directories
}

static inline uint32_t wasi_clock_time_get(struct Guest* guest, const uint64_t* a) {
  struct timespec now;
  clock_gettime(a[0] == 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC, &now);
  uint64_t nanoseconds = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
  return wasi_put(guest, a[2], &nanoseconds, sizeof nanoseconds);
}

static inline uint32_t wasi_random_get(struct Guest* guest, const uint64_t* a) {
  uint8_t* to = (uint8_t*)wasi_at(guest, a[0], a[1]);
  if (!to) return kWasiFault;
  for (uint64_t done = 0; done < a[1];) {
    ssize_t got = getrandom(to + done, a[1] - done, 0);
    if (got < 0) return kWasiIo;
    done += (uint64_t)got;
  }
  return kWasiSuccess;
}

static inline uint32_t wasi_sched_yield(struct Guest* guest, const uint64_t* a) {
  (void)guest, (void)a;
  return kWasiSuccess;
}

static inline uint32_t wasi_no_system(struct Guest* guest, const uint64_t* a) {
  (void)guest, (void)a;
  return kWasiNoSystem;
}

// proc_exit is not here: it returns nothing, and hosts leave through exit().
#define WASI_FUNCTIONS(ROW)                                                                                  \
  ROW(args_sizes_get, args_sizes_get, "ii")                                                                  \
  ROW(args_get, args_get, "ii")                                                                              \
  ROW(environ_sizes_get, environ_sizes_get, "ii")                                                            \
  ROW(environ_get, environ_get, "ii")                                                                        \
  ROW(fd_write, fd_write, "iiii")                                                                            \
  ROW(fd_read, fd_read, "iiii")                                                                              \
  ROW(fd_fdstat_get, fd_fdstat_get, "ii")                                                                    \
  ROW(fd_fdstat_set_flags, no_system, "ii")                                                                  \
  ROW(fd_prestat_get, fd_prestat_get, "ii")                                                                  \
  ROW(fd_prestat_dir_name, no_system, "iii")                                                                 \
  ROW(fd_close, no_system, "i")                                                                              \
  ROW(fd_renumber, no_system, "ii")                                                                          \
  ROW(fd_seek, no_system, "iIii")                                                                            \
  ROW(path_open, no_system, "iiiiiIIii")                                                                     \
  ROW(clock_time_get, clock_time_get, "iIi")                                                                 \
  ROW(random_get, random_get, "ii")                                                                          \
  ROW(sched_yield, sched_yield, "")                                                                          \
  ROW(poll_oneoff, no_system, "iiii")

struct WasiFunction {
  const char* name;
  const char* parameters;
  uint32_t (*call)(struct Guest*, const uint64_t*);
};

#define WASI_ROW(name, function, parameters) {#name, parameters, wasi_##function},
static const struct WasiFunction kWasiFunctions[] = {WASI_FUNCTIONS(WASI_ROW)};
#undef WASI_ROW
enum { kWasiMostParameters = 9 };
enum { kWasiFunctionCount = sizeof kWasiFunctions / sizeof kWasiFunctions[0] };

#endif
