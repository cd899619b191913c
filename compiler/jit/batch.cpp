#include "compiler/jit/batch.h"

#include <cassert>
#include <unordered_set>

#include "compiler/wasm/instruction.h"

namespace swage::jit {

namespace {

/// The functions that `function` calls by name, in the order of its calls, imports left out.
std::vector<wasm::FuncIdx> callees(const wasm::Module& module, wasm::FuncIdx function) {
  std::vector<wasm::FuncIdx> found;
  const wasm::Body& body = module.body(function);
  wasm::InstructionReader reader(body.code, body.offset, module);
  wasm::Instruction instruction;
  while (!reader.at_end()) {
    [[maybe_unused]] bool is_read = reader.read(instruction);
    assert(is_read && "the module is valid");
    if (instruction.op != wasm::Op::call && instruction.op != wasm::Op::return_call) continue;
    wasm::FuncIdx callee{instruction.index[0]};
    if (!module.is_imported(callee)) found.push_back(callee);
  }
  return found;
}

} // namespace

Batch choose_batch(const wasm::Module& module, std::span<const wasm::FuncIdx> roots,
                   const BatchLimits& limits, llvm::function_ref<bool(wasm::FuncIdx)> wanted) {
  Batch batch;
  std::vector<wasm::FuncIdx> queue;
  std::unordered_set<uint32_t> seen;
  auto enqueue = [&](wasm::FuncIdx function) {
    if (seen.insert(function.value).second && wanted(function)) queue.push_back(function);
  };
  for (wasm::FuncIdx root : roots) enqueue(root);

  for (size_t next = 0; next < queue.size(); ++next) {
    wasm::FuncIdx function = queue[next];
    size_t bytes = module.body(function).code.size();
    bool fits = batch.functions.size() < limits.functions && batch.bytes + bytes <= limits.bytes &&
                bytes <= limits.callee_bytes;
    if (!fits && !batch.functions.empty()) {
      batch.frontier.push_back(function);
      continue;
    }
    batch.functions.push_back(function);
    batch.bytes += bytes;
    for (wasm::FuncIdx callee : callees(module, function)) enqueue(callee);
  }
  return batch;
}

} // namespace swage::jit
