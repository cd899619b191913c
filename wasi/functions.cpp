// The rows of functions.inc as a table: for each, the import's type, the glue from raw values to a member
// function of Call, and the description of a call for --trace. What a parameter's C++ type means for each of
// the three stands in Param<T>.
#include <algorithm>
#include <tuple>

#include "wasi/call.h"
#include "wasi/trace.h"

namespace swage::wasi {

namespace {

using trace::Text;

uint32_t low(uint64_t value) { return static_cast<uint32_t>(value); }

/// A scalar of 32 bits: a number, an enumeration, flags.
template<class T> struct Param {
  static constexpr std::string_view kLetters = "i";
  static constexpr bool kIsResult = false;
  static T read(const uint64_t*& argument) { return static_cast<T>(low(*argument++)); }
  static bool is_valid(const GuestMemory&, T) { return true; }
  static void describe(const Call&, T value, Text& text) {
    if constexpr (kWords<T>.empty())
      text += std::to_string(static_cast<uint32_t>(value));
    else if constexpr (std::is_enum_v<T>)
      trace::put_word(text, kWords<T>, static_cast<uint32_t>(value));
    else
      trace::put_flags(text, kWords<T>, value.bits);
  }
};

/// A scalar of 64 bits.
template<class T> struct Wide {
  static constexpr std::string_view kLetters = "I";
  static constexpr bool kIsResult = false;
  static T read(const uint64_t*& argument) { return T{*argument++}; }
  static bool is_valid(const GuestMemory&, T) { return true; }
};
template<> struct Param<uint64_t> : Wide<uint64_t> {
  static void describe(const Call&, uint64_t value, Text& text) { text += std::to_string(value); }
};
template<> struct Param<FileDelta> : Wide<FileDelta> {
  static FileDelta read(const uint64_t*& argument) { return {static_cast<int64_t>(*argument++)}; }
  static void describe(const Call&, FileDelta delta, Text& text) { text += std::to_string(delta.value); }
};
template<> struct Param<DirCookie> : Wide<DirCookie> {
  static void describe(const Call&, DirCookie cookie, Text& text) { text += std::to_string(cookie.value); }
};
template<> struct Param<Rights> : Wide<Rights> {
  static void describe(const Call&, Rights rights, Text& text) { trace::put_rights(text, rights); }
};
template<> struct Param<ExitCode> {
  static constexpr std::string_view kLetters = "i";
  static constexpr bool kIsResult = false;
  static ExitCode read(const uint64_t*& argument) { return {low(*argument++)}; }
  static bool is_valid(const GuestMemory&, ExitCode) { return true; }
  static void describe(const Call&, ExitCode code, Text& text) { text += std::to_string(code.value); }
};
template<> struct Param<Address> {
  static constexpr std::string_view kLetters = "i";
  static constexpr bool kIsResult = false;
  static Address read(const uint64_t*& argument) { return {low(*argument++)}; }
  static bool is_valid(const GuestMemory&, Address) { return true; }
  static void describe(const Call&, Address address, Text& text) { trace::put_address(text, address.value); }
};

/// An address and a count of units.
template<class T, uint64_t unit> struct Range {
  static constexpr std::string_view kLetters = "ii";
  static constexpr bool kIsResult = false;
  static T read(const uint64_t*& argument) {
    T range{low(argument[0]), low(argument[1])};
    argument += 2;
    return range;
  }
  static bool is_valid(const GuestMemory& memory, T range) {
    auto [address, count] = range;
    return memory.contains(address, uint64_t{count} * unit);
  }
};
template<> struct Param<Buffer> : Range<Buffer, 1> {
  static void describe(const Call&, Buffer buffer, Text& text) {
    text += std::to_string(buffer.length) + " bytes at ";
    trace::put_address(text, buffer.address);
  }
};
template<> struct Param<Path> : Range<Path, 1> {
  static void describe(const Call& call, Path path, Text& text) { trace::put_path(text, call.memory, path); }
};
template<> struct Param<Iovecs> : Range<Iovecs, Iovec::kSize> {
  static void describe(const Call& call, Iovecs iovs, Text& text) {
    trace::put_iovecs(text, call.memory, iovs);
  }
};

/// Bytes that a result takes in guest memory.
template<class T> constexpr uint32_t result_size() {
  if constexpr (requires { T::kSize; })
    return T::kSize;
  else if constexpr (std::is_same_v<T, RoFlags>)
    return sizeof(uint16_t);
  else
    return sizeof(T);
}
template<class T> struct Param<Out<T>> {
  static constexpr std::string_view kLetters = "i";
  static constexpr bool kIsResult = true;
  static Out<T> read(const uint64_t*& argument) { return {low(*argument++)}; }
  static bool is_valid(const GuestMemory& memory, Out<T> out) {
    return memory.contains(out.address, result_size<T>());
  }
  static void describe(const Call& call, Out<T> out, Text& text) {
    if constexpr (std::is_same_v<T, Fdstat>)
      trace::put_fdstat(text, call.memory, out.address);
    else if constexpr (std::is_same_v<T, Filestat> || std::is_same_v<T, UnstableFilestat>)
      trace::put_filestat(text, call.memory, out.address, T::kFileSize);
    else if constexpr (std::is_same_v<T, Prestat>)
      text += std::to_string(call.memory.load<uint32_t>(out.address + Prestat::kNameLength));
    else if constexpr (std::is_same_v<T, RoFlags>)
      trace::put_flags(text, kWords<T>, call.memory.load<uint16_t>(out.address));
    else
      text += std::to_string(static_cast<uint64_t>(call.memory.load<T>(out.address)));
  }
};

template<class T> constexpr bool kIsAddress = false;
template<> constexpr bool kIsAddress<Address> = true;
template<> constexpr bool kIsAddress<Buffer> = true;
template<> constexpr bool kIsAddress<Path> = true;
template<> constexpr bool kIsAddress<Iovecs> = true;
template<class T> constexpr bool kIsAddress<Out<T>> = true;

/// A row's glue, from its member function's type.
template<auto method> struct Glue;
template<class... T, Errno (Call::*method)(T...)> struct Glue<method> {
  static constexpr size_t kLength = (Param<T>::kLetters.size() + ... + 0);
  static constexpr bool kTakesAddresses = (kIsAddress<T> || ...);
  static_assert(kLength <= kMaxArguments);

  static constexpr auto kSignature = [] {
    std::array<char, kLength + 1> letters{};
    [[maybe_unused]] size_t at = 0;
    ((at = static_cast<size_t>(std::ranges::copy(Param<T>::kLetters, letters.begin() + at).out -
                               letters.begin())),
     ...);
    return letters;
  }();

  static Errno invoke(Call& call, [[maybe_unused]] const uint64_t* argument) {
    // Braces: the arguments are read from left to right.
    std::tuple<T...> values{Param<T>::read(argument)...};
    return std::apply(
        [&call](T... value) {
          if (!(Param<T>::is_valid(call.memory, value) && ...)) return Errno::fault;
          return (call.*method)(value...);
        },
        values);
  }

  static void describe(const Call& call, [[maybe_unused]] const uint64_t* argument,
                       [[maybe_unused]] bool results, std::string& text) {
    [[maybe_unused]] std::string_view names = call.function.parameters;
    [[maybe_unused]] auto put = [&]<class P>(std::type_identity<P>) {
      std::string_view name = trace::next_name(names);
      P value = Param<P>::read(argument);
      if (Param<P>::kIsResult != results) return;
      if (!text.empty()) text += results ? " " : ", ";
      text += name;
      text += '=';
      if (Param<P>::is_valid(call.memory, value))
        Param<P>::describe(call, value, text);
      else
        text += "(outside of memory)";
    };
    (put(std::type_identity<T>{}), ...);
  }
};

template<auto method>
constexpr Function row(const char* name, const char* parameters, Need need, bool has_errno = true) {
  using Row = Glue<method>;
  return {.name = name,
          .parameters = parameters,
          .need = need,
          .signature = Row::kSignature.data(),
          .has_errno = has_errno,
          .takes_addresses = Row::kTakesAddresses,
          .invoke = Row::invoke,
          .describe = Row::describe};
}

constexpr Function kFunctions[] = {
#define WASI(name, parameters, rights) row<&Call::name>(#name, #parameters, rights),
#define WASI_VOID(name, parameters) row<&Call::name>(#name, #parameters, need(), false),
#define WASI_UNSTABLE(name, parameters, rights)
#include "wasi/functions.inc"
};
constexpr Function kUnstableFunctions[] = {
#define WASI(name, parameters, rights)
#define WASI_VOID(name, parameters)
#define WASI_UNSTABLE(name, parameters, rights) row<&Call::unstable_##name>(#name, #parameters, rights),
#include "wasi/functions.inc"
};
static_assert(std::string_view(kFunctions[0].signature) == "ii");

} // namespace

std::span<const Function, kFunctionCount> functions() { return kFunctions; }
std::span<const Function, kUnstableFunctionCount> unstable_functions() { return kUnstableFunctions; }

} // namespace swage::wasi
