// Loops as a vectorising producer leaves them: one block that loads, computes and stores lanes at addresses
// that step evenly, and carries vectors from round to round.
#include <array>

#include "tests/fuzz/generate/body.h"

namespace swage::fuzz {

using wasm::Feature;
using wasm::Op;

namespace {

constexpr uint32_t kMostRounds = 24;
constexpr uint32_t kMostDistance = 640; ///< bytes between the streams of a loop
constexpr uint32_t kApart = 2048;       ///< what is stored lies so far behind what is loaded

} // namespace

void BodyGenerator::vector_loop() {
  if (counter_ || !has(Feature::simd) || module().memories.empty()) return;
  uint32_t counter = new_local(kI32);
  i32(0);
  set(counter);
  for (uint32_t count = choices_.between(0, 3); count > 0; --count) {
    lanes_.push_back(new_local(kV128));
    constant(kV128);
    set(lanes_.back());
  }
  near_ = base(0);
  far_ = base(kApart * choices_.between(1, 4));
  burn_fuel();
  open(Op::loop, {}, {});
  labels_.back().is_target = false; // its head burns no fuel
  counter_ = counter;
  is_in_vector_loop_ = true;
  for (uint32_t count = choices_.between(1, 4); count > 0; --count) {
    constexpr std::array kStores = {Op::v128_store, Op::v128_store, Op::v128_store, Op::v128_store64_lane,
                                    Op::i32_store};
    if (lanes_.empty() || choices_.one_in(2))
      operation(choices_.of(kStores), std::nullopt, choices_.between(1, 4));
    else
      carry(choices_.of(lanes_));
  }
  constexpr std::array kSteps = {16, 16, 16, 8, 32};
  int32_t step = choices_.of(kSteps);
  get(counter);
  i32(step);
  emit(Op::i32_add);
  emit(Op::local_tee, counter);
  i32(step * static_cast<int32_t>(choices_.between(1, kMostRounds)));
  emit(Op::i32_lt_u);
  emit(Op::br_if, 0);
  close();
  counter_.reset();
  is_in_vector_loop_ = false;
  lanes_.clear();
}

/// A local with the start of a stream that only the running program knows.
uint32_t BodyGenerator::base(uint32_t least) {
  uint32_t local = new_local(kI32);
  masked(AddressType::i32, 0x3F0, 1);
  i32(static_cast<int32_t>(least));
  emit(Op::i32_add);
  set(local);
  return local;
}

/// A sum over rounds, or whatever the next round finds there.
void BodyGenerator::carry(uint32_t local) {
  constexpr std::array kSums = {Op::i8x16_add, Op::i16x8_add,   Op::i32x4_add,   Op::i64x2_add, Op::v128_xor,
                                Op::v128_or,   Op::i32x4_min_s, Op::i8x16_max_u, Op::i16x8_mul};
  if (choices_.one_in(2)) {
    get(local);
    value(kV128, choices_.between(0, 2));
    emit(choices_.of(kSums));
  } else {
    value(kV128, choices_.between(0, 3));
  }
  set(local);
}

/// Values of the loop: no control, and no address that depends on what was loaded.
void BodyGenerator::lane_value(ValType type, unsigned depth) {
  if (type != kV128) return type == kI32 && choices_.one_in(2) ? get(*counter_) : constant(type);
  if (depth == 0 || choices_.one_in(4)) {
    if (!lanes_.empty() && choices_.one_in(2)) return get(choices_.of(lanes_));
    return choices_.one_in(4) ? constant(type) : operation(Op::v128_load, type, 0);
  }
  operation(choices_.of(plan_.operations.of(type)), type, depth);
}

/// What is stored nearly never lies where the loop loads: that would keep rounds apart.
void BodyGenerator::lane_address(AddressType type, Op op) {
  get(*counter_);
  bool is_apart = wasm::op_info(op).text.find("store") != std::string_view::npos && !choices_.one_in(8);
  if (is_apart || choices_.one_in(2)) {
    uint32_t distance = choices_.below(kMostDistance) + (is_apart ? kApart * choices_.between(1, 4) : 0);
    if (choices_.one_in(2))
      i32(static_cast<int32_t>(distance));
    else
      get(is_apart ? far_ : near_);
    emit(Op::i32_add);
  }
  if (type == AddressType::i64) emit(Op::i64_extend_i32_u);
}

} // namespace swage::fuzz
