#include "compiler/codegen/pipeline.h"

#include <cassert>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/Analysis/AliasAnalysis.h>
#include <llvm/Analysis/CGSCCPassManager.h>
#include <llvm/Analysis/LoopAnalysisManager.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/IR/Module.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Target/TargetMachine.h>

#include "compiler/codegen/cold_loops.h"
#include "compiler/codegen/conditional_passes.h"
#include "compiler/codegen/dispatch.h"
#include "compiler/codegen/exact_traps.h"
#include "compiler/codegen/linear_addresses.h"
#include "compiler/codegen/narrow_compares.h"
#include "compiler/codegen/replicate_dispatch.h"
#include "compiler/codegen/search_loops.h"
#include "compiler/codegen/split_copies.h"
#include "compiler/codegen/unpack_vectors.h"
#include "compiler/codegen/vector_seeds.h"
#include "compiler/codegen/widen_vectors.h"

namespace swage::codegen {

namespace {

/// The passes of a level over each function, as LLVM's pipeline text: those that find dead values while loads
/// keep their traps (exact_traps.h), and those that see plain loads, in two parts.
struct PipelineRow {
  OptLevel level;
  const char* cleanup;
  const char* scalar;
  const char* vector;
};

// clang-format off
#define SIMPLIFYCFG \
  "simplifycfg<bonus-inst-threshold=1;switch-range-to-icmp;keep-loops;speculate-blocks;simplify-cond-branch>"
#define SINKING_SIMPLIFYCFG \
  "simplifycfg<bonus-inst-threshold=1;switch-range-to-icmp;switch-to-arithmetic;keep-loops;" \
  "hoist-common-insts;sink-common-insts;speculate-blocks;simplify-cond-branch>"
#define LATE_SIMPLIFYCFG \
  "simplifycfg<bonus-inst-threshold=1;forward-switch-cond;switch-range-to-icmp;switch-to-arithmetic;" \
  "switch-to-lookup;no-keep-loops;hoist-common-insts;sink-common-insts;speculate-blocks;simplify-cond-branch>"
#define INSTCOMBINE "instcombine<max-iterations=1;no-verify-fixpoint>"

// A clean-up runs where one of the passes before it changed something: producers have optimised most code.
#define IF_CHANGED(by, run) "if-changed(by(" by "),run(" run "))"
// Most functions of a large program have no loop, and few have one that does the same to neighbours.
#define IF_LOOPS(run) "if-loops(" run ")"
#define IF_SEEDS(run) "if-seeds(" run ")"

// What a branch says of a value behind it, and then of loads that nobody needs.
#define THREAD "jump-threading,correlated-propagation"
#define CLEANUP "early-cse<>," SIMPLIFYCFG "," INSTCOMBINE ",adce"
#define THREADING_CLEANUP "early-cse<>," SIMPLIFYCFG "," INSTCOMBINE "," THREAD "," SIMPLIFYCFG ",adce"

#define SINK IF_LOOPS("loop-mssa(licm<allowspeculation>)") "," SINKING_SIMPLIFYCFG
#define ROTATE "licm<no-allowspeculation>,loop-rotate<header-duplication>,licm<allowspeculation>"
// What earns its time for code that a producer has optimised (docs/performance.md, "Compiling").
#define SCALAR \
  "reassociate," IF_LOOPS("loop-mssa(" ROTATE ")," INSTCOMBINE ",loop(indvars,loop-unroll-full)") ",gvn<>," SINK \
  "," INSTCOMBINE
// With what may give something to code that was not measured.
#define THOROUGH_LOOPS \
  "loop-mssa(loop-instsimplify,loop-simplifycfg," ROTATE ",simple-loop-unswitch<nontrivial;trivial>)," SIMPLIFYCFG \
  "," INSTCOMBINE ",loop(loop-idiom,indvars,loop-deletion,loop-unroll-full)"
#define THOROUGH_SCALAR \
  IF_CHANGED("early-cse<memssa>," THREAD "," SIMPLIFYCFG, INSTCOMBINE) \
  ",aggressive-instcombine,reassociate,constraint-elimination,float2int," IF_LOOPS(THOROUGH_LOOPS) \
  ",vector-combine,mldst-motion<no-split-footer-bb>,gvn<>,sccp,bdce," INSTCOMBINE \
  "," IF_CHANGED(THREAD ",adce,dse," SINK, INSTCOMBINE)

#define TWINS(leave_out) \
  IF_CHANGED("search-loops,loop-simplify,lcssa," leave_out "unpack-vectors,linear-addresses", \
    "early-cse<memssa>")
// No loop-load-elim: it forwards a store to the next round's load although another store overlaps a part of
// it, which C cannot have and Wasm can.
#define VECTOR_LOOPS(leave_out) \
  "loop(loop-rotate<header-duplication>,loop-deletion),loop-simplify,lcssa," IF_CHANGED( \
    TWINS(leave_out) ",widen-vectors," \
    "loop-vectorize<no-interleave-forced-only;no-vectorize-forced-only;>,idle-twins", \
    "infer-alignment," INSTCOMBINE)
#define UNROLL(pass) \
  IF_CHANGED(IF_SEEDS("slp-vectorizer") ",vector-combine," IF_LOOPS(pass), \
    "infer-alignment," INSTCOMBINE "," IF_LOOPS("loop-mssa(licm<allowspeculation>)"))
#define VECTOR(leave_out, unroll) \
  IF_LOOPS(VECTOR_LOOPS(leave_out)) "," LATE_SIMPLIFYCFG "," UNROLL(unroll) \
  ",instsimplify,div-rem-pairs," SIMPLIFYCFG
// Loops of an unknown number of rounds grow the most, and producers have unrolled them where it pays.
#define FEW_UNROLLED VECTOR("cold-loops,", "loop-unroll<O2;no-runtime>")
// clang-format on

constexpr PipelineRow kPipelines[] = {
    {OptLevel::O0, "", "", ""},
    {OptLevel::O1, CLEANUP, "early-cse<>", ""},
    {OptLevel::O2, THREADING_CLEANUP, SCALAR, FEW_UNROLLED},
    {OptLevel::O3, THREADING_CLEANUP, THOROUGH_SCALAR, VECTOR("", "loop-unroll<O3>")},
    {OptLevel::Os, THREADING_CLEANUP, SCALAR, FEW_UNROLLED},
};

/// Without the last of n8:16:32:64 (x86-64) or n32:64 (AArch64).
std::string with_narrow_integers(const std::string& data_layout) {
  std::string narrow = data_layout;
  size_t wide = narrow.find(":64", narrow.find("-n"));
  if (wide != std::string::npos && wide < narrow.find('-', narrow.find("-n") + 1)) narrow.erase(wide, 3);
  return narrow;
}

llvm::FunctionPassManager parse(llvm::PassBuilder& builder, const char* text) {
  llvm::FunctionPassManager passes;
  if (!*text) return passes;
  llvm::Error error = builder.parsePassPipeline(passes, text);
  assert(!error && "a row of kPipelines is not a pipeline");
  llvm::consumeError(std::move(error));
  return passes;
}

bool has_loops(llvm::Function& function, llvm::FunctionAnalysisManager& analyses) {
  return !analyses.getResult<llvm::LoopAnalysis>(function).empty();
}

/// A part of a pipeline as it was written.
std::string text_of(llvm::ArrayRef<llvm::PassBuilder::PipelineElement> elements) {
  std::string text;
  for (const llvm::PassBuilder::PipelineElement& element : elements) {
    if (!text.empty()) text += ',';
    text += element.Name;
    if (!element.InnerPipeline.empty()) text += "(" + text_of(element.InnerPipeline) + ")";
  }
  return text;
}

/// Without the copies that TrapWitnesses makes on the way.
std::vector<llvm::Function*> defined_functions(llvm::Module& module) {
  std::vector<llvm::Function*> functions;
  for (llvm::Function& function : module)
    if (!function.isDeclaration()) functions.push_back(&function);
  return functions;
}

/// A load whose value only one way out of a block needs is moved there by several passes; on the other ways
/// the trap would be lost. They have no switch but these.
struct Switch {
  const char* option;
  bool value;
};
constexpr Switch kTrapSwitches[] = {
    {"instcombine-code-sinking", false}, // IR, to a successor
    {"disable-cgp-select2branch", true}, // a select's operand, to a branch of its own
    // The same for a cmov with a memory operand; producers also chose `select` where branches go wrong.
    {"x86-cmov-converter", false},
    {"disable-machine-sink", true}, // machine code, to a successor
    // These make an access narrower, even a volatile one.
    {"combiner-reduce-load-op-store-width", false},
    {"combiner-shrink-load-replace-store-with-store", false},
    // Not about traps: batches.h orders the code, and each section must have a function of ours in it.
    {"profile-guided-section-prefix", false},
};

/// Choices of LLVM's that code from Wasm wants otherwise, which have no switch but this either.
constexpr Switch kSpeedSwitches[] = {
    // Sums of two lanes. They load vectors that single stores have just written, which stalls a processor for
    // a dozen cycles; producers copy structs word by word.
    {"slp-vectorize-hor", false},
    // The newer of two schedulers behind register allocation: as good, and sooner done.
    {"misched-postra", true},
    // No induction variable becomes wider under with_narrow_integers, and loops that only test are few.
    {"indvars-widen-indvars", false},
    {"indvars-predicate-loops", false},
};
/// A vector that saves fewer instructions than this costs more than it saves, for the same reason.
constexpr int kLeastSavingOfVectors = 4;

/// As the default: lld, which links in this process, puts all options back to their defaults.
template<class T> void set_option(const char* name, T value) {
  auto& options = llvm::cl::getRegisteredOptions();
  auto found = options.find(name);
  assert(found != options.end() && "LLVM has renamed the option");
  static_cast<llvm::cl::opt<T>*>(found->second)->setInitialValue(value);
}

/// What LLVM thinks up for a loop's addresses (loop strength reduction) must cost less than what was there.
constexpr llvm::cl::boolOrDefault kDropWorseAddresses = llvm::cl::BOU_TRUE;

/// From how many blocks a function counts as huge for CodeGenPrepare, which visits only what it has changed
/// anew there, where it otherwise begins with the first block again whenever a branch changed.
constexpr unsigned kHugeForCodeGenPrepare = 0;

void set_switches() {
  for (const Switch& row : kTrapSwitches) set_option(row.option, row.value);
  for (const Switch& row : kSpeedSwitches) set_option(row.option, row.value);
  set_option("slp-threshold", kLeastSavingOfVectors);
  set_option("lsr-drop-solution", kDropWorseAddresses);
  set_option("cgpp-huge-func", kHugeForCodeGenPrepare);
}

/// What bench/passes.py measures with: passes whose class SWAGE_LEAVE_OUT names do not run.
void leave_out_passes(llvm::PassInstrumentationCallbacks& callbacks) {
  const char* names = std::getenv("SWAGE_LEAVE_OUT");
  if (!names) return;
  llvm::SmallVector<llvm::StringRef> left_out;
  llvm::StringRef(names).split(left_out, ',');
  callbacks.registerShouldRunOptionalPassCallback(
      [left_out](llvm::StringRef pass, llvm::Any) { return !llvm::is_contained(left_out, pass); });
}

} // namespace

void optimise(llvm::Module& module, llvm::TargetMachine& machine, OptLevel level, lower::Traps traps) {
  const PipelineRow* row = std::begin(kPipelines);
  while (row->level != level) row++;
  static std::once_flag once;
  std::call_once(once, set_switches);

  if (traps == lower::Traps::exact)
    for (llvm::Function& function : module) keep_traps(function);
  if (!*row->scalar) return; // at -O0 the loads stay volatile: instruction selection finds dead values too
  std::string data_layout = module.getDataLayoutStr();
  module.setDataLayout(with_narrow_integers(data_layout));

  llvm::TargetLibraryInfoImpl library(machine.getTargetTriple());
  library.disableAllFunctions();
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager analyses;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = tuning.SLPVectorization = tuning.LoopInterleaving = level != OptLevel::O1;
  llvm::PassInstrumentationCallbacks callbacks;
  PassWatch watch(callbacks);
  leave_out_passes(callbacks);
  llvm::PassBuilder builder(&machine, tuning, std::nullopt, &callbacks);
  analyses.registerPass([&] { return llvm::TargetLibraryAnalysis(library); });
  builder.registerPipelineParsingCallback([&](llvm::StringRef name, llvm::FunctionPassManager& passes,
                                              llvm::ArrayRef<llvm::PassBuilder::PipelineElement> inner) {
    if (name == "if-changed") {
      if (inner.empty()) return true; // LLVM asks whether there is such a pass
      passes.addPass(IfChanged(parse(builder, text_of(inner[0].InnerPipeline).c_str()),
                               parse(builder, text_of(inner[1].InnerPipeline).c_str())));
    } else if (name == "if-loops")
      passes.addPass(If(has_loops, parse(builder, text_of(inner).c_str())));
    else if (name == "if-seeds")
      passes.addPass(If(has_vector_seeds, parse(builder, text_of(inner).c_str())));
    else if (name == "cold-loops")
      passes.addPass(ColdLoops());
    else if (name == "linear-addresses")
      passes.addPass(LinearAddresses());
    else if (name == "unpack-vectors")
      passes.addPass(UnpackVectors());
    else if (name == "widen-vectors")
      passes.addPass(WidenVectors());
    else if (name == "idle-twins")
      passes.addPass(IdleTwins());
    else if (name == "search-loops")
      passes.addPass(SearchLoops());
    else
      return false;
    return true;
  });
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(analyses);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, analyses, components, modules);

