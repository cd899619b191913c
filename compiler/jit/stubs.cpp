// The stubs of a module, but for the machine code: memory, protection, and the row that explains their faults.
#include "compiler/jit/stubs.h"

#include <llvm/Support/Memory.h>

#include "runtime/abi/trap_code.h"

namespace swage::jit {

namespace {
// A stub touches the stack and nothing else, so its faults mean that the stack is used up.
constexpr abi::AddressRow kAddresses[] = {{0, 0}};
constexpr uint8_t kTraps[] = {static_cast<uint8_t>(TrapCode::stack_exhausted) + 1};
} // namespace

Expected<Stubs> Stubs::create(Slab& slab, uint32_t count, void* module, ResolveFn resolve) {
  size_t code_size = kStubHeadSize + size_t{count} * kStubSize;
  std::byte* code = slab.allocate(code_size);
  std::byte* table = slab.allocate(sizeof(SlotTable) + size_t{count} * sizeof(SlotTable::slots[0]));
  if (!code || !table) return fail(ErrorCode::resource, "no memory for the call stubs of " + std::to_string(count) + " functions");
  auto* slots = reinterpret_cast<SlotTable*>(table);
  slots->self = slots;
  slots->module = module;
  slots->resolve = resolve;
  slots->lazy_entry = reinterpret_cast<const void*>(&swage_jit_lazy_entry);
  write_stubs(code, *slots, count);
  llvm::sys::Memory::InvalidateInstructionCache(code, code_size);
  if (!slab.protect(code, code_size, Access::execute))
    return fail(ErrorCode::resource, "the system does not let this process make code executable");
  Stubs stubs;
  stubs.code_ = {code, code_size};
  stubs.slots_ = slots;
  return stubs;
}

const void* Stubs::stub(uint32_t index) const { return code_.data() + kStubHeadSize + size_t{index} * kStubSize; }
std::span<const abi::AddressRow> Stubs::addresses() const { return kAddresses; }
std::span<const uint8_t> Stubs::traps() const { return kTraps; }

} // namespace swage::jit
