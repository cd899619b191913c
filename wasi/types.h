// The vocabulary of preview 1: what its functions take and give. Scalars are strong types, so that a
// descriptor cannot be passed for a size; structs in guest memory are packed offsets, because the guest's
// layout and the host's need not agree.
//
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
#pragma once

#include <cstdint>
#include <string_view>

namespace swage::wasi {

/// A set of flags as the guest gave it: any bits, checked with known().
template<class Bit> struct FlagSet {
  uint32_t bits = 0;

  constexpr FlagSet() = default;
  constexpr explicit FlagSet(uint32_t raw) : bits(raw) {}
  constexpr FlagSet(Bit bit) : bits(1u << static_cast<uint32_t>(bit)) {}
  constexpr bool has(Bit bit) const { return (bits >> static_cast<uint32_t>(bit) & 1) != 0; }
  constexpr bool known() const { return bits >> static_cast<uint32_t>(Bit::count) == 0; }
  friend constexpr FlagSet operator|(FlagSet a, FlagSet b) { return FlagSet(a.bits | b.bits); }
  friend constexpr bool operator==(FlagSet, FlagSet) = default;
};

/// The names of a type's values, comma-separated.
template<class T> inline constexpr std::string_view kWords = "";

#define ENUM(name, ...)                                                                                      \
  enum class name : uint32_t { __VA_ARGS__, count };                                                         \
  template<> inline constexpr std::string_view kWords<name> = #__VA_ARGS__;
#define FLAGS(name, ...)                                                                                     \
  enum class name##Bit : uint32_t{__VA_ARGS__, count};                                                       \
  using name = FlagSet<name##Bit>;                                                                           \
  template<> inline constexpr std::string_view kWords<name> = #__VA_ARGS__;
#include "wasi/types.inc"

enum class Right : uint32_t {
#define RIGHT(name, where) name,
#include "wasi/rights.inc"
  count,
  none
};

/// A set of rights; operations are those of a mask.
struct Rights {
  uint64_t bits = 0;

  constexpr Rights() = default;
  constexpr explicit Rights(uint64_t raw) : bits(raw) {}
  constexpr Rights(Right right)
      : bits(right == Right::none ? 0 : uint64_t{1} << static_cast<uint32_t>(right)) {}
  constexpr bool has(Right right) const { return (bits & Rights(right).bits) == Rights(right).bits; }
  constexpr bool contains(Rights other) const { return (other.bits & ~bits) == 0; }
  friend constexpr Rights operator|(Rights a, Rights b) { return Rights(a.bits | b.bits); }
  friend constexpr Rights operator&(Rights a, Rights b) { return Rights(a.bits & b.bits); }
  friend constexpr Rights operator-(Rights a, Rights b) { return Rights(a.bits & ~b.bits); }
  friend constexpr bool operator==(Rights, Rights) = default;
};

/// The rights whose row carries a letter.
constexpr Rights rights_of(char letter) {
  Rights rights;
#define RIGHT(name, where)                                                                                   \
  if (std::string_view(where).find(letter) != std::string_view::npos) rights = rights | Right::name;
#include "wasi/rights.inc"
  return rights;
}

inline constexpr Rights kFileRights = rights_of('f');
inline constexpr Rights kDirectoryRights = rights_of('d');
inline constexpr Rights kStreamRights = rights_of('s');
inline constexpr Rights kSocketRights = rights_of('l');
inline constexpr Rights kChangingRights = rights_of('c');
inline constexpr Rights kAllRights = kFileRights | kDirectoryRights | kSocketRights;

enum class Fd : uint32_t {};
using Size = uint32_t;
using FileSize = uint64_t;
using Timestamp = uint64_t;
struct FileDelta {
  int64_t value;
};
struct DirCookie {
  uint64_t value;
};
struct ExitCode {
  uint32_t value;
};

/// An address in guest memory whose extent the function itself knows.
struct Address {
  uint32_t value;
};
/// Bytes in guest memory. The glue has checked that they are inside.
struct Buffer {
  uint32_t address, length;
};
/// A path in guest memory: checked like a Buffer, not yet for its characters.
struct Path {
  uint32_t address, length;
};
/// An array of (address, length) pairs. The array is checked, what it points to is not.
struct Iovecs {
  uint32_t address, count;
};
/// A place for a result, checked before the function begins.
template<class T> struct Out {
  uint32_t address;
};

/// Structs in guest memory: size and offsets of the fields.
struct Fdstat {
  static constexpr uint32_t kSize = 24, kFileType = 0, kFlags = 2, kRightsBase = 8, kRightsInheriting = 16;
};
struct Filestat {
  using LinkCount = uint64_t;
  static constexpr uint32_t kSize = 64, kDev = 0, kIno = 8, kFileType = 16, kNlink = 24, kFileSize = 32,
                            kAtim = 40, kMtim = 48, kCtim = 56;
};
struct UnstableFilestat {
  using LinkCount = uint32_t;
  static constexpr uint32_t kSize = 56, kDev = 0, kIno = 8, kFileType = 16, kNlink = 20, kFileSize = 24,
                            kAtim = 32, kMtim = 40, kCtim = 48;
};
struct Prestat {
  static constexpr uint32_t kSize = 8, kTag = 0, kNameLength = 4;
};
struct Dirent {
  static constexpr uint32_t kSize = 24, kNext = 0, kIno = 8, kNameLength = 16, kFileType = 20;
};
struct Iovec {
  static constexpr uint32_t kSize = 8, kAddress = 0, kLength = 4;
};
struct Subscription {
  static constexpr uint32_t kSize = 48, kUserdata = 0, kTag = 8, kClockId = 16, kTimeout = 24,
                            kPrecision = 32, kClockFlags = 40, kFd = 16;
};
/// A clock has a second userdata here, in front of the rest.
struct UnstableSubscription {
  static constexpr uint32_t kSize = 56, kClockId = 24, kTimeout = 32, kClockFlags = 48;
};
struct Event {
  static constexpr uint32_t kSize = 32, kUserdata = 0, kError = 8, kType = 10, kBytes = 16, kFlags = 24;
};

} // namespace swage::wasi
