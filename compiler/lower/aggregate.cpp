// Structs and arrays. An object is its Rtt and then its fields (runtime/abi/object_layout.h); a reference is
// its address. Allocation bumps StoreState::gc_top inline and calls the runtime when there is no room;
// whatever the collector may see is written before the next allocation. Nothing is needed around accesses:
// objects never move, and there is no barrier.
//
// Accesses carry two sorts of metadata: their region, apart from memories, tables and globals, and a TBAA
// tag, which keeps fields apart by their place in the hierarchy of types.
// https://webassembly.github.io/spec/core/exec/instructions.html#aggregate-reference-instructions
#include <cstddef>

#include "compiler/lower/lowerer.h"
#include "runtime/abi/object_layout.h"

namespace swage::lower {

using abi::ArrayHeader;
using abi::Builtin;

namespace {

/// Larger objects, and arrays that may be, are allocated by the runtime: the collector's line, beyond which
/// it does not bump in holes.
constexpr uint64_t kMaxInlineSize = 256;

} // namespace

llvm::Type* Lowerer::storage_type(const FieldType& field) const {
  switch (field.packing) {
  case Packing::i8: return env_.i8;
  case Packing::i16: return env_.i16;
  case Packing::none: break;
  }
  return env_.type(field.type);
}

llvm::Align Lowerer::storage_align(const FieldType& field) const {
  return llvm::Align(abi::storage_align(field));
}

/// The Rtt of a struct or array type of the module.
llvm::Value* Lowerer::rtt(uint32_t type) {
  llvm::Value* rtts = entry_load(offsetof(abi::Context, rtts), env_.ptr);
  return invariant_load(b_, rtts, uint64_t{type} * sizeof(void*), env_.ptr);
}

llvm::Value* Lowerer::load_storage(llvm::Value* address, const FieldType& field, ObjectPart part,
                                   Extend extend) {
  llvm::LoadInst* load = b_.CreateAlignedLoad(storage_type(field), address, storage_align(field));
  env_.tag_object(*load, part);
  if (field.type.is_ref() && !field.type.nullable && env_.options.optimized)
    load->setMetadata(llvm::LLVMContext::MD_nonnull, env_.empty_node());
  if (extend == Extend::none) return load;
  return b_.CreateCast(extend == Extend::sext ? llvm::Instruction::SExt : llvm::Instruction::ZExt, load,
                       env_.i32);
}

void Lowerer::store_storage(llvm::Value* value, llvm::Value* address, const FieldType& field,
                            ObjectPart part) {
  if (field.packing != Packing::none) value = b_.CreateTrunc(value, storage_type(field));
  env_.tag_object(*b_.CreateAlignedStore(value, address, storage_align(field)), part);
}

/// A call that allocates: it reads anything (the collector does), but of what compiled code can see it
/// changes the store's state only, so what was loaded from memories and objects before is still good after
/// it.
llvm::Value* Lowerer::call_allocator(Builtin builtin, std::initializer_list<llvm::Value*> arguments) {
  llvm::CallInst* call = call_builtin(builtin, arguments);
  call->setMemoryEffects(llvm::MemoryEffects::readOnly() | llvm::MemoryEffects::argMemOnly() |
                         llvm::MemoryEffects::inaccessibleMemOnly());
  call->addRetAttr(llvm::Attribute::NonNull);
  return call;
}

/// Memory for an object of `size` bytes (i64, at most kMaxInlineSize where it is inline), with its Rtt; of an
/// array with its length. `is_small` says whether to try inline, null when that is known.
llvm::Value* Lowerer::allocate(llvm::Value* type, llvm::Value* size, llvm::Value* is_small,
                               llvm::Value* length) {
  llvm::Value* state = entry_load(offsetof(abi::Context, store), env_.ptr);
  llvm::BasicBlock *fast = new_block("bump"), *slow = new_block("allocate"), *done = new_block("allocated");
  if (is_small != nullptr) {
    llvm::BasicBlock* small = new_block("small");
    b_.CreateCondBr(is_small, small, slow, env_.likely_weights());
    start_block(small);
  }
  llvm::Value* top = load_field(state, offsetof(abi::StoreState, gc_top), env_.ptr, Region::context);
  llvm::Value* limit = load_field(state, offsetof(abi::StoreState, gc_limit), env_.ptr, Region::context);
  llvm::Value* end = b_.CreateGEP(env_.i8, top, size);
  b_.CreateCondBr(b_.CreateICmpULE(end, limit), fast, slow, env_.likely_weights());

  // The header comes first: the collector walks from object to object up to gc_top, also after a trap.
  start_block(fast);
  env_.tag_object(*b_.CreateStore(type, top), ObjectPart::rtt());
  if (length != nullptr) store_length(length, top);
  env_.tag(*b_.CreateStore(end, field_address(b_, state, offsetof(abi::StoreState, gc_top))),
           Region::context);
  b_.CreateBr(done);

  slow->insertInto(&function_);
  b_.SetInsertPoint(slow);
  llvm::Value* called = length != nullptr ? call_allocator(Builtin::array_new, {state, type, length})
                                          : call_allocator(Builtin::struct_new, {state, type});
  b_.CreateBr(done);

  start_block(done);
  llvm::PHINode* object = b_.CreatePHI(env_.ptr, 2);
  object->addIncoming(top, fast);
  object->addIncoming(called, slow);
  return object;
}

llvm::Value* Lowerer::null_checked(llvm::Value* reference, TrapCode code) {
  trap_if(b_.CreateIsNull(reference), code);
  return reference;
}

// Structs.

llvm::Value* Lowerer::new_struct(uint32_t type) {
  uint32_t size = env_.object_layout(type).size;
  llvm::Value* state = entry_load(offsetof(abi::Context, store), env_.ptr);
  if (size > kMaxInlineSize) return call_allocator(Builtin::struct_new, {state, rtt(type)});
  return allocate(rtt(type), b_.getInt64(size), nullptr, nullptr);
}

void Lowerer::struct_new() {
  uint32_t type = instruction_.index[0];
  const std::vector<FieldType>& fields = env_.module.types[type].composite.fields;
  auto first = stack_.end() - static_cast<ptrdiff_t>(fields.size());
  std::vector<llvm::Value*> values(first, stack_.end());
  stack_.erase(first, stack_.end());
  llvm::Value* object = new_struct(type);
  for (uint32_t k = 0; k < fields.size(); k++)
    store_storage(values[k], field_address(b_, object, env_.object_layout(type).offsets[k]), fields[k],
                  ObjectPart::field(env_.root_type(type), k));
  push(object);
}

void Lowerer::struct_new_default() {
  uint32_t type = instruction_.index[0];
  const std::vector<FieldType>& fields = env_.module.types[type].composite.fields;
  for (const FieldType& field : fields) push(llvm::Constant::getNullValue(env_.type(field.type)));
  struct_new();
}

void Lowerer::struct_get(Extend extend) {
  uint32_t type = instruction_.index[0], field = instruction_.index[1];
  llvm::Value* object = null_checked(pop(), TrapCode::null_structure_reference);
  push(load_storage(field_address(b_, object, env_.object_layout(type).offsets[field]),
                    env_.module.types[type].composite.fields[field],
                    ObjectPart::field(env_.root_type(type), field), extend));
}

void Lowerer::struct_set() {
  uint32_t type = instruction_.index[0], field = instruction_.index[1];
  llvm::Value* value = pop();
  llvm::Value* object = null_checked(pop(), TrapCode::null_structure_reference);
  store_storage(value, field_address(b_, object, env_.object_layout(type).offsets[field]),
                env_.module.types[type].composite.fields[field],
                ObjectPart::field(env_.root_type(type), field));
}

// Arrays.

const FieldType& Lowerer::element_type(uint32_t type) const {
  return env_.module.types[type].composite.fields.front();
}

void Lowerer::store_length(llvm::Value* length, llvm::Value* array) {
  env_.tag_object(*b_.CreateStore(length, field_address(b_, array, offsetof(ArrayHeader, length))),
                  ObjectPart::length());
}

llvm::Value* Lowerer::load_length(llvm::Value* array) {
  llvm::LoadInst* load = b_.CreateLoad(env_.i32, field_address(b_, array, offsetof(ArrayHeader, length)));
  env_.tag_object(*load, ObjectPart::length());
  return load;
}

llvm::Value* Lowerer::element_address(llvm::Value* array, uint32_t type, llvm::Value* index) {
  llvm::Value* elements = field_address(b_, array, sizeof(ArrayHeader));
  return b_.CreateInBoundsGEP(storage_type(element_type(type)), elements, b_.CreateZExt(index, env_.i64));
}

llvm::Value* Lowerer::new_array(uint32_t type, llvm::Value* length) {
  uint64_t size = abi::storage_size(element_type(type));
  llvm::Value* bytes = b_.CreateMul(b_.CreateZExt(length, env_.i64), b_.getInt64(size));
  llvm::Value* whole = b_.CreateAdd(bytes, b_.getInt64(sizeof(ArrayHeader) + abi::kObjectAlign - 1));
  whole = b_.CreateAnd(whole, b_.getInt64(~uint64_t{abi::kObjectAlign - 1}));
  llvm::Value* is_small = b_.CreateICmpULE(whole, b_.getInt64(kMaxInlineSize));
  return allocate(rtt(type), whole, is_small, length);
}

/// Writes `value` to the elements [begin, begin + count), which exist.
void Lowerer::fill_elements(llvm::Value* array, uint32_t type, llvm::Value* begin, llvm::Value* count,
                            llvm::Value* value) {
  const FieldType& element = element_type(type);
  llvm::BasicBlock *loop = new_block("fill"), *done = new_block("filled");
  llvm::Value* first = element_address(array, type, begin);
  llvm::Value* total = b_.CreateZExt(count, env_.i64);
  llvm::BasicBlock* before = b_.GetInsertBlock();
  b_.CreateCondBr(b_.CreateIsNull(total), done, loop);
  start_block(loop);
  llvm::PHINode* k = b_.CreatePHI(env_.i64, 2);
  store_storage(value, b_.CreateInBoundsGEP(storage_type(element), first, k), element,
                ObjectPart::elements(env_.root_type(type)));
  llvm::Value* next = b_.CreateAdd(k, b_.getInt64(1), "", true, true);
  k->addIncoming(b_.getInt64(0), before);
  k->addIncoming(next, loop);
  b_.CreateCondBr(b_.CreateICmpEQ(next, total), done, loop);
  start_block(done);
}

void Lowerer::array_new() {
  uint32_t type = instruction_.index[0];
  llvm::Value* length = pop();
  llvm::Value* value = pop();
  llvm::Value* array = new_array(type, length);
  fill_elements(array, type, b_.getInt32(0), length, value);
  push(array);
}

void Lowerer::array_new_default() {
  llvm::Value* length = pop();
  push(llvm::Constant::getNullValue(env_.type(element_type(instruction_.index[0]).type)));
  push(length);
  array_new();
}

void Lowerer::array_new_fixed() {
  uint32_t type = instruction_.index[0], length = instruction_.index[1];
  auto first = stack_.end() - static_cast<ptrdiff_t>(length);
  std::vector<llvm::Value*> values(first, stack_.end());
  stack_.erase(first, stack_.end());
  llvm::Value* array = new_array(type, b_.getInt32(length));
  for (uint32_t k = 0; k < length; k++)
    store_storage(values[k], element_address(array, type, b_.getInt32(k)), element_type(type),
                  ObjectPart::elements(env_.root_type(type)));
  push(array);
}

void Lowerer::array_new_segment(Builtin builtin) {
  llvm::Value* length = pop();
  llvm::Value* from = pop();
  llvm::Value* type = b_.getInt32(instruction_.index[0]);
  llvm::CallInst* array = call_builtin(builtin, {type, b_.getInt32(instruction_.index[1]), from, length});
  array->addRetAttr(llvm::Attribute::NonNull);
  push(array);
}

llvm::Value* Lowerer::pop_element() {
  llvm::Value* index = pop();
  llvm::Value* array = null_checked(pop(), TrapCode::null_array_reference);
  trap_unless(b_.CreateICmpULT(index, load_length(array)), TrapCode::array_out_of_bounds);
  return element_address(array, instruction_.index[0], index);
}

void Lowerer::array_get(Extend extend) {
  uint32_t type = instruction_.index[0];
  llvm::Value* address = pop_element();
  push(load_storage(address, element_type(type), ObjectPart::elements(env_.root_type(type)), extend));
}

void Lowerer::array_set() {
  uint32_t type = instruction_.index[0];
  llvm::Value* value = pop();
  store_storage(value, pop_element(), element_type(type), ObjectPart::elements(env_.root_type(type)));
}

void Lowerer::array_len() { push(load_length(null_checked(pop(), TrapCode::null_array_reference))); }

void Lowerer::array_fill() {
  llvm::Value* count = pop();
  llvm::Value* value = pop();
  llvm::Value* begin = pop();
  llvm::Value* array = null_checked(pop(), TrapCode::null_array_reference);
  llvm::Value* end = b_.CreateAdd(b_.CreateZExt(begin, env_.i64), b_.CreateZExt(count, env_.i64));
  llvm::Value* length = b_.CreateZExt(load_length(array), env_.i64);
  trap_unless(b_.CreateICmpULE(end, length), TrapCode::array_out_of_bounds);
  fill_elements(array, instruction_.index[0], begin, count, value);
}

void Lowerer::array_copy() {
  llvm::Value* length = pop();
  llvm::Value* from = pop();
  llvm::Value* source = pop();
  llvm::Value* to = pop();
  llvm::Value* target = null_checked(pop(), TrapCode::null_array_reference);
  null_checked(source, TrapCode::null_array_reference);
  call_builtin(Builtin::array_copy, {target, to, source, from, length});
}

void Lowerer::array_init(Builtin builtin) {
  llvm::Value* length = pop();
  llvm::Value* from = pop();
  llvm::Value* to = pop();
  llvm::Value* array = null_checked(pop(), TrapCode::null_array_reference);
  call_builtin(builtin, {b_.getInt32(instruction_.index[1]), array, to, from, length});
}

} // namespace swage::lower
