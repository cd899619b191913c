#include "compiler/codegen/guard.h"

#include <csetjmp>
#include <mutex>
#include <string>

#include <llvm/IR/DiagnosticHandler.h>
#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/DiagnosticPrinter.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/ErrorHandling.h>
#include <llvm/Support/raw_ostream.h>

namespace swage::codegen {

namespace {

/// Where the fatal handler jumps to on this thread, and what it leaves there.
struct Landing {
  std::jmp_buf place;
  std::string reason;
  Landing* outer = nullptr;
};
thread_local Landing* innermost = nullptr;

void land(void*, const char* reason, bool) {
  if (!innermost) return; // not ours: LLVM goes on to end the process
  innermost->reason = reason;
  std::longjmp(innermost->place, 1);
}

/// Keeps the first error that LLVM reports through a context, and keeps it off stderr.
class Collector final : public llvm::DiagnosticHandler {
public:
  explicit Collector(std::string& first) : first_(first) {}
  bool handleDiagnostics(const llvm::DiagnosticInfo& info) override {
    if (info.getSeverity() == llvm::DS_Error && first_.empty()) {
      llvm::raw_string_ostream stream(first_);
      llvm::DiagnosticPrinterRawOStream printer(stream);
      info.print(printer);
      if (first_.empty()) first_ = "an error without a text";
    }
    return true;
  }
  bool isAnyRemarkEnabled() const override { return false; }

private:
  std::string& first_;
};

/// Apart, so that nothing here has a destructor that longjmp would skip. True when `work` came back by
/// itself.
__attribute__((noinline)) bool run_to_landing(Landing& landing, llvm::function_ref<void()> work) {
  if (setjmp(landing.place) != 0) return false;
  work();
  return true;
}

} // namespace

Expected<void> guarded(Ir& ir, llvm::function_ref<Expected<void>()> work) {
  static std::once_flag once;
  std::call_once(once, [] { llvm::install_fatal_error_handler(land); });

  std::string diagnostic;
  ir.context->setDiagnosticHandler(std::make_unique<Collector>(diagnostic));
  Expected<void> result;
  Landing landing;
  landing.outer = innermost;
  innermost = &landing;
  bool is_back = run_to_landing(landing, [&] { result = work(); });
  innermost = landing.outer;
  if (!is_back) {
    (void)ir.module.release();
    (void)ir.context.release();
    return fail(ErrorCode::limit, "LLVM could not compile this module: " + landing.reason);
  }
  ir.context->setDiagnosticHandler(nullptr);
  if (result && !diagnostic.empty())
    return fail(ErrorCode::limit, "LLVM could not compile this module: " + diagnostic);
  return result;
}

} // namespace swage::codegen
