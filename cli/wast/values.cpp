// NaNs are the reason for comparing bits: a canonical NaN has only the top bit of its payload set, an
// arithmetic one at least that bit. https://webassembly.github.io/spec/core/syntax/values.html#floating-point
#include "cli/wast/values.h"

#include <fmt/format.h>

namespace swage::cli {
namespace {

using text::LanePattern;
using text::ResultPattern;

uint64_t lane_of(const Val& value, unsigned bits, size_t index) {
  if (bits == 128) return value.low();
  uint64_t half = index * bits < 64 ? value.low() : value.high();
  uint64_t mask = bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
  return half >> (index * bits % 64) & mask;
}

bool matches_lane(uint64_t lane, unsigned bits, const LanePattern& pattern) {
  if (pattern.nan == LanePattern::Nan::none) return lane == pattern.bits;
  uint64_t quiet = bits == 32 ? uint64_t{0x7FC00000} : uint64_t{0x7FF8} << 48;
  uint64_t sign = uint64_t{1} << (bits - 1);
  if (pattern.nan == LanePattern::Nan::canonical) return (lane & ~sign) == quiet;
  return (lane & quiet) == quiet;
}

bool matches_lanes(const Val& value, unsigned bits, const ResultPattern& pattern) {
  for (size_t i = 0; i < pattern.lanes.size(); ++i)
    if (!matches_lane(lane_of(value, bits, i), bits, pattern.lanes[i])) return false;
  return true;
}

bool is_i31(Ref ref) { return ref.bits & 1; }

/// The type at the top of an abstract one's hierarchy.
/// https://webassembly.github.io/spec/core/valid/matching.html#heap-types
HeapKind top_of(HeapKind kind) {
  switch (kind) {
  case HeapKind::func:
  case HeapKind::nofunc: return HeapKind::func;
  case HeapKind::extern_:
  case HeapKind::noextern: return HeapKind::extern_;
  case HeapKind::exn:
  case HeapKind::noexn: return HeapKind::exn;
  case HeapKind::cont:
  case HeapKind::nocont: return HeapKind::cont;
  default: return HeapKind::any;
  }
}

/// Of what a pattern describes; nothing for (ref.null) of any type.
std::optional<HeapKind> top_of(const ResultPattern& pattern) {
  switch (pattern.kind) {
  case ResultPattern::Kind::null_ref:
    return pattern.heap ? std::optional(top_of(pattern.heap->kind)) : std::nullopt;
  case ResultPattern::Kind::func_ref: return HeapKind::func;
  case ResultPattern::Kind::extern_ref: return HeapKind::extern_;
  case ResultPattern::Kind::exn_ref: return HeapKind::exn;
  default: return HeapKind::any;
  }
}

/// A defined type's index says nothing about its hierarchy.
bool may_be_below(HeapType type, std::optional<HeapKind> top) {
  return !top || type.is_concrete() || top_of(type.kind) == *top;
}

bool matches_one(const Val& value, const ResultPattern& pattern, const Store& store,
                 const HostReferences& references) {
  using Kind = ResultPattern::Kind;
  if (pattern.kind == Kind::number) {
    bool is_wide = pattern.type == kI64 || pattern.type == kF64;
    return value.type() == pattern.type && matches_lanes(value, is_wide ? 64 : 32, pattern);
  }
  if (pattern.kind == Kind::vector)
    return value.type() == kV128 && matches_lanes(value, pattern.lane_bits, pattern);
  if (!value.type().is_ref()) return false;
  Ref ref = value.ref();
  if (ref.is_null() != (pattern.kind == Kind::null_ref)) return false;
  if (!may_be_below(value.type().heap, top_of(pattern))) return false;
  std::optional<uint64_t> number = references.number(store, ref);
  switch (pattern.kind) {
  case Kind::extern_ref:
  case Kind::host_ref: return !pattern.number || number == pattern.number;
  case Kind::i31_ref: return is_i31(ref);
  case Kind::eq_ref: return !number;
  case Kind::struct_ref:
  case Kind::array_ref: return !number && !is_i31(ref);
  default: return true;
  }
}

std::string describe_one(const ResultPattern& pattern) {
  using Kind = ResultPattern::Kind;
  if (pattern.kind == Kind::number || pattern.kind == Kind::vector) {
    std::string out = pattern.kind == Kind::number ? to_string(pattern.type) : "v128";
    for (const LanePattern& lane : pattern.lanes) {
      if (lane.nan == LanePattern::Nan::none)
        out += fmt::format(" {:#x}", lane.bits);
      else
        out += lane.nan == LanePattern::Nan::canonical ? " nan:canonical" : " nan:arithmetic";
    }
    return out;
  }
  constexpr const char* kNames[] = {
      "",          "",          "(ref.null)", "(ref.func)",   "(ref.extern)", "(ref.host)",
      "(ref.i31)", "(ref.any)", "(ref.eq)",   "(ref.struct)", "(ref.array)",  "(ref.exn)"};
  std::string name = kNames[static_cast<size_t>(pattern.kind)];
  return pattern.number ? fmt::format("{} {}", name, *pattern.number) : name;
}

} // namespace

Ref HostReferences::get(Store& store, uint64_t number) {
  for (const auto& [known, ref] : made_)
    if (known == number) return ref;
  Ref ref = store.make_extern(std::make_shared<uint64_t>(number));
  made_.emplace_back(number, ref);
  return ref;
}

std::optional<uint64_t> HostReferences::number(const Store&, Ref ref) const {
  for (const auto& [number, known] : made_)
    if (known == ref) return number;
  return std::nullopt;
}

Val to_val(const text::ScriptValue& value, Store& store, HostReferences& references) {
  if (value.type == kV128) {
    V128 vector;
    vector.bytes = value.vector;
    return Val(vector);
  }
  if (!value.type.is_ref()) return Val::from_bits(value.type, value.bits);
  return Val(value.is_null ? Ref{} : references.get(store, value.bits), value.type);
}

bool matches(const Val& value, const text::ResultPatterns& patterns, const Store& store,
             const HostReferences& references) {
  for (const ResultPattern& pattern : patterns)
    if (matches_one(value, pattern, store, references)) return true;
  return false;
}

std::string describe(const text::ResultPatterns& patterns) {
  std::string out;
  for (const ResultPattern& pattern : patterns) out += (out.empty() ? "" : " or ") + describe_one(pattern);
  return out;
}

} // namespace swage::cli
