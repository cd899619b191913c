// How each kind of argument and result reads in a trace. Guest memory is read again after the call has
// checked it; what another thread of the guest writes meanwhile can make a line wrong, not unsafe.
#include "wasi/trace.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <chrono>

#include "wasi/call.h"

namespace swage::wasi::trace {

namespace {

constexpr uint32_t kMaxPathShown = 200;
constexpr std::string_view kRightWords =
#define RIGHT(name, where) #name ", "
#include "wasi/rights.inc"
    ;

void put_hex(Text& text, uint64_t value) {
  char digits[16];
  auto [end, status] = std::to_chars(digits, digits + sizeof digits, value, 16);
  text += "0x";
  text.append(digits, end);
}

std::string_view word_at(std::string_view words, uint32_t index) {
  for (; index != 0 && !words.empty(); --index) {
    size_t comma = words.find(", ");
    words = comma == std::string_view::npos ? std::string_view() : words.substr(comma + 2);
  }
  return words.substr(0, words.find(','));
}

void put_set(Text& text, std::string_view words, uint64_t bits) {
  if (bits == 0) text += '0';
  for (uint32_t bit = 0; bits != 0; ++bit, bits >>= 1) {
    if ((bits & 1) == 0) continue;
    std::string_view word = word_at(words, bit);
    if (word.empty()) {
      put_hex(text, bits << bit);
      return;
    }
    text += word;
    if (bits != 1) text += '|';
  }
}

} // namespace

std::string_view next_name(std::string_view& parameters) {
  size_t end = std::min(parameters.find_first_of(",)"), parameters.size());
  std::string_view parameter = parameters.substr(0, end);
  parameters.remove_prefix(std::min(end + 1, parameters.size()));
  return parameter.substr(parameter.rfind(' ') + 1);
}

void put_word(Text& text, std::string_view words, uint32_t index) {
  std::string_view word = word_at(words, index);
  if (word.empty())
    text += std::to_string(index);
  else
    text += word;
}

void put_flags(Text& text, std::string_view words, uint32_t bits) { put_set(text, words, bits); }

void put_rights(Text& text, Rights rights) {
  constexpr int kMostNamed = 4;
  if (rights.contains(kAllRights)) {
    text += "all";
    return;
  }
  // A libc asks for whatever its directory allows: of many rights only those that decide how a file is opened
  // are named.
  Rights named = rights;
  int count = std::popcount(rights.bits);
  if (count > kMostNamed) named = rights & (Rights(Right::fd_read) | Right::fd_write | Right::fd_readdir);
  int others = count - std::popcount(named.bits);
  if (others == 0 || named != Rights()) put_set(text, kRightWords, named.bits);
  if (others == 0) return;
  text += named == Rights() ? "" : " and ";
  text += std::to_string(others) + (named == Rights() ? " rights" : " more");
}

void put_address(Text& text, uint32_t address) { put_hex(text, address); }

void put_path(Text& text, const GuestMemory& memory, Path path) {
  text += '"';
  for (uint32_t i = 0; i < std::min(path.length, kMaxPathShown); ++i) {
    unsigned char c = memory.load<unsigned char>(uint64_t{path.address} + i);
    if (c == '"' || c == '\\') text += '\\';
    if (c >= 0x20 && c != 0x7f) {
      text += static_cast<char>(c);
    } else {
      text += "\\x";
      text += "0123456789abcdef"[c >> 4];
      text += "0123456789abcdef"[c & 15];
    }
  }
  text += path.length > kMaxPathShown ? "\"..." : "\"";
}

void put_iovecs(Text& text, const GuestMemory& memory, Iovecs iovs) {
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < iovs.count; ++i) {
    bytes += memory.load<uint32_t>(iovs.address + uint64_t{i} * Iovec::kSize + Iovec::kLength);
  }
  text += std::to_string(bytes) + " bytes";
  if (iovs.count != 1) text += " in " + std::to_string(iovs.count);
}

void put_fdstat(Text& text, const GuestMemory& memory, uint32_t address) {
  text += '{';
  put_word(text, kWords<FileType>, memory.load<uint8_t>(uint64_t{address} + Fdstat::kFileType));
  text += " flags=";
  put_flags(text, kWords<FdFlags>, memory.load<uint16_t>(uint64_t{address} + Fdstat::kFlags));
  text += " rights=";
  put_rights(text, Rights(memory.load<uint64_t>(uint64_t{address} + Fdstat::kRightsBase)));
  text += " inheriting=";
  put_rights(text, Rights(memory.load<uint64_t>(uint64_t{address} + Fdstat::kRightsInheriting)));
  text += '}';
}

void put_filestat(Text& text, const GuestMemory& memory, uint32_t address, uint32_t size) {
  text += '{';
  static_assert(Filestat::kFileType == UnstableFilestat::kFileType);
  put_word(text, kWords<FileType>, memory.load<uint8_t>(uint64_t{address} + Filestat::kFileType));
  text += " size=" + std::to_string(memory.load<uint64_t>(uint64_t{address} + size)) + '}';
}

Errno traced_call(Call& call, const uint64_t* arguments) {
  using Clock = std::chrono::steady_clock;
  const Function& function = call.function;
  Text inputs, results;
  function.describe(call, arguments, false, inputs);
  Clock::time_point start = Clock::now();
  Errno error = function.invoke(call, arguments);
  uint64_t nanoseconds = static_cast<uint64_t>((Clock::now() - start) / std::chrono::nanoseconds(1));
  if (error == Errno::success && function.has_errno) function.describe(call, arguments, true, results);

  Text line = function.name;
  line += '(' + inputs + ')';
  if (call.ending == Ending::interrupted)
    line += " = interrupted";
  else if (call.ending == Ending::exits)
    line += " = exit " + std::to_string(call.exit_status);
  else if (error != Errno::success)
    line = line + " = " + to_string(error);
  else if (!results.empty())
    line += " = " + results;
  line += "  " + std::to_string(nanoseconds / 1000) + '.' + std::to_string(nanoseconds / 100 % 10) + "us";
  std::lock_guard lock(call.context.trace_mutex);
  call.context.trace(line);
  return error;
}

} // namespace swage::wasi::trace
