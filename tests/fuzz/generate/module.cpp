// Everything of a module but its bodies, and then those.
#include <algorithm>

#include "tests/fuzz/generate/body.h"

namespace swage::fuzz {

using wasm::Feature;
using wasm::Op;

namespace {

class ModuleGenerator {
public:
  ModuleGenerator(Choices& choices, const GenerateOptions& options)
      : choices_(choices), plan_{.options = options} {}

  std::vector<std::byte> generate() {
    types();
    imports();
    functions();
    memories();
    tables();
    globals();
    segments();
    plan_.operations = Operations(module(), plan_.options.features);
    bodies();
    exports();
    return wasm::encode(module());
  }

private:
  wasm::Module& module() { return plan_.module; }
  bool has(Feature feature) const { return plan_.has(feature); }

  uint32_t type(FuncType func) {
    SubType added;
    added.composite.func = std::move(func);
    module().rec_group_starts.push_back(static_cast<uint32_t>(module().types.size()));
    module().types.push_back(std::move(added));
    return static_cast<uint32_t>(module().types.size() - 1);
  }

  void types() {
    type({{kI32, kI64}, {kI32}});
    type({{kF64}, {kF64}});
    for (uint32_t count = choices_.between(2, 5); count > 0; --count) {
      FuncType func;
      for (uint32_t k = choices_.below(5); k > 0; --k) func.params.push_back(any_type(plan_, choices_));
      uint32_t results =
          has(Feature::multi_value) && choices_.one_in(3) ? choices_.between(2, 4) : choices_.below(2);
      for (; results > 0; --results) func.results.push_back(any_type(plan_, choices_));
      type(std::move(func));
    }
  }

  void imports() {
    for (uint32_t i = 0; i < 2; ++i) {
      module().imports.push_back(
          {.module = "env", .name = i == 0 ? "mix" : "blend", .kind = ExternKind::func, .index = i});
      module().functions.push_back({i});
    }
    module().imported_functions = 2;
  }

  void functions() {
    uint32_t defined = static_cast<uint32_t>(module().types.size()) - 2;
    for (uint32_t count = choices_.between(2, 6); count > 0; --count)
      module().functions.push_back({2 + choices_.below(defined)});
    plan_.callable = static_cast<uint32_t>(module().functions.size());
  }

  void memories() {
    uint32_t count = has(Feature::multi_memory) && choices_.one_in(3) ? choices_.between(2, 3) : 1;
    for (; count > 0; --count) {
      MemoryType memory{.limits = {1, choices_.between(1, 3)}};
      if (has(Feature::memory64) && choices_.one_in(3)) memory.address = AddressType::i64;
      if (has(Feature::threads) && choices_.one_in(4)) memory.is_shared = true;
      if (has(Feature::custom_page_sizes) && choices_.one_in(8)) {
        memory.page_size_log2 = 0;
        memory.limits = {choices_.between(80, 300), 300};
      }
      module().memories.push_back(memory);
    }
  }

  void tables() {
    auto table = [&](ValType element) {
      TableType added{.element = element, .limits = {choices_.between(6, 12), 16}};
      if (has(Feature::memory64) && choices_.one_in(3)) added.address = AddressType::i64;
      module().tables.push_back({.type = added, .init = {}});
    };
    table(kFuncRef);
    if (!has(Feature::reference_types)) return;
    if (choices_.one_in(2)) table(kExternRef);
    if (choices_.one_in(3)) table(kFuncRef);
  }

  wasm::ConstExpr expression(const wasm::Instruction& instruction) {
    wasm::Encoder code;
    code.emit(instruction);
    code.emit({.op = Op::end});
    return {plan_.keep(code.take())};
  }

  wasm::ConstExpr offset(AddressType address, uint32_t value) {
    return expression({.op = address == AddressType::i64 ? Op::i64_const : Op::i32_const, .bits = value});
  }

  wasm::ConstExpr initial(ValType type) {
    switch (type.kind) {
    case ValKind::i32:
      return expression({.op = Op::i32_const,
                         .bits = static_cast<uint64_t>(int64_t{static_cast<int32_t>(choices_.bits())})});
    case ValKind::i64:
      return expression({.op = Op::i64_const, .bits = interesting_bits(ValKind::i64, choices_)});
    case ValKind::f32:
      return expression({.op = Op::f32_const, .bits = interesting_bits(ValKind::f32, choices_) & UINT32_MAX});
    case ValKind::f64:
      return expression({.op = Op::f64_const, .bits = interesting_bits(ValKind::f64, choices_)});
    case ValKind::v128: return expression({.op = Op::v128_const, .bytes = {1, 2, 3, 128, 255, 0, 127}});
    default: return expression({.op = Op::ref_null, .heap = {type.heap}});
    }
  }

