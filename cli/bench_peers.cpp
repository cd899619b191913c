// One row per engine: how it is called, and how it takes a directory. An engine without directories takes
// part as long as the guest is given none.
#include "cli/bench_peers.h"

#include <array>
#include <cstdlib>
#include <sstream>
#include <string_view>
#include <unistd.h>

#include <fmt/format.h>

namespace swage::cli {
namespace {

// JavaScript engines come with WASI as a library; this is the script around it. The guest's arguments follow
// the script's own: directories as --dir=HOST::GUEST, then the module.
constexpr std::string_view kScript = R"(
const { readFileSync } = require("node:fs");
const { WASI } = require("node:wasi");
const preopens = {};
let words = process.argv.slice(1);
for (; words[0].startsWith("--dir="); words = words.slice(1)) {
  const [host, guest] = words[0].slice(6).split("::");
  preopens[guest] = host;
}
const wasi = new WASI({ version: "preview1", args: words, env: {}, preopens, returnOnExit: true });
const module = new WebAssembly.Module(readFileSync(words[0]));
const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport });
process.exitCode = wasi.start(instance) ?? 0;
)";

struct PeerRow {
  std::string_view name;
  std::string_view program;
  std::string_view words;     ///< between the program and the directories, separated by spaces
  std::string_view directory; ///< of fmt, with HOST and GUEST; empty: it takes none
  bool is_script = false;     ///< runs kScript
  std::string_view after_module = {};
};

constexpr std::array kPeers = {
    PeerRow{"wasmtime", "wasmtime", "run", "--dir={0}::{1}"},
    PeerRow{"wasmer", "wasmer", "run", "--volume={0}:{1}", false, "--"},
    PeerRow{"wasmer --llvm", "wasmer", "run --llvm", "--volume={0}:{1}", false, "--"},
    PeerRow{"WasmEdge", "wasmedge", "", "--dir={1}:{0}"},
    PeerRow{"WAMR", "iwasm", "", "--map-dir={1}::{0}"},
    PeerRow{"wazero", "wazero", "run", "-mount={0}:{1}"},
    PeerRow{"wasmi", "wasmi", "", ""},
    PeerRow{"wasm3", "wasm3", "", ""},
    PeerRow{"Node.js", "node", "--no-warnings", "--dir={0}::{1}", true},
    PeerRow{"Node.js --liftoff-only", "node", "--no-warnings --liftoff-only", "--dir={0}::{1}", true},
    PeerRow{"Node.js --no-liftoff", "node", "--no-warnings --no-liftoff", "--dir={0}::{1}", true},
    PeerRow{"Bun", "bun", "", "--dir={0}::{1}", true},
};

/// Where PATH has an executable of this name; empty when it has none.
std::string find_program(std::string_view name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::string file = fmt::format("{}/{}", folder, name);
    if (!folder.empty() && access(file.c_str(), X_OK) == 0) return file;
  }
  return {};
}

} // namespace

std::vector<BenchPeer> bench_peers(const std::string& module, const std::vector<BenchDirectory>& directories,
                                   std::vector<std::string>& missing) {
  std::vector<BenchPeer> found;
  for (const PeerRow& row : kPeers) {
    std::string program = find_program(row.program);
    if (program.empty() || (row.directory.empty() && !directories.empty())) {
      missing.emplace_back(row.name);
      continue;
    }
    BenchPeer peer{std::string(row.name), {program}};
    std::istringstream words{std::string(row.words)};
    for (std::string word; words >> word;) peer.command.push_back(word);
    if (row.is_script) {
      peer.command.insert(peer.command.end(), {"-e", std::string(kScript), "--"});
    }
    for (const BenchDirectory& directory : directories)
      peer.command.push_back(fmt::format(fmt::runtime(row.directory), directory.host, directory.guest));
    peer.command.push_back(module);
    if (!row.after_module.empty()) peer.command.emplace_back(row.after_module);
    found.push_back(std::move(peer));
  }
  return found;
}

} // namespace swage::cli
