// The loop, the two stacks, and everything that the opcode table drives.
#include "compiler/wasm/function_validator.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "compiler/wasm/limits.h"

namespace swage::wasm {

namespace {

// What validation needs of a row, in few bytes. Operands stand last first, since that is how they are popped.
struct Signature {
  bool has_rule = false;
  uint8_t in_count = 0;
  uint8_t out_count = 0;
  std::array<ValKind, 4> in = {};
  std::array<ValKind, 2> out = {};
};

// Stands in a Signature for the address type of the memory or table at hand.
constexpr ValKind kAddress = ValKind::bottom;

constexpr ValKind kind_of(char letter) {
  switch (letter) {
  case 'i': return ValKind::i32;
  case 'I': return ValKind::i64;
  case 'f': return ValKind::f32;
  case 'F': return ValKind::f64;
  case 'v': return ValKind::v128;
  case 'a':
  case 'A': return kAddress;
  default: assert(false && "a letter that opcode.h does not know"); return kAddress;
  }
}

constexpr Signature parse_signature(std::string_view text) {
  Signature signature;
  if (text == "*") {
    signature.has_rule = true;
    return signature;
  }
  size_t arrow = text.find('>');
  for (size_t i = arrow; i-- > 0;) signature.in[signature.in_count++] = kind_of(text[i]);
  for (size_t i = arrow + 1; i < text.size(); i++) signature.out[signature.out_count++] = kind_of(text[i]);
  return signature;
}

struct Traits {
  Signature signature;
  bool has_checks = false; ///< an immediate that can be wrong
  uint8_t align_log2 = 0;
  uint8_t lanes = 0;
  bool is_atomic = false;
};

constexpr auto kTraits = [] {
  std::array<Traits, static_cast<size_t>(Op::count)> all;
  for (size_t i = 0; i < all.size(); i++) {
    Op op = static_cast<Op>(i);
    const OpInfo& info = op_info(op);
    all[i].signature = parse_signature(info.signature);
    all[i].has_checks = info.immediates.find_first_not_of("iIsDVcCHkuz") != std::string_view::npos;
    if (info.immediates.find('m') != std::string_view::npos)
      all[i].align_log2 = static_cast<uint8_t>(natural_align_log2(op));
    if (info.immediates.find('n') != std::string_view::npos)
      all[i].lanes = static_cast<uint8_t>(lane_count(op));
    all[i].is_atomic = info.feature == Feature::threads;
  }
  return all;
}();

const Traits& traits(Op op) { return kTraits[static_cast<size_t>(op)]; }

/// https://webassembly.github.io/spec/core/valid/instructions.html#constant-expressions
bool is_constant(Op op) {
  switch (op) {
  case Op::i32_const:
  case Op::i64_const:
  case Op::f32_const:
  case Op::f64_const:
  case Op::v128_const:
  case Op::ref_null:
  case Op::ref_func:
  case Op::ref_i31:
  case Op::struct_new:
  case Op::struct_new_default:
  case Op::array_new:
  case Op::array_new_default:
  case Op::array_new_fixed:
  case Op::any_convert_extern:
  case Op::extern_convert_any:
  case Op::global_get:
  case Op::end: return true;
  default: return false;
  }
}

bool is_extended_constant(Op op) {
  switch (op) {
  case Op::i32_add:
  case Op::i32_sub:
  case Op::i32_mul:
  case Op::i64_add:
  case Op::i64_sub:
  case Op::i64_mul: return true;
  default: return false;
  }
}

Error error_of(ErrorCode code, std::string message) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  return error;
}

} // namespace

Expected<void> FunctionValidator::body(FuncIdx function) {
  context_ = Context::body;
  function_ = function;
  const Body& body = module_.body(function);
  for (const LocalRun& run : body.locals)
    if (std::string problem = types_.problem(run.type); !problem.empty())
      return std::unexpected(place(error_of(ErrorCode::invalid, problem + " of a local"), body.start));
  set_locals(function);
  if (local_count_ > kMaxLocals)
    return std::unexpected(
        place(error_of(ErrorCode::limit, fmt::format("{} locals with the parameters, the limit is {}",
                                                     local_count_, kMaxLocals)),
              body.start));
  return run(body.code, body.offset, {BlockType::Kind::index, {}, module_.functions[function.value]});
}

