// Runs of instructions are taken out, or replaced by a constant, in ever shorter runs. Most of what results
// does not validate, which costs little to find out; what does is asked whether it is still interesting.
#include "tests/fuzz/differential/reduce.h"

#include <algorithm>

#include "compiler/wasm/decode.h"
#include "compiler/wasm/encode.h"
#include "compiler/wasm/validate.h"

namespace swage::fuzz {

namespace {

using wasm::Op;

/// A body as its instructions' bytes, without the final end.
using Code = std::vector<wasm::Bytes>;

class Reducer {
public:
  Reducer(std::vector<std::byte> wasm, wasm::FeatureSet features, const IsInteresting& is_interesting)
      : bytes_(std::move(wasm)), features_(features), is_interesting_(is_interesting) {
    module_ = *wasm::decode(bytes_, features_);
    for (const wasm::Body& body : module_.bodies) bodies_.push_back(instructions_of(body));
    for (Op op : {Op::unreachable, Op::i32_const, Op::i64_const, Op::f32_const, Op::f64_const, Op::v128_const,
                  Op::drop}) {
      wasm::Encoder encoder;
      encoder.emit({.op = op});
      substitute_bytes_.push_back(encoder.take());
    }
    substitutes_.assign(substitute_bytes_.begin(), substitute_bytes_.end());
  }

  std::vector<std::byte> reduce() {
    for (size_t i = 0; i < bodies_.size(); ++i) replace(i, 0, bodies_[i].size());
    bool is_smaller = true;
    while (is_smaller) {
      is_smaller = exports();
      is_smaller = bodies() || is_smaller;
    }
    return encode(bodies_);
  }

private:
  Code instructions_of(const wasm::Body& body) const {
    Code code;
    wasm::InstructionReader reader(body.code, 0, module_);
    wasm::Instruction instruction;
    for (uint32_t begin = 0; reader.read(instruction); begin = reader.position()) {
      code.push_back(body.code.subspan(begin, reader.position() - begin));
      if (reader.at_end()) break;
    }
    code.pop_back();
    return code;
  }

  std::vector<std::byte> encode(const std::vector<Code>& bodies) const {
    wasm::Module module = module_;
    std::vector<std::vector<std::byte>> kept;
    for (size_t i = 0; i < bodies.size(); ++i) {
      std::vector<std::byte>& code = kept.emplace_back();
      for (wasm::Bytes instruction : bodies[i])
        code.insert(code.end(), instruction.begin(), instruction.end());
      code.push_back(std::byte{0x0B});
      module.bodies[i].code = code;
    }
    return wasm::encode(module);
  }

  bool is_good(const std::vector<Code>& bodies) const {
    std::vector<std::byte> wasm = encode(bodies);
    Expected<wasm::Module> module = wasm::decode(wasm, features_);
    return module && wasm::validate(*module, 1) && is_interesting_(wasm);
  }

  bool exports() {
    bool has_changed = false;
    for (size_t i = module_.exports.size(); i-- > 0;) {
      wasm::Export taken = module_.exports[i];
      module_.exports.erase(module_.exports.begin() + static_cast<ptrdiff_t>(i));
      if (taken.name != "state" && is_good(bodies_))
        has_changed = true;
      else
        module_.exports.insert(module_.exports.begin() + static_cast<ptrdiff_t>(i), taken);
    }
    return has_changed;
  }

  bool bodies() {
    bool has_changed = false;
    for (size_t body = 0; body < bodies_.size(); ++body)
      for (size_t length = std::max<size_t>(bodies_[body].size(), 1); length > 0; length /= 2)
        for (size_t at = 0; at < bodies_[body].size();) {
          if (replace(body, at, length))
            has_changed = true;
          else
            at += std::max<size_t>(1, length / 2);
        }
    return has_changed;
  }

  /// Tries to put less in the place of a run; true when that is still interesting.
  bool replace(size_t body, size_t at, size_t length) {
    Code& code = bodies_[body];
    length = std::min(length, code.size() - at);
    Code before = code;
    auto begin = code.begin() + static_cast<ptrdiff_t>(at);
    code.erase(begin, begin + static_cast<ptrdiff_t>(length));
    if (is_good(bodies_)) return true;
    for (wasm::Bytes substitute : substitutes_) {
      bool is_smaller = length > 1 || substitute.size() < before[at].size();
      if (!is_smaller) continue;
      code.insert(code.begin() + static_cast<ptrdiff_t>(at), substitute);
      if (is_good(bodies_)) return true;
      code.erase(code.begin() + static_cast<ptrdiff_t>(at));
    }
    code = std::move(before);
    return false;
  }

  std::vector<std::byte> bytes_;
  wasm::FeatureSet features_;
  const IsInteresting& is_interesting_;
  wasm::Module module_;
  std::vector<Code> bodies_;
  std::vector<std::vector<std::byte>> substitute_bytes_;
  std::vector<wasm::Bytes> substitutes_;
};

} // namespace

std::vector<std::byte> reduce(std::vector<std::byte> wasm, wasm::FeatureSet features,
                              const IsInteresting& is_interesting) {
  return Reducer(std::move(wasm), features, is_interesting).reduce();
}

} // namespace swage::fuzz
