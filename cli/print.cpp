// `swage print`: the binary format to the text format.
#include "cli/convert.h"

namespace swage::cli {

void add_print(CLI::App& app, Action& action) {
  add_conversion(app, action,
                 {"print", "Print a module in the text format", "swage print a.wasm",
                  [](Compiler& compiler, std::vector<std::byte> wasm,
                     const CompileOptions& options) -> Expected<std::vector<std::byte>> {
                    std::string text = SWAGE_TRY(compiler.print(wasm, options));
                    std::span<const std::byte> bytes = std::as_bytes(std::span(text));
                    return std::vector<std::byte>(bytes.begin(), bytes.end());
                  }});
}

} // namespace swage::cli
