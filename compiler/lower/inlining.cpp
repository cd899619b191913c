// A callee is lowered once more, into a private copy that goes when all its calls are inlined: its own
// function may be in another batch, or, in a recursion, is the one that is growing.
#include "compiler/lower/inlining.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include <llvm/ADT/STLExtras.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/ProfDataUtils.h>
#include <llvm/Transforms/Utils/Cloning.h>

#include "compiler/lower/lowerer.h"

namespace swage::lower {
namespace {

/// Bytes of Wasm that go into one function.
constexpr size_t kMostGrowth = 4096;
/// Bytes of Wasm that a recursive function may become.
constexpr size_t kLargestRecursion = 1000;
/// Calls inside of inlined bodies that are looked at.
constexpr unsigned kMostDepth = 3;
/// Calls of a recursion that stand inside of each other in one function.
constexpr unsigned kMostRounds = 8;

class Inliner {
public:
  explicit Inliner(Environment& env) : env_(env) {}
  ~Inliner() {
    for (const auto& [index, copy] : copies_) copy->eraseFromParent();
  }
  Inliner(const Inliner&) = delete;
  Inliner& operator=(const Inliner&) = delete;

  void run(llvm::Function& function, wasm::FuncIdx index, unsigned depth) {
    stack_.push_back(index.value);
    size_t growth = 0;
    for (auto [call, callee] : hot_calls(function)) {
      size_t bytes = env_.module.body(callee).code.size();
      if (growth + bytes > kMostGrowth) continue;
      llvm::Function* body = copy_of(callee, depth);
      if (body != nullptr && inline_call(*call, callee, *body)) growth += bytes;
    }
    stack_.pop_back();
  }

  void inline_few_targets(llvm::Function& function, wasm::FuncIdx index) {
    std::vector<Call> calls;
    size_t growth = 0;
    for (llvm::Instruction& instruction : llvm::instructions(function)) {
      auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction);
      if (call == nullptr || !call->hasMetadata(kOneOfFew)) continue;
      wasm::FuncIdx callee = *env_.index_of(*call->getCalledFunction());
      size_t bytes = env_.module.body(callee).code.size();
      if (callee == index || bytes > kLargestInlined || growth + bytes > kMostGrowth) continue;
      growth += bytes;
      calls.push_back({call, callee});
    }
    for (auto [call, callee] : calls) inline_call(*call, callee, *copy_of(callee, 0));
  }

  /// Calls of its own, each round those that the round before has brought in.
  void unroll_recursion(llvm::Function& function, wasm::FuncIdx index) {
    size_t bytes = env_.module.body(index).code.size();
    size_t size = bytes;
    for (unsigned round = 0; round < kMostRounds; round++) {
      std::vector<llvm::CallBase*> calls;
      for (llvm::Instruction& instruction : llvm::instructions(function)) {
        auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction);
        if (call != nullptr && !call->isMustTailCall() && call->getCalledFunction() == &function)
          calls.push_back(call);
      }
      size += bytes * calls.size();
      if (calls.empty() || size > kLargestRecursion) return;
      llvm::Function& body = *copy_of(index, 0);
      for (llvm::CallBase* call : calls)
        if (!inline_call(*call, index, body)) return;
    }
  }

  /// The other functions of the cycle that is entered through this one become part of it, each once, and the
  /// tail calls among them jumps.
  void join_tail_cycle(llvm::Function& function, wasm::FuncIdx index) {
    std::set<uint32_t> cycle;
    for (uint32_t each : env_.glue.tail_cycles[env_.glue.tail_cycle_of[index.value]])
      if (has_all_in_registers(env_.module.func_type({each}))) cycle.insert(each);
    std::map<uint32_t, llvm::BasicBlock*> bodies;
    for (;;) {
      auto [call, callee] = tail_call_to(function, cycle);
      if (call == nullptr) return;
      auto [body, is_new] = bodies.try_emplace(callee.value);
      if (is_new) {
        body->second = arrival(*call);
        if (callee == index)
          begin_again(function, *body->second);
        else if (!append_body(*body->second, *call, callee))
          cycle.erase(callee.value);
      }
      jump(*call, *body->second);
    }
  }

private:
  using Call = std::pair<llvm::CallBase*, wasm::FuncIdx>;

