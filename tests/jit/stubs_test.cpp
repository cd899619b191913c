// The way from a stub into C++ and on: arguments arrive, slots are patched, and a stack that is used up is
// seen in the stub.
#include "compiler/jit/stubs.h"

#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

#include <csetjmp>
#include <csignal>

#include <gmock/gmock.h>

#include "compiler/jit/code_space.h"
#include "tests/jit/fake_registry.h"
#include "tests/jit/ir.h"

namespace swage::jit {
namespace {

/// One stub, which resolves to `target` when it is first called.
struct OneStub {
  FakeRegistry registry;
  std::unique_ptr<CodeSpace> space = CodeSpace::create(size_t{1} << 20, size_t{1} << 20, registry).value();
  Stubs stubs;
  const void* target = nullptr;
  int resolved = 0;

  OneStub() {
    auto resolve = [](void* self, uint32_t index) {
      auto* owner = static_cast<OneStub*>(self);
      owner->resolved += 1 + static_cast<int>(index);
      // Everything that a call may change without saying so.
      asm volatile("" ::
                       : "memory", "cc"
#if defined(__x86_64__)
                         ,
                         "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm0", "xmm1", "xmm2",
                         "xmm3", "xmm4", "xmm5", "xmm6", "xmm7"
#endif
      );
      return owner->target;
    };
    stubs = space->add_stubs(1, this, resolve).value();
  }
};

uint64_t many(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f, double g, double h,
              double i, double j, double k, double l, double m, double n, uint64_t o) {
  return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f +
         static_cast<uint64_t>(7 * g + 8 * h + 9 * i + 10 * j + 11 * k + 12 * l + 13 * m + 14 * n) + 15 * o;
}

TEST(Stubs, KeepTheArgumentsOfACall) {
  OneStub one;
  one.target = reinterpret_cast<const void*>(&many);
  auto stub = reinterpret_cast<decltype(&many)>(reinterpret_cast<uintptr_t>(one.stubs.stub(0)));
  EXPECT_EQ(stub(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
            many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}

TEST(Stubs, KeepTheContextAndTheVectorsOfTheInternalConvention) {
  OneStub one;
  LinkedObject linked = one.space
                            ->add_object(compile_ir(R"(
    define swifttailcc i64 @callee(ptr swiftself %context, <2 x i64> %a, <2 x i64> %b, i64 %c) {
      %a1 = extractelement <2 x i64> %a, i32 1
      %b1 = extractelement <2 x i64> %b, i32 1
      %p = ptrtoint ptr %context to i64
      %s = add i64 %a1, %b1
      %t = add i64 %s, %c
      %u = add i64 %t, %p
      ret i64 %u
    }
    define i64 @call(ptr %code, ptr %context) {
      %r = call swifttailcc i64 %code(ptr swiftself %context, <2 x i64> <i64 1, i64 20>, <2 x i64> <i64 3, i64 400>, i64 5)
      ret i64 %r
    })"),
                                         [](llvm::StringRef) { return nullptr; })
                            .value();
  one.target = linked.find("callee")->address;
  auto call = reinterpret_cast<uint64_t (*)(const void*, uint64_t)>(linked.find("call")->address);
  EXPECT_EQ(call(one.stubs.stub(0), 6000), 6425u);
}

TEST(Stubs, LeadToCodeOncePatched) {
  OneStub one;
  one.stubs.patch(0, reinterpret_cast<const void*>(+[] { return 42; }));
  EXPECT_EQ(reinterpret_cast<int (*)()>(reinterpret_cast<uintptr_t>(one.stubs.stub(0)))(), 42);
  EXPECT_EQ(one.resolved, 0);
}

TEST(Stubs, AskEachTimeUntilPatched) {
  OneStub one;
  one.target = reinterpret_cast<const void*>(+[] { return 42; });
  auto stub = reinterpret_cast<int (*)()>(reinterpret_cast<uintptr_t>(one.stubs.stub(0)));
  stub();
  EXPECT_EQ(stub(), 42);
  EXPECT_EQ(one.resolved, 2);
}

// A guest's stack of two pages with a guard below: the stub's head meets the guard, in code whose row says
// so, and from there the guest's frames can be found.

OneStub* overflowing = nullptr;
sigjmp_buf after_fault;
std::optional<uint8_t> row_at_fault;
bool has_seen_guest = false;

__attribute__((noinline)) void guest() {
  reinterpret_cast<void (*)()>(reinterpret_cast<uintptr_t>(overflowing->stubs.stub(0)))();
  asm volatile(""); // the call above is not the last thing that happens
}

void on_fault(int, siginfo_t*, void* state) {
  auto* context = static_cast<ucontext_t*>(state);
#if defined(__x86_64__)
  auto pc = static_cast<uintptr_t>(context->uc_mcontext.gregs[REG_RIP]);
#else
  auto pc = static_cast<uintptr_t>(context->uc_mcontext.pc);
#endif
  row_at_fault = overflowing->registry.trap_row(reinterpret_cast<const void*>(pc));
  auto visit = [](_Unwind_Context* frame, void*) {
    has_seen_guest |= _Unwind_GetRegionStart(frame) == reinterpret_cast<uintptr_t>(&guest);
    return _URC_NO_REASON;
  };
  _Unwind_Backtrace(visit, nullptr);
  siglongjmp(after_fault, 1);
}

/// Calls a stub where less stack is left than C++ needs.
void overflow_in_stub(OneStub& one) {
  overflowing = &one;
  auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  size_t guard = 8 * page, size = guard + 2 * page;
  auto* stack = static_cast<std::byte*>(
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_EQ(mprotect(stack, guard, PROT_NONE), 0);
  static std::byte signal_stack[65536];
  stack_t alternate = {.ss_sp = signal_stack, .ss_flags = 0, .ss_size = sizeof signal_stack};
  ASSERT_EQ(sigaltstack(&alternate, nullptr), 0);
  struct sigaction action = {}, before = {};
  action.sa_sigaction = &on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  ASSERT_EQ(sigaction(SIGSEGV, &action, &before), 0);

  ucontext_t inside = {}, outside = {};
  getcontext(&inside);
  inside.uc_stack = {.ss_sp = stack, .ss_flags = 0, .ss_size = size};
  inside.uc_link = &outside;
  makecontext(&inside, &guest, 0);
  if (sigsetjmp(after_fault, 1) == 0) swapcontext(&outside, &inside);
  sigaction(SIGSEGV, &before, nullptr);
  munmap(stack, size);
}

TEST(Stubs, FaultAsStackExhaustionAtTheGuardPage) {
  OneStub one;
  overflow_in_stub(one);
  EXPECT_EQ(one.resolved, 0);
  ASSERT_TRUE(row_at_fault);
  EXPECT_EQ(*row_at_fault, static_cast<uint8_t>(TrapCode::stack_exhausted) + 1);
}

TEST(Stubs, CanBeUnwound) {
  OneStub one;
  overflow_in_stub(one);
  EXPECT_TRUE(has_seen_guest);
}

} // namespace
} // namespace swage::jit
