// What AddressSanitizer and ThreadSanitizer want to know of stacks that change under the code they
// instrument. Without a sanitizer all of it is empty.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define SWAGE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SWAGE_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define SWAGE_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SWAGE_TSAN 1
#endif
#endif

#ifdef SWAGE_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef SWAGE_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace swage::platform {

/// A guest's stack as the sanitizers see it.
struct Fiber {
#ifdef SWAGE_ASAN
  void* host_fake_stack = nullptr;
  const void* host_bottom = nullptr;
  size_t host_size = 0;
#endif
#ifdef SWAGE_TSAN
  void* host = nullptr;
  void* guest = nullptr;
#endif
};

/// On the host's stack, before and after the guest's is used.
__attribute__((always_inline)) inline void before_guest([[maybe_unused]] Fiber& fiber,
                                                        [[maybe_unused]] std::byte* bottom,
                                                        [[maybe_unused]] size_t size) {
#ifdef SWAGE_ASAN
  __sanitizer_start_switch_fiber(&fiber.host_fake_stack, bottom, size);
  // The guest's side: nothing of it is instrumented until a host function runs.
  __sanitizer_finish_switch_fiber(nullptr, &fiber.host_bottom, &fiber.host_size);
#endif
#ifdef SWAGE_TSAN
  fiber.host = __tsan_get_current_fiber();
  fiber.guest = __tsan_create_fiber(0);
  __tsan_switch_to_fiber(fiber.guest, 0);
#endif
}

/// `bottom`, `size`: the part of the guest's stack that a trap may have abandoned.
__attribute__((always_inline)) inline void
after_guest([[maybe_unused]] Fiber& fiber, [[maybe_unused]] std::byte* bottom, [[maybe_unused]] size_t size) {
#ifdef SWAGE_ASAN
  __sanitizer_start_switch_fiber(nullptr, fiber.host_bottom, fiber.host_size);
  __sanitizer_finish_switch_fiber(fiber.host_fake_stack, nullptr, nullptr);
  __asan_unpoison_memory_region(bottom, size);
#endif
#ifdef SWAGE_TSAN
  __tsan_switch_to_fiber(fiber.host, 0);
  __tsan_destroy_fiber(fiber.guest);
#endif
}

/// After a trap or an exception that stayed on the same stack: what lies below `landing_sp` was abandoned.
__attribute__((always_inline)) inline void after_abandoning([[maybe_unused]] std::byte* bottom,
                                                            [[maybe_unused]] std::byte* landing_sp) {
#ifdef SWAGE_ASAN
  __asan_unpoison_memory_region(bottom, static_cast<size_t>(landing_sp - bottom));
#endif
}

} // namespace swage::platform
