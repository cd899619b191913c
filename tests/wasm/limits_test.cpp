// Each limit of limits.h that is cheap to reach: the last that is accepted, the first that is not.
#include "compiler/wasm/limits.h"

#include <sys/mman.h>

#include "tests/wasm/support.h"

namespace swage::wasm {
namespace {

using testing::bytes_of;
using testing::header;
using testing::section;
using testing::verdict;
using testing::operator+;

/// A section of a count and as many copies of an entry.
std::vector<std::byte> repeated(int id, uint32_t count, const std::vector<std::byte>& entry) {
  Encoder contents;
  contents.u32(count);
  for (uint32_t i = 0; i < count; i++) contents.bytes(entry);
  return section(id, contents.take());
}

std::vector<std::byte> repeat(uint32_t count, const std::vector<std::byte>& entry) {
  Encoder out;
  for (uint32_t i = 0; i < count; i++) out.bytes(entry);
  return out.take();
}

std::vector<std::byte> func_type() { return section(1, {1, 0x60, 0, 0}); }

/// A module of one function () -> () whose code entry is this.
std::vector<std::byte> with_body(const std::vector<std::byte>& entry) {
  Encoder contents;
  contents.u32(1);
  contents.sized(entry);
  return header() + func_type() + section(3, {1, 0}) + section(10, contents.take());
}

TEST(Limits, Types) {
  EXPECT_EQ(verdict(header() + repeated(1, kMaxTypes, bytes_of({0x60, 0, 0}))), "");
  EXPECT_EQ(verdict(header() + repeated(1, kMaxTypes + 1, bytes_of({0x60, 0, 0}))),
            "limit: 1000001 types, the limit is 1000000");
}

TEST(Limits, TypesOfAGroup) {
  Encoder group;
  group.u32(2);
  group.bytes(bytes_of({0x60, 0, 0, 0x4E}));
  group.u32(kMaxTypes);
  group.bytes(repeat(kMaxTypes, bytes_of({0x5F, 0})));
  EXPECT_EQ(verdict(header() + section(1, group.take())), "limit: 1000001 types, the limit is 1000000");
}

TEST(Limits, Imports) {
  std::vector<std::byte> import = bytes_of({0, 0, 3, 0x7F, 0});
  EXPECT_EQ(verdict(header() + repeated(2, kMaxImports, import)), "");
  EXPECT_EQ(verdict(header() + repeated(2, kMaxImports + 1, import)),
            "limit: 1000001 imports, the limit is 1000000");
}

TEST(Limits, FunctionsTogetherWithImportedOnes) {
  std::vector<std::byte> import = section(2, {1, 0, 0, 0, 0});
  auto module = [&](uint32_t count) {
    return header() + func_type() + import + repeated(3, count, bytes_of({0})) +
           repeated(10, count, bytes_of({2, 0, 0x0B}));
  };
  EXPECT_EQ(verdict(module(kMaxFunctions - 1)), "");
  EXPECT_EQ(verdict(module(kMaxFunctions)), "limit: 1000001 functions, the limit is 1000000");
}

TEST(Limits, Exports) {
  auto module = [](uint32_t count) { // of one function, by three bytes each
    Encoder contents;
    contents.u32(count);
    for (uint32_t i = 0; i < count; i++) {
      std::byte name[] = {static_cast<std::byte>('a' + i % 26), static_cast<std::byte>('a' + i / 26 % 26),
                          static_cast<std::byte>('a' + i / 676 % 26),
                          static_cast<std::byte>('a' + i / 17'576 % 26),
                          static_cast<std::byte>('a' + i / 456'976)};
      contents.sized(name);
      contents.bytes(bytes_of({0, 0}));
    }
    return header() + func_type() + section(3, {1, 0}) + section(7, contents.take()) +
           section(10, {1, 2, 0, 0x0B});
  };
  EXPECT_EQ(verdict(module(kMaxExports)), "");
  EXPECT_EQ(verdict(module(kMaxExports + 1)), "limit: 1000001 exports, the limit is 1000000");
}

TEST(Limits, Globals) {
  std::vector<std::byte> global = bytes_of({0x7F, 0, 0x41, 0, 0x0B});
  EXPECT_EQ(verdict(header() + repeated(6, kMaxGlobals, global)), "");
  EXPECT_EQ(verdict(header() + repeated(6, kMaxGlobals + 1, global)),
            "limit: 1000001 globals, the limit is 1000000");
}

TEST(Limits, Tags) {
  EXPECT_EQ(verdict(header() + func_type() + repeated(13, kMaxTags, bytes_of({0, 0}))), "");
  EXPECT_EQ(verdict(header() + func_type() + repeated(13, kMaxTags + 1, bytes_of({0, 0}))),
            "limit: 1000001 tags, the limit is 1000000");
}

TEST(Limits, TablesAndMemories) {
  EXPECT_EQ(verdict(header() + repeated(4, kMaxTables, bytes_of({0x70, 0, 0}))), "");
  EXPECT_EQ(verdict(header() + repeated(4, kMaxTables + 1, bytes_of({0x70, 0, 0}))),
            "limit: 100001 tables, the limit is 100000");
  EXPECT_EQ(verdict(header() + repeated(5, kMaxMemories, bytes_of({0, 0}))), "");
  EXPECT_EQ(verdict(header() + repeated(5, kMaxMemories + 1, bytes_of({0, 0}))),
            "limit: 101 memories, the limit is 100");
}

TEST(Limits, Segments) {
  EXPECT_EQ(verdict(header() + repeated(11, kMaxDataSegments, bytes_of({1, 0}))), "");
  EXPECT_EQ(verdict(header() + repeated(11, kMaxDataSegments + 1, bytes_of({1, 0}))),
            "limit: 100001 data segments, the limit is 100000");
}

TEST(Limits, ElementSegments) {
  std::vector<std::byte> segment = bytes_of({1, 0, 0});
  EXPECT_EQ(verdict(header() + repeated(9, kMaxElemSegments, segment)), "");
  EXPECT_EQ(verdict(header() + repeated(9, kMaxElemSegments + 1, segment)),
            "limit: 10000001 element segments, the limit is 10000000");
}

TEST(Limits, Pages) {
  EXPECT_EQ(verdict("(module (memory 65536 65536))"), "");
  EXPECT_EQ(verdict("(module (memory 65537))"),
            "invalid: memory size must be at most 65536 pages: the minimum is 65537");
  EXPECT_EQ(verdict("(module (memory 0 65537))"),
            "invalid: memory size must be at most 65536 pages: the maximum is 65537");
}

TEST(Limits, BytesOfAModule) {
  // One custom section, whose bytes nobody looks at: they are never touched, so they cost nothing.
  size_t most = kMaxModuleBytes;
  void* memory =
      mmap(nullptr, most + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  auto module = [&](size_t size) {
    Encoder start;
    start.bytes(header());
    start.byte(0);
    start.u32(static_cast<uint32_t>(size - 14)); // five bytes
    std::ranges::copy(start.view(), static_cast<std::byte*>(memory));
    Expected<Module> decoded = decode({static_cast<std::byte*>(memory), size}, FeatureSet::all());
    return decoded ? "" : verdict(decoded.error());
  };
  EXPECT_EQ(module(most), "");
  EXPECT_EQ(module(most + 1), "limit: module of 1073741825 bytes, the limit is 1073741824");
  munmap(memory, most + 1);
}

TEST(Limits, ElementsOfASegment) {
  auto module = [](uint32_t count) {
    Encoder segment;
    segment.bytes(bytes_of({1, 1, 0}));
    segment.u32(count);
    segment.bytes(std::vector<std::byte>(count));
    return header() + func_type() + section(3, {1, 0}) + section(9, segment.take()) +
           section(10, {1, 2, 0, 0x0B});
  };
  EXPECT_EQ(verdict(module(kMaxElements)), "");
  EXPECT_EQ(verdict(module(kMaxElements + 1)),
            "limit: 10000001 elements in one segment, the limit is 10000000");
}

TEST(Limits, ParametersAndResults) {
  auto type = [](uint32_t params, uint32_t results) {
    Encoder out;
    out.bytes(bytes_of({1, 0x60}));
    out.sized(repeat(params, bytes_of({0x7F})));
    out.sized(repeat(results, bytes_of({0x7F})));
    return header() + section(1, out.take());
  };
  EXPECT_EQ(verdict(type(1000, 1000)), "");
  EXPECT_EQ(verdict(type(1001, 0)), "limit: 1001 parameters, the limit is 1000");
  EXPECT_EQ(verdict(type(0, 1001)), "limit: 1001 results, the limit is 1000");
}

TEST(Limits, Fields) {
  auto type = [](uint32_t fields) {
    Encoder out;
    out.bytes(bytes_of({1, 0x5F}));
    out.u32(fields);
    out.bytes(repeat(fields, bytes_of({0x7F, 0})));
    return header() + section(1, out.take());
  };
  EXPECT_EQ(verdict(type(10'000)), "");
  EXPECT_EQ(verdict(type(10'001)), "limit: 10001 fields, the limit is 10000");
}

TEST(Limits, SubtypeDepth) {
  auto chain = [](uint32_t length) {
    Encoder out;
    out.u32(length);
    out.bytes(bytes_of({0x50, 0, 0x5F, 0}));
    for (uint32_t i = 1; i < length; i++) {
      out.bytes(bytes_of({0x50, 1}));
      out.u32(i - 1);
      out.bytes(bytes_of({0x5F, 0}));
    }
    return header() + section(1, out.take());
  };
  EXPECT_EQ(verdict(chain(64)), "");
  EXPECT_EQ(verdict(chain(65)), "limit: type 64 has more than 63 super types, the limit");
}

TEST(Limits, BodyBytes) {
  auto body = [](uint32_t size) {
    std::vector<std::byte> entry(size, std::byte{0x01}); // nop
    entry.front() = std::byte{0};
    entry.back() = std::byte{0x0B};
    return with_body(entry);
  };
  EXPECT_EQ(verdict(body(kMaxBodyBytes)), "");
  EXPECT_EQ(verdict(body(kMaxBodyBytes + 1)), "limit: a body of 7654322 bytes, the limit is 7654321");
}

TEST(Limits, Locals) {
  auto locals = [](uint32_t count) {
    Encoder entry;
    entry.u32(1);
    entry.u32(count);
    entry.bytes(bytes_of({0x7F, 0x0B}));
    return with_body(entry.take());
  };
  EXPECT_EQ(verdict(locals(50'000)), "");
  EXPECT_EQ(verdict(locals(50'001)), "limit: 50001 locals, the limit is 50000");
}

TEST(Limits, LocalsWithTheParameters) {
  auto locals = [](int low, int high) { // a LEB of three bytes
    return header() + section(1, {1, 0x60, 1, 0x7F, 0}) + section(3, {1, 0}) +
           section(10, {1, 6, 1, low, high, 0x03, 0x7F, 0x0B});
  };
  EXPECT_EQ(verdict(locals(0xCF, 0x86)), "") << "49,999 and a parameter";
  EXPECT_EQ(verdict(locals(0xD0, 0x86)), "limit: 50001 locals with the parameters, the limit is 50000");
}

TEST(Limits, ArrayNewFixed) {
  auto array = [](uint32_t length) {
    Encoder entry;
    entry.u32(0);
    for (uint32_t i = 0; i < length; i++) entry.emit({.op = Op::i32_const});
    entry.emit({.op = Op::array_new_fixed, .index = {1, length}});
    entry.emit({.op = Op::drop});
    entry.emit({.op = Op::end});
    Encoder code;
    code.u32(1);
    code.sized(entry.view());
    return header() + section(1, {2, 0x60, 0, 0, 0x5E, 0x7F, 0}) + section(3, {1, 0}) +
           section(10, code.take());
  };
  EXPECT_EQ(verdict(array(10'000)), "");
  EXPECT_EQ(verdict(array(10'001)), "limit: array.new_fixed of 10001 elements, the limit is 10000");
}

TEST(Limits, OperandsOnTheStack) {
  // Two bytes push a thousand operands: without a limit the stack would outgrow the module by far.
  Encoder type;
  type.bytes(bytes_of({1, 0x60, 0}));
  type.sized(repeat(1000, bytes_of({0x7F})));
  auto calls = [&](uint32_t count) {
    Encoder entry;
    entry.u32(0);
    for (uint32_t i = 0; i < count; i++) entry.emit({.op = Op::call, .index = {0}});
    entry.emit({.op = Op::unreachable});
    entry.emit({.op = Op::end});
    Encoder code;
    code.u32(1);
    code.sized(entry.view());
    return header() + section(1, {type.view().begin(), type.view().end()}) + section(3, {1, 0}) +
           section(10, code.take());
  };
  EXPECT_EQ(verdict(calls(1000)), "");
  EXPECT_EQ(verdict(calls(1001)), "limit: more than 1000000 operands on the stack, the limit");
}

} // namespace
} // namespace swage::wasm
