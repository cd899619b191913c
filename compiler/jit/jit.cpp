#include "compiler/jit/jit.h"

#include <sys/mman.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <future>

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/TargetParser/Host.h>
#include <llvm/TargetParser/Triple.h>

#include "compiler/codegen/batches.h"
#include "compiler/codegen/descriptor_builder.h"
#include "compiler/codegen/input.h"
#include "compiler/codegen/object.h"
#include "compiler/jit/code_space.h"
#include "compiler/jit/workers.h"
#include "compiler/lower/lower.h"

namespace swage::jit {

namespace {

constexpr size_t kMiB = size_t{1} << 20;
/// Machine code with its tables is this many times as large as the Wasm it is made of: usually, and at the
/// very most.
constexpr size_t kLeastGrowth = 8, kMostGrowth = 64;
/// Whole pages that a batch takes for its segments (code, constants, unwind tables), however small; at worst
/// each function is one.
constexpr size_t kBatchBytes = 16 * 1024;
/// Below 2 GiB, so that every distance in the slab fits 32 bits.
constexpr size_t kMostSlabBytes = 1024 * kMiB;

/// Everything that a module in the JIT consists of, in the order in which it depends on what stands before
/// it.
struct Program {
  std::vector<std::byte> wasm;
  CompileOptions options;
  codegen::Target target;
  wasm::Module module;
  codegen::Profiles profiles;
  lower::LowerOptions lowering;
  lower::Glue glue;
  std::vector<OptLevel>
      levels; ///< by function: a very large one is compiled at a lower level than was asked for
  codegen::Stages stages;
  std::unique_ptr<CodeSpace> space;
  std::unique_ptr<LazyModule> lazy;