  static bool has_all_in_registers(const FuncType& type) {
    return std::ranges::all_of(Environment::params_in_registers(type), std::identity());
  }

  Call tail_call_to(llvm::Function& function, const std::set<uint32_t>& cycle) {
    for (llvm::Instruction& instruction : llvm::instructions(function)) {
      auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction);
      if (call == nullptr || !call->isMustTailCall() || call->getCalledFunction() == nullptr) continue;
      std::optional<wasm::FuncIdx> callee = env_.index_of(*call->getCalledFunction());
      if (callee && cycle.contains(callee->value)) return {call, *callee};
    }
    return {nullptr, {}};
  }

  /// An empty block with a phi for each argument of a tail call but the context, which all functions share.
  llvm::BasicBlock* arrival(llvm::CallBase& call) {
    auto* block = llvm::BasicBlock::Create(env_.context, "body", call.getFunction());
    for (llvm::Value* argument : llvm::drop_begin(call.args()))
      llvm::PHINode::Create(argument->getType(), 2, "", block);
    return block;
  }

  /// The function's own body, behind its entry block, which reads nothing but the context.
  void begin_again(llvm::Function& function, llvm::BasicBlock& arrival) {
    llvm::BasicBlock& entry = function.getEntryBlock();
    llvm::BasicBlock* start = entry.getSingleSuccessor();
    for (auto [phi, argument] : llvm::zip_equal(arrival.phis(), llvm::drop_begin(function.args()))) {
      argument.replaceAllUsesWith(&phi);
      phi.addIncoming(&argument, &entry);
    }
    llvm::BranchInst::Create(start, &arrival);
    start->replacePhiUsesWith(&entry, &arrival);
    entry.getTerminator()->setSuccessor(0, &arrival);
  }

  /// Another function's body. False where it has to stay a call.
  bool append_body(llvm::BasicBlock& arrival, const llvm::CallBase& like, wasm::FuncIdx callee) {
    auto* call = llvm::cast<llvm::CallInst>(like.clone());
    call->insertInto(&arrival, arrival.end());
    // Inlining simplifies, and these phis have not all their values yet.
    llvm::SmallVector<llvm::LoadInst*, 8> opaque;
    for (llvm::PHINode& phi : arrival.phis()) {
      opaque.push_back(new llvm::LoadInst(phi.getType(), call->getArgOperand(0), "", call->getIterator()));
      call->setArgOperand(static_cast<unsigned>(opaque.size()), opaque.back());
    }
    llvm::Value* result = call->getType()->isVoidTy() ? nullptr : call;
    llvm::ReturnInst::Create(env_.context, result, &arrival);
    llvm::DISubprogram* scope = call->getFunction()->getSubprogram();
    if (scope != nullptr) call->setDebugLoc(llvm::DILocation::get(env_.context, 0, kJumpColumn, scope));
    bool is_inlined = inline_call(*call, callee, *copy_of(callee, 0));
    if (!is_inlined) call->setDebugLoc(like.getDebugLoc());
    for (auto [load, phi] : llvm::zip_equal(opaque, arrival.phis())) {
      load->replaceAllUsesWith(&phi);
      load->eraseFromParent();
    }
    return is_inlined;
  }

  static void jump(llvm::CallBase& call, llvm::BasicBlock& arrival) {
    llvm::BasicBlock* from = call.getParent();
    for (auto [phi, argument] : llvm::zip_equal(arrival.phis(), llvm::drop_begin(call.args())))
      phi.addIncoming(argument, from);
    llvm::DebugLoc place = call.getDebugLoc();
    from->getTerminator()->eraseFromParent(); // returns what the call does
    call.eraseFromParent();
    llvm::BranchInst::Create(&arrival, from)->setDebugLoc(place);
  }

  bool inline_call(llvm::CallBase& call, wasm::FuncIdx callee, llvm::Function& body) {
    call.setCalledFunction(&body);
    llvm::InlineFunctionInfo info;
    if (llvm::InlineFunction(call, info).isSuccess()) return true;
    call.setCalledFunction(env_.function(callee));
    return false;
  }

  /// The hottest first.
  std::vector<Call> hot_calls(llvm::Function& function) {
    std::vector<std::pair<uint64_t, Call>> found;
    for (llvm::Instruction& instruction : llvm::instructions(function)) {
      auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction);
      if (call == nullptr || call->isMustTailCall() || call->getCalledFunction() == nullptr) continue;
      std::optional<wasm::FuncIdx> callee = env_.index_of(*call->getCalledFunction());
      if (!callee || std::ranges::count(stack_, callee->value) != 0) continue;
      uint64_t calls = 0;
      bool is_busy = llvm::extractProfTotalWeight(*call, calls) && calls >= busy_count(*env_.options.profile);
      if (is_busy && env_.module.body(*callee).code.size() <= kLargestInlined)
        found.push_back({calls, {call, *callee}});
    }
    std::ranges::stable_sort(found, std::greater<>(), [](const auto& row) { return row.first; });
    std::vector<Call> calls;
    for (const auto& [count, call] : found) calls.push_back(call);
    return calls;
  }

  /// Null when it is at work already, or too deep.
  llvm::Function* copy_of(wasm::FuncIdx callee, unsigned depth) {
    if (auto known = copies_.find(callee.value); known != copies_.end()) return known->second;
    if (depth == kMostDepth) return nullptr;
    llvm::Function* plain = env_.function(callee);
    llvm::Function* copy =
        llvm::Function::Create(plain->getFunctionType(), llvm::GlobalValue::InternalLinkage,
                               plain->getName() + ".inlined", env_.out);
    copy->setCallingConv(plain->getCallingConv());
    copy->setAttributes(env_.function_type_attributes(env_.module.func_type(callee)));
    env_.define(*copy, plain->getName(), env_.module.body(callee).offset);
    copy->setVisibility(llvm::GlobalValue::DefaultVisibility);
    Lowerer(env_, *copy).lower_body(callee);
    if (env_.options.profile != nullptr) run(*copy, callee, depth + 1);
    return copies_[callee.value] = copy;
  }

  Environment& env_;
  std::map<uint32_t, llvm::Function*> copies_;
  std::vector<uint32_t> stack_; ///< functions that calls are inlined into, outermost first
};

