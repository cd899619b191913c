#include "compiler/jit/debugger.h"

#include <unistd.h>

#include <cassert>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string_view>

#include <llvm/ExecutionEngine/Orc/TargetProcess/JITLoaderGDB.h>
#include <llvm/Object/ELF.h>

// gdb sets a breakpoint on the function and reads the list. Both stand in LLVM's library, for a process can
// have them only once.
extern "C" void __jit_debug_register_code();
extern "C" jit_descriptor __jit_debug_descriptor;

namespace swage::jit {

namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value && *value && std::string_view(value) != "0";
}

/// Of gdb's list and of perf's file: both are the process's.
std::mutex& debugger_mutex() {
  static std::mutex mutex;
  return mutex;
}

/// Fills in where the sections lie: a relocatable object has zeros there.
void write_section_addresses(llvm::MutableArrayRef<char> image, const LinkedObject& linked) {
  using Elf = llvm::object::ELF64LE;
  auto file = llvm::cantFail(llvm::object::ELFFile<Elf>::create(llvm::StringRef(image.data(), image.size())));
  for (const Elf::Shdr& header : llvm::cantFail(file.sections())) {
    llvm::StringRef name = llvm::cantFail(file.getSectionName(header));
    for (const LinkedSection& section : linked.sections)
      if (name == section.name)
        const_cast<Elf::Shdr&>(header).sh_addr = reinterpret_cast<uint64_t>(section.begin);
  }
}

} // namespace

DebuggerOptions debugger_options_from_environment() { return {is_set("SWAGE_GDB"), is_set("SWAGE_PERF")}; }

void write_perf_map(const LinkedObject& linked) {
  std::lock_guard lock(debugger_mutex());
  static FILE* const file = std::fopen(("/tmp/perf-" + std::to_string(getpid()) + ".map").c_str(), "we");
  if (!file) return; // perf shows addresses then
  for (const LinkedSymbol& symbol : linked.symbols)
    std::fprintf(file, "%" PRIxPTR " %zx %s\n", reinterpret_cast<uintptr_t>(symbol.address), symbol.size,
                 symbol.name.c_str());
  std::fflush(file);
}

struct DebugObject::Entry : jit_code_entry {};

DebugObject::DebugObject(llvm::ArrayRef<char> object, const LinkedObject& linked)
    : image_(object.begin(), object.end()), entry_(std::make_unique<Entry>()) {
  write_section_addresses(image_, linked);
  std::lock_guard lock(debugger_mutex());
  entry_->prev_entry = nullptr;
  entry_->next_entry = __jit_debug_descriptor.first_entry;
  entry_->symfile_addr = image_.data();
  entry_->symfile_size = image_.size();
  if (entry_->next_entry) entry_->next_entry->prev_entry = entry_.get();
  __jit_debug_descriptor.first_entry = entry_.get();
  __jit_debug_descriptor.relevant_entry = entry_.get();
  __jit_debug_descriptor.action_flag = JIT_REGISTER_FN;
  __jit_debug_register_code();
}

DebugObject::~DebugObject() {
  std::lock_guard lock(debugger_mutex());
  if (entry_->prev_entry)
    entry_->prev_entry->next_entry = entry_->next_entry;
  else
    __jit_debug_descriptor.first_entry = entry_->next_entry;
  if (entry_->next_entry) entry_->next_entry->prev_entry = entry_->prev_entry;
  __jit_debug_descriptor.relevant_entry = entry_.get();
  __jit_debug_descriptor.action_flag = JIT_UNREGISTER_FN;
  __jit_debug_register_code();
}

} // namespace swage::jit
