#include "swage/trap.h"

#include <algorithm>

#include "runtime/exception/exception.h"
#include "runtime/vocabulary/text.h"

namespace swage {

Trap::Trap() = default;
Trap::Trap(const Trap&) = default;
Trap::Trap(Trap&&) noexcept = default;
Trap& Trap::operator=(const Trap& other) { return *this = Trap(other); }
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

Trap Trap::thrown(Exception exception) {
  Trap trap = of(TrapCode::uncaught_exception);
  trap.message += ": " + describe(exception);
  trap.exception = std::move(exception);
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
  std::string text = join({"trap: ", message});
  constexpr std::string_view kIndent = "     ";
  size_t number = 0;
  for (const Frame& frame : frames) {
    std::string label = decimal(number++);
    std::string_view name = frame.name.empty() ? "<unnamed>" : std::string_view(frame.name);
    text += join({"\n", kIndent.substr(std::min(label.size(), kIndent.size())), label, ": ", frame.module,
                  frame.module.empty() ? "" : "!", name, " (function ", decimal(frame.function)});
    text += frame.offset ? join({", offset 0x", hex(*frame.offset), ")"}) : ")";
  }
  if (omitted != 0) text += join({"\n    and at least ", decimal(omitted), " more frames"});
  return text;
}

} // namespace swage
