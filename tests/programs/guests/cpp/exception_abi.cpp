// What Debian's libc++abi for Wasm lacks of the C++ exception ABI, as far as exceptions.cpp needs it:
// throwing, catching by the exact type, by reference to it or everything, and throwing on.
//
// clang stores the landing pad's number and the function's table in __wasm_lpad_context, calls
// _Unwind_CallPersonality, and reads the number of the handler's type there.
// https://itanium-cxx-abi.github.io/cxx-abi/abi-eh.html
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <typeinfo>

// The tag of every C++ exception; it carries the address of a Header.
__asm__(".globl __cpp_exception\n.tagtype __cpp_exception i32\n__cpp_exception:\n");

namespace {

struct Header {
  const std::type_info* type;
  void* (*destroy)(void*);
  Header* caught; ///< what was being handled when this one was caught
  int handlers;
  bool is_thrown_on;
  alignas(16) unsigned char object[];
};

Header* g_caught = nullptr;

Header* header_of(void* object) {
  return reinterpret_cast<Header*>(static_cast<unsigned char*>(object) - offsetof(Header, object));
}

uint32_t unsigned_number(const uint8_t*& at) {
  uint32_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    uint8_t byte = *at++;
    value |= uint32_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return value;
  }
}

int32_t signed_number(const uint8_t*& at) {
  uint32_t value = 0;
  unsigned shift = 0;
  uint8_t byte;
  do {
    byte = *at++;
    value |= uint32_t{byte & 0x7fu} << shift;
    shift += 7;
  } while (byte >= 0x80);
  if ((byte & 0x40) != 0 && shift < 32) value |= ~uint32_t{0} << shift;
  return static_cast<int32_t>(value);
}

} // namespace

extern "C" {

struct LandingPadContext {
  uintptr_t landing_pad;
  const uint8_t* table;
  uintptr_t selector;
};
LandingPadContext __wasm_lpad_context;

int __gxx_wasm_personality_v0(void*) { abort(); }

int _Unwind_CallPersonality(void* exception) {
  const uint8_t* at = __wasm_lpad_context.table;
  ++at; // where landing pads count from
  ++at; // how types are encoded: absolute addresses
  uint32_t to_types = unsigned_number(at);
  auto* types = reinterpret_cast<const std::type_info* const*>(at + to_types);
  ++at; // how call sites are encoded
  uint32_t sites_size = unsigned_number(at);
  const uint8_t* actions = at + sites_size;
  uint32_t action = 0;
  for (uintptr_t i = 0; i <= __wasm_lpad_context.landing_pad; ++i) {
    unsigned_number(at);
    action = unsigned_number(at);
  }
  __wasm_lpad_context.selector = 0;
  for (const uint8_t* row = actions + action - 1; action != 0;) {
    int32_t number = signed_number(row);
    const uint8_t* next = row;
    int32_t distance = signed_number(row);
    const std::type_info* wanted = number > 0 ? types[-number] : nullptr;
    if (number > 0 && (wanted == nullptr || *wanted == *static_cast<Header*>(exception)->type)) {
      __wasm_lpad_context.selector = static_cast<uintptr_t>(number);
      break;
    }
    if (distance == 0) break;
    row = next + distance;
  }
  return 0;
}

void* __cxa_allocate_exception(size_t size) {
  auto* header = static_cast<Header*>(aligned_alloc(16, (sizeof(Header) + size + 15) / 16 * 16));
  *header = {};
  return header->object;
}

void __cxa_free_exception(void* object) { free(header_of(object)); }

[[noreturn]] void __cxa_throw(void* object, std::type_info* type, void* (*destroy)(void*)) {
  Header* header = header_of(object);
  header->type = type;
  header->destroy = destroy;
  __builtin_wasm_throw(0, header);
}

void* __cxa_begin_catch(void* exception) {
  auto* header = static_cast<Header*>(exception);
  if (header->handlers++ == 0) {
    header->caught = g_caught;
    g_caught = header;
  }
  header->is_thrown_on = false;
  return header->object;
}

void __cxa_end_catch() {
  Header* header = g_caught;
  if (--header->handlers != 0) return;
  g_caught = header->caught;
  if (header->is_thrown_on) return;
  if (header->destroy != nullptr) header->destroy(header->object);
  free(header);
}

[[noreturn]] void __cxa_rethrow() {
  g_caught->is_thrown_on = true;
  __builtin_wasm_throw(0, g_caught);
}

} // extern "C"
