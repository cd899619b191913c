// Names of compiled functions for perf and gdb, when the environment asks for them.
#include "compiler/jit/debugger.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <llvm/ExecutionEngine/Orc/TargetProcess/JITLoaderGDB.h>
#include <llvm/Object/ELFObjectFile.h>

#include "tests/jit/graph_program.h"

extern "C" jit_descriptor __jit_debug_descriptor;

namespace swage::jit {
namespace {

std::string perf_map_path() { return "/tmp/perf-" + std::to_string(getpid()) + ".map"; }

TEST(Debugger, IsOffByDefault) {
  unsetenv("SWAGE_PERF");
  unsetenv("SWAGE_GDB");
  GraphProgram program(CallGraph{{}});
  program.call(0);
  EXPECT_NE(access(perf_map_path().c_str(), F_OK), 0);
  EXPECT_EQ(__jit_debug_descriptor.first_entry, nullptr);
}

TEST(Debugger, PerfFindsNamesInItsMap) {
  setenv("SWAGE_PERF", "1", 1);
  GraphProgram program(CallGraph{{}});
  program.call(0);
  std::ifstream file(perf_map_path());
  std::stringstream text;
  text << file.rdbuf();
  unlink(perf_map_path().c_str());
  EXPECT_THAT(text.str(), testing::ContainsRegex("\n[0-9a-f]+ [0-9a-f]+ f0\n"));
}

TEST(Debugger, GdbSeesTheObjectAsLongAsItsCodeLives) {
  setenv("SWAGE_GDB", "1", 1);
  GraphProgram program(CallGraph{{}});
  program.call(0);
  const jit_code_entry* entry = __jit_debug_descriptor.first_entry;
  ASSERT_NE(entry, nullptr);
  llvm::MemoryBufferRef image(llvm::StringRef(entry->symfile_addr, entry->symfile_size), "image");
  auto file = llvm::cantFail(llvm::object::ObjectFile::createELFObjectFile(image));
  std::vector<std::string> names;
  for (const llvm::object::SymbolRef& symbol : file->symbols())
    names.push_back(llvm::cantFail(symbol.getName()).str());
  EXPECT_THAT(names, testing::Contains("f0"));
  for (const llvm::object::SectionRef& section : file->sections()) {
    if (!section.isText() || section.getSize() == 0) continue;
    EXPECT_TRUE(program.registry.trap_row(reinterpret_cast<const void*>(section.getAddress())));
  }
  program.destroy();
  EXPECT_EQ(__jit_debug_descriptor.first_entry, nullptr);
}

} // namespace
} // namespace swage::jit
