// Declarations, attributes and metadata; see environment.h.
//
// Attributes that matter for exactness: no `mustprogress` or `willreturn` (endless loops stay),
// "disable-tail-calls" (LLVM may not make a loop of endless recursion, which has to exhaust the stack;
// musttail is not affected), "no-builtins" (no loop becomes memset or memcpy: a fault inside libc would be
// nobody's, and what was stored before it would differ), "probe-stack" (a frame larger than the guard page
// still faults in it), null_pointer_is_valid (null references may be told by their fault). Nothing is
// `nounwind`: a callee in another module may throw.
#include "compiler/lower/environment.h"

#include <algorithm>
#include <cassert>
#include <cstddef>

#include <llvm/BinaryFormat/Dwarf.h>
#include <llvm/IR/DIBuilder.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instruction.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/TargetRegistry.h>

#include "compiler/lower/constant.h"

namespace swage::lower {
namespace {

abi::ContextLayout layout_of(const wasm::Module& module) {
  abi::ContextLayout layout;
  layout.imported_functions = module.imported_functions;
  layout.memories = static_cast<uint32_t>(module.memories.size());
  layout.tables = static_cast<uint32_t>(module.tables.size());
  layout.imported_globals = module.imported_globals;
  layout.tags = static_cast<uint32_t>(module.tags.size());
  layout.globals = static_cast<uint32_t>(module.globals.size());
  return layout;
}

TargetFacts facts_of(const llvm::Triple& triple, const LowerOptions& options) {
  TargetFacts facts;
  facts.has_rounding = !triple.isX86();
  facts.has_fma = triple.isAArch64();
  std::string error;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (target == nullptr || !triple.isX86()) return facts;
  std::unique_ptr<llvm::MCSubtargetInfo> cpu(
      target->createMCSubtargetInfo(triple, options.cpu, options.cpu_features));
  if (cpu == nullptr) return facts;
  facts.has_ssse3 = cpu->checkFeatures("+ssse3");
  facts.has_rounding = cpu->checkFeatures("+sse4.1");
  facts.has_fma = cpu->checkFeatures("+fma");
  facts.has_avx512vl = cpu->checkFeatures("+avx512vl");
  return facts;
}

/// Beyond so many memories all further ones share a region: their lists of others would grow quadratically.
constexpr uint32_t kMaxMemoryRegions = 8;

/// Of a cache line, so that where a function's branches and loops fall does not depend on what stands before
/// it: an interpreter's dispatch takes up to 1.2 times as long across the wrong boundary.
constexpr uint64_t kFunctionAlignment = 64;

} // namespace

Environment::Environment(const wasm::Module& module_, const Glue& glue_, const LowerOptions& options_,
                         llvm::Module& out_)
    : module(module_), glue(glue_), options(options_), out(out_), context(out_.getContext()),
      triple(out_.getTargetTriple()), layout(layout_of(module_)), facts(facts_of(triple, options)),
      i1(llvm::Type::getInt1Ty(context)), i8(llvm::Type::getInt8Ty(context)),
      i16(llvm::Type::getInt16Ty(context)), i32(llvm::Type::getInt32Ty(context)),
      i64(llvm::Type::getInt64Ty(context)), f32(llvm::Type::getFloatTy(context)),
      f64(llvm::Type::getDoubleTy(context)), v128(llvm::FixedVectorType::get(i64, 2)),
      ptr(llvm::PointerType::get(context, 0)), void_(llvm::Type::getVoidTy(context)),
      function_attributes_(context) {
  llvm::AttrBuilder self(context);
  self.addAttribute(llvm::Attribute::SwiftSelf);
  call_attributes_ = call_attributes_.addParamAttributes(context, 0, self);

  function_attributes_.addUWTableAttr(llvm::UWTableKind::Async);
  function_attributes_.addAttribute(llvm::Attribute::NullPointerIsValid);
  function_attributes_.addAttribute("probe-stack", "inline-asm");
  function_attributes_.addAttribute("disable-tail-calls", "true");
  function_attributes_.addAttribute("no-builtins");
  if (!glue.loses_context.empty()) function_attributes_.addAttribute(kLosesContextIndirectly);
  if (!options.cpu.empty()) function_attributes_.addAttribute("target-cpu", options.cpu);
  if (!options.cpu_features.empty())
    function_attributes_.addAttribute("target-features", options.cpu_features);

  llvm::MDBuilder metadata(context);
  unlikely_ = metadata.createUnlikelyBranchWeights();
  likely_ = metadata.createLikelyBranchWeights();
  empty_ = llvm::MDNode::get(context, {});
  make_regions();

  llvm::DIBuilder debug(out);
  file_ = debug.createFile("module.wasm", "");
  unit_ = debug.createCompileUnit(llvm::DISourceLanguageName(llvm::dwarf::DW_LANG_C11), file_, "swage",
                                  options.optimized, "", 0, "", llvm::DICompileUnit::LineTablesOnly);
  subroutine_type_ = debug.createSubroutineType(debug.getOrCreateTypeArray({}));
  debug.finalize();
  if (triple.isX86()) out.setOverrideStackAlignment(abi::kStackAlignX86);
  out.addModuleFlag(llvm::Module::Warning, "Debug Info Version", llvm::DEBUG_METADATA_VERSION);
}

void Environment::make_regions() {
  llvm::MDBuilder metadata(context);
  llvm::MDNode* domain = metadata.createAliasScopeDomain("swage");
  std::vector<llvm::Metadata*> scopes = {
      metadata.createAliasScope("context", domain), metadata.createAliasScope("tables", domain),
      metadata.createAliasScope("elements", domain), metadata.createAliasScope("objects", domain)};
  uint32_t memories = std::min(layout.memories, kMaxMemoryRegions);
  for (uint32_t k = 0; k < memories; k++)
    scopes.push_back(metadata.createAliasScope("memory" + std::to_string(k), domain));
  for (size_t k = 0; k < scopes.size(); k++) {
    own_scope_.push_back(llvm::MDNode::get(context, {scopes[k]}));
    std::vector<llvm::Metadata*> others = scopes;
    others.erase(others.begin() + static_cast<ptrdiff_t>(k));
    other_scopes_.push_back(llvm::MDNode::get(context, others));
  }
}

llvm::Type* Environment::type(ValType value_type) const {
  switch (value_type.kind) {
  case ValKind::i32: return i32;
  case ValKind::i64: return i64;
  case ValKind::f32: return f32;
  case ValKind::f64: return f64;
  case ValKind::v128: return v128;
  case ValKind::ref: return ptr;
  case ValKind::bottom: break;
  }
  assert(false && "no value has this type");
  return nullptr;
}

llvm::FunctionType* Environment::function_type(const FuncType& func) const {
  llvm::SmallVector<llvm::Type*, 16> params = {ptr};
  llvm::SmallVector<bool, 16> in_registers = params_in_registers(func);
  for (size_t k = 0; k < func.params.size(); k++)
    if (in_registers[k]) params.push_back(type(func.params[k]));
  llvm::SmallVector<llvm::Type*, abi::kMaxRegisterResults> results;
  if (!results_in_memory(func))
    for (ValType result : func.results) results.push_back(type(result));
  llvm::Type* result = results.empty()       ? void_
                       : results.size() == 1 ? results.front()
                                             : llvm::StructType::get(context, results);
  return llvm::FunctionType::get(result, params, false);
}

llvm::SmallVector<bool, 16> Environment::params_in_registers(const FuncType& func) {
  llvm::SmallVector<bool, 16> in_registers;
  uint32_t integers = 0, floats = 0;
  for (ValType param : func.params) {
    bool is_float = param.kind == ValKind::f32 || param.kind == ValKind::f64 || param.kind == ValKind::v128;
    in_registers.push_back(is_float ? floats++ < abi::kMaxRegisterFloats
                                    : integers++ < abi::kMaxRegisterIntegers);
  }
  return in_registers;
}

llvm::AttributeList Environment::function_type_attributes(const FuncType& func) const {
  llvm::AttributeList attributes = call_attributes_;
  auto is_non_null = [](ValType value) { return value.is_ref() && !value.nullable; };
  llvm::SmallVector<bool, 16> in_registers = params_in_registers(func);
  unsigned next = 1;
  for (uint32_t k = 0; k < func.params.size(); k++) {
    if (in_registers[k] && is_non_null(func.params[k]))
      attributes = attributes.addParamAttribute(context, next, llvm::Attribute::NonNull);
    next += in_registers[k];
  }
  if (func.results.size() == 1 && is_non_null(func.results[0]))
    attributes = attributes.addRetAttribute(context, llvm::Attribute::NonNull);
  return attributes;
}

/// A version calls versions.
std::string Environment::symbol_of(wasm::FuncIdx index) const {
  bool has_versions = options.versioned && (*options.versioned)[index.value];
  return has_versions && !options.version.empty() ? version_symbol(module, index, options.version)
                                                  : function_symbol(module, index);
}

llvm::Function* Environment::function(wasm::FuncIdx index) {
  assert(!module.is_imported(index));
  llvm::Function*& function = functions_[index.value];
  if (function == nullptr) {
    function = llvm::Function::Create(function_type(module.func_type(index)),
                                      llvm::GlobalValue::ExternalLinkage, symbol_of(index), out);
    indices_[function] = index.value;
    function->setCallingConv(llvm::CallingConv::SwiftTail);
    function->setAttributes(function_type_attributes(module.func_type(index)));
    if (!glue.loses_context.empty() && glue.loses_context[index.value]) function->addFnAttr(kLosesContext);
    function->setVisibility(llvm::GlobalValue::HiddenVisibility);
    function->setDSOLocal(true);
  }
  return function;
}

std::optional<wasm::FuncIdx> Environment::index_of(const llvm::Function& function) const {
  auto found = indices_.find(&function);
  if (found == indices_.end()) return std::nullopt;
  return wasm::FuncIdx{found->second};
}

llvm::GlobalVariable* Environment::closed_table(wasm::TableIdx index) {
  std::string name = table_symbol(index);
  if (llvm::GlobalVariable* array = out.getNamedGlobal(name)) return array;
  auto* array = new llvm::GlobalVariable(
      out, llvm::ArrayType::get(i64, glue.closed_tables[index.value]->functions.size()),
      /*isConstant=*/true, llvm::GlobalValue::ExternalLinkage, nullptr, name);
  array->setVisibility(llvm::GlobalValue::HiddenVisibility);
  array->setDSOLocal(true);
  return array;
}

void Environment::define(llvm::Function& function, llvm::StringRef wasm_name, uint64_t offset) {
  function.setVisibility(llvm::GlobalValue::HiddenVisibility);
  function.setDSOLocal(true);
  function.addFnAttrs(function_attributes_);
  if (options.for_speed) function.setAlignment(llvm::Align(kFunctionAlignment));
  if (wasm_name.empty()) return;
  function.setSubprogram(llvm::DISubprogram::getDistinct(
      context, file_, wasm_name, {}, file_, 0, subroutine_type_, static_cast<unsigned>(offset + 1), nullptr,
      0, 0, llvm::DINode::FlagZero, llvm::DISubprogram::SPFlagDefinition, unit_));
}

llvm::Function* Environment::intrinsic(llvm::Intrinsic::ID id, llvm::ArrayRef<llvm::Type*> types) {
  return llvm::Intrinsic::getOrInsertDeclaration(&out, id, types);
}

llvm::FunctionType* Environment::builtin_type(abi::Builtin builtin) const {
  llvm::Type* result = void_;
  llvm::SmallVector<llvm::Type*, 8> params;
  bool is_result = false;
  for (char letter : abi::kBuiltinSignatures[static_cast<size_t>(builtin)]) {
    if (letter == '>') {
      is_result = true;
      continue;
    }
    llvm::Type* letter_type = letter == 'i'   ? static_cast<llvm::Type*>(i32)
                              : letter == 'I' ? i64
                              : letter == 'f' ? f32
                              : letter == 'F' ? f64
                                              : ptr;
    if (is_result)
      result = letter_type;
    else
      params.push_back(letter_type);
  }
  return llvm::FunctionType::get(result, params, false);
}

llvm::Function* Environment::personality() {
  if (personality_ != nullptr) return personality_;
  // https://itanium-cxx-abi.github.io/cxx-abi/abi-eh.html#base-personality
  llvm::FunctionType* type = llvm::FunctionType::get(i32, {i32, i32, i64, ptr, ptr}, false);
  personality_ = llvm::Function::Create(type, llvm::GlobalValue::InternalLinkage, "swage_personality", out);
  personality_->addFnAttrs(function_attributes_);
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(context, "entry", personality_));
  constexpr uint32_t kContinueUnwind = 8; // _URC_CONTINUE_UNWIND
  builder.CreateRet(builder.getInt32(kContinueUnwind));
  return personality_;
}

