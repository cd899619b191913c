// What all functions of one llvm::Module share while they are lowered: LLVM's types for the spec's,
// declarations of callees, attributes, the runtime's functions, and the metadata that tells LLVM which
// accesses cannot alias.
//
// Addresses of the context, of each memory and of tables come from loads, so LLVM cannot see that they are
// apart. Every access of ours therefore names its region (a scope of one alias domain) and excludes all
// others.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include <llvm/ADT/DenseMap.h>
#include <llvm/IR/Attributes.h>
#include <llvm/IR/DerivedTypes.h>
#include <llvm/IR/Intrinsics.h>
#include <llvm/IR/Module.h>
#include <llvm/TargetParser/Triple.h>

#include "compiler/lower/lower.h"
#include "runtime/abi/object_layout.h"

namespace llvm {
class DICompileUnit;
class DIFile;
class DISubroutineType;
class DISubprogram;
class MDNode;
} // namespace llvm

namespace swage::lower {

/// A part of the address space that no pointer into another part reaches. Memory k of the module is `memory +
/// k`.
enum class Region : uint32_t {
  context,  ///< contexts, globals, the states of memories and of the store
  tables,   ///< table states
  elements, ///< tables' elements
  objects,  ///< of the garbage-collected heap
  memory,
};

/// A part of objects that no access to another part reaches: their Rtts, arrays' lengths, the elements of
/// arrays below one root of the type hierarchy, or field `number` of structs below one.
struct ObjectPart {
  uint32_t root = ~uint32_t{0}; ///< a type of the module without supertype, or all
  uint32_t number = 0;

  static constexpr ObjectPart rtt() { return {~uint32_t{0}, 0}; }
  static constexpr ObjectPart length() { return {~uint32_t{0}, 1}; }
  static constexpr ObjectPart elements(uint32_t root) { return {root, 0}; }
  static constexpr ObjectPart field(uint32_t root, uint32_t number) { return {root, number}; }
  friend constexpr auto operator<=>(const ObjectPart&, const ObjectPart&) = default;
};

/// What the target CPU has beyond its baseline, where lowering chooses by it.
struct TargetFacts {
  bool has_ssse3 = false;   ///< x86: byte shuffles and their like
  bool has_rounding = true; ///< ceil, floor, trunc and nearest are instructions (x86: SSE4.1)
  bool has_fma = false;
  bool has_avx512vl = false; ///< x86: unsigned conversions, of 128 bits
};

class Environment {
public:
  Environment(const wasm::Module& module_, const Glue& glue_, const LowerOptions& options_,
              llvm::Module& out_);

  const wasm::Module& module;
  const Glue& glue;
  const LowerOptions& options;
  llvm::Module& out;
  llvm::LLVMContext& context;
  const llvm::Triple triple;
  const abi::ContextLayout layout;
  const TargetFacts facts;

  llvm::IntegerType* const i1;
  llvm::IntegerType* const i8;
  llvm::IntegerType* const i16;
  llvm::IntegerType* const i32;
  llvm::IntegerType* const i64;
  llvm::Type* const f32;
  llvm::Type* const f64;
  llvm::FixedVectorType* const v128; ///< <2 x i64>; lanes are bit-cast where they are used
  llvm::PointerType* const ptr;
  llvm::Type* const void_;

  llvm::Type* type(ValType type) const;
  /// The internal convention's type of a function (runtime/abi/abi.h).
  llvm::FunctionType* function_type(const FuncType& type) const;
  static bool results_in_memory(const FuncType& type) {
    return type.results.size() > abi::kMaxRegisterResults;
  }
  /// By parameter: whether it travels in a register, and not in StoreState::overflow.
  static llvm::SmallVector<bool, 16> params_in_registers(const FuncType& type);
  /// Attributes of every call and function in the internal convention.
  llvm::AttributeList call_attributes() const { return call_attributes_; }
  /// The same with what the Wasm type says: which references are not null.
  llvm::AttributeList function_type_attributes(const FuncType& type) const;

  /// The function of a defined function's index, declared when first asked for.
  llvm::Function* function(wasm::FuncIdx index);
  /// Whose function this is; nothing for any that `function` did not give.
  std::optional<wasm::FuncIdx> index_of(const llvm::Function& function) const;
  /// The array of a closed table, declared when first asked for.
  llvm::GlobalVariable* closed_table(wasm::TableIdx index);
  /// Makes `function` one of ours: attributes and, when `wasm_name` is not empty, a scope for debug
  /// locations; its prologue counts as the instruction at `offset` in the module.
  void define(llvm::Function& function, llvm::StringRef wasm_name, uint64_t offset = 0);
  llvm::Function* intrinsic(llvm::Intrinsic::ID id, llvm::ArrayRef<llvm::Type*> types = {});
  llvm::FunctionType* builtin_type(abi::Builtin builtin) const;
  /// What a C++ unwinder asks about functions with landing pads: whatever it throws passes by. The runtime,
  /// which throws the guest's exceptions, reads the pads itself. Each object has its own, so that nothing
  /// refers to it by name or address.
  llvm::Function* personality();

  /// Says that `access` touches `region` only.
  void tag(llvm::Instruction& access, Region region) const;
  Region memory_region(wasm::MemIdx memory) const;
  /// Position of an escaping function in Context::functions.
  uint32_t escaping_position(wasm::FuncIdx function) const;
  /// The value of an immutable global whose initial value is a number in the module, else null.
  llvm::Constant* constant_global(uint32_t index);
  /// Where the fields of a struct type lie, or of the exceptions of a tag's type.
  const abi::StructLayout& object_layout(uint32_t type);
  /// The uppermost ancestor of a type: the same for equal types.
  uint32_t root_type(uint32_t type) const;
  /// Says that `access` touches one part of objects only.
  void tag_object(llvm::Instruction& access, ObjectPart part);
  llvm::MDNode* unlikely_weights() const { return unlikely_; }
  llvm::MDNode* likely_weights() const { return likely_; }
  llvm::MDNode* empty_node() const { return empty_; }

private:
  void make_regions();
  std::string symbol_of(wasm::FuncIdx index) const;

  llvm::AttributeList call_attributes_;
  llvm::AttrBuilder function_attributes_;
  llvm::DenseMap<uint32_t, llvm::Function*> functions_;
  llvm::DenseMap<const llvm::Function*, uint32_t> indices_; ///< the other way round
  llvm::Function* personality_ = nullptr;
  llvm::DenseMap<uint32_t, llvm::Constant*> constant_globals_; ///< null where there is none
  std::unordered_map<uint32_t, abi::StructLayout> object_layouts_;
  std::map<ObjectPart, llvm::MDNode*> object_tags_;
  std::vector<llvm::MDNode*> own_scope_;    ///< by region: !alias.scope
  std::vector<llvm::MDNode*> other_scopes_; ///< by region: !noalias
  llvm::MDNode* unlikely_;
  llvm::MDNode* likely_;
  llvm::MDNode* empty_;
  llvm::DICompileUnit* unit_;
  llvm::DIFile* file_;
  llvm::DISubroutineType* subroutine_type_;
};

} // namespace swage::lower
