// Loads keep their traps through LLVM's passes, without being volatile where it counts.
//
// A plain load whose value has no use is deleted, and the trap of an address out of bounds with it; one of
// whose value only a part is needed is made narrower, and no longer reaches the end of memory. Three steps
// keep both from happening:
//
//  - keep_traps: every load that may fault is volatile during the passes that can make a value useless.
//    settle_traps then makes those plain that still have a use, for the passes that combine, hoist and
//    vectorise.
//  - TrapWitnesses watches the plain ones during these passes. One that is deleted although nothing has taken
//  its
//    place was found dead late, or was sunk to where not every path comes by; the function then goes back to
//    where it was before them, that load stays volatile, and the passes run again. That is rare: the usual
//    function pays for a copy of itself and no more.
//  - keep_widths: before machine code is made, loads whose last bytes nobody needs become volatile again, for
//    instruction selection narrows plain ones, and stores that a later one overwrites, for it drops these
//    and what they needed.
//
// docs/architecture.md, "Exact traps", says what remains.
#pragma once

#include <memory>
#include <vector>

#include <llvm/IR/PassManager.h>

namespace llvm {
class Function;
class PassInstrumentationCallbacks;
} // namespace llvm

namespace swage::codegen {

/// Makes every load volatile that lowering gave a trap (lower.h, "Places").
void keep_traps(llvm::Function& function);
/// Makes those plain again that have a use.
void settle_traps(llvm::Function& function);
/// Makes those volatile whose value, or its last byte or lane, is not needed, and overwritten stores.
void keep_widths(llvm::Function& function, llvm::FunctionAnalysisManager& analyses);

/// Whether the pass that runs now replaces loads by other accesses to the same bytes: what it deletes is no
/// loss. One for each pass manager.
class PassWatch {
public:
  explicit PassWatch(llvm::PassInstrumentationCallbacks& callbacks);
  bool replaces_loads() const { return replaces_loads_; }

private:
  bool replaces_loads_ = false;
};

/// A function's loads while passes run over it.
class TrapWitnesses {
public:
  TrapWitnesses(llvm::Function& function, const PassWatch& watch);
  ~TrapWitnesses();
  TrapWitnesses(const TrapWitnesses&) = delete;
  TrapWitnesses& operator=(const TrapWitnesses&) = delete;

  /// Whether a trap is lost already: what other passes do is for nothing.
  bool has_lost() const;
  /// After the passes: false when no trap was lost. Otherwise the function is what it was before them, with
  /// the lost loads volatile, and the passes have to run again.
  bool roll_back();

private:
  class Witness;
  void watch_loads();

  llvm::Function& function_;
  const PassWatch& watch_;
  llvm::Function* copy_ = nullptr; ///< as the function was; in its module while this stands
  std::vector<std::unique_ptr<Witness>> witnesses_;
};

} // namespace swage::codegen
