// Text modules run as a user does it, in both ways: by `swage run`, and compiled and run by `swage-run`.
#pragma once

#include <gtest/gtest.h>

#include "tests/cli/process.h"

namespace swage::cli {

enum class Mode { jit, aot };

struct TextGuests : testing::TestWithParam<Mode> {
  Scratch scratch;

  /// The command that runs a module, without the guest's arguments.
  std::vector<std::string> command_for(std::string_view text, const std::vector<std::string>& options) {
    std::string source = scratch.file("guest.wat", text);
    std::vector<std::string> argv = {program("swage"), "run"};
    std::string file = source;
    if (GetParam() == Mode::aot) {
      file = scratch.path("guest.so");
      Outcome compiled = run({program("swage"), "compile", source, "-o", file});
      EXPECT_EQ(compiled.status, 0) << compiled.err;
      argv = {program("swage-run")};
    }
    argv.insert(argv.end(), options.begin(), options.end());
    argv.push_back(file);
    return argv;
  }
  Outcome run_text(std::string_view text, const std::vector<std::string>& options,
                   const std::vector<std::string>& arguments, std::string_view input = "") {
    std::vector<std::string> argv = command_for(text, options);
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return run(argv, input);
  }
};

/// Every test of the fixture in both ways.
#define SWAGE_BOTH_WAYS(fixture)                                                                             \
  INSTANTIATE_TEST_SUITE_P(                                                                                  \
      Modes, fixture, testing::Values(swage::cli::Mode::jit, swage::cli::Mode::aot),                         \
      [](const auto& mode) { return mode.param == swage::cli::Mode::jit ? "jit" : "aot"; })

} // namespace swage::cli
