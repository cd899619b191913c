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
#include "compiler/codegen/versions.h"
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
  Compilation(const wasm::Module& module, const CompileOptions& options, std::span<const Target> targets,
              const Profiles& profiles, Stages& stages)
      : module_(module), options_(options), targets_(targets), stages_(stages),
        glue_(lower::glue_of(module)) {
    for (const Target& target : targets) lowerings_.push_back(lower_options(options, target, profiles));
    if (targets.size() > 1) plan_versions();
  }

  Expected<std::vector<std::byte>> link_as(LinkKind kind) {
    SWAGE_CHECK(compile_objects());
    std::vector<Alias> aliases = merge_versions();
    std::vector<CodeSection> code;
    for (Object& object : objects_)
      std::move(object.code.begin(), object.code.end(), std::back_inserter(code));
    std::vector<char> descriptor = SWAGE_TRY(describe(code));

    Stages::Timer timer(stages_, "link");
    std::vector<std::string_view> files = {{descriptor.data(), descriptor.size()}};
    for (const Object& object : objects_) files.emplace_back(object.bytes.data(), object.bytes.size());
    return link(files, targets_[0], kind, aliases);
  }

  /// Everything as one module: text is for reading, and one file reads best.
  Expected<std::string> text_of(Emit emit) {
    std::vector<wasm::FuncIdx> functions(module_.bodies.size());
    for (uint32_t i = 0; i < functions.size(); i++) functions[i] = {module_.imported_functions + i};
    std::string text;
    Expected<void> done = run_parallel(1, 1, [&](size_t) -> Expected<void> {
      Ir ir = lower(functions, lowerings_[0]);
      bool has_failed = llvm::Linker::linkModules(
          *ir.module, lower::lower_glue(module_, glue_, lowerings_[0], *ir.context));
      if (has_failed) return fail(ErrorCode::limit, "LLVM could not join the module's parts");
      auto write = emit == Emit::ir ? compile_ir_text : compile_assembly;
      text = SWAGE_TRY(write(std::move(ir), targets_[0], options_.opt, stages_));
      return {};
    });
    SWAGE_CHECK(done);
    return text;
  }

