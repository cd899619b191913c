// Names for gdb and perf. A JIT's code is in no file, so both have protocols of their own; both cost time and
// memory for each batch, so they are off unless the environment asks: SWAGE_GDB=1, SWAGE_PERF=1.
#pragma once

#include <memory>

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/SmallVector.h>

#include "compiler/jit/link.h"

namespace swage::jit {

struct DebuggerOptions {
  bool gdb = false;
  bool perf = false;
};

DebuggerOptions debugger_options_from_environment();

/// Appends the object's functions to /tmp/perf-PID.map, where `perf report` looks. Thread-safe.
/// https://github.com/torvalds/linux/blob/master/tools/perf/Documentation/jit-interface.txt
void write_perf_map(const LinkedObject& linked);

/// An object as a debugger sees it, for as long as this lives: a copy whose section headers say where the
/// sections lie. https://sourceware.org/gdb/current/onlinedocs/gdb.html/JIT-Interface.html
class DebugObject final {
public:
  DebugObject(llvm::ArrayRef<char> object, const LinkedObject& linked);
  ~DebugObject();
  DebugObject(const DebugObject&) = delete;
  DebugObject& operator=(const DebugObject&) = delete;

private:
  struct Entry;
  llvm::SmallVector<char, 0> image_;
  std::unique_ptr<Entry> entry_;
};

} // namespace swage::jit
