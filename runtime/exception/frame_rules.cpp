#include "runtime/exception/frame_rules.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <memory>
#include <utility>

#include "runtime/platform/entry.h"
#include "runtime/trap/code_ranges.h"
#include "runtime/trap/unwind_tables.h"

// Of the C++ runtime, as its own unwinder uses it: the entry for the function that an address lies in.
extern "C" {
struct dwarf_eh_bases {
  void* text;
  void* data;
  void* function;
};
const void* _Unwind_Find_FDE(void* pc, dwarf_eh_bases* bases);
}

namespace swage {

namespace {

using platform::kRegisterNumbers;

/// Reads what tables consist of. After something unknown, or behind the end, it stands at the end and has
/// failed.
struct Reader {
  const uint8_t* at;
  const uint8_t* end;
  bool has_failed = false;

  /// What the next `size` bytes consist of; continues behind them.
  Reader part(uint64_t size) {
    if (size > static_cast<uint64_t>(end - at)) size = fail();
    Reader part{at, at + size, has_failed};
    at += size;
    return part;
  }

  uint64_t fail() {
    has_failed = true;
    at = end;
    return 0;
  }

  template<class T> T fixed() {
    T value{};
    if (static_cast<size_t>(end - at) < sizeof value) return static_cast<T>(fail());
    std::memcpy(&value, at, sizeof value);
    at += sizeof value;
    return value;
  }

  uint64_t uleb128() {
    uint64_t value = 0;
    for (uint32_t shift = 0; shift < 64; shift += 7) {
      uint8_t byte = fixed<uint8_t>();
      value |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
    return fail();
  }

  int64_t sleb128() {
    const uint8_t* begin = at;
    uint64_t value = uleb128();
    size_t bits = 7 * static_cast<size_t>(at - begin);
    if (bits == 0 || bits >= 64 || (at[-1] & 0x40) == 0) return static_cast<int64_t>(value);
    return static_cast<int64_t>(value | ~uint64_t{0} << bits);
  }

  /// A pointer in one of the encodings DW_EH_PE_*; null stays null. Where one must be followed to the value
  /// proper (the personality's), the caller does not want to know.
  const std::byte* pointer(uint8_t encoding) {
    constexpr uint8_t kFormat = 0x0f, kRelativeTo = 0x70, kNothing = 0x00, kPlace = 0x10;
    auto place = reinterpret_cast<uintptr_t>(at);
    uint64_t value = 0;
    switch (encoding & kFormat) {
    case 0x00: // absptr
    case 0x04: // udata8
    case 0x0c: // sdata8
      value = fixed<uint64_t>();
      break;
    case 0x03: value = fixed<uint32_t>(); break;                       // udata4
    case 0x0b: value = static_cast<uint64_t>(fixed<int32_t>()); break; // sdata4
    default: fail();
    }
    uint8_t relative_to = encoding & kRelativeTo;
    if (relative_to != kNothing && relative_to != kPlace) fail();
    if (value != 0 && relative_to == kPlace) value += place;
    return reinterpret_cast<const std::byte*>(value);
  }
};

/// The record that begins here with its length; without the length, which has 4 bytes.
Reader record_at(const uint8_t* at) {
  uint32_t length = 0;
  std::memcpy(&length, at, sizeof length);
  constexpr uint32_t kLongerLength = 0xffffffff;
  at += sizeof length;
  return {at, at + (length == kLongerLength ? 0 : length)};
}

/// What the functions of one compilation have in common (a CIE): how their entries are to be read.
struct Common {
  uint64_t code_alignment = 0;
  int64_t data_alignment = 0;
  uint8_t code_encoding = 0; ///< of addresses of code
  uint8_t data_encoding = 0; ///< of the landing pads' table
  bool has_landing_pads = false;
};

/// Leaves the reader in front of the common instructions.
Common read_common(Reader& in) {
  Common common;
  in.fixed<uint32_t>(); // what tells it from an entry
  uint8_t version = in.fixed<uint8_t>();
  auto* augmentation = reinterpret_cast<const char*>(in.at);
  while (in.fixed<uint8_t>() != 0) {
  }
  common.code_alignment = in.uleb128();
  common.data_alignment = in.sleb128();
  if (version == 1)
    in.fixed<uint8_t>(); // the return address's register
  else
    in.uleb128();
  if (in.has_failed || *augmentation++ != 'z') in.fail();
  in.uleb128(); // length of the following
  while (!in.has_failed && *augmentation != 0) {
    switch (*augmentation++) {
    case 'R': common.code_encoding = in.fixed<uint8_t>(); break;
    case 'P': in.pointer(in.fixed<uint8_t>()); break;
    case 'L':
      common.data_encoding = in.fixed<uint8_t>();
      common.has_landing_pads = true;
      break;
    default: in.fail(); // a signal's frame, say
    }
  }
  return common;
}

/// DW_CFA_*: the instructions that compiled code's tables are made of. The first three have an operand in
/// their low bits.
enum class Instruction : uint8_t {
  advance_loc = 0x40,
  offset = 0x80,
  restore = 0xc0,
  nop = 0x00,
  advance_loc1 = 0x02,
  advance_loc2 = 0x03,
  advance_loc4 = 0x04,
  offset_extended = 0x05,
  restore_extended = 0x06,
  remember_state = 0x0a,
  restore_state = 0x0b,
  def_cfa = 0x0c,
  def_cfa_register = 0x0d,
  def_cfa_offset = 0x0e,
};

/// Changes a rule by a table's instructions, up to those for a place in the function.
class Program {
public:
  Program(const Common& common, uint64_t place, FrameRule& rule)
      : common_(common), place_(place), rule_(rule), initial_(rule) {}

