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

#include "compiler/lower/inlining.h"
#include "compiler/lower/lowerer.h"

namespace swage::lower {

namespace {

/// Of a call's calls, what a target among several must have.
constexpr uint64_t kLeastShare = 64;

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
  const Site* here = env_.options.counting || env_.options.profile ? site() : nullptr;
  if (here == nullptr) return;
  if (env_.options.profile) direct_calls_ = env_.options.profile->counters(*here)[0];
  if (env_.options.counting) add_one(counter_address(b_.getInt64(here->counter)));
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
  if (is_one_of_few_) call.setMetadata(kOneOfFew, llvm::MDNode::get(env_.context, {}));
  is_one_of_few_ = false;
  if (direct_calls_ == 0) return;
  auto weight = static_cast<uint32_t>(std::min<uint64_t>(direct_calls_, UINT32_MAX));
  call.setMetadata(llvm::LLVMContext::MD_prof, llvm::MDBuilder(env_.context).createBranchWeights({weight}));
  direct_calls_ = 0;
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

/// What an indirect call is to try first. Through a closed table that may be several small functions, one of
/// which a switch finds; a reference is only worth comparing with the target of most calls.
std::vector<Lowerer::LikelyTarget> Lowerer::likely_targets(uint32_t type, const ClosedTable* table) {
  std::vector<LikelyTarget> likely;
  const Profile* profile = env_.options.profile;
  if (!profile && table) return few_targets(type, *table);
  const Site* here = profile ? site() : nullptr;
  if (here == nullptr) return likely;
  uint64_t calls = profile->counters(*here)[0], found = 0;
  if (calls < busy_count(*profile)) return likely;
  for (const abi::TargetCount& row : profile->targets(*here)) {
    uint64_t element = row.target - 1, index = element;
    if (table) {
      if (element >= table->functions.size()) continue;
      index = table->functions[element];
    }
    if (index >= env_.module.functions.size()) continue; // also what is no function, or foreign
    wasm::FuncIdx function{static_cast<uint32_t>(index)};
    bool is_fit =
        !env_.module.is_imported(function) &&
        env_.module.canonical[env_.module.functions[function.value].value] == env_.module.canonical[type] &&
        (table || std::ranges::binary_search(env_.glue.escaping, function));
    bool is_main = row.count >= calls / 2;
    bool is_small = table && row.count >= calls / kLeastShare &&
                    env_.module.body(function).code.size() <= kLargestInlined;
    if (!is_fit || !(is_main || is_small)) continue;
    likely.push_back({function, element, std::min(row.count, calls - found)});
    found += likely.back().count;
  }
  if (found < calls / 2) likely.clear();
  return likely;
}

/// All that the call can lead to, where that is little: the virtual functions of a few classes. The switch
/// among them takes the place of the type's check, and small ones are inlined.
std::vector<Lowerer::LikelyTarget> Lowerer::few_targets(uint32_t type, const ClosedTable& table) const {
  std::vector<LikelyTarget> targets;
  auto found = table.few.find(env_.module.canonical[type]);
  if (!env_.options.for_speed || env_.options.counting || found == table.few.end()) return targets;
  for (uint32_t element : found->second) targets.push_back({{table.functions[element]}, element});
  return targets;
}

/// Calls the likely targets of a closed table's element directly. The caller then emits the usual call where
/// the builder stands, and ends with join_promoted.
Lowerer::Promoted Lowerer::promote_element(llvm::Value* index, uint32_t type, uint32_t table, Tail tail) {
  std::vector<LikelyTarget> targets = likely_targets(type, &*env_.glue.closed_tables[table]);
  Promoted promoted;
  if (targets.empty() || (tail == Tail::must && !env_.options.profile)) return promoted;
  llvm::BasicBlock* usual = new_block("usual");
  llvm::SwitchInst* choice = b_.CreateSwitch(index, usual, static_cast<unsigned>(targets.size()));
  const Profile* profile = env_.options.profile;
  llvm::SmallVector<uint64_t, 8> weights = {profile ? profile->counters(*site())[0] : 0};
  std::map<uint32_t, llvm::BasicBlock*> blocks; // by function, which may be several elements
  promoted.stack = stack_;
  for (const LikelyTarget& target : targets) {
    auto [block, is_new] = blocks.try_emplace(target.function.value);
    if (is_new) block->second = new_block("direct");
    choice->addCase(llvm::ConstantInt::get(llvm::cast<llvm::IntegerType>(index->getType()), target.element),
                    block->second);
    weights.push_back(profile ? target.count : 1);
    if (profile) weights[0] -= target.count;
    if (is_new) direct_arm(promoted, block->second, target, type, tail);
  }
  choice->setMetadata(llvm::LLVMContext::MD_prof, weights_of(env_.context, weights));
  start_block(usual);
  return promoted;
}

/// The same of a reference that may be null.
Lowerer::Promoted Lowerer::promote_reference(llvm::Value* reference, uint32_t type, Tail tail) {
  std::vector<LikelyTarget> targets = likely_targets(type, nullptr);
  Promoted promoted;
  if (targets.empty()) return promoted;
  const LikelyTarget& target = targets.front();
  llvm::BasicBlock *direct = new_block("direct"), *usual = new_block("usual");
  llvm::Value* is_likely = b_.CreateICmpEQ(reference, own_reference(target.function));
  llvm::Instruction* branch = b_.CreateCondBr(is_likely, direct, usual);
  uint64_t calls = env_.options.profile->counters(*site())[0];
  branch->setMetadata(llvm::LLVMContext::MD_prof,
                      weights_of(env_.context, {target.count, calls - target.count}));
  promoted.stack = stack_;
  direct_arm(promoted, direct, target, type, tail);
  start_block(usual);
  return promoted;
}

void Lowerer::direct_arm(Promoted& promoted, llvm::BasicBlock* block, const LikelyTarget& target,
                         uint32_t type, Tail tail) {
  const FuncType& func = env_.module.types[type].composite.func;
  start_block(block);
  direct_calls_ = target.count;
  is_one_of_few_ = env_.options.profile == nullptr;
  emit_call(func, {env_.function(target.function), context_argument()}, pop_arguments(func), tail);
  Promoted::Arm& arm = promoted.arms.emplace_back();
  if (tail == Tail::no) {
    if (promoted.join == nullptr) promoted.join = new_block("join");
    arm.results.assign(stack_.end() - static_cast<ptrdiff_t>(func.results.size()), stack_.end());
    arm.from = b_.GetInsertBlock();
    b_.CreateBr(promoted.join);
  }
  is_reachable_ = true;
  stack_ = promoted.stack;
}

/// After the usual call.
void Lowerer::join_promoted(const Promoted& promoted) {
  if (promoted.join == nullptr) return;
  llvm::BasicBlock* usual = b_.GetInsertBlock();
  b_.CreateBr(promoted.join);
  start_block(promoted.join);
  size_t count = promoted.arms.front().results.size();
  for (size_t k = 0; k < count; k++) {
    llvm::Value*& result = stack_[stack_.size() - count + k];
    llvm::PHINode* phi = b_.CreatePHI(result->getType(), static_cast<unsigned>(promoted.arms.size() + 1));
    for (const Promoted::Arm& arm : promoted.arms) phi->addIncoming(arm.results[k], arm.from);
    phi->addIncoming(result, usual);
    result = phi;
  }
}

} // namespace swage::lower
