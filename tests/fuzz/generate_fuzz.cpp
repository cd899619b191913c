// libFuzzer target: any bytes as the choices of the generator. What it makes is valid by construction, so
// every stage of the front end must take it, and the text must give back the same module. Not the same bytes:
// the text has one way to declare locals and to count data segments, the binary has several.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "compiler/text/parse.h"
#include "compiler/text/printer.h"
#include "compiler/wasm/decode.h"
#include "compiler/wasm/validate.h"
#include "tests/fuzz/generate/generate.h"

namespace {

using swage::Error;

[[noreturn]] void give_up(const char* what, const Error* error) {
  std::fprintf(stderr, "%s%s\n", what, error ? error->to_string().c_str() : "");
  std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace swage;
  fuzz::Choices choices(std::span(data, size));
  fuzz::GenerateOptions options;
  options.nans = choices.one_in(2) ? fuzz::Nans::canonical : fuzz::Nans::of_the_engine;
  std::vector<std::byte> bytes = fuzz::generate_module(choices, options);

  Expected<wasm::Module> module = wasm::decode(bytes, options.features);
  if (!module) give_up("does not decode: ", &module.error());
  if (Expected<void> valid = wasm::validate(*module, 1); !valid) give_up("is not valid: ", &valid.error());
  Expected<std::string> text = text::print_module(*module);
  if (!text) give_up("does not print: ", &text.error());
  Expected<std::vector<std::byte>> again = text::parse_module(*text, options.features);
  if (!again) give_up("does not parse: ", &again.error());
  Expected<wasm::Module> returned = wasm::decode(*again, options.features);
  if (!returned) give_up("does not decode after the text: ", &returned.error());
  Expected<std::string> same = text::print_module(*returned);
  if (!same) give_up("does not print again: ", &same.error());
  if (*same != *text) give_up("comes back from the text as another module", nullptr);
  return 0;
}
