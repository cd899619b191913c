#include "tests/jit/graph_program.h"

#include <set>

#include "tests/jit/ir.h"

namespace swage::jit {

const char* const kEnterIr = R"(
define i32 @enter(ptr %code, ptr %context, i32 %x) uwtable {
  %result = call swifttailcc i32 %code(ptr swiftself %context, i32 %x)
  ret i32 %result
})";

GraphModule::GraphModule(const CallGraph& calls, size_t padding) {
  module.features = wasm::FeatureSet::defaults();
  module.types.resize(1);
  module.types[0].composite.func = {{kI32}, {kI32}};
  module.functions.resize(calls.size());
  codes.resize(calls.size());
  for (size_t i = 0; i < calls.size(); ++i) {
    for (uint32_t callee : calls[i]) codes[i].emit({.op = wasm::Op::call, .index = {callee}});
    for (size_t n = 0; n < padding; ++n) codes[i].emit({.op = wasm::Op::nop});
    codes[i].emit({.op = wasm::Op::end});
    module.bodies.push_back({.locals = {}, .code = codes[i].view()});
  }
}

std::string graph_ir(const wasm::Module& module, const CallGraph& calls,
                     std::span<const wasm::FuncIdx> functions) {
  std::string ir;
  std::set<uint32_t> outside;
  auto name = [&](uint32_t function) { return "@\"" + lower::function_symbol(module, {function}) + "\""; };
  for (wasm::FuncIdx function : functions) {
    ir += "define hidden swifttailcc i32 " + name(function.value) +
          "(ptr swiftself %context, i32 %x) uwtable {\n";
    std::string sum = "1";
    for (size_t n = 0; n < calls[function.value].size(); ++n) {
      uint32_t callee = calls[function.value][n];
      outside.insert(callee);
      std::string number = std::to_string(n);
      ir +=
          "  %r" + number + " = call swifttailcc i32 " + name(callee) + "(ptr swiftself %context, i32 %x)\n";
      ir += "  %s" + number + " = add i32 " + sum + ", %r" + number + "\n";
      sum = "%s" + number;
    }
    ir += "  ret i32 " + sum + "\n}\n";
  }
  for (wasm::FuncIdx function : functions) outside.erase(function.value);
  for (uint32_t callee : outside)
    ir += "declare hidden swifttailcc i32 " + name(callee) + "(ptr swiftself, i32)\n";
  return ir;
}

GraphProgram::GraphProgram(CallGraph calls, LazyOptions options, size_t padding)
    : graph(std::move(calls)), wasm_(graph, padding) {
  space_ = CodeSpace::create(size_t{64} << 20, size_t{1} << 20, registry).value();
  auto compile_batch = [this](std::span<const wasm::FuncIdx> functions) { return compile(functions); };
  lazy_ = std::make_unique<LazyModule>(wasm_.module, *space_, workers, compile_batch, options);
  lazy_->create_stubs().value();
  LinkedObject linked =
      space_->add_object(compile_ir(kEnterIr), [](llvm::StringRef) { return nullptr; }).value();
  enter_ = reinterpret_cast<decltype(enter_)>(linked.find("enter")->address);
}

GraphProgram::~GraphProgram() { destroy(); }

void GraphProgram::destroy() {
  lazy_.reset();
  space_.reset();
}

uint32_t GraphProgram::call(uint32_t function, uint32_t argument) {
  return enter_(lazy_->stub({function}), nullptr, argument);
}

Expected<codegen::Object> GraphProgram::compile(std::span<const wasm::FuncIdx> functions) {
  compiled += static_cast<uint32_t>(functions.size());
  SWAGE_CHECK(before_compile());
  return compile_ir(graph_ir(wasm_.module, graph, functions));
}

} // namespace swage::jit