  Expected<codegen::Object> compile(std::span<const wasm::FuncIdx> functions);
  Expected<codegen::Object> compile_glue();
};

Expected<codegen::Object> Program::compile(std::span<const wasm::FuncIdx> functions) {
  codegen::Ir ir;
  ir.context = std::make_unique<llvm::LLVMContext>();
  {
    codegen::Stages::Timer timer(stages, "lower");
    ir.module = lower::lower_functions(module, glue, functions, lowering, *ir.context);
    ir.traps = lowering.traps;
  }
  return codegen::compile_object(std::move(ir), target, levels[functions.front().value], stages);
}

Expected<codegen::Object> Program::compile_glue() {
  codegen::Ir ir;
  ir.context = std::make_unique<llvm::LLVMContext>();
  {
    codegen::Stages::Timer timer(stages, "lower");
    ir.module = lower::lower_glue(module, glue, lowering, *ir.context, lower::TableArrays::leave);
  }
  return codegen::compile_object(std::move(ir), target, options.opt, stages);
}

/// The level of each function, as ahead of time. The first of a batch decides: only the first can be large.
std::vector<OptLevel> levels_of(const wasm::Module& module, OptLevel wanted, const lower::Profile* profile) {
  std::vector<OptLevel> levels(module.functions.size(), wanted);
  for (const codegen::Batch& batch : codegen::plan_batches(module, wanted, profile))
    for (wasm::FuncIdx function : batch.functions) levels[function.value] = batch.level;
  return levels;
}

/// Whether the process could map guard pages for each of the module's 32-bit memories right now.
bool has_room_for_guards(const wasm::Module& module) {
  auto count = static_cast<size_t>(
      std::count_if(module.memories.begin(), module.memories.end(),
                    [](const MemoryType& memory) { return memory.address == AddressType::i32; }));
  if (count == 0) return true;
  size_t bytes = count * (abi::kGuardIndexBytes + abi::kGuardOffsetBytes);
  void* probe = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (probe == MAP_FAILED) return false;
  munmap(probe, bytes);
  return true;
}

Expected<codegen::Target> resolve_host_target(const CompileOptions& options) {
  codegen::Target target = SWAGE_TRY(codegen::resolve_target(options, codegen::DefaultCpu::native));
  llvm::Triple wanted(target.triple), host(llvm::sys::getProcessTriple());
  if (wanted.getArch() != host.getArch() || wanted.getOS() != host.getOS())
    return fail(ErrorCode::usage,
                "code for " + target.triple + " cannot run in this process, which is " + host.str());
  return target;
}

/// Room for what is known to come, and address space for the functions that may be compiled.
Expected<std::unique_ptr<CodeSpace>> create_code_space(const Program& program, size_t descriptor_bytes,
                                                       CodeRegistry& registry) {
  size_t stub_bytes = program.module.bodies.size() * (kStubSize + sizeof(void*));
  size_t table_bytes = 0;
  for (const std::optional<lower::ClosedTable>& table : program.glue.closed_tables)
    if (table) table_bytes += table->functions.size() * sizeof(lower::ClosedTable::Entry) + kBatchBytes;
  size_t fixed = descriptor_bytes + stub_bytes + table_bytes + kMiB;
  size_t least = fixed + program.wasm.size() * kLeastGrowth;
  size_t most = fixed + program.wasm.size() * kMostGrowth + program.module.bodies.size() * kBatchBytes;
  if (fixed > kMostSlabBytes)
    return fail(ErrorCode::limit, "the module is too large for the JIT: compile it ahead of time");
  return CodeSpace::create(std::min(most, kMostSlabBytes), std::min(least, kMostSlabBytes), registry);
}

/// What a host calls first in a WASI program:
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/application-abi.md
std::vector<wasm::FuncIdx> likely_first_calls(const wasm::Module& module) {
  std::vector<wasm::FuncIdx> first;
  if (module.start) first.push_back(*module.start);
  for (const wasm::Export& row : module.exports)
    if (row.kind == ExternKind::func && (row.name == "_start" || row.name == "_initialize"))
      first.push_back({row.index});
  std::erase_if(first, [&](wasm::FuncIdx function) { return module.is_imported(function); });
  return first;
}

/// Closed tables, written here rather than compiled: batches may need them before the glue is there. They
/// begin with the functions' stubs, and get the functions themselves as they are compiled.
Expected<void> write_closed_tables(const Program& program) {
  for (uint32_t k = 0; k < program.glue.closed_tables.size(); k++) {
    const std::optional<lower::ClosedTable>& table = program.glue.closed_tables[k];
    if (!table) continue;
    size_t bytes = std::max<size_t>(table->functions.size(), 1) * sizeof(lower::ClosedTable::Entry);
    std::byte* array = program.space->allocate_data(bytes);
    if (!array) return fail(ErrorCode::resource, "no memory for a table");
    auto* entry = reinterpret_cast<lower::ClosedTable::Entry*>(array);
    for (uint32_t function : table->functions) {
      *entry = {0, lower::ClosedTable::kHole};
      if (function != lower::ClosedTable::kHole) {
        entry->type = program.module.canonical[program.module.functions[function].value];
        program.lazy->add_distance({function}, entry->code, array);
      }
      ++entry;
    }
    program.lazy->add_data(lower::table_symbol({k}), array);
  }
  return {};
}

/// LLVM needs more stack than the caller may have.
Expected<LinkedObject> link_glue(Program& program) {
  std::promise<Expected<LinkedObject>> done;
  bool is_started = Workers::shared().submit(Priority::demand, &program, [&] {
    Expected<codegen::Object> object = program.compile_glue();
    auto resolve = [&](llvm::StringRef name) {
      return program.lazy->resolve_symbol({name.data(), name.size()});
    };
    done.set_value(object ? program.space->add_object(*object, resolve)
                          : std::unexpected(std::move(object).error()));
  });
  if (!is_started) return fail(ErrorCode::resource, "cannot start a thread to compile functions on");
  return done.get_future().get();
}

/// Where the target of a descriptor's fixup has come to lie.
const std::byte* fixup_target(const codegen::Fixup& fixup, const Program& program,
                              const llvm::StringMap<std::byte*>& glue) {
  using Target = codegen::Fixup::Target;
  switch (fixup.target) {
  case Target::function: return static_cast<const std::byte*>(program.lazy->stub({fixup.index}));
  case Target::entry: return glue.lookup(lower::entry_symbol({fixup.index}));
  case Target::trampoline: return glue.lookup(lower::trampoline_symbol({fixup.index}));
  case Target::initialiser: return glue.lookup(lower::kInitialiserSymbol);
  case Target::initialiser_entry: return glue.lookup(lower::kInitialiserEntrySymbol);
  case Target::version:
  case Target::dispatch:
  case Target::range_begin:
  case Target::range_end:
  case Target::image: break; // an artifact's
  }
  return nullptr;
}

void fill_fixups(std::byte* descriptor, std::span<const codegen::Fixup> fixups, const Program& program,
                 const LinkedObject& linked) {
  llvm::StringMap<std::byte*> glue;
  for (const LinkedSymbol& symbol : linked.symbols) glue[symbol.name] = symbol.address;
  for (const codegen::Fixup& fixup : fixups) {
    const std::byte* target = fixup_target(fixup, program, glue);
    assert(target && "lowering defines what the descriptor names");
    auto distance = static_cast<int32_t>(target - descriptor);
    std::memcpy(descriptor + fixup.offset, &distance, sizeof distance);
  }
}

} // namespace

Expected<JitModule> jit_module(std::vector<std::byte> wasm, const CompileOptions& options,
                               CodeRegistry& registry) {
  auto program = std::make_shared<Program>();
  program->wasm = std::move(wasm);
  program->options = options;
  program->target = SWAGE_TRY(resolve_host_target(options));
  program->module = SWAGE_TRY(codegen::load_module(program->wasm, options, program->stages));
  SWAGE_CHECK(lower::check_lowerable(program->module));
  // From here on the module is valid and can be lowered.
  if (options.bounds == MemoryBounds::automatic)
    program->options.bounds =
        has_room_for_guards(program->module) ? MemoryBounds::guard : MemoryBounds::checked;
  program->profiles = SWAGE_TRY(codegen::load_profiles(program->module, options));
  program->lowering = codegen::lower_options(program->options, program->target, program->profiles);
  program->glue = lower::glue_of(program->module);
  program->levels = levels_of(program->module, options.opt, program->lowering.profile);

  codegen::DescriptorInput input = {
      program->module,           program->glue, program->target, program->options, {}, codegen::Images::none,
      program->lowering.counting};
  codegen::DescriptorData data = SWAGE_TRY(codegen::build_descriptor(input));
  program->space = SWAGE_TRY(create_code_space(*program, data.bytes.size(), registry));
  std::byte* descriptor = program->space->allocate_data(data.bytes.size());
  if (!descriptor) return fail(ErrorCode::resource, "no memory for the module's descriptor");
  std::memcpy(descriptor, data.bytes.data(), data.bytes.size());
  program->space->set_descriptor(reinterpret_cast<const abi::Descriptor*>(descriptor));

  LazyOptions lazy_options;
  if (options.jobs == 1) lazy_options.background_allowance = lazy_options.background_ratio = 0;
  auto compile = [self = program.get()](std::span<const wasm::FuncIdx> functions) {
    return self->compile(functions);
  };
  program->lazy = std::make_unique<LazyModule>(program->module, *program->space, Workers::shared(), compile,
                                               lazy_options);
  SWAGE_CHECK(program->lazy->create_stubs());
  SWAGE_CHECK(write_closed_tables(*program));
  program->lazy->expect(likely_first_calls(program->module));
  LinkedObject glue = SWAGE_TRY(link_glue(*program));
  fill_fixups(descriptor, data.fixups, *program, glue);
  if (!program->space->seal_data(descriptor, data.bytes.size()))
    return fail(ErrorCode::resource, "cannot protect the module's descriptor");

  if (options.times) *options.times = program->stages.take();
  return JitModule{reinterpret_cast<const abi::Descriptor*>(descriptor), program};
}

JitStats jit_stats(const JitModule& module) {
  return static_cast<const Program*>(module.owner.get())->lazy->stats();
}

} // namespace swage::jit
