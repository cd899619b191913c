#include "compiler/codegen/sum_loops.h"

#include <algorithm>
#include <map>
#include <vector>

#include <llvm/ADT/bit.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/IRBuilder.h>

namespace swage::codegen {

namespace {

/// Elements that a producer may have unrolled into a round, and so a bound for what is looked at.
constexpr uint64_t kMostElements = 32, kMostSums = 4 * kMostElements;
/// Registers that each of the two vectors takes: enough additions side by side.
constexpr uint64_t kVectorsPerSum = 4;
/// Fewer chunks do not pay for bringing their lanes together.
constexpr uint64_t kLeastChunks = 2;

/// One byte, two, four or eight.
bool has_whole_bytes(const llvm::Type* type) {
  return type->isIntegerTy() && type->getIntegerBitWidth() >= 8 &&
         llvm::has_single_bit(type->getIntegerBitWidth());
}

/// How often each value is part of a sum.
using Terms = std::map<llvm::Value*, uint64_t>;

/// The terms of sums that a loop computes in its block.
class Sums {
public:
  explicit Sums(const llvm::BasicBlock& block) : block_(block) {}

  /// Null where they are too many to be what producers write.
  const Terms* terms_of(llvm::Value* value) {
    auto* sum = llvm::dyn_cast<llvm::BinaryOperator>(value);
    if (!sum || sum->getOpcode() != llvm::Instruction::Add || sum->getParent() != &block_)
      return &(known_[value] = {{value, 1}});
    auto found = known_.find(value);
    if (found != known_.end()) return &found->second;
    if (++looked_at_ > kMostSums) return nullptr;
    Terms all;
    for (llvm::Value* operand : sum->operands()) {
      const Terms* terms = terms_of(operand);
      if (!terms) return nullptr;
      for (auto [term, times] : *terms) all[term] += times;
    }
    if (all.size() > kMostElements + 2) return nullptr;
    return &(known_[value] = std::move(all));
  }

private:
  const llvm::BasicBlock& block_;
  uint64_t looked_at_ = 0;
  std::map<llvm::Value*, Terms> known_;
};

struct Element {
  llvm::Value* value; ///< as it is added
  llvm::LoadInst* load;
  StreamPlace place;
};

/// What is loaded and extended to the type of a sum, in the order of memory; empty if something else is.
std::vector<Element> elements_of(const Terms& terms, const llvm::PHINode& low, const CountedLoop& counted) {
  std::vector<Element> elements;
  for (auto [value, times] : terms) {
    if (value == &low) continue;
    auto* extension = llvm::dyn_cast<llvm::CastInst>(value);
    auto* load = llvm::dyn_cast<llvm::LoadInst>(extension ? extension->getOperand(0) : value);
    if (!load || load->getParent() != low.getParent() || times != 1) return {};
    if (extension && !llvm::isa<llvm::ZExtInst, llvm::SExtInst>(extension)) return {};
    std::optional<StreamPlace> place = place_of(load->getPointerOperand(), counted);
    if (!place) return {};
    elements.push_back({value, load, *place});
  }
  std::ranges::sort(elements, {}, [](const Element& element) { return element.place.offset; });
  return elements;
}

/// Whether the elements lie one behind the other and are extended alike.
bool are_neighbours(const std::vector<Element>& elements, uint64_t size) {
  const Element& first = elements.front();
  for (size_t i = 0; i < elements.size(); i++) {
    const Element& each = elements[i];
    if (each.load->getType() != first.load->getType() ||
        each.value->getValueID() != first.value->getValueID() || !goes_on(first.place, each.place, i * size))
      return false;
    auto* cast = llvm::dyn_cast<llvm::CastInst>(each.value);
    if (cast && cast->getOpcode() != llvm::cast<llvm::CastInst>(first.value)->getOpcode()) return false;
  }
  return true;
}

/// Whether `high` adds `low` up as it stands behind each element.
bool is_sum_of_sums(const Terms& terms, const llvm::PHINode& high, const llvm::PHINode& low,
                    const std::vector<Element>& elements) {
  auto times = [&](const llvm::Value& value) {
    auto found = terms.find(const_cast<llvm::Value*>(&value));
    return found == terms.end() ? 0 : found->second;
  };
  uint64_t count = elements.size();
  if (terms.size() != count + 2 || times(high) != 1 || times(low) != count) return false;
  for (uint64_t i = 0; i < count; i++)
    if (times(*elements[i].value) != count - i) return false;
  return true;
}

} // namespace

std::optional<SumLoop> find_sum_loop(const CountedLoop& counted, llvm::ScalarEvolution& scev) {
  const llvm::Loop& loop = *counted.loop;
  if (loop.getNumBlocks() != 1) return std::nullopt;
  llvm::BasicBlock& block = *loop.getHeader();
  llvm::SmallVector<llvm::PHINode*, 2> sums;
  for (llvm::PHINode& phi : block.phis())
    if (!round_step(phi, loop, scev)) sums.push_back(&phi);
  if (sums.size() != 2 || sums[0]->getType() != sums[1]->getType()) return std::nullopt;
  uint64_t loads = 0;
  for (llvm::Instruction& instruction : block) {
    if (!instruction.mayReadOrWriteMemory()) continue;
    auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction);
    if (!load || !load->isSimple()) return std::nullopt;
    loads++;
  }
  for (auto [low, high] : {std::pair(sums[0], sums[1]), std::pair(sums[1], sums[0])}) {
    Sums known(block);
    const Terms* lower = known.terms_of(low->getIncomingValueForBlock(&block));
    const Terms* higher = known.terms_of(high->getIncomingValueForBlock(&block));
    if (!lower || !higher || !lower->contains(low)) continue;
    std::vector<Element> elements = elements_of(*lower, *low, counted);
    if (elements.empty() || lower->size() != elements.size() + 1 || lower->at(low) != 1 ||
        elements.size() != loads || !llvm::has_single_bit(elements.size()))
      continue;
    llvm::Type* type = elements.front().load->getType();
    if (!has_whole_bytes(type) || !has_whole_bytes(low->getType())) continue;
    uint64_t size = type->getIntegerBitWidth() / 8;
    if (!are_neighbours(elements, size) || !steps_by(elements.front().place, elements.size() * size))
      continue;
    if (!is_sum_of_sums(*higher, *high, *low, elements)) continue;
    return SumLoop{low,
                   high,
                   elements.front().place,
                   elements.front().load,
                   elements.size(),
                   llvm::isa<llvm::SExtInst>(elements.front().value)};
  }
  return std::nullopt;
}

