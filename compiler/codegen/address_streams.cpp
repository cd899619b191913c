#include "compiler/codegen/address_streams.h"

#include <algorithm>

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/Transforms/Utils/LoopUtils.h>
#include <llvm/Transforms/Utils/ScalarEvolutionExpander.h>

#include "compiler/codegen/loop_marks.h"

namespace swage::codegen {

namespace {

constexpr unsigned kAddressBits = 32;
/// What a copy of the loop may cost: no loop of more instructions has one, and no loop of more kinds of
/// pointers.
constexpr unsigned kMostInstructions = 400;
constexpr size_t kMostStreams = 12;
/// Bytes between the first and the last address of a stream. What lies farther apart is another row or array;
/// in one stream with this one, LLVM would take all that is between them for accessed too.
constexpr int64_t kMostSpan = 1024;
/// Instructions that computing a start, a step or the number of rounds may take.
constexpr unsigned kMostToExpand = 16;

bool is_safe_to_clone(const llvm::Loop& loop) {
  unsigned size = 0;
  for (llvm::BasicBlock* block : loop.blocks())
    for (llvm::Instruction& instruction : *block) {
      if (++size > kMostInstructions || instruction.mayThrow()) return false;
      auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction);
      if (call && !llvm::isa<llvm::IntrinsicInst>(call)) return false;
    }
  return loop.isSafeToClone();
}

/// The address becomes part of the stream that it belongs to.
void add_address(std::vector<AddressStream>& streams, llvm::ZExtInst* widening,
                 const llvm::SCEVAddRecExpr* sum, llvm::ScalarEvolution& scev) {
  const llvm::SCEV* start = sum->getStart();
  const llvm::SCEV* step = sum->getStepRecurrence(scev);
  for (AddressStream& stream : streams) {
    if (stream.step != step) continue;
    std::optional<llvm::APInt> distance = scev.computeConstantDifference(start, stream.start);
    if (!distance) continue;
    int64_t offset = distance->getSExtValue();
    int64_t span = std::max(offset, stream.span) - std::min<int64_t>(offset, 0);
    if (span > kMostSpan) continue;
    stream.span = span;
    if (offset < 0) {
      for (StreamAddress& other : stream.addresses) other.offset -= offset;
      stream.start = start;
      offset = 0;
    }
    stream.addresses.push_back({widening, offset});
    return;
  }
  streams.push_back({start, step, {{widening, 0}}, 0});
}

/// The pointers that step through the loop. None if they are too many.
void find_streams(CountedLoop& counted, llvm::ScalarEvolution& scev) {
  const llvm::Loop& loop = *counted.loop;
  for (llvm::BasicBlock* block : loop.blocks())
    for (llvm::Instruction& instruction : *block) {
      auto* widening = llvm::dyn_cast<llvm::ZExtInst>(&instruction);
      if (!widening || !widening->getType()->isIntegerTy(64) ||
          !widening->getOperand(0)->getType()->isIntegerTy(kAddressBits))
        continue;
      auto* sum = llvm::dyn_cast<llvm::SCEVAddRecExpr>(scev.getSCEV(widening->getOperand(0)));
      if (!sum || sum->getLoop() != &loop || !sum->isAffine()) continue;
      if (!llvm::isa<llvm::SCEVAddRecExpr>(scev.getSCEV(widening))) counted.may_wrap = true;
      add_address(counted.streams, widening, sum, scev);
      if (counted.streams.size() > kMostStreams) return counted.streams.clear();
    }
}

} // namespace