  void run(Reader& in) {
    constexpr uint8_t kOperand = 0x3f;
    for (uint64_t at = 0; in.at < in.end && at <= place_;) {
      uint8_t byte = in.fixed<uint8_t>();
      bool has_operand = (byte & ~kOperand) != 0;
      uint8_t operand = byte & kOperand;
      switch (static_cast<Instruction>(has_operand ? byte & ~kOperand : byte)) {
      case Instruction::advance_loc: at += operand * common_.code_alignment; break;
      case Instruction::advance_loc1: at += in.fixed<uint8_t>() * common_.code_alignment; break;
      case Instruction::advance_loc2: at += in.fixed<uint16_t>() * common_.code_alignment; break;
      case Instruction::advance_loc4: at += in.fixed<uint32_t>() * common_.code_alignment; break;
      case Instruction::offset: save(in, operand); break;
      case Instruction::offset_extended: save(in, in.uleb128()); break;
      case Instruction::restore: restore(in, operand); break;
      case Instruction::restore_extended: restore(in, in.uleb128()); break;
      case Instruction::remember_state: remember(in); break;
      case Instruction::restore_state: recall(in); break;
      case Instruction::def_cfa:
        define_base(in);
        define_offset(in);
        break;
      case Instruction::def_cfa_register: define_base(in); break;
      case Instruction::def_cfa_offset: define_offset(in); break;
      case Instruction::nop: break;
      default: in.fail();
      }
    }
  }

private:
  static uint8_t known_register(Reader& in, uint64_t number) {
    auto found = std::ranges::find(kRegisterNumbers, number);
    if (found == kRegisterNumbers.end()) return static_cast<uint8_t>(in.fail());
    return static_cast<uint8_t>(found - kRegisterNumbers.begin());
  }

  void save(Reader& in, uint64_t number) {
    uint8_t index = known_register(in, number);
    auto bytes = static_cast<int64_t>(in.uleb128()) * -common_.data_alignment;
    constexpr int64_t kWord = sizeof(uintptr_t);
    if (bytes <= 0 || bytes % kWord != 0 || bytes / kWord > UINT8_MAX) return void(in.fail());
    rule_.saved[index] = static_cast<uint8_t>(bytes / kWord);
  }
  void restore(Reader& in, uint64_t number) {
    uint8_t index = known_register(in, number);
    rule_.saved[index] = initial_.saved[index];
  }
  void remember(Reader& in) {
    if (remembered_) return void(in.fail());
    remembered_ = rule_;
  }
  void recall(Reader& in) {
    if (!remembered_) return void(in.fail());
    rule_ = *std::exchange(remembered_, std::nullopt);
  }
  void define_base(Reader& in) { rule_.cfa_base = known_register(in, in.uleb128()); }
  void define_offset(Reader& in) {
    uint64_t offset = in.uleb128();
    if (offset > UINT32_MAX) in.fail();
    rule_.cfa_offset = static_cast<uint32_t>(offset);
  }