void sum_in_chunks(const SumLoop& sum, const CountedLoop& counted, uint64_t vector_bits,
                   llvm::ScalarEvolution& scev, llvm::DominatorTree& dominators, llvm::LoopInfo& loops) {
  llvm::Type *type = sum.low->getType(), *element = sum.first_load->getType();
  uint64_t lanes = std::max(kVectorsPerSum * vector_bits / type->getIntegerBitWidth(), sum.elements);
  uint64_t bytes = lanes * element->getIntegerBitWidth() / 8;
  ChunkLoop chunks(counted, lanes / sum.elements, bytes, "sum.chunk", scev, dominators, loops);
  llvm::IRBuilder<>& b = chunks.at();
  b.SetCurrentDebugLocation(sum.first_load->getDebugLoc());
  llvm::Value* from = chunks.pointer_to(sum.from);
  llvm::Value* low = sum.low->getIncomingValueForBlock(counted.loop->getLoopPreheader());
  llvm::Value* high = sum.high->getIncomingValueForBlock(counted.loop->getLoopPreheader());
  chunks.begin(b.getTrue(), kLeastChunks);

  auto* vector = llvm::FixedVectorType::get(type, static_cast<unsigned>(lanes));
  llvm::PHINode* lows = chunks.carry(llvm::Constant::getNullValue(vector));
  llvm::PHINode* highs = chunks.carry(llvm::Constant::getNullValue(vector));
  llvm::LoadInst* load = b.CreateAlignedLoad(
      llvm::FixedVectorType::get(element, static_cast<unsigned>(lanes)), chunks.here(from), llvm::Align(1));
  ChunkLoop::take_over(load, sum.first_load);
  llvm::Value* new_highs = b.CreateAdd(highs, lows); // as `lows` was before this chunk, once for each element
  llvm::Value* new_lows = b.CreateAdd(lows, b.CreateIntCast(load, vector, sum.is_signed));
  chunks.set_next(highs, new_highs);
  chunks.set_next(lows, new_lows);
  chunks.close();

  llvm::SmallVector<llvm::Constant*, 64> weights;
  for (uint64_t i = 0; i < lanes; i++)
    weights.push_back(llvm::ConstantInt::get(type, lanes - i, false, true));
  llvm::Value* whole = b.CreateMul(b.CreateAddReduce(new_highs), llvm::ConstantInt::get(type, lanes));
  llvm::Value* last = b.CreateAddReduce(b.CreateMul(new_lows, llvm::ConstantVector::get(weights)));
  llvm::Value* count =
      b.CreateMul(b.CreateZExtOrTrunc(chunks.done(), type), llvm::ConstantInt::get(type, sum.elements));
  llvm::Value* old = b.CreateMul(low, count);
  chunks.resume(*sum.low, b.CreateAdd(low, b.CreateAddReduce(new_lows)));
  chunks.resume(*sum.high, b.CreateAdd(high, b.CreateAdd(old, b.CreateAdd(whole, last))));
  chunks.finish();
}

} // namespace swage::codegen
