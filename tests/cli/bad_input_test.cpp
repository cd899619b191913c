// Whatever is given in the place of a module: one clear line, status 1, no crash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/process.h"

namespace swage::cli {
namespace {

using testing::HasSubstr;

/// `swage run` on it fails in one line that holds `words`.
void expect_refused(const std::string& file, const std::vector<const char*>& words) {
  Outcome outcome = run({program("swage"), "run", file});
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  for (const char* word : words) EXPECT_THAT(outcome.err, HasSubstr(word));
}

TEST(BadInput, no_file) { expect_refused("/no/such/app.wasm", {"/no/such/app.wasm", "No such file"}); }

TEST(BadInput, a_directory) { expect_refused("/", {"directory"}); }

TEST(BadInput, an_empty_file) {
  Scratch scratch;
  expect_refused(scratch.file("empty.wasm", ""), {"empty.wasm"});
}

TEST(BadInput, a_text_that_is_no_module) {
  Scratch scratch;
  expect_refused(scratch.file("letter.txt", "Dear reader,\nthis is no module.\n"), {"letter.txt"});
}

TEST(BadInput, a_component_is_named_as_one) {
  Scratch scratch;
  expect_refused(scratch.file("c.wasm", std::string("\0asm\x0D\0\x01\0", 8)), {"component"});
}

TEST(BadInput, a_truncated_module) {
  Scratch scratch;
  expect_refused(scratch.file("t.wasm", std::string("\0asm\x01\0\0\0\x01\x7F", 10)), {"offset"});
}

TEST(BadInput, a_shared_object_that_is_no_artifact) { expect_refused("/proc/self/exe", {"swage"}); }

TEST(BadInput, swage_run_refuses_a_module_and_names_the_step) {
  Scratch scratch;
  Outcome outcome = run({program("swage-run"), scratch.file("a.wasm", std::string("\0asm\x01\0\0\0", 8))});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("swage compile"));
}

TEST(BadInput, a_truncated_artifact_is_refused_at_every_length) {
  Scratch scratch;
  std::string source = scratch.file("a.wat", "(module (func (export \"f\")))");
  Outcome compiled = run({program("swage"), "compile", source, "-o", "-"});
  ASSERT_EQ(compiled.status, 0) << compiled.err;
  for (size_t length = 0; length < compiled.out.size(); length += 1 + compiled.out.size() / 50) {
    Outcome outcome =
        run({program("swage-run"), "--invoke", "f", scratch.file("t.so", compiled.out.substr(0, length))});
    ASSERT_EQ(outcome.status, 1) << length << ": " << outcome.err;
  }
}

} // namespace
} // namespace swage::cli
