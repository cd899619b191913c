// Objects in memory: what they may refer to, how their pages are protected, whether they can be unwound.
#include "compiler/jit/link.h"

#include <fstream>

#include <gmock/gmock.h>
#include <unwind.h>

#include "compiler/jit/code_space.h"
#include "compiler/jit/process_symbols.h"
#include "tests/jit/fake_registry.h"
#include "tests/jit/graph_program.h"
#include "tests/jit/ir.h"

namespace swage::jit {
namespace {

std::unique_ptr<CodeSpace> make_space(FakeRegistry& registry, size_t bytes = size_t{16} << 20) {
  return CodeSpace::create(bytes, bytes, registry).value();
}

const void* process(llvm::StringRef name) { return process_symbol({name.data(), name.size()}); }

/// The "rwxp" column of /proc/self/maps for an address.
std::string protection_of(const void* address) {
  std::ifstream maps("/proc/self/maps");
  std::string line;
  while (std::getline(maps, line)) {
    uintptr_t begin = 0, end = 0;
    char access[5] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, access) != 3) continue;
    if (reinterpret_cast<uintptr_t>(address) - begin < end - begin) return access;
  }
  return "unmapped";
}

TEST(Link, ResolvesTheFunctionsThatLlvmCalls) {
  FakeRegistry registry;
  auto space = make_space(registry);
  LinkedObject linked = space
                            ->add_object(compile_ir(R"(
    declare double @floor(double)
    define double @f(double %x) { %y = call double @floor(double %x) ret double %y })"),
                                         process)
                            .value();
  auto f = reinterpret_cast<double (*)(double)>(linked.find("f")->address);
  EXPECT_EQ(f(2.5), 2.0);
}

TEST(Link, RefusesEverythingElseOfTheProcessByName) {
  FakeRegistry registry;
  auto space = make_space(registry);
  Expected<LinkedObject> linked = space->add_object(compile_ir(R"(
    declare i32 @system(ptr)
    define i32 @f(ptr %x) { %y = call i32 @system(ptr %x) ret i32 %y })"),
                                                    process);
  ASSERT_FALSE(linked);
  EXPECT_EQ(linked.error().code, ErrorCode::unsupported);
  EXPECT_THAT(linked.error().message, testing::HasSubstr("\"system\""));
}

TEST(Link, FailsWhenTheSlabIsFull) {
  FakeRegistry registry;
  auto space = make_space(registry, 4096);
  Expected<LinkedObject> linked =
      space->add_object(compile_ir("define void @f() { ret void }\n@x = constant i32 1"), process);
  ASSERT_FALSE(linked);
  EXPECT_EQ(linked.error().code, ErrorCode::resource);
}

TEST(Link, LeavesNoPageBothWritableAndExecutable) {
  FakeRegistry registry;
  auto space = make_space(registry);
  LinkedObject linked = space
                            ->add_object(compile_ir(R"(
    @data = global i32 1
    @constant = constant i32 2
    define i32 @f() { %a = load i32, ptr @data %b = load i32, ptr @constant %c = add i32 %a, %b ret i32 %c })"),
                                         process)
                            .value();
  EXPECT_EQ(protection_of(linked.find("f")->address), "r-xp");
  EXPECT_EQ(protection_of(linked.find("data")->address), "rw-p");
  EXPECT_EQ(protection_of(linked.find("constant")->address), "r--p");
}

TEST(Link, RegistersCodeAndUnwindTablesUntilTheEnd) {
  FakeRegistry registry;
  auto space = make_space(registry);
  LinkedObject linked =
      space->add_object(compile_ir("define void @f() uwtable { ret void }"), process).value();
  EXPECT_TRUE(registry.trap_row(linked.find("f")->address));
  EXPECT_EQ(registry.frames.size(), 1u);
  space.reset();
  EXPECT_TRUE(registry.ranges.empty());
  EXPECT_TRUE(registry.frames.empty());
}

/// How many frames of the given code are on the stack above the caller.
int count_frames(const FakeRegistry* registry) {
  struct Walk {
    const FakeRegistry* registry;
    int found = 0;
  } walk{registry};
  auto visit = [](_Unwind_Context* context, void* state) {
    auto* self = static_cast<Walk*>(state);
    auto pc = static_cast<uintptr_t>(_Unwind_GetIP(context)) - 1;
    if (self->registry->trap_row(reinterpret_cast<const void*>(pc))) ++self->found;
    return _URC_NO_REASON;
  };
  _Unwind_Backtrace(visit, &walk);
  return walk.found;
}

TEST(Link, CodeCanBeUnwound) {
  FakeRegistry registry;
  auto space = make_space(registry);
  LinkedObject linked = space
                            ->add_object(compile_ir(R"(
    define i32 @outer(ptr %count, ptr %x) uwtable noinline { %r = call i32 @inner(ptr %count, ptr %x) %s = add i32 %r, 100 ret i32 %s }
    define i32 @inner(ptr %count, ptr %x) uwtable noinline { %r = call i32 %count(ptr %x) %s = add i32 %r, 10 ret i32 %s })"),
                                         process)
                            .value();
  auto outer = reinterpret_cast<int (*)(int (*)(const FakeRegistry*), const FakeRegistry*)>(
      linked.find("outer")->address);
  EXPECT_EQ(outer(&count_frames, &registry), 112);
}

TEST(ProcessSymbols, AreOnlyThoseOfTheList) {
  EXPECT_EQ(process_symbol("memcpy"), reinterpret_cast<const void*>(&::memcpy));
  EXPECT_NE(process_symbol("__udivti3"), nullptr);
  EXPECT_EQ(process_symbol("mem"), nullptr);
  EXPECT_EQ(process_symbol("dlopen"), nullptr);
}

} // namespace
} // namespace swage::jit
