#include "swage/trap.h"

namespace swage {

namespace {

std::string hex(uint64_t value) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  do text.insert(text.begin(), kDigits[value & 15]);
  while ((value >>= 4) != 0);
  return "0x" + text;
}

} // namespace

Trap::Trap() = default;
Trap::Trap(const Trap&) = default;
Trap::Trap(Trap&&) noexcept = default;
Trap& Trap::operator=(const Trap&) = default;
Trap& Trap::operator=(Trap&&) noexcept = default;
Trap::~Trap() = default;

const char* trap_message(TrapCode code) {
  static constexpr const char* kMessages[] = {
#define TRAP(id, message) message,
#include "runtime/abi/traps.inc"
  };
  return kMessages[static_cast<size_t>(code)];
}

Trap Trap::of(TrapCode code) {
  Trap trap;
  trap.code = code;
  trap.message = trap_message(code);
  return trap;
}

Trap Trap::host(std::string message) {
  Trap trap;
  trap.code = TrapCode::host;
  trap.message = std::move(message);
  return trap;
}

Trap Trap::exit(int32_t status) {
  Trap trap = of(TrapCode::exit);
  trap.exit_status = status;
  return trap;
}

std::string Trap::to_string() const {
  std::string text = "trap: " + message;
  size_t number = 0;
  for (const Frame& frame : frames) {
    std::string label = std::to_string(number++);
    text += "\n" + std::string(label.size() < 4 ? 4 - label.size() : 0, ' ') + label + ": ";
    if (!frame.module.empty()) text += frame.module + "!";
    text += frame.name.empty() ? "<unnamed>" : frame.name;
    text += " (function " + std::to_string(frame.function);
    if (frame.offset) text += ", offset " + hex(*frame.offset);
    text += ")";
  }
  if (omitted != 0) text += "\n    and at least " + std::to_string(omitted) + " more frames";
  return text;
}

} // namespace swage
