// Runs a WASI command in wabt's interpreter, since Debian builds wasm-interp without WASI: wabt_main FILE
// [ARGS...], linked with libwabt.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "wabt/binary-reader.h"
#include "wabt/interp/binary-reader-interp.h"
#include "wabt/interp/interp.h"

#include "wasi.h"

namespace {

using namespace wabt;
using namespace wabt::interp;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "wabt: %s\n", why.c_str());
  std::exit(1);
}

Ref import(Store& store, const ImportDesc& wanted, Guest& guest, Memory::Ptr& memory) {
  if (wanted.type.module != "wasi_snapshot_preview1" || wanted.type.type->kind != ExternKind::Func)
    return Ref::Null;
  const FuncType& type = *cast<FuncType>(wanted.type.type.get());
  if (wanted.type.name == "proc_exit")
    return HostFunc::New(store, type,
                         [](Thread&, const Values& arguments, Values&, Trap::Ptr*) -> Result {
                           std::exit(static_cast<int>(arguments[0].Get<u32>()));
                         })
        .ref();
  for (const WasiFunction& function : kWasiFunctions) {
    if (wanted.type.name != function.name) continue;
    return HostFunc::New(store, type,
                         [&](Thread&, const Values& arguments, Values& results, Trap::Ptr*) -> Result {
                           uint64_t words[kWasiMostParameters] = {};
                           for (size_t i = 0; i < arguments.size(); i++)
                             words[i] = function.parameters[i] == 'I' ? arguments[i].Get<u64>()
                                                                      : arguments[i].Get<u32>();
                           guest.memory = memory->UnsafeData();
                           guest.memory_size = memory->ByteSize();
                           results[0] = Value::Make(function.call(&guest, words));
                           return Result::Ok;
                         })
        .ref();
  }
  return Ref::Null;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 2) give_up("no file");
  std::ifstream file(argv[1], std::ios::binary);
  std::vector<uint8_t> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  Features features;
  features.EnableAll();
  ModuleDesc description;
  Errors errors;
  ReadBinaryOptions options(features, nullptr, true, true, true);
  if (Failed(ReadBinaryInterp(argv[1], bytes.data(), bytes.size(), options, &errors, &description)))
    give_up(errors.empty() ? "unreadable" : errors[0].message);
  Store store(features);
  Module::Ptr module = Module::New(store, description);
  Guest guest{argc - 1, argv + 1, nullptr, 0};
  Memory::Ptr memory;
  RefVec imports;
  for (const ImportDesc& wanted : module->desc().imports)
    imports.push_back(import(store, wanted, guest, memory));
  Trap::Ptr trap;
  Instance::Ptr instance = Instance::Instantiate(store, module.ref(), imports, &trap);
  if (trap) give_up(trap->message());
  Func::Ptr start;
  for (size_t i = 0; i < module->desc().exports.size(); i++) {
    const ExportType& type = module->desc().exports[i].type;
    if (type.type->kind == ExternKind::Memory) memory = store.UnsafeGet<Memory>(instance->exports()[i]);
    if (type.name == "_start") start = store.UnsafeGet<Func>(instance->exports()[i]);
  }
  if (!memory || !start) give_up("no command");
  Values results;
  if (Failed(start->Call(store, {}, results, &trap))) give_up(trap ? trap->message() : "failed");
  return 0;
}
