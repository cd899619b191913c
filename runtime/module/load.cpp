// Artifacts: checked as bytes, then opened by the dynamic linker, then checked as a descriptor. Nothing is
// parsed but ELF headers, and the compiler is not involved.
#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/artifact/artifact.h"
#include "runtime/module/module.h"
#include "runtime/module/open.h"
#include "runtime/vocabulary/text.h"

namespace swage {

Library::~Library() {
  if (handle_ != nullptr) dlclose(handle_);
}
void* Library::symbol(const char* name) const { return dlsym(handle_, name); }

File::~File() {
  if (descriptor_ >= 0) close(descriptor_);
}

namespace {

/// A whole file, read-only. The dynamic linker relies on the file staying as it is as well.
class Mapping {
public:
  Mapping(const File& file, size_t size)
      : bytes_(size == 0 ? MAP_FAILED : mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0)),
        size_(size) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (bytes_ != MAP_FAILED) munmap(bytes_, size_);
  }
  std::span<const std::byte> bytes() const {
    return bytes_ == MAP_FAILED ? std::span<const std::byte>()
                                : std::span(static_cast<const std::byte*>(bytes_), size_);
  }

private:
  void* bytes_;
  size_t size_;
};

Expected<Library> open_library(const std::string& path) {
  // A path without a slash would be searched for.
  std::string file = join({path.find('/') == std::string::npos ? "./" : "", path});
  void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return failure(ErrorCode::io, {"the dynamic linker refused it: ", dlerror()});
  return Library(handle);
}

Expected<Module> load_file(const Engine& engine, const std::string& path) {
  OpenFile open = SWAGE_TRY(open_file(path));
  Mapping mapping(open.file, open.size);
  artifact::File file = SWAGE_TRY(artifact::check_file(mapping.bytes()));
  Library library = SWAGE_TRY(open_library(path));
  const void* symbol = library.symbol(abi::kDescriptorSymbol.data());
  Dl_info place{};
  link_map* map = nullptr;
  if (symbol == nullptr || dladdr1(symbol, &place, reinterpret_cast<void**>(&map), RTLD_DL_LINKMAP) == 0)
    return failure(ErrorCode::malformed, "damaged: the descriptor's symbol is missing");

  auto address = reinterpret_cast<uintptr_t>(symbol) - map->l_addr;
  const auto& descriptor = *static_cast<const abi::Descriptor*>(symbol);
  artifact::Surroundings around = SWAGE_TRY(artifact::surroundings(file, address));
  SWAGE_CHECK(artifact::check_descriptor(descriptor, around));

  auto module = std::make_shared<Module::Impl>(engine, descriptor, std::move(library));
  SWAGE_CHECK(module->choose_level());
  module->prepare();
  if (!module->images.empty()) module->file = std::move(open.file);
  for (Image& image : module->images) {
    auto at = static_cast<uint64_t>(reinterpret_cast<uintptr_t>(image.bytes) - map->l_addr);
    image.file_offset = file.file_offset(at, image.size);
  }
  return Module(std::move(module));
}

} // namespace

Expected<OpenFile> open_file(const std::string& path) {
  OpenFile open;
  open.file = File(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (!open.file.is_open() || fstat(open.file.get(), &status) != 0)
    return failure(ErrorCode::io, {"cannot be opened: ", std::strerror(errno)});
  if (S_ISDIR(status.st_mode)) return failure(ErrorCode::io, "expected a module, got a directory");
  open.size = static_cast<size_t>(status.st_size);
  return open;
}

Expected<Module> Module::load(const Engine& engine, const std::string& path) {
  Expected<Module> module = load_file(engine, path);
  if (!module) module.error().file = path;
  return module;
}

} // namespace swage
