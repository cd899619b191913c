// decode -> validate -> batches of functions, each lowered, optimised and emitted in a context of its own
// that is gone afterwards
// -> descriptor -> lld -> checksum. What is kept of a batch is its object, so that memory grows with the
// output and not with the IR.
#include "compiler/codegen/aot.h"

#include <algorithm>
#include <mutex>
#include <numeric>

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Linker/Linker.h>

#include "compiler/codegen/batches.h"
#include "compiler/codegen/descriptor_builder.h"
#include "compiler/codegen/elf_writer.h"
#include "compiler/codegen/input.h"
#include "compiler/codegen/link.h"
#include "compiler/codegen/object.h"
#include "compiler/codegen/parallel.h"
#include "runtime/artifact/artifact.h"

namespace swage::codegen {

namespace {

/// Reports how many functions are done, one call at a time.
class Progress {
public:
  Progress(const CompileOptions& options, size_t total) : report_(options.progress), total_(total) {}
  void add(size_t functions) {
    if (!report_) return;
    std::lock_guard lock(mutex_);
    report_(done_ += functions, total_);
  }

private:
  const std::function<void(size_t, size_t)>& report_;
  std::mutex mutex_;
  size_t done_ = 0;
  const size_t total_;
};

class Compilation {
public:
  Compilation(const wasm::Module& module, const CompileOptions& options, const Target& target, Stages& stages)
      : module_(module), options_(options), target_(target), stages_(stages), glue_(lower::glue_of(module)),
        lowering_(lower_options(options, target)) {}

  Expected<std::vector<std::byte>> link_as(LinkKind kind) {
    std::vector<Object> objects = SWAGE_TRY(compile_batches());
    std::vector<CodeSection> code;
    for (Object& object : objects)
      std::move(object.code.begin(), object.code.end(), std::back_inserter(code));
    std::vector<char> descriptor = SWAGE_TRY(describe(code));

    Stages::Timer timer(stages_, "link");
    std::vector<std::string_view> files = {{descriptor.data(), descriptor.size()}};
    for (const Object& object : objects) files.emplace_back(object.bytes.data(), object.bytes.size());
    return link(files, target_, kind);
  }

  /// Everything as one module: text is for reading, and one file reads best.
  Expected<std::string> text_of(Emit emit) {
    std::vector<wasm::FuncIdx> functions(module_.bodies.size());
    for (uint32_t i = 0; i < functions.size(); i++) functions[i] = {module_.imported_functions + i};
    std::string text;
    Expected<void> done = run_parallel(1, 1, [&](size_t) -> Expected<void> {
      Ir ir = lower(functions);
      bool has_failed =
          llvm::Linker::linkModules(*ir.module, lower::lower_glue(module_, glue_, lowering_, *ir.context));
      if (has_failed) return fail(ErrorCode::limit, "LLVM could not join the module's parts");
      auto write = emit == Emit::ir ? compile_ir_text : compile_assembly;
      text = SWAGE_TRY(write(std::move(ir), target_, options_.opt, stages_));
      return {};
    });
    SWAGE_CHECK(done);
    return text;
  }

private:
  Ir lower(std::span<const wasm::FuncIdx> functions) {
    Stages::Timer timer(stages_, "lower");
    Ir ir;
    ir.context = std::make_unique<llvm::LLVMContext>();
    ir.module = lower::lower_functions(module_, glue_, functions, lowering_, *ir.context);
    ir.traps = lowering_.traps;
    return ir;
  }

  Ir lower_glue() {
    Stages::Timer timer(stages_, "lower");
    Ir ir;
    ir.context = std::make_unique<llvm::LLVMContext>();
    ir.module = lower::lower_glue(module_, glue_, lowering_, *ir.context);
    return ir;
  }

  /// Objects in the order of the functions, the glue's last.
  Expected<std::vector<Object>> compile_batches() {
    std::vector<Batch> batches = plan_batches(module_, options_.opt);
    std::vector<Object> objects(batches.size() + 1);
    // The costliest first, so that no thread is left alone with it at the end.
    std::vector<size_t> order(batches.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return batches[a].weight > batches[b].weight; });

    Progress progress(options_, module_.bodies.size());
    Expected<void> done = run_parallel(objects.size(), options_.jobs, [&](size_t i) -> Expected<void> {
      if (i == order.size()) {
        objects[i] = SWAGE_TRY(compile_object(lower_glue(), target_, options_.opt, stages_));
        return {};
      }
      const Batch& batch = batches[order[i]];
      objects[order[i]] = SWAGE_TRY(compile_object(lower(batch.functions), target_, batch.level, stages_));
      progress.add(batch.functions.size());
      return {};
    });
    SWAGE_CHECK(done);
    return objects;
  }

  Expected<std::vector<char>> describe(std::span<const CodeSection> code) {
    Stages::Timer timer(stages_, "describe");
    DescriptorInput input = {module_, glue_, target_, options_, code, Images::mapped};
    DescriptorData data = SWAGE_TRY(build_descriptor(input));
    return write_descriptor_object(data, module_, code, target_);
  }

  const wasm::Module& module_;
  const CompileOptions& options_;
  const Target& target_;
  Stages& stages_;
  lower::Glue glue_;
  lower::LowerOptions lowering_;
};

std::vector<std::byte> to_bytes(const std::string& text) {
  auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

Expected<std::vector<std::byte>> run(std::span<const std::byte> wasm, const CompileOptions& options,
                                     Emit emit, Stages& stages) {
  Target target = SWAGE_TRY(resolve_target(options, DefaultCpu::portable));
  wasm::Module module = SWAGE_TRY(load_module(wasm, options, stages));
  SWAGE_CHECK(lower::check_lowerable(module));
  Compilation compilation(module, options, target, stages);
  switch (emit) {
  case Emit::ir:
  case Emit::asm_: return to_bytes(SWAGE_TRY(compilation.text_of(emit)));
  case Emit::obj: return compilation.link_as(LinkKind::relocatable);
  case Emit::so: break;
  }
  std::vector<std::byte> file = SWAGE_TRY(compilation.link_as(LinkKind::shared));
  SWAGE_CHECK(artifact::seal(file));
  return file;
}

} // namespace

Expected<std::vector<std::byte>> compile(std::span<const std::byte> wasm, const CompileOptions& options,
                                         Emit emit) {
  Stages stages;
  Expected<std::vector<std::byte>> result = run(wasm, options, emit, stages);
  if (options.times) *options.times = stages.take();
  if (!result && result.error().file.empty()) result.error().file = options.file;
  return result;
}

} // namespace swage::codegen