Expected<void> FunctionValidator::constant(const ConstExpr& expr, ValType expected, uint32_t globals) {
  context_ = Context::constant;
  function_.reset();
  visible_globals_ = globals;
  local_count_ = 0;
  return run(expr.code, expr.offset, {BlockType::Kind::value, expected, {}});
}

Expected<void> FunctionValidator::run(Bytes code, uint64_t offset, BlockType type) {
  stack_.clear();
  control_.clear();
  initialized_log_.clear();
  error_.reset();
  control_.push_back({.op = Op::block, .unreachable = false, .block = type, .height = 0, .inits = 0});

  InstructionReader reader(code, offset, module_);
  while (!control_.empty()) {
    if (reader.at_end())
      return std::unexpected(
          place(error_of(ErrorCode::malformed, "END opcode expected"), offset + code.size()));
    if (!reader.read(insn_)) return std::unexpected(place(reader.error(), *reader.error().offset));
    instruction(insn_);
    if (failed()) return std::unexpected(place(std::move(*error_), offset + insn_.offset));
  }
  if (!reader.at_end())
    return std::unexpected(
        place(error_of(ErrorCode::malformed, "section size mismatch: bytes after the last end"),
              offset + reader.position()));
  features_used_ |= reader.features_used();
  return {};
}

Error FunctionValidator::place(Error error, uint64_t offset) const {
  error.offset = offset;
  if (function_) {
    error.function = function_->value;
    error.function_name = module_.func_name(*function_);
  }
  return error;
}

void FunctionValidator::instruction(const Instruction& insn) {
  const Traits& row = traits(insn.op);
  if (context_ == Context::constant) check_constant(insn);
  if (row.has_checks) check_immediates(insn, op_info(insn.op).immediates);
  if (failed()) return;
  if (row.signature.has_rule)
    by_rule(insn);
  else
    by_signature(insn);
  if (stack_.size() > kMaxOperands)
    fail(fmt::format("more than {} operands on the stack, the limit", kMaxOperands), ErrorCode::limit);
}

void FunctionValidator::check_constant(const Instruction& insn) {
  if (is_extended_constant(insn.op)) {
    features_used_ |= uint64_t{1} << static_cast<int>(Feature::extended_const);
    if (module_.features.has(Feature::extended_const)) return;
    fail("arithmetic in a constant expression needs extended-const, which is switched off",
         ErrorCode::unsupported);
    error_->hint = "--features extended-const";
  } else if (!is_constant(insn.op)) {
    fail("constant expression required");
  }
}

void FunctionValidator::check_immediates(const Instruction& insn, std::string_view letters) {
  const uint32_t* index = insn.index.data();
  auto in_space = [&](size_t size, const char* what) {
    uint32_t value = *index++;
    if (value >= size) unknown(what, value);
  };
  for (char letter : letters) {
    switch (letter) {
    case 'x': in_space(local_count_, "local"); break;
    case 'l': in_space(control_.size(), "label"); break;
    case 'f': in_space(module_.functions.size(), "function"); break;
    case 'g':
      in_space(context_ == Context::body ? module_.globals.size() : visible_globals_, "global");
      break;
    case 't': in_space(module_.types.size(), "type"); break;
    case 'T': in_space(module_.tables.size(), "table"); break;
    case 'M': in_space(module_.memories.size(), "memory"); break;
    case 'G': in_space(module_.tags.size(), "tag"); break;
    case 'e': in_space(module_.elems.size(), "elem segment"); break;
    case 'd':
      // A body is read in one pass, before the data section.
      if (!module_.data_count) fail("data count section required", ErrorCode::malformed);
      in_space(module_.datas.size(), "data segment");
      break;
    case 'n':
      if (*index++ >= traits(insn.op).lanes) fail("invalid lane index " + std::to_string(index[-1]));
      break;
    case 'k':
    case 'u': index++; break;
    case 'S':
      if (std::ranges::any_of(insn.bytes, [](uint8_t lane) { return lane >= 32; }))
        fail("invalid lane index");
      break;
    case 'L':
      for (uint32_t label : insn.labels)
        if (label >= control_.size()) unknown("label", label);
      break;
    case 'm': check_memarg(insn); break;
    case 'B': check_block_type(insn.block); break;
    case 'h':
      for (HeapType heap : std::span(insn.heap).first(letters.ends_with("hh") ? 2 : 1))
        if (std::string problem = types_.problem(heap); !problem.empty()) fail(problem);
      break;
    case 'R':
      for (ValType type : insn.types)
        if (std::string problem = types_.problem(type); !problem.empty()) fail(problem);
      break;
    default: break; // nothing to check: constants, and clauses that their rules check
    }
  }
}

