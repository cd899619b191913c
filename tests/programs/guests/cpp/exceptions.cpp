// Exceptions as clang compiles them for Wasm, in both encodings: typed handlers, cleanups, catching
// everything, throwing on, throwing out of constructors and destructors' order, nesting, recursion, loops.
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace {

struct Failure {
  int code;
  std::string text;
};
struct Other {
  double value;
};

/// Says when it comes and goes.
struct Trace {
  explicit Trace(const char* n) : name(n) { std::printf("+%s ", name); }
  ~Trace() { std::printf("-%s ", name); }
  const char* name;
};

[[gnu::noinline]] void fail(int code) {
  Trace trace("fail");
  if (code == 1) throw Failure{code, "a failure with a text that is longer than a small string"};
  if (code == 2) throw Other{2.5};
  if (code == 3) throw 42;
  if (code == 4) throw "text";
  if (code == 5) throw uint64_t{1} << 40;
}

[[gnu::noinline]] void middle(int code) {
  Trace outer("outer");
  std::unique_ptr<Trace> owned = std::make_unique<Trace>("owned");
  fail(code);
}

[[gnu::noinline]] const char* classify(int code) {
  try {
    middle(code);
  } catch (const Failure& failure) {
    std::printf("[%d %zu] ", failure.code, failure.text.size());
    return "failure";
  } catch (Other& other) {
    std::printf("[%g] ", other.value);
    return "other";
  } catch (int number) {
    std::printf("[%d] ", number);
    return "int";
  } catch (...) {
    return "something";
  }
  return "nothing";
}

struct Parts {
  Trace first{"first"};
  Trace second{"second"};
  explicit Parts(int code) { fail(code); }
};

[[gnu::noinline]] int construct(int code) {
  try {
    Parts parts(code);
    return 0;
  } catch (int number) {
    return number;
  }
}

[[gnu::noinline]] int throw_on(int depth) {
  try {
    if (depth == 0) throw Failure{0, "deep"};
    return throw_on(depth - 1);
  } catch (Failure& failure) {
    ++failure.code;
    throw;
  }
}

[[gnu::noinline]] int nested() {
  try {
    try {
      fail(2);
    } catch (const Other&) {
      fail(3);
    }
  } catch (int number) {
    try {
      throw number + 1;
    } catch (int other) {
      return number * 100 + other;
    }
  }
  return -1;
}

[[gnu::noinline]] int64_t sum_of_odd(const std::vector<int>& numbers) {
  int64_t sum = 0;
  int skipped = 0;
  for (int number : numbers) {
    try {
      if (number % 2 == 0) throw number;
      sum += number;
    } catch (int even) {
      skipped += even;
    }
  }
  return sum * 1'000'000 + skipped;
}

[[gnu::noinline]] bool search(int from, int to, int wanted) {
  if (from == to) return false;
  if (from == wanted) throw from;
  return search(from + 1, to, wanted) || from < 0;
}

} // namespace

int main() {
  for (int code = 0; code <= 5; ++code) std::printf("%d: %s\n", code, classify(code));
  for (int code : {0, 3}) std::printf("construct %d\n", construct(code));
  try {
    throw_on(100);
  } catch (const Failure& failure) {
    std::printf("%s went through %d\n", failure.text.c_str(), failure.code);
  }
  std::printf("nested %d\n", nested());
  std::vector<int> numbers;
  for (int i = 0; i < 1000; ++i) numbers.push_back(i);
  std::printf("sum %lld\n", static_cast<long long>(sum_of_odd(numbers)));
  int found = 0;
  for (int i = 0; i < 200; ++i) {
    try {
      found += search(0, 100, i) ? 1 : 0;
    } catch (int where) {
      found += where;
    }
  }
  std::printf("found %d\n", found);
  return 0;
}
