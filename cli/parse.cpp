// `swage parse`: the text format to the binary format.
#include "cli/convert.h"

namespace swage::cli {

void add_parse(CLI::App& app, Action& action) {
  add_conversion(app, action,
                 {"parse", "Turn the text format into the binary format", "swage parse a.wat -o a.wasm",
                  [](Compiler&, std::vector<std::byte> wasm,
                     const CompileOptions&) -> Expected<std::vector<std::byte>> { return wasm; }});
}

} // namespace swage::cli