// https://webassembly.github.io/spec/core/valid/instructions.html#memory-instructions
void FunctionValidator::check_memarg(const Instruction& insn) {
  const MemArg& memarg = insn.memarg;
  if (memarg.memory.value >= module_.memories.size()) return unknown("memory", memarg.memory.value);
  uint32_t natural = traits(insn.op).align_log2;
  if (traits(insn.op).is_atomic && memarg.align_log2 != natural)
    return fail(fmt::format("atomic alignment must be natural: expected {}, got 2^{}", 1u << natural,
                            memarg.align_log2));
  if (memarg.align_log2 > natural)
    return fail(fmt::format("alignment must not be larger than natural: expected at most {}, got 2^{}",
                            1u << natural, memarg.align_log2));
  if (memarg.offset > UINT32_MAX && module_.memories[memarg.memory.value].address == AddressType::i32)
    fail(fmt::format("offset out of range: {} in a 32-bit memory", memarg.offset));
}

void FunctionValidator::check_block_type(const BlockType& type) {
  if (type.kind == BlockType::Kind::index) {
    if (type.type.value >= module_.types.size()) return unknown("type", type.type.value);
    func_type(type.type.value);
  } else if (type.kind == BlockType::Kind::value) {
    if (std::string problem = types_.problem(type.value); !problem.empty()) fail(problem);
  }
}

ValKind FunctionValidator::address_kind(const Instruction& insn) const {
  std::string_view immediates = op_info(insn.op).immediates;
  if (immediates.front() == 'm') return address(insn.memarg.memory).kind;
  if (immediates.front() == 'T') return address(TableIdx{insn.index[0]}).kind;
  return address(MemIdx{insn.index[immediates.find('M')]}).kind; // memory.init names its segment first
}

void FunctionValidator::by_signature(const Instruction& insn) {
  const Signature& signature = traits(insn.op).signature;
  for (uint8_t i = 0; i < signature.in_count; i++) {
    ValKind kind = signature.in[i] == kAddress ? address_kind(insn) : signature.in[i];
    if (is_available() && stack_.back().kind == kind)
      stack_.pop_back();
    else
      pop(ValType{kind});
  }
  for (uint8_t i = 0; i < signature.out_count; i++)
    push(ValType{signature.out[i] == kAddress ? address_kind(insn) : signature.out[i]});
}

void FunctionValidator::by_rule(const Instruction& insn) {
  // The generic lambda leaves out, for a row with a signature, a member that does not exist.
  switch (insn.op) {
#define OP(id, text, feature, code, immediates, signature, lowering)                                         \
  case Op::id:                                                                                               \
    return [&](auto& self) {                                                                                 \
      if constexpr (std::string_view(signature) == "*") self.id(insn);                                       \
    }(*this);
#include "compiler/wasm/opcodes.inc"
  case Op::count: break;
  }
}

void FunctionValidator::set_locals(FuncIdx function) {
  constexpr uint32_t kSpread = 256;
  first_locals_.clear();
  local_runs_.clear();
  initialized_.clear();
  local_count_ = 0;
  bool all_defaultable = true;
  const std::vector<ValType>& parameters = module_.func_type(function).params;
  auto add = [&](uint32_t count, ValType type) {
    local_count_ += count;
    local_runs_.push_back({local_count_, type});
    while (first_locals_.size() < std::min(local_count_, kSpread)) first_locals_.push_back(type);
  };
  for (ValType type : parameters) add(1, type);
  for (const LocalRun& run : module_.body(function).locals) {
    if (run.count == 0) continue;
    add(run.count, run.type);
    all_defaultable &= run.type.is_defaultable();
  }
  if (all_defaultable) return;
  initialized_.assign(local_count_, false);
  std::fill_n(initialized_.begin(), parameters.size(), true);
  uint32_t local = static_cast<uint32_t>(parameters.size());
  for (const LocalRun& run : module_.body(function).locals) {
    if (run.type.is_defaultable()) std::fill_n(initialized_.begin() + local, run.count, true);
    local += run.count;
  }
}

ValType FunctionValidator::local_type(uint32_t local) const {
  if (local < first_locals_.size()) return first_locals_[local];
  return std::ranges::upper_bound(local_runs_, local, {}, &Run::end)->type;
}

