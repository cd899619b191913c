#include "compiler/lower/tail_calls.h"

#include <cassert>
#include <utility>

#include <llvm/ADT/GraphTraits.h>
#include <llvm/ADT/SCCIterator.h>

#include "compiler/wasm/instruction.h"

namespace swage::lower {
namespace {

constexpr uint64_t feature_bit(wasm::Feature feature) { return uint64_t{1} << static_cast<int>(feature); }

/// Bytes of Wasm that the functions of a cycle may have together: the size of a state machine by hand.
constexpr size_t kLargestCycle = 1000;

/// Where the calls of a function lead.
struct Calls {
  bool leaves = false; ///< by a tail call to another module, or nobody knows
  bool through_closed_table = false;
  std::vector<uint32_t> tail_callees, callees; ///< that the module defines
};

Calls calls_of(const wasm::Module& module, const Glue& glue, const wasm::Body& body) {
  Calls calls;
  wasm::InstructionReader reader(body.code, body.offset, module);
  wasm::Instruction instruction;
  while (!reader.at_end()) {
    [[maybe_unused]] bool is_read = reader.read(instruction);
    assert(is_read && "the module is valid");
    switch (instruction.op) {
    case wasm::Op::call:
      if (!module.is_imported({instruction.index[0]})) calls.callees.push_back(instruction.index[0]);
      break;
    case wasm::Op::return_call:
      if (module.is_imported({instruction.index[0]}))
        calls.leaves = true;
      else
        calls.tail_callees.push_back(instruction.index[0]);
      break;
    case wasm::Op::return_call_indirect:
      (is_closed_call(module, glue, instruction) ? calls.through_closed_table : calls.leaves) = true;
      break;
    case wasm::Op::return_call_ref: calls.leaves = true; break;
    default: break;
    }
  }
  return calls;
}

/// A function loses its context when it leaves the module by a tail call, or makes one to a function that
/// does. All functions in tables count as one.
std::vector<bool> context_losers(const wasm::Module& module, const Glue& glue,
                                 const std::vector<Calls>& calls) {
  std::vector<std::vector<uint32_t>> callers(module.functions.size());
  std::vector<uint32_t> through_table, pending;
  std::vector<bool> loses(module.functions.size()), in_table(module.functions.size());
  for (const std::optional<ClosedTable>& table : glue.closed_tables)
    if (table)
      for (uint32_t function : table->functions)
        if (function != ClosedTable::kHole) in_table[function] = true;
  auto mark = [&](uint32_t function) {
    if (loses[function]) return;
    loses[function] = true;
    pending.push_back(function);
  };
  for (uint32_t function = module.imported_functions; function < calls.size(); function++) {
    if (calls[function].leaves) mark(function);
    if (calls[function].through_closed_table) through_table.push_back(function);
    for (uint32_t callee : calls[function].tail_callees) callers[callee].push_back(function);
  }
  if (pending.empty()) return {};
  while (!pending.empty()) {
    uint32_t function = pending.back();
    pending.pop_back();
    for (uint32_t caller : callers[function]) mark(caller);
    if (!in_table[function]) continue;
    for (uint32_t caller : std::exchange(through_table, {})) mark(caller);
  }
  return loses;
}

/// A function in the graph of direct tail calls; the first one stands for whoever calls the others.
struct Node {
  std::vector<Node*> callees;
};

} // namespace
} // namespace swage::lower

template<> struct llvm::GraphTraits<swage::lower::Node*> {
  using NodeRef = swage::lower::Node*;
  using ChildIteratorType = std::vector<NodeRef>::iterator;
  static NodeRef getEntryNode(NodeRef node) { return node; }
  static ChildIteratorType child_begin(NodeRef node) { return node->callees.begin(); }
  static ChildIteratorType child_end(NodeRef node) { return node->callees.end(); }
};

namespace swage::lower {
namespace {

/// Functions that reach each other by direct tail calls, smallest cycles and larger ones as one, where a
/// function's body is small beside what leaving and entering it takes.
std::vector<std::vector<uint32_t>> find_cycles(const wasm::Module& module, const std::vector<Calls>& calls) {
  std::vector<Node> nodes(calls.size() + 1);
  for (size_t k = 0; k < calls.size(); k++) {
    if (calls[k].tail_callees.empty()) continue;
    nodes.front().callees.push_back(&nodes[k + 1]);
    for (uint32_t callee : calls[k].tail_callees) nodes[k + 1].callees.push_back(&nodes[callee + 1]);
  }
  std::vector<std::vector<uint32_t>> cycles;
  for (auto component = llvm::scc_begin(&nodes.front()); !component.isAtEnd(); ++component) {
    if (!component.hasCycle()) continue;
    std::vector<uint32_t> cycle;
    size_t bytes = 0;
    for (const Node* node : *component) {
      cycle.push_back(static_cast<uint32_t>(node - nodes.data() - 1));
      bytes += module.body({cycle.back()}).code.size();
    }
    if (bytes <= kLargestCycle) cycles.push_back(std::move(cycle));
  }
  return cycles;
}

/// Which functions somebody outside of their cycle calls, as those that escape may be.
std::vector<bool> find_entered(const Glue& glue, const std::vector<Calls>& calls) {
  std::vector<bool> entered(calls.size());
  for (wasm::FuncIdx function : glue.escaping) entered[function.value] = true;
  for (size_t k = 0; k < calls.size(); k++) {
    for (uint32_t callee : calls[k].callees) entered[callee] = true;
    for (uint32_t callee : calls[k].tail_callees)
      if (glue.tail_cycle_of[k] != glue.tail_cycle_of[callee]) entered[callee] = true;
  }
  return entered;
}

} // namespace

void find_tail_calls(const wasm::Module& module, Glue& glue) {
  // return_call_ref is one of the instructions of function references.
  constexpr auto kTailCalls =
      feature_bit(wasm::Feature::tail_call) | feature_bit(wasm::Feature::function_references);
  if ((module.features_used & kTailCalls) == 0) return;
  std::vector<Calls> calls(module.functions.size());
  for (uint32_t k = 0; k < module.bodies.size(); k++)
    calls[module.imported_functions + k] = calls_of(module, glue, module.bodies[k]);
  glue.loses_context = context_losers(module, glue, calls);
  glue.tail_cycles = find_cycles(module, calls);
  if (glue.tail_cycles.empty()) return;
  glue.tail_cycle_of.assign(calls.size(), Glue::kNoCycle);
  for (uint32_t cycle = 0; cycle < glue.tail_cycles.size(); cycle++)
    for (uint32_t function : glue.tail_cycles[cycle]) glue.tail_cycle_of[function] = cycle;
  std::vector<bool> entered = find_entered(glue, calls);
  for (size_t k = 0; k < calls.size(); k++)
    if (!entered[k]) glue.tail_cycle_of[k] = Glue::kNoCycle;
}

} // namespace swage::lower
