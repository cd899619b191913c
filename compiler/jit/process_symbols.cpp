#include "compiler/jit/process_symbols.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>

// 128-bit arithmetic and the like: libgcc's, or compiler-rt's under the same names, linked into this library.
extern "C" {
__int128 __divti3(__int128, __int128);
__int128 __modti3(__int128, __int128);
__int128 __multi3(__int128, __int128);
unsigned __int128 __udivti3(unsigned __int128, unsigned __int128);
unsigned __int128 __umodti3(unsigned __int128, unsigned __int128);
}

namespace swage::jit {

namespace {

struct Row {
  std::string_view name;
  const void* address;
};

template<class F> const void* address(F* function) { return reinterpret_cast<const void*>(function); }

using Unary64 = double(double);
using Unary32 = float(float);

// By name. Rounding and square roots are instructions on most CPUs; these serve the oldest.
const Row kRows[] = {
    {"__divti3", address(&__divti3)},
    {"__modti3", address(&__modti3)},
    {"__multi3", address(&__multi3)},
    {"__udivti3", address(&__udivti3)},
    {"__umodti3", address(&__umodti3)},
    {"ceil", address<Unary64>(&::ceil)},
    {"ceilf", address<Unary32>(&::ceilf)},
    {"floor", address<Unary64>(&::floor)},
    {"floorf", address<Unary32>(&::floorf)},
    {"fma", address<double(double, double, double)>(&::fma)},
    {"fmaf", address<float(float, float, float)>(&::fmaf)},
    {"memcmp", address(&::memcmp)},
    {"memcpy", address(&::memcpy)},
    {"memmove", address(&::memmove)},
    {"memset", address(&::memset)},
    {"nearbyint", address<Unary64>(&::nearbyint)},
    {"nearbyintf", address<Unary32>(&::nearbyintf)},
    {"rint", address<Unary64>(&::rint)},
    {"rintf", address<Unary32>(&::rintf)},
    {"roundeven", address<Unary64>(&::roundeven)},
    {"roundevenf", address<Unary32>(&::roundevenf)},
    {"sqrt", address<Unary64>(&::sqrt)},
    {"sqrtf", address<Unary32>(&::sqrtf)},
    {"trunc", address<Unary64>(&::trunc)},
    {"truncf", address<Unary32>(&::truncf)},
};

} // namespace

const void* process_symbol(std::string_view name) {
  const Row* row = std::lower_bound(std::begin(kRows), std::end(kRows), name,
                                    [](const Row& a, std::string_view b) { return a.name < b; });
  return row != std::end(kRows) && row->name == name ? row->address : nullptr;
}

} // namespace swage::jit
