// Both ends of a profile: code that counts, and code that knows the counts (profile.h).
//
// A counter is loaded, increased and stored: instances belong to one thread at a time and have counters of
// their own. A branch counts without another branch, by the address that its condition selects.
//
// The counts become LLVM's branch weights and entry counts, by which it lays blocks out, chooses what to
// spill and decides what is worth unrolling; and an indirect call that mostly has one target compares it with
// that one first, and calls it directly. Comparing is exact: an element's index in a closed table, the
// address of this very instance's FuncRef otherwise. Both imply the checks that are left out, and what
// differs goes the usual way.
#include <algorithm>
#include <cassert>
#include <cstddef>

#include <llvm/IR/MDBuilder.h>

#include "compiler/lower/lowerer.h"

namespace swage::lower {

namespace {

/// Counts as weights of 32 bits, in proportion. Null where nothing was counted.
llvm::MDNode* weights_of(llvm::LLVMContext& context, llvm::ArrayRef<uint64_t> counts) {
  uint64_t most = *std::max_element(counts.begin(), counts.end());
  if (most == 0) return nullptr;
  uint64_t scale = most / UINT32_MAX + 1;
  llvm::SmallVector<uint32_t, 8> weights;
  for (uint64_t count : counts) weights.push_back(static_cast<uint32_t>(count / scale));
  return llvm::MDBuilder(context).createBranchWeights(weights);
}

} // namespace

/// At the beginning of a body.
void Lowerer::begin_profile(wasm::FuncIdx index) {
  const ProfileLayout* layout = env_.options.counting;
  if (const Profile* profile = env_.options.profile) {
    layout = &profile->layout();
    function_.setEntryCount(profile->entries(index));
    Heat heat = profile->heat(index);
    if (heat == Heat::hot) function_.addFnAttr(llvm::Attribute::Hot);
    if (heat == Heat::never) function_.addFnAttr(llvm::Attribute::Cold);
  }
  if (layout == nullptr) return;
  sites_ = profile_sites(env_.module, index, *layout);
  if (env_.options.counting) {
    uint32_t first = layout->counters[index.value - env_.module.imported_functions];
    add_one(counter_address(b_.getInt64(first)));
  }
}

/// What the instruction counts, or null.
const Site* Lowerer::site() {
  while (next_site_ < sites_.size() && sites_[next_site_].offset < instruction_.offset) next_site_++;
  bool is_here = next_site_ < sites_.size() && sites_[next_site_].offset == instruction_.offset;
  return is_here ? &sites_[next_site_] : nullptr;
}

// Code that counts.

llvm::Value* Lowerer::counter_address(llvm::Value* counter) {
  llvm::Value* counters = entry_load(offsetof(abi::Context, counters), env_.ptr);
  return b_.CreateInBoundsGEP(env_.i64, counters, counter);
}

void Lowerer::add_one(llvm::Value* address) {
  llvm::LoadInst* load = b_.CreateLoad(env_.i64, address);
  env_.tag(*load, Region::context);
  env_.tag(*b_.CreateStore(b_.CreateAdd(load, b_.getInt64(1)), address), Region::context);
}

/// Of a condition: it held, or it did not.
void Lowerer::count_condition(llvm::Value* condition) {
  if (!env_.options.counting) return;
  uint32_t first = site()->counter;
  add_one(counter_address(b_.CreateSelect(condition, b_.getInt64(first), b_.getInt64(first + 1))));
}

/// Of br_table.
void Lowerer::count_label(llvm::Value* index) {
  if (!env_.options.counting) return;
  const Site& here = *site();
  llvm::Value* last = b_.getInt32(here.count - 1);
  llvm::Value* label = b_.CreateBinaryIntrinsic(llvm::Intrinsic::umin, index, last);
  add_one(counter_address(b_.CreateAdd(b_.CreateZExt(label, env_.i64), b_.getInt64(here.counter))));
}

/// Of a direct call.
void Lowerer::count_call() {
  if (!env_.options.counting) return;
  if (const Site* here = site()) add_one(counter_address(b_.getInt64(here->counter)));
}

/// Of an indirect call whose target (64 bits) is known to be one.
void Lowerer::count_target(llvm::Value* target) {
  const Site& here = *site();
  add_one(counter_address(b_.getInt64(here.counter)));
  llvm::Value* counters = entry_load(offsetof(abi::Context, counters), env_.ptr);
  llvm::Value* counts = field_address(b_, counters, env_.options.counting->targets_offset(here.targets));
  llvm::LoadInst* first = load_field(counts, offsetof(abi::TargetCount, target), env_.i64, Region::context);
  llvm::BasicBlock *same = new_block("same"), *other = new_block("other"), *next = new_block("next");
  b_.CreateCondBr(b_.CreateICmpEQ(first, b_.CreateAdd(target, b_.getInt64(1))), same, other);
  start_block(same);
  add_one(field_address(b_, counts, offsetof(abi::TargetCount, count)));
  b_.CreateBr(next);
  start_block(other);
  call_builtin(abi::Builtin::count_target, {counts, target});
  b_.CreateBr(next);
  start_block(next);
}

/// Of a call through a reference that is not null.
void Lowerer::count_reference(llvm::Value* reference) {
  if (!env_.options.counting) return;
  llvm::Value* context = invariant_load(b_, reference, offsetof(abi::FuncRef, context), env_.ptr);
  llvm::Value* index = invariant_load(b_, reference, offsetof(abi::FuncRef, index), env_.i32);
  count_target(b_.CreateSelect(b_.CreateICmpEQ(context, context_argument()), b_.CreateZExt(index, env_.i64),
                               b_.getInt64(kForeign)));
}

void Lowerer::count_element(llvm::Value* index) {
  if (env_.options.counting) count_target(b_.CreateZExt(index, env_.i64));
}

// Code that knows.

/// Gives a branch, switch or select the weights that were counted here; false when there are none.
bool Lowerer::weigh_by_profile(llvm::Instruction* branch) {
  const Profile* profile = env_.options.profile;
  const Site* here = profile ? site() : nullptr;
  if (here == nullptr) return false;
  std::span<const uint64_t> counts = profile->counters(*here);
  llvm::SmallVector<uint64_t, 8> weights(counts.begin(), counts.end());
  if (llvm::isa<llvm::SwitchInst>(branch))
    weights = switch_weights(llvm::cast<llvm::SwitchInst>(*branch), counts);
  if (llvm::MDNode* node = weights_of(env_.context, weights))
    branch->setMetadata(llvm::LLVMContext::MD_prof, node);
  return true;
}

/// How often a direct call was made, as LLVM notes it: what inlining goes by.
void Lowerer::weigh_call(llvm::CallBase& call) {
  const Profile* profile = env_.options.profile;
  const Site* here = profile && call.getCalledFunction() ? site() : nullptr;
  if (here == nullptr) return;
  uint64_t calls =
      here->targets == Site::kNoTargets ? profile->counters(*here)[0] : profile->main_count(*here);
  auto weight = static_cast<uint32_t>(std::min<uint64_t>(calls, UINT32_MAX));
  call.setMetadata(llvm::LLVMContext::MD_prof, llvm::MDBuilder(env_.context).createBranchWeights({weight}));
}

/// A switch has its default first, and no case for labels that are the default's.
llvm::SmallVector<uint64_t, 8> Lowerer::switch_weights(const llvm::SwitchInst& instruction,
                                                       std::span<const uint64_t> counts) {
  llvm::SmallVector<uint64_t, 8> weights = {0};
  uint64_t in_cases = 0, all = 0;
  for (const auto& row : instruction.cases()) {
    weights.push_back(counts[row.getCaseValue()->getZExtValue()]);
    in_cases = abi::add_saturating(in_cases, weights.back());
  }
  for (uint64_t count : counts) all = abi::add_saturating(all, count);
  weights[0] = all - in_cases;
  return weights;
}

/// What an indirect call is to try first.
std::optional<Lowerer::LikelyTarget> Lowerer::likely_target(uint32_t type, const ClosedTable* table) {
  const Profile* profile = env_.options.profile;
  const Site* here = profile ? site() : nullptr;
  if (here == nullptr || profile->counters(*here)[0] < profile->hot_count()) return std::nullopt;
  std::optional<uint64_t> target = profile->main_target(*here);
  if (!target) return std::nullopt;
  uint64_t element = *target;
  if (table) {
    if (*target >= table->functions.size()) return std::nullopt;
    target = table->functions[*target];
  }
  if (*target >= env_.module.functions.size()) return std::nullopt; // also what is no function at all
  wasm::FuncIdx function{static_cast<uint32_t>(*target)};
  bool is_fit =
      !env_.module.is_imported(function) &&
      env_.module.canonical[env_.module.functions[function.value].value] == env_.module.canonical[type] &&
      (table || std::ranges::binary_search(env_.glue.escaping, function));
  return is_fit ? std::optional(LikelyTarget{function, element}) : std::nullopt;
}

/// Calls `target` directly where `is_target` holds; the caller then emits the usual call where the builder
/// stands, and ends with join_promoted.
Lowerer::Promoted Lowerer::begin_promoted(wasm::FuncIdx target, llvm::Value* is_target, const FuncType& type,
                                          Tail tail) {
  const Profile& profile = *env_.options.profile;
  const Site& here = *site();
  Promoted promoted;
  promoted.stack = stack_;
  promoted.join = new_block("join");
  llvm::BasicBlock *direct = new_block("direct"), *usual = new_block("usual");
  llvm::Instruction* branch = b_.CreateCondBr(is_target, direct, usual);
  uint64_t calls = profile.counters(here)[0];
  uint64_t count = std::min(profile.main_count(here), calls);
  if (llvm::MDNode* weights = weights_of(env_.context, {count, calls - count}))
    branch->setMetadata(llvm::LLVMContext::MD_prof, weights);

  start_block(direct);
  emit_call(type, {env_.function(target), context_argument()}, pop_arguments(type), tail);
  if (tail == Tail::no) {
    promoted.results.assign(stack_.end() - static_cast<ptrdiff_t>(type.results.size()), stack_.end());
    promoted.from = b_.GetInsertBlock();
    b_.CreateBr(promoted.join);
  }
  is_reachable_ = true;
  stack_ = promoted.stack;
  start_block(usual);
  return promoted;
}

void Lowerer::join_promoted(const Promoted& promoted, Tail tail) {
  if (tail == Tail::must) {
    delete promoted.join;
    return;
  }
  llvm::BasicBlock* usual = b_.GetInsertBlock();
  b_.CreateBr(promoted.join);
  start_block(promoted.join);
  size_t count = promoted.results.size();
  for (size_t k = 0; k < count; k++) {
    llvm::Value*& result = stack_[stack_.size() - count + k];
    llvm::PHINode* phi = b_.CreatePHI(result->getType(), 2);
    phi->addIncoming(promoted.results[k], promoted.from);
    phi->addIncoming(result, usual);
    result = phi;
  }
}

} // namespace swage::lower