Region Environment::memory_region(wasm::MemIdx memory) const {
  // Two imports may be the same memory; a defined one is never an import too.
  uint32_t k = memory.value < module.imported_memories ? 0 : memory.value;
  return static_cast<Region>(static_cast<uint32_t>(Region::memory) + std::min(k, kMaxMemoryRegions - 1));
}

void Environment::tag(llvm::Instruction& access, Region region) const {
  if (!options.optimized) return;
  access.setMetadata(llvm::LLVMContext::MD_alias_scope, own_scope_[static_cast<size_t>(region)]);
  access.setMetadata(llvm::LLVMContext::MD_noalias, other_scopes_[static_cast<size_t>(region)]);
}

uint32_t Environment::escaping_position(wasm::FuncIdx function) const {
  auto found = std::ranges::lower_bound(glue.escaping, function);
  assert(found != glue.escaping.end() && *found == function);
  return static_cast<uint32_t>(found - glue.escaping.begin());
}

llvm::Constant* Environment::constant_global(uint32_t index) {
  const wasm::Global& global = module.globals[index];
  if (index < module.imported_globals || global.type.is_mutable || !is_plain(module, global.init))
    return nullptr;
  auto [found, is_new] = constant_globals_.try_emplace(index, nullptr);
  if (is_new) found->second = number_constant(context, first_instruction(module, global.init));
  return found->second;
}

const abi::StructLayout& Environment::object_layout(uint32_t type) {
  auto [found, is_new] = object_layouts_.try_emplace(type);
  if (!is_new) return found->second;
  const CompositeType& composite = module.types[type].composite;
  found->second = composite.kind == CompositeKind::func ? abi::exception_layout(composite.func)
                                                        : abi::struct_layout(composite.fields);
  return found->second;
}

uint32_t Environment::root_type(uint32_t type) const {
  while (module.types[type].super) type = *module.types[type].super;
  return module.canonical[type];
}

void Environment::tag_object(llvm::Instruction& access, ObjectPart part) {
  tag(access, Region::objects);
  if (!options.optimized) return;
  llvm::MDNode*& node = object_tags_[part];
  if (node == nullptr) {
    llvm::MDBuilder metadata(context);
    std::string name = std::to_string(part.root) + "." + std::to_string(part.number);
    llvm::MDNode* type = metadata.createTBAAScalarTypeNode(name, metadata.createTBAARoot("swage objects"));
    node = metadata.createTBAAStructTagNode(type, type, 0);
  }
  access.setMetadata(llvm::LLVMContext::MD_tbaa, node);
}

} // namespace swage::lower
