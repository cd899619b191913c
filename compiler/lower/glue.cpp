// What the whole module needs beside its functions, found from its declarations alone; and the check that all
// of it can be lowered. See lower.h.
#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include <fmt/format.h>

#include "compiler/lower/constant.h"
#include "compiler/lower/lower.h"
#include "compiler/lower/tail_calls.h"
#include "compiler/wasm/instruction.h"

namespace swage::lower {
namespace {

constexpr uint64_t feature_bit(wasm::Feature feature) { return uint64_t{1} << static_cast<int>(feature); }

/// Whether the row of an instruction says how it is lowered.
constexpr auto kIsLowered = [] {
  std::array<bool, static_cast<size_t>(wasm::Op::count)> lowered = {};
  size_t k = 0;
#define OP(id, text, feature, code, immediates, signature, lowering)                                         \
  lowered[k++] = std::string_view(#lowering) != "refused()";
#include "compiler/wasm/opcodes.inc"
  return lowered;
}();

/// The features that have refused instructions; a module that uses none of them needs no scan.
constexpr uint64_t kRefusedFeatures = [] {
  uint64_t bits = 0;
  for (size_t k = 0; k < kIsLowered.size(); k++)
    if (!kIsLowered[k]) bits |= feature_bit(wasm::op_infos()[k].feature);
  return bits;
}();

/// The first instruction of an expression that is not lowered, as an error.
Expected<void> check_code(const wasm::Module& module, wasm::Bytes code, uint64_t offset) {
  wasm::InstructionReader reader(code, offset, module);
  wasm::Instruction instruction;
  while (!reader.at_end()) {
    if (!reader.read(instruction)) return std::unexpected(reader.error());
    if (kIsLowered[static_cast<size_t>(instruction.op)]) continue;
    const wasm::OpInfo& info = wasm::op_info(instruction.op);
    Error error;
    error.code = ErrorCode::unsupported;
    error.message = fmt::format("swage does not compile {} yet (proposal {})", info.text,
                                wasm::feature_info(info.feature).flag);
    error.offset = offset + instruction.offset;
    error.opcode = info.text;
    return std::unexpected(std::move(error));
  }
  return {};
}

/// Calls `visit` with every constant expression of the module, in the order that Glue numbers them.
template<class Visit> void for_each_expression(const wasm::Module& module, Visit visit) {
  for (size_t k = module.imported_globals; k < module.globals.size(); k++) visit(module.globals[k].init);
  for (const wasm::Table& table : module.tables)
    if (table.init) visit(*table.init);
  for (const wasm::ElemSegment& elem : module.elems) {
    if (elem.mode == wasm::SegmentMode::active) visit(elem.table_offset);
    for (const wasm::ConstExpr& item : elem.exprs) visit(item);
  }
  for (const wasm::DataSegment& data : module.datas)
    if (data.mode == wasm::SegmentMode::active) visit(data.memory_offset);
}

/// Larger ones are left to the table itself.
constexpr uint64_t kMaxClosedTable = 1 << 20;

/// The place of an active segment, if it is a constant.
std::optional<uint64_t> constant_place(const wasm::Module& module, const wasm::ConstExpr& expression) {
  if (!is_plain(module, expression)) return std::nullopt;
  wasm::Instruction first = first_instruction(module, expression);
  return first.op == wasm::Op::i32_const ? static_cast<uint32_t>(first.bits) : first.bits;
}

/// The function that an element's expression names, kHole for null; nothing when that is not plain to see.
std::optional<uint32_t> constant_element(const wasm::Module& module, const wasm::ConstExpr& expression) {
  if (!is_plain(module, expression)) return std::nullopt;
  wasm::Instruction first = first_instruction(module, expression);
  if (first.op == wasm::Op::ref_null) return ClosedTable::kHole;
  return first.op == wasm::Op::ref_func ? std::optional(first.index[0]) : std::nullopt;
}

/// Writes an active segment; false when the table is not closed because of it.
bool write_segment(const wasm::Module& module, const wasm::ElemSegment& segment, ClosedTable& table) {
  std::optional<uint64_t> place = constant_place(module, segment.table_offset);
  uint64_t count = segment.funcs.size() + segment.exprs.size();
  if (!place || *place > table.functions.size() || count > table.functions.size() - *place) return false;
  uint32_t* to = table.functions.data() + *place;
  for (wasm::FuncIdx function : segment.funcs) *to++ = function.value;
  for (const wasm::ConstExpr& item : segment.exprs) {
    std::optional<uint32_t> function = constant_element(module, item);
    if (!function) return false;
    *to++ = *function;
  }
  return true;
}

void find_few(const wasm::Module& module, ClosedTable& table) {
  for (uint32_t element = 0; element < table.functions.size(); element++) {
    if (table.functions[element] == ClosedTable::kHole) continue;
    uint32_t type = module.functions[table.functions[element]].value;
    std::vector<uint32_t>& elements = table.few[module.canonical[type]];
    if (elements.size() <= ClosedTable::kFew) elements.push_back(element);
  }
  std::erase_if(table.few, [](const auto& row) { return row.second.size() > ClosedTable::kFew; });
}

std::vector<std::optional<ClosedTable>> closed_tables(const wasm::Module& module) {
  std::vector<std::optional<ClosedTable>> tables(module.tables.size());
  // A segment that traps halfway leaves instances behind whose tables are not what their segments say; only
  // one for an imported table can do so and still leave functions that somebody can call.
  for (const wasm::ElemSegment& segment : module.elems)
    if (segment.mode == wasm::SegmentMode::active && segment.table.value < module.imported_tables)
      return tables;
  for (uint32_t k = module.imported_tables; k < tables.size(); k++) {
    const wasm::Table& table = module.tables[k];
    if (module.is_written({k}) || table.init || table.type.limits.min > kMaxClosedTable) continue;
    tables[k].emplace().functions.assign(table.type.limits.min, ClosedTable::kHole);
  }
  for (const wasm::Export& entry : module.exports)
    if (entry.kind == ExternKind::table) tables[entry.index].reset();
  for (const wasm::ElemSegment& segment : module.elems) {
    if (segment.mode != wasm::SegmentMode::active) continue;
    std::optional<ClosedTable>& table = tables[segment.table.value];
    if (table && !write_segment(module, segment, *table)) table.reset();
  }
  for (std::optional<ClosedTable>& table : tables) {
    if (!table) continue;
    auto is_defined = [&](uint32_t function) {
      return function == ClosedTable::kHole || !module.is_imported({function});
    };
    if (!std::ranges::all_of(table->functions, is_defined))
      table.reset();
    else
      find_few(module, *table);
  }
  return tables;
}

} // namespace

bool is_closed_call(const wasm::Module& module, const Glue& glue, const wasm::Instruction& call) {
  return glue.closed_tables[call.index[1]] && module.types[call.index[0]].is_final;
}

Glue glue_of(const wasm::Module& module) {
  Glue glue;
  std::vector<bool> escapes = module.declared_functions;
  escapes.resize(module.functions.size());
  for (const wasm::Export& entry : module.exports)
    if (entry.kind == ExternKind::func) escapes[entry.index] = true;
  for (const wasm::ElemSegment& elem : module.elems)
    for (wasm::FuncIdx function : elem.funcs) escapes[function.value] = true;
  if (module.start) escapes[module.start->value] = true;

  glue.entry_needed.resize(module.types.size());
  glue.trampoline_needed.resize(module.types.size());
  for (uint32_t k = 0; k < module.functions.size(); k++) {
    if (k < module.imported_functions) glue.trampoline_needed[module.functions[k].value] = true;
    if (!escapes[k]) continue;
    glue.escaping.push_back({k});
    glue.entry_needed[module.functions[k].value] = true;
  }
  for_each_expression(module, [&](const wasm::ConstExpr& expression) {
    if (!is_plain(module, expression)) glue.expressions.push_back(expression);
  });
  glue.closed_tables = closed_tables(module);
  find_tail_calls(module, glue);
  return glue;
}

Expected<void> check_lowerable(const wasm::Module& module) {
  if ((module.features_used & kRefusedFeatures) == 0) return {};
  // Every instruction that a constant expression may have is lowered.
  for (uint32_t k = 0; k < module.bodies.size(); k++) {
    Expected<void> checked = check_code(module, module.bodies[k].code, module.bodies[k].offset);
    if (checked) continue;
    wasm::FuncIdx function{module.imported_functions + k};
    checked.error().function = function.value;
    checked.error().function_name = module.func_name(function);
    return checked;
  }
  return {};
}

} // namespace swage::lower