std::optional<CountedLoop> find_counted_loop(llvm::Loop& loop, llvm::ScalarEvolution& scev,
                                             const llvm::TargetTransformInfo& costs) {
  if (!loop.isLoopSimplifyForm() || !loop.isInnermost() || is_left_alone(loop) || !is_safe_to_clone(loop))
    return std::nullopt;
  CountedLoop counted = {};
  counted.loop = &loop;
  // Not the most that they can be: a loop that what it loads may end gets no vectors.
  counted.rounds = scev.getPredicatedBackedgeTakenCount(&loop, counted.predicates);
  if (llvm::isa<llvm::SCEVCouldNotCompute>(counted.rounds)) return std::nullopt;
  find_streams(counted, scev);
  if (counted.streams.empty()) return std::nullopt;
  llvm::SCEVExpander expander(scev, "linear");
  llvm::Instruction* place = loop.getLoopPreheader()->getTerminator();
  auto is_cheap = [&](const llvm::SCEV* value) {
    return expander.isSafeToExpandAt(value, place) &&
           !expander.isHighCostExpansion({value}, &loop, kMostToExpand, &costs, place);
  };
  bool all_cheap =
      is_cheap(counted.rounds) && std::ranges::all_of(counted.streams, [&](const AddressStream& stream) {
        return is_cheap(stream.start) && is_cheap(stream.step);
      });
  return all_cheap ? std::optional(std::move(counted)) : std::nullopt;
}

const llvm::SCEVConstant* round_step(llvm::Value& value, const llvm::Loop& loop,
                                     llvm::ScalarEvolution& scev) {
  if (!value.getType()->isIntegerTy() || value.getType()->getIntegerBitWidth() > 64) return nullptr;
  auto* sum = llvm::dyn_cast<llvm::SCEVAddRecExpr>(scev.getSCEV(&value));
  if (!sum || sum->getLoop() != &loop || !sum->isAffine()) return nullptr;
  return llvm::dyn_cast<llvm::SCEVConstant>(sum->getStepRecurrence(scev));
}

bool is_pointer_of(const llvm::Value* pointer, const llvm::Value* widening, const llvm::Loop& loop) {
  auto* sum = llvm::dyn_cast<llvm::GetElementPtrInst>(pointer);
  return sum && sum->getNumIndices() == 1 && sum->getOperand(1) == widening &&
         sum->getSourceElementType()->isIntegerTy(8) && loop.isLoopInvariant(sum->getPointerOperand());
}

StreamStarts expand_starts(const CountedLoop& counted, llvm::ScalarEvolution& scev) {
  llvm::Instruction* place = counted.loop->getLoopPreheader()->getTerminator();
  llvm::SCEVExpander expander(scev, "linear");
  llvm::IRBuilder<> b(place);
  llvm::Type* i64 = b.getInt64Ty();
  // 64 bits hold every sum: a start has 32, and so do step and rounds.
  StreamStarts result = {};
  result.rounds = b.CreateZExtOrTrunc(expander.expandCodeFor(counted.rounds, nullptr, place), i64);
  llvm::Value* fits = b.getTrue();
  if (scev.getUnsignedRangeMax(counted.rounds).getActiveBits() > kAddressBits)
    fits = b.CreateICmpULT(result.rounds, b.getInt64(uint64_t{1} << kAddressBits));
  for (const llvm::SCEVPredicate* predicate : counted.predicates)
    fits = b.CreateAnd(fits, b.CreateNot(expander.expandCodeForPredicate(predicate, place)));
  for (const AddressStream& stream : counted.streams) {
    llvm::Value* start = b.CreateZExt(expander.expandCodeFor(stream.start, nullptr, place), i64);
    llvm::Value* step = b.CreateSExt(expander.expandCodeFor(stream.step, nullptr, place), i64);
    llvm::Value* room = b.getInt64((uint64_t{1} << kAddressBits) - static_cast<uint64_t>(stream.span));
    llvm::Value* last = b.CreateAdd(start, b.CreateMul(step, result.rounds));
    fits = b.CreateAnd(fits, b.CreateICmpULT(last, room));
    if (!scev.isKnownPositive(stream.step)) fits = b.CreateAnd(fits, b.CreateICmpULT(start, room));
    result.starts.push_back(start);
    result.steps.push_back(step);
  }
  result.fits = b.CreateFreeze(fits);
  return result;
}

} // namespace swage::codegen
