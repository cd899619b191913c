// Printing prints nothing here: scripts call it for its type.
#include "cli/wast/spectest.h"

namespace swage::cli {
namespace {

void define_print(Linker& linker, const char* name, std::vector<ValType> params) {
  HostFunction ignore = [](Caller&, std::span<const Val>, std::span<Val>) -> Result<void> { return {}; };
  linker.define("spectest", name,
                Func::create(linker.store(), FuncType{std::move(params), {}}, std::move(ignore)));
}

} // namespace

Expected<void> define_spectest(Linker& linker) {
  Store& store = linker.store();
  define_print(linker, "print", {});
  define_print(linker, "print_i32", {kI32});
  define_print(linker, "print_i64", {kI64});
  define_print(linker, "print_f32", {kF32});
  define_print(linker, "print_f64", {kF64});
  define_print(linker, "print_i32_f32", {kI32, kF32});
  define_print(linker, "print_f64_f64", {kF64, kF64});
  for (const auto& [name, value] : {std::pair<const char*, Val>{"global_i32", Val(666)},
                                    {"global_i64", Val(int64_t{666})},
                                    {"global_f32", Val(666.6f)},
                                    {"global_f64", Val(666.6)}})
    linker.define("spectest", name, SWAGE_TRY(Global::create(store, GlobalType{value.type(), false}, value)));

  TableType table{.element = kFuncRef, .limits = {10, 20}};
  linker.define("spectest", "table", SWAGE_TRY(Table::create(store, table, Val(Ref{}, kFuncRef))));
  table.address = AddressType::i64;
  linker.define("spectest", "table64", SWAGE_TRY(Table::create(store, table, Val(Ref{}, kFuncRef))));
  MemoryType memory{.limits = {1, 2}};
  linker.define("spectest", "memory", SWAGE_TRY(Memory::create(store, memory)));
  memory.is_shared = true;
  linker.define("spectest", "shared_memory", SWAGE_TRY(Memory::create(store, memory)));
  return {};
}

} // namespace swage::cli