  llvm::FunctionPassManager cleanup = parse(builder, row->cleanup);
  llvm::FunctionPassManager scalar = parse(builder, row->scalar);
  llvm::FunctionPassManager vector = parse(builder, row->vector);
  // A batch's analyses together would take more memory than its code.
  const bool compares_bytes = machine.getTargetTriple().isX86();
  auto forget = [&](llvm::Function& function) { analyses.clear(function, function.getName()); };
  for (llvm::Function* function : defined_functions(module)) {
    if (level == OptLevel::Os) function->addFnAttr(llvm::Attribute::OptimizeForSize);
    jump_past_dispatchers(*function);
    cleanup.run(*function, analyses);
    forget(*function);
    settle_traps(*function);
    if (traps == lower::Traps::relaxed) {
      scalar.run(*function, analyses);
      vector.run(*function, analyses);
      forget(*function);
      replicate_dispatch(*function, analyses);
      if (compares_bytes) narrow_compares(*function);
      if (*row->vector) split_copies(*function, analyses);
      forget(*function);
      continue;
    }
    TrapWitnesses witnesses(*function, watch);
    do {
      scalar.run(*function, analyses);
      if (!witnesses.has_lost()) vector.run(*function, analyses);
      forget(*function);
    } while (witnesses.roll_back());
    replicate_dispatch(*function, analyses);
    if (compares_bytes) narrow_compares(*function);
    if (*row->vector) split_copies(*function, analyses);
    keep_widths(*function, analyses);
    forget(*function);
  }
  module.setDataLayout(data_layout);
}

} // namespace swage::codegen
