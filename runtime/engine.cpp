#include "runtime/engine.h"
#include "runtime/vocabulary/text.h"

namespace swage {

Expected<Engine> Engine::create(EngineConfig config) {
  constexpr uint64_t kMinStack = uint64_t{64} << 10;
  constexpr uint64_t kMaxStack = uint64_t{1} << 40;
  if (config.max_wasm_stack < kMinStack || config.max_wasm_stack > kMaxStack)
    return failure(ErrorCode::usage, {"the guest's stack must have between 64 KiB and 1 TiB, got ",
                                      decimal(config.max_wasm_stack), " bytes"});
  auto impl = std::make_shared<Impl>();
  impl->config = std::move(config);
  if (impl->config.memory != MemoryStrategy::checked) {
    // The first slot of the pool is the trial.
    Slot slot = impl->slots.take_guarded(0, 0);
    impl->has_guard_memories = slot.mapping != nullptr;
    if (impl->has_guard_memories) impl->slots.give_back_guarded(slot);
  }
  if (impl->config.memory == MemoryStrategy::guard && !impl->has_guard_memories)
    return failure(ErrorCode::resource, {"no address space for memories with guard pages (ulimit -v?)"},
                   "--memory checked");
  return Engine(std::move(impl));
}

const EngineConfig& Engine::config() const { return impl_->config; }

bool guard_memories_available(const Engine& engine) { return engine.impl().has_guard_memories; }

} // namespace swage
