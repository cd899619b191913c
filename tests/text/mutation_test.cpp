// Almost-modules: every golden text with a token dropped, doubled, swapped with the next, or cut off. None
// may crash; whatever still parses and decodes must print as text that parses to the same bytes, valid or
// not.
#include "compiler/text/lexer.h"
#include "tests/text/helpers.h"

namespace swage::text::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string_view> tokens_of(std::string_view text) {
  std::vector<std::string_view> tokens;
  Lexer lexer(text);
  for (Token token = lexer.next(); token.kind != TokenKind::end && token.kind != TokenKind::error;
       token = lexer.next())
    tokens.push_back(token.text);
  return tokens;
}

std::string joined(const std::vector<std::string_view>& tokens) {
  std::string text;
  for (std::string_view token : tokens) (text += token) += ' ';
  return text;
}

/// What went wrong, empty when nothing did.
std::string round_trip(const std::string& text) {
  Expected<Binary> bytes = parse(text);
  if (!bytes) {
    bool has_place = bytes.error().line && !bytes.error().excerpt.empty();
    return has_place ? "" : "an error without a place: " + bytes.error().to_string();
  }
  Expected<wasm::Module> module = wasm::decode(*bytes, wasm::FeatureSet::all());
  if (!module) return "";
  Expected<std::string> printed = print_module(*module);
  if (!printed) return "does not print: " + printed.error().to_string();
  Expected<Binary> again = parse(*printed);
  if (!again) return "does not parse when printed: " + again.error().to_string() + "\n" + *printed;
  return *again == *bytes ? "" : "prints as another module:\n" + *printed;
}

TEST(Mutation, of_every_golden_text) {
  for (const fs::directory_entry& entry :
       fs::directory_iterator(fs::path(SWAGE_SOURCE_DIR) / "tests/text/golden")) {
    if (entry.path().extension() != ".wat") continue;
    std::string source = read_file(entry.path());
    std::vector<std::string_view> tokens = tokens_of(source);
    for (size_t i = 0; i < tokens.size(); i++) {
      std::vector<std::string_view> dropped = tokens, doubled = tokens, swapped = tokens;
      auto at = static_cast<std::ptrdiff_t>(i);
      dropped.erase(dropped.begin() + at);
      doubled.insert(doubled.begin() + at, tokens[i]);
      std::swap(swapped[i], swapped[(i + 1) % tokens.size()]);
      std::vector<std::string_view> cut(tokens.begin(), tokens.begin() + at);
      for (const std::vector<std::string_view>& mutant : {dropped, doubled, swapped, cut}) {
        std::string text = joined(mutant);
        EXPECT_EQ(round_trip(text), "") << text;
      }
    }
  }
}

} // namespace
} // namespace swage::text::test