  void globals() {
    plan_.fuel = {0};
    module().globals.push_back({{kI32, true}, offset(AddressType::i32, 0)});
    std::vector<ValType> types = {
        kI32, kI64, kF32, kF64, any_type(plan_, choices_), any_type(plan_, choices_)};
    if (has(Feature::simd)) types.push_back(kV128);
    for (ValType type : types) module().globals.push_back({{type, !choices_.one_in(6)}, initial(type)});
  }

  void segments() {
    for (uint32_t count = choices_.between(1, 3); count > 0; --count) {
      wasm::DataSegment data;
      std::vector<std::byte> bytes(choices_.between(1, 64));
      for (std::byte& byte : bytes) byte = static_cast<std::byte>(choices_.below(256));
      data.bytes = plan_.keep(std::move(bytes));
      if (!has(Feature::bulk_memory) || choices_.one_in(2)) {
        data.mode = wasm::SegmentMode::active;
        data.memory = {choices_.below(static_cast<uint32_t>(module().memories.size()))};
        data.memory_offset = offset(module().memories[data.memory.value].address, choices_.below(16));
      }
      module().datas.push_back(data);
    }
    if (has(Feature::bulk_memory)) module().data_count = static_cast<uint32_t>(module().datas.size());
    wasm::ElemSegment active;
    active.mode = wasm::SegmentMode::active;
    active.table_offset = offset(module().tables[0].type.address, 0);
    for (int i = 0; i < 6; ++i) active.funcs.push_back({choices_.below(plan_.callable)});
    module().elems.push_back(active);
    if (!has(Feature::reference_types)) return;
    wasm::ElemSegment passive; // declares every function, too
    for (uint32_t i = 0; i < plan_.callable; ++i) passive.funcs.push_back({i});
    module().elems.push_back(passive);
  }

  void bodies() {
    for (uint32_t i = module().imported_functions; i < plan_.callable; ++i)
      module().bodies.push_back(
          BodyGenerator(plan_, choices_, module().func_type({i})).finish_function(plan_));
    std::vector<wasm::Body> shown;
    for (uint32_t i = module().imported_functions; i < plan_.callable; ++i) {
      FuncType type;
      for (ValType result : module().func_type({i}).results)
        for (ValType part : BodyGenerator::shown_as(result)) type.results.push_back(part);
      for (uint32_t calls = choices_.between(1, 2); calls > 0; --calls) {
        shown.push_back(BodyGenerator(plan_, choices_, type).finish_run(plan_, {i}, choices_.between(1, 60)));
        add_function(type);
      }
    }
    FuncType state;
    for (const wasm::Global& global : module().globals)
      for (ValType part : BodyGenerator::shown_as(global.type.type)) state.results.push_back(part);
    for (size_t i = 0; i < module().tables.size(); ++i)
      state.results.insert(state.results.end(), {kI64, kI32, kI32, kI32, kI32});
    shown.push_back(BodyGenerator(plan_, choices_, state).finish_state(plan_));
    add_function(state);
    module().bodies.insert(module().bodies.end(), shown.begin(), shown.end());
  }

  void add_function(const FuncType& func) { module().functions.push_back({type(func)}); }

  void exports() {
    auto add = [&](std::string name, ExternKind kind, uint32_t index) {
      wasm::Bytes kept = plan_.keep({reinterpret_cast<const std::byte*>(name.data()),
                                     reinterpret_cast<const std::byte*>(name.data() + name.size())});
      module().exports.push_back(
          {.name = {reinterpret_cast<const char*>(kept.data()), kept.size()}, .kind = kind, .index = index});
    };
    uint32_t state = static_cast<uint32_t>(module().functions.size()) - 1;
    for (uint32_t i = plan_.callable; i < state; ++i)
      add("run" + std::to_string(i - plan_.callable), ExternKind::func, i);
    add("state", ExternKind::func, state);
    for (uint32_t i = 0; i < module().memories.size(); ++i)
      add("m" + std::to_string(i), ExternKind::memory, i);
  }

  Choices& choices_;
  Plan plan_;
};

} // namespace

std::vector<std::byte> generate_module(Choices& choices, const GenerateOptions& options) {
  return ModuleGenerator(choices, options).generate();
}

} // namespace swage::fuzz
