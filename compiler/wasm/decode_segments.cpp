// Element and data segments.
// https://webassembly.github.io/spec/core/binary/modules.html#element-section
#include "compiler/wasm/binary_codes.h"
#include "compiler/wasm/decoder.h"

namespace swage::wasm {

namespace {

/// The function of `ref.func f end`, if the expression is just that.
std::optional<FuncIdx> plain_function(const ConstExpr& expr, FeatureSet features) {
  Reader reader(expr.code, expr.offset, features);
  if (reader.byte() != op_info(Op::ref_func).code) return std::nullopt;
  uint32_t function = reader.u32();
  if (reader.byte() != op_info(Op::end).code || !reader.at_end()) return std::nullopt;
  return FuncIdx{function};
}

} // namespace

void Decoder::elements() {
  uint32_t n = count(kMaxElemSegments, "element segments");
  module_.elems.reserve(n);
  for (uint32_t i = 0; i < n && !reader_.failed(); i++) element();
}

void Decoder::element() {
  ElemSegment segment;
  segment.offset = reader_.offset();
  uint32_t flags = reader_.u32();
  if (flags > (kElemPassive | kElemExplicit | kElemExpressions))
    return reader_.fail_at(segment.offset, "malformed elements segment kind");
  if ((flags & (kElemPassive | kElemExplicit)) == kElemPassive)
    reader_.require(Feature::bulk_memory, segment.offset, "a passive element segment");
  else if (flags != 0)
    reader_.require(Feature::reference_types, segment.offset,
                    "an element segment that is neither plain and active nor passive");

  if (flags & kElemPassive) {
    segment.mode = flags & kElemExplicit ? SegmentMode::declarative : SegmentMode::passive;
  } else {
    segment.mode = SegmentMode::active;
    if (flags & kElemExplicit) segment.table = {reader_.u32()};
    segment.table_offset = const_expr();
  }
  bool has_type = flags & (kElemPassive | kElemExplicit);
  if (flags & kElemExpressions) {
    segment.type = has_type ? reader_.ref_type() : kFuncRef;
  } else {
    segment.type = ValType::ref({HeapKind::func}, false);
    uint64_t at = reader_.offset();
    if (has_type && reader_.byte() != 0) reader_.fail_at(at, "malformed element kind");
  }

  uint32_t elements = count(kMaxElements, "elements in one segment");
  segment.funcs.reserve(elements);
  bool plain = true;
  for (uint32_t i = 0; i < elements && !reader_.failed(); i++) {
    if (!(flags & kElemExpressions)) {
      segment.funcs.push_back({reader_.u32()});
      continue;
    }
    ConstExpr expr = const_expr();
    if (reader_.failed()) return;
    std::optional<FuncIdx> function = plain ? plain_function(expr, reader_.features()) : std::nullopt;
    plain = function.has_value();
    if (plain) segment.funcs.push_back(*function);
    segment.exprs.push_back(expr);
  }
  if (plain)
    segment.exprs = {};
  else
    segment.funcs = {};
  module_.elems.push_back(std::move(segment));
}

// https://webassembly.github.io/spec/core/binary/modules.html#data-section
void Decoder::data() {
  uint32_t n = count(kMaxDataSegments, "data segments");
  for (uint32_t i = 0; i < n && !reader_.failed(); i++) {
    DataSegment segment;
    segment.offset = reader_.offset();
    uint32_t flags = reader_.u32();
    if (flags > kDataExplicit) return reader_.fail_at(segment.offset, "malformed data segment kind");
    if (flags == kDataPassive) {
      reader_.require(Feature::bulk_memory, segment.offset, "a passive data segment");
    } else {
      segment.mode = SegmentMode::active;
      if (flags == kDataExplicit) segment.memory = {reader_.u32()};
      segment.memory_offset = const_expr();
    }
    uint32_t size = reader_.u32();
    segment.bytes = reader_.take(size, "unexpected end of section or function");
    module_.datas.push_back(segment);
  }
}

} // namespace swage::wasm