void FunctionValidator::fail(std::string message, ErrorCode code) {
  if (failed()) return;
  error_ = std::make_unique<Error>();
  error_->code = code;
  error_->message = std::move(message);
  error_->opcode = op_info(insn_.op).text;
}

namespace {

std::string describe(ValType type) {
  return type.is_ref() && type.heap.kind == kBottomHeap ? "a reference" : to_string(type);
}

} // namespace

void FunctionValidator::unknown(const char* what, uint32_t index) {
  fail(fmt::format("unknown {} {}", what, index));
}

void FunctionValidator::mismatch(ValType expected, const char* got) {
  fail(fmt::format("type mismatch: expected {}, got {}", describe(expected), got));
}

void FunctionValidator::mismatch(ValType expected, ValType got) { mismatch(expected, describe(got).c_str()); }

ValType FunctionValidator::pop() {
  constexpr ValType kBottom{ValKind::bottom};
  if (!is_available()) {
    if (!control_.back().unreachable) fail("type mismatch: expected an operand, got nothing");
    return kBottom;
  }
  ValType type = stack_.back();
  stack_.pop_back();
  return type;
}

void FunctionValidator::pop(ValType expected) {
  if (!is_available()) {
    if (!control_.back().unreachable) mismatch(expected, "nothing");
    return;
  }
  ValType type = stack_.back();
  stack_.pop_back();
  if (!types_.matches(type, expected)) mismatch(expected, type);
}

void FunctionValidator::pop(std::span<const ValType> types) {
  for (size_t i = types.size(); i-- > 0;) pop(types[i]);
}

ValType FunctionValidator::pop_ref() {
  ValType type = pop();
  if (type.is_ref() || type.kind == ValKind::bottom) return type;
  fail(fmt::format("type mismatch: expected a reference, got {}", to_string(type)));
  return {ValKind::bottom};
}

void FunctionValidator::check_top(std::span<const ValType> types) {
  const Frame& frame = control_.back();
  size_t available = stack_.size() - frame.height;
  for (size_t i = 0; i < types.size(); i++) {
    ValType expected = types[types.size() - 1 - i];
    if (i >= available) {
      if (!frame.unreachable) mismatch(expected, "nothing");
      return;
    }
    ValType type = stack_[stack_.size() - 1 - i];
    if (!types_.matches(type, expected)) return mismatch(expected, type);
  }
}

std::span<const ValType> FunctionValidator::params(const Frame& frame) const {
  if (frame.block.kind != BlockType::Kind::index) return {};
  return types_.composite(frame.block.type.value).func.params;
}

std::span<const ValType> FunctionValidator::results(const Frame& frame) const {
  switch (frame.block.kind) {
  case BlockType::Kind::none: return {};
  case BlockType::Kind::value: return {&frame.block.value, 1};
  case BlockType::Kind::index: return types_.composite(frame.block.type.value).func.results;
  }
  return {};
}

std::span<const ValType> FunctionValidator::label_types(uint32_t label) const {
  const Frame& frame = control_[control_.size() - 1 - label];
  return frame.op == Op::loop ? params(frame) : results(frame);
}

void FunctionValidator::enter(Op op, const BlockType& block) {
  Frame frame{.op = op,
              .unreachable = false,
              .block = block,
              .height = 0,
              .inits = static_cast<uint32_t>(initialized_log_.size())};
  pop(params(frame));
  frame.height = static_cast<uint32_t>(stack_.size());
  control_.push_back(frame);
  push(params(frame));
}

void FunctionValidator::finish() {
  const Frame& frame = control_.back();
  pop(results(frame));
  if (is_available())
    fail(fmt::format("type mismatch: expected an empty stack at the end of the block, got {} more operands",
                     stack_.size() - frame.height));
  for (; initialized_log_.size() > frame.inits; initialized_log_.pop_back())
    initialized_[initialized_log_.back()] = false;
}

void FunctionValidator::next_arm(Op op) {
  finish();
  Frame& frame = control_.back();
  frame.op = op;
  frame.unreachable = false;
  stack_.resize(frame.height);
}

void FunctionValidator::set_unreachable() {
  stack_.resize(control_.back().height);
  control_.back().unreachable = true;
}

const FuncType* FunctionValidator::func_type(uint32_t type) {
  const CompositeType& composite = types_.composite(type);
  if (composite.kind == CompositeKind::func) return &composite.func;
  fail(fmt::format("type mismatch: expected a function type, type {} is none", type));
  return nullptr;
}

} // namespace swage::wasm