  const Common& common_;
  uint64_t place_;
  FrameRule& rule_;
  FrameRule initial_;
  /// The prologue's, while an epilogue stands in the middle of a function. Compiled code nests none.
  std::optional<FrameRule> remembered_;
};

/// The landing pad of a call by the function's own table (a language-specific data area), both counted from
/// the function's begin; 0 when it has none. Calls ascend.
/// https://itanium-cxx-abi.github.io/cxx-abi/exceptions.pdf (7.3)
uint64_t find_landing_pad(Reader& in, uint64_t call) {
  constexpr uint8_t kOmitted = 0xff, kUleb128 = 0x01;
  if (in.fixed<uint8_t>() != kOmitted) in.fail();    // pads count from the function's begin
  if (in.fixed<uint8_t>() != kOmitted) in.uleb128(); // where the types are, of which we have none
  if (in.fixed<uint8_t>() != kUleb128) in.fail();
  uint64_t length = in.uleb128();
  if (in.has_failed) return 0;
  in.end = in.at + length;
  while (in.at < in.end) {
    uint64_t begin = in.uleb128();
    uint64_t size = in.uleb128();
    uint64_t pad = in.uleb128();
    in.uleb128(); // the action: to catch
    if (call < begin) break;
    if (call - begin < size) return pad;
  }
  return 0;
}

} // namespace

std::optional<FrameRule> read_frame_rule(const uint8_t* entry, const std::byte* function,
                                         const std::byte* return_address) {
  auto call = static_cast<uint64_t>(return_address - function) - 1; // inside of the call instruction
  Reader in = record_at(entry);
  const uint8_t* distance_from = in.at;
  Reader common_in = record_at(distance_from - in.fixed<uint32_t>());
  Common common = read_common(common_in);
  in.pointer(common.code_encoding); // the function's begin
  in.pointer(common.code_encoding); // and its length
  Reader augmentation = in.part(in.uleb128());

  FrameRule rule;
  rule.return_address = return_address;
  Program(common, call, rule).run(common_in);
  Program(common, call, rule).run(in);
  if (common.has_landing_pads) {
    if (const std::byte* pads = augmentation.pointer(common.data_encoding)) {
      constexpr size_t kMostHeader = 32;
      auto* begin = reinterpret_cast<const uint8_t*>(pads);
      Reader table{begin, begin + kMostHeader};
      if (uint64_t pad = find_landing_pad(table, call)) rule.landing_pad = function + pad;
      if (table.has_failed) return std::nullopt;
    }
  }
  bool is_known = !common_in.has_failed && !in.has_failed && !augmentation.has_failed;
  if (!is_known || rule.saved[platform::kReturnAddress] == 0) return std::nullopt;
  return rule;
}

FrameRules& FrameRules::of_this_thread() {
  static thread_local std::unique_ptr<FrameRules> rules;
  if (rules == nullptr) rules = std::make_unique<FrameRules>();
  uint64_t generation = code_generation();
  if (rules->generation_ != generation) {
    std::ranges::fill(rules->rules_, FrameRule());
    rules->generation_ = generation;
  }
  return *rules;
}

bool FrameRules::fill(FrameRule& place, const std::byte* return_address) {
  if (is_in_entry(return_address - 1)) return false;
  begin_unwinding();
  dwarf_eh_bases bases{};
  auto* entry =
      static_cast<const uint8_t*>(_Unwind_Find_FDE(const_cast<std::byte*>(return_address - 1), &bases));
  std::optional<FrameRule> rule;
  if (entry != nullptr)
    rule = read_frame_rule(entry, static_cast<const std::byte*>(bases.function), return_address);
  end_unwinding();
  assert(rule && "compiled code whose unwind tables say more than a rule can");
  if (rule) place = *rule;
  return rule.has_value();
}

} // namespace swage