bool is_worth_growing(const Environment& env, wasm::FuncIdx index) {
  return !env.options.profile || env.options.profile->heat(index) == Heat::hot;
}

} // namespace

void inline_hot_calls(Environment& env, std::span<const wasm::FuncIdx> functions) {
  Inliner inliner(env);
  for (wasm::FuncIdx index : functions)
    if (env.options.profile->heat(index) == Heat::hot) inliner.run(*env.function(index), index, 0);
}

void inline_few_targets(Environment& env, std::span<const wasm::FuncIdx> functions) {
  Inliner inliner(env);
  for (wasm::FuncIdx index : functions) inliner.inline_few_targets(*env.function(index), index);
}

void join_tail_cycles(Environment& env, std::span<const wasm::FuncIdx> functions) {
  Inliner inliner(env);
  for (wasm::FuncIdx index : functions)
    if (env.glue.tail_cycle_of[index.value] != Glue::kNoCycle && is_worth_growing(env, index))
      inliner.join_tail_cycle(*env.function(index), index);
}

void unroll_recursion(Environment& env, std::span<const wasm::FuncIdx> functions) {
  Inliner inliner(env);
  for (wasm::FuncIdx index : functions)
    if (is_worth_growing(env, index)) inliner.unroll_recursion(*env.function(index), index);
}

} // namespace swage::lower
