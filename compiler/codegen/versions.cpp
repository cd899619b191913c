#include "compiler/codegen/versions.h"

#include <algorithm>
#include <cassert>
#include <charconv>

#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Support/xxhash.h>

#include "compiler/wasm/instruction.h"

namespace swage::codegen {

namespace {

struct BodyFacts {
  bool has_loop = false, has_call = false;
  std::vector<uint32_t> called_in_loops;
};

BodyFacts scan(const wasm::Module& module, const wasm::Body& body) {
  BodyFacts facts;
  std::vector<bool> blocks; // whether each open one is a loop
  size_t loops = 0;
  wasm::InstructionReader reader(body.code, body.offset, module);
  wasm::Instruction instruction;
  while (!reader.at_end()) {
    [[maybe_unused]] bool is_read = reader.read(instruction);
    assert(is_read && "the module is valid");
    switch (instruction.op) {
    case wasm::Op::loop:
      facts.has_loop = true;
      loops++;
      blocks.push_back(true);
      break;
    case wasm::Op::block:
    case wasm::Op::if_:
    case wasm::Op::try_:
    case wasm::Op::try_table: blocks.push_back(false); break;
    case wasm::Op::end:
    case wasm::Op::delegate:
      if (blocks.empty()) break;
      loops -= blocks.back();
      blocks.pop_back();
      break;
    case wasm::Op::call:
    case wasm::Op::return_call:
      if (loops != 0) facts.called_in_loops.push_back(instruction.index[0]);
      facts.has_call = true;
      break;
    case wasm::Op::call_indirect:
    case wasm::Op::return_call_indirect:
    case wasm::Op::call_ref:
    case wasm::Op::return_call_ref: facts.has_call = true; break;
    default: break;
    }
  }
  return facts;
}

/// The function of a version's symbol ("f12.fib.x86-64-v3"), as a position among the versioned ones.
std::optional<uint32_t> version_of(llvm::StringRef symbol, std::string_view cpu,
                                   std::span<const wasm::FuncIdx> functions) {
  if (!symbol.consume_front("f") || !symbol.ends_with(cpu) || !symbol.drop_back(cpu.size()).ends_with("."))
    return std::nullopt;
  wasm::FuncIdx function;
  std::from_chars(symbol.begin(), symbol.end(), function.value);
  auto found = std::ranges::lower_bound(functions, function);
  if (found == functions.end() || *found != function) return std::nullopt;
  return static_cast<uint32_t>(found - functions.begin());
}

} // namespace

std::vector<bool> choose_versioned(const wasm::Module& module, const lower::Profile* profile) {
  std::vector<bool> chosen(module.functions.size());
  std::vector<bool> is_leaf(module.functions.size()), is_in_loop(module.functions.size());
  for (uint32_t k = 0; k < module.bodies.size(); k++) {
    wasm::FuncIdx function{module.imported_functions + k};
    if (profile) {
      chosen[function.value] = profile->heat(function) == lower::Heat::hot;
      continue;
    }
    BodyFacts facts = scan(module, module.bodies[k]);
    chosen[function.value] = facts.has_loop;
    is_leaf[function.value] = !facts.has_call;
    for (uint32_t callee : facts.called_in_loops) is_in_loop[callee] = true;
  }
  for (size_t k = module.imported_functions; k < chosen.size(); k++)
    chosen[k] = chosen[k] || (is_leaf[k] && is_in_loop[k]);
  return chosen;
}

VersionFacts facts_of(const Object& object, std::string_view cpu, std::span<const wasm::FuncIdx> functions) {
  auto file = llvm::object::ObjectFile::createELFObjectFile(
      llvm::MemoryBufferRef(llvm::StringRef(object.bytes.data(), object.bytes.size()), "object"));
  assert(file && "LLVM reads what it wrote");
  VersionFacts facts;
  std::string text; // everything that counts, in order
  auto is_loaded = [](llvm::object::SectionRef section) {
    return (llvm::object::ELFSectionRef(section).getFlags() & llvm::ELF::SHF_ALLOC) != 0;
  };
  for (const llvm::object::SectionRef& section : (*file)->sections()) {
    if (is_loaded(section)) {
      text += llvm::cantFail(section.getName());
      text += '\0';
      if (!section.isBSS()) text += llvm::cantFail(section.getContents());
    }
    llvm::object::section_iterator relocated = llvm::cantFail(section.getRelocatedSection());
    if (relocated == (*file)->section_end() || !is_loaded(*relocated)) continue;
    for (const llvm::object::RelocationRef& row : section.relocations()) {
      llvm::StringRef symbol = llvm::cantFail(row.getSymbol()->getName());
      std::optional<uint32_t> callee = version_of(symbol, cpu, functions);
      if (callee) facts.callees.push_back(*callee);
      int64_t addend = llvm::cantFail(llvm::object::ELFRelocationRef(row).getAddend());
      text += std::to_string(row.getOffset()) + ' ' + std::to_string(row.getType()) + ' ' +
              std::to_string(addend) + ' ' + (callee ? symbol.drop_back(cpu.size()) : symbol).str() + '\0';
    }
  }
  llvm::XXH128_hash_t hash = llvm::xxh3_128bits(llvm::arrayRefFromStringRef(text));
  facts.hash_low = hash.low64;
  facts.hash_high = hash.high64;
  return facts;
}

std::vector<uint32_t> used_versions(const std::vector<std::vector<VersionFacts>>& facts, uint32_t level,
                                    const std::vector<uint32_t>& below) {
  std::vector<uint32_t> used = below;
  std::vector<std::vector<uint32_t>> callers(below.size());
  std::vector<uint32_t> pending;
  auto keep = [&](uint32_t position) {
    if (used[position] == level) return;
    used[position] = level;
    pending.push_back(position);
  };
  for (uint32_t k = 0; k < below.size(); k++) {
    const VersionFacts& own = facts[level][k];
    const VersionFacts& lower = facts[below[k]][k];
    for (uint32_t callee : own.callees) callers[callee].push_back(k);
    if (own.hash_low != lower.hash_low || own.hash_high != lower.hash_high) keep(k);
  }
  while (!pending.empty()) {
    uint32_t position = pending.back();
    pending.pop_back();
    for (uint32_t caller : callers[position]) keep(caller);
  }
  return used;
}

} // namespace swage::codegen