private:
  /// What becomes one object.
  struct Task {
    Batch batch;
    uint32_t level = 0;
    bool is_version = false; ///< of the one function in it
  };

  void plan_versions() {
    is_versioned_ = choose_versioned(module_, lowerings_[0].profile);
    for (uint32_t k = 0; k < is_versioned_.size(); k++)
      if (is_versioned_[k]) versioned_.push_back({k});
    for (lower::LowerOptions& lowering : lowerings_) lowering.versioned = &is_versioned_;
  }

  Ir lower(std::span<const wasm::FuncIdx> functions, const lower::LowerOptions& lowering) {
    Stages::Timer timer(stages_, "lower");
    Ir ir;
    ir.context = std::make_unique<llvm::LLVMContext>();
    ir.module = lower::lower_functions(module_, glue_, functions, lowering, *ir.context);
    ir.traps = lowering.traps;
    return ir;
  }

  Ir lower_glue() {
    Stages::Timer timer(stages_, "lower");
    Ir ir;
    ir.context = std::make_unique<llvm::LLVMContext>();
    ir.module = lower::lower_glue(module_, glue_, lowerings_[0], *ir.context);
    return ir;
  }

  /// In the order of the code: what exists once, then versions by level and function.
  std::vector<Task> plan() const {
    std::vector<Task> tasks;
    for (Batch& batch : plan_batches(module_, options_.opt, lowerings_[0].profile, is_versioned_))
      tasks.push_back({std::move(batch)});
    for (uint32_t level = 0; level < targets_.size(); level++)
      for (wasm::FuncIdx function : versioned_)
        tasks.push_back({batch_of(module_, function, options_.opt), level, true});
    return tasks;
  }

  Expected<Object> compile_task(const Task& task) {
    lower::LowerOptions lowering = lowerings_[task.level];
    if (task.is_version) lowering.version = targets_[task.level].name;
    return compile_object(lower(task.batch.functions, lowering), targets_[task.level], task.batch.level,
                          stages_);
  }

  /// Objects in the order of the plan, the glue's last.
  Expected<void> compile_objects() {
    std::vector<Task> tasks = plan();
    objects_.resize(tasks.size() + 1);
    // The costliest first, so that no thread is left alone with it at the end.
    std::vector<size_t> order(tasks.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return tasks[a].batch.weight > tasks[b].batch.weight; });

    size_t total = 0;
    for (const Task& task : tasks) total += task.batch.functions.size();
    Progress progress(options_, total);
    return run_parallel(objects_.size(), options_.jobs, [&](size_t i) -> Expected<void> {
      if (i == order.size()) {
        objects_[i] = SWAGE_TRY(compile_object(lower_glue(), targets_[0], options_.opt, stages_));
        return {};
      }
      const Task& task = tasks[order[i]];
      objects_[order[i]] = SWAGE_TRY(compile_task(task));
      progress.add(task.batch.functions.size());
      return {};
    });
  }

  /// Drops the versions that are the same as the one below; their names then mean that one.
  std::vector<Alias> merge_versions() {
    std::vector<Alias> aliases;
    if (targets_.size() == 1) return aliases;
    size_t count = versioned_.size();
    size_t first = objects_.size() - 1 - count * targets_.size();
    std::vector<std::vector<VersionFacts>> facts(targets_.size());
    for (uint32_t level = 0; level < targets_.size(); level++) {
      for (size_t k = 0; k < count; k++)
        facts[level].push_back(
            facts_of(objects_[first + level * count + k], targets_[level].name, versioned_));
      const Target* target = &targets_[level];
      levels_.push_back({target, level == 0 ? std::vector<uint32_t>(count, 0)
                                            : used_versions(facts, level, levels_.back().from)});
      for (size_t k = 0; k < count; k++) {
        uint32_t from = levels_[level].from[k];
        if (from == level) continue;
        objects_[first + level * count + k] = {};
        aliases.push_back({lower::version_symbol(module_, versioned_[k], target->name),
                           lower::version_symbol(module_, versioned_[k], targets_[from].name)});
      }
    }
    std::erase_if(objects_, [](const Object& object) { return object.bytes.empty(); });
    return aliases;
  }

  Expected<std::vector<char>> describe(std::span<const CodeSection> code) {
    Stages::Timer timer(stages_, "describe");
    DescriptorInput input = {module_, glue_, targets_[0], options_, code, Images::mapped};
    input.counting = lowerings_[0].counting;
    input.levels = levels_;
    input.versioned = versioned_;
    DescriptorData data = SWAGE_TRY(build_descriptor(input));
    return write_descriptor_object(data, input);
  }

  const wasm::Module& module_;
  const CompileOptions& options_;
  const std::span<const Target> targets_; ///< the least first
  Stages& stages_;
  lower::Glue glue_;
  std::vector<lower::LowerOptions> lowerings_; ///< by target
  std::vector<bool> is_versioned_;             ///< by function; empty with one target
  std::vector<wasm::FuncIdx> versioned_;
  std::vector<LevelCode> levels_;
  std::vector<Object> objects_;
};

std::vector<std::byte> to_bytes(const std::string& text) {
  auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

Expected<std::vector<std::byte>> run(std::span<const std::byte> wasm, const CompileOptions& options,
                                     Emit emit, Stages& stages) {
  std::vector<Target> targets = SWAGE_TRY(resolve_targets(options, DefaultCpu::portable));
  if (targets.size() > 1 && emit != Emit::so) {
    Error error;
    error.code = ErrorCode::usage;
    error.message = "only a shared object can have code for several CPUs, got \"" + options.cpu + "\"";
    error.hint = "--cpu " + targets[0].name;
    return std::unexpected(std::move(error));
  }
  wasm::Module module = SWAGE_TRY(load_module(wasm, options, stages));
  SWAGE_CHECK(lower::check_lowerable(module));
  Profiles profiles = SWAGE_TRY(load_profiles(module, options));
  Compilation compilation(module, options, targets, profiles, stages);
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
