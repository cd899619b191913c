// Modules that are compiled in this process: the compiler behind its library, and what it reports of the code
// that it writes.
#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <mutex>
#include <unistd.h>

#include "runtime/artifact/artifact.h"
#include "runtime/call/call.h"
#include "runtime/module/module.h"
#include "runtime/module/open.h"
#include "runtime/trap/code_ranges.h"
#include "runtime/trap/unwind_tables.h"
#include "runtime/vocabulary/text.h"

#ifndef SWAGE_LIBRARY_DIR
#define SWAGE_LIBRARY_DIR "/usr/local/lib"
#endif

namespace swage {

namespace {

class Registry final : public CodeRegistry {
public:
  void add_code(const std::byte* begin, const std::byte* end, std::span<const abi::AddressRow> addresses,
                std::span<const uint8_t> traps, std::span<const abi::InlinedRow> inlined,
                const abi::Descriptor* descriptor) override {
    RegisteredCode code{begin, end, addresses, traps, inlined, descriptor};
    register_code({&code, 1});
  }
  void remove_code(const std::byte* begin) override { unregister_code({&begin, 1}); }
  void add_unwind(const std::byte* eh_frame) override { add_unwind_table(eh_frame); }
  void remove_unwind(const std::byte* eh_frame) override { remove_unwind_table(eh_frame); }
  const std::byte* stack_limit() const override {
    return t_thread.current == nullptr ? nullptr : t_thread.current->stack->limit();
  }
  void raise_trap(uint8_t trap_code) override { swage::raise_trap(static_cast<TrapCode>(trap_code)); }
};

/// Never destroyed: modules in static storage may end after it.
Registry& registry() {
  static Registry* instance = new Registry;
  return *instance;
}

std::string folder_of(std::string path) {
  size_t slash = path.rfind('/');
  path.resize(slash == std::string::npos ? 0 : slash);
  return path;
}

std::string folder_of_program() {
  char path[4096];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  return length <= 0 ? std::string() : folder_of(std::string(path, static_cast<size_t>(length)));
}

/// Of the library or program that this code was linked into.
std::string folder_of_this() {
  Dl_info place{};
  if (dladdr(reinterpret_cast<const void*>(&load_compiler), &place) == 0 || place.dli_fname == nullptr)
    return {};
  return folder_of(place.dli_fname);
}

Expected<Compiler*> open_compiler() {
  constexpr const char* kName = "libswage_compiler.so";
  std::string beside = folder_of_program();
  std::string around = folder_of_this();
  // The last one is searched for by the dynamic linker.
  const std::string_view places[][2] = {
      {beside, "/../lib/"}, {beside, "/"}, {around, "/"}, {SWAGE_LIBRARY_DIR, "/"}, {"", ""}};
  std::string refusal;
  for (const auto& [folder, below] : places) {
    std::string candidate = join({folder, below, kName});
    bool is_path = !below.empty();
    if (is_path && (candidate[0] != '/' || access(candidate.c_str(), F_OK) != 0)) continue;
    void* handle = dlopen(candidate.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
      refusal = dlerror();
      if (is_path) break; // there is one, and it is broken
      continue;
    }
    using Entry = Compiler* (*)();
    auto entry = reinterpret_cast<Entry>(dlsym(handle, kCompilerEntrySymbol));
    // Stays open: the process ends with it.
    if (entry != nullptr) return entry();
    refusal = join({candidate, " is not this version's"});
    dlclose(handle);
  }
  return failure(ErrorCode::unsupported, {"the compiler (", kName, ") is not installed: ", refusal},
                 "an artifact made by `swage compile`");
}

bool is_binary(std::span<const std::byte> input) {
  constexpr char kMagic[] = {'\0', 'a', 's', 'm'};
  return input.size() >= sizeof kMagic && std::memcmp(input.data(), kMagic, sizeof kMagic) == 0;
}

/// All bytes of a file, also of a pipe.
Expected<std::vector<std::byte>> read_all(const OpenFile& open) {
  constexpr size_t kMost = size_t{1} << 30;
  constexpr size_t kChunk = size_t{64} << 10;
  std::vector<std::byte> bytes;
  if (open.size > kMost) return failure(ErrorCode::limit, "the file is larger than 1 GiB");
  bytes.reserve(open.size + 1);
  for (size_t used = 0;;) {
    if (used > kMost) return failure(ErrorCode::limit, "the file is larger than 1 GiB");
    bytes.resize(std::max(std::min(bytes.capacity(), used + kMost), used + (open.size == 0 ? kChunk : 1)));
    ssize_t count = read(open.file.get(), bytes.data() + used, bytes.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure(ErrorCode::io, {"cannot be read: ", std::strerror(errno)});
    used += static_cast<size_t>(count);
    if (count > 0) continue;
    bytes.resize(used);
    return bytes;
  }
}

bool begins_like_artifact(const OpenFile& open) {
  std::byte magic[4];
  ssize_t count = pread(open.file.get(), magic, sizeof magic, 0);
  return count == sizeof magic && artifact::is_elf(magic);
}

Expected<Module> of_file(const Engine& engine, const std::string& path) {
  OpenFile open = SWAGE_TRY(open_file(path));
  if (begins_like_artifact(open)) return Module::load(engine, path);
  return Module::compile(engine, SWAGE_TRY(read_all(open)));
}

} // namespace

Expected<Compiler*> load_compiler() {
  static std::once_flag once;
  static Expected<Compiler*>* compiler = nullptr;
  std::call_once(once, [] { compiler = new Expected<Compiler*>(open_compiler()); });
  return *compiler;
}

Expected<Module> Module::compile(const Engine& engine, std::span<const std::byte> input) {
  Compiler* compiler = SWAGE_TRY(load_compiler());
  CompileOptions options = engine.config().compile;
  if (options.bounds == MemoryBounds::automatic)
    options.bounds = guard_memories_available(engine) ? MemoryBounds::guard : MemoryBounds::checked;
  std::vector<std::byte> converted;
  if (!is_binary(input)) {
    converted = SWAGE_TRY(compiler->to_binary(input, options));
    options.source = input;
    input = converted;
  }
  JitModule jit = SWAGE_TRY(compiler->jit(input, options, registry()));
  if (jit.descriptor->abi_hash != abi::kHash)
    return failure(ErrorCode::incompatible, "the compiler library is of another build of swage");
  auto module = std::make_shared<Impl>(engine, *jit.descriptor, std::move(jit.owner));
  module->prepare();
  return Module(std::move(module));
}

Expected<Module> Module::from_file(const Engine& engine, const std::string& path) {
  Expected<Module> module = of_file(engine, path);
  if (!module && module.error().file.empty()) module.error().file = path;
  return module;
}

} // namespace swage
