// One memory for the host and two guests: the host makes it, one guest writes into it, the other reads. Its
// bytes never move, so a span into it stays good while it grows.
#include <cstdio>
#include <cstring>

#include "swage/instance.h"
#include "swage/typed_func.h"

static constexpr std::string_view kWriter = R"(
  (module (import "host" "memory" (memory 1))
    (func (export "shout") (param $at i32) (param $length i32)
      (loop $next
        (i32.store8 (local.get $at) (i32.and (i32.load8_u (local.get $at)) (i32.const 0xdf)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $next (local.tee $length (i32.sub (local.get $length) (i32.const 1))))))))";
static constexpr std::string_view kReader = R"(
  (module (import "host" "memory" (memory 1))
    (func (export "first") (param i32) (result i32) (i32.load8_u (local.get 0)))))";

static swage::Expected<void> run() {
  swage::Engine engine = SWAGE_TRY(swage::Engine::create());
  swage::Store store(engine);
  swage::Linker linker(store);
  swage::Memory memory = SWAGE_TRY(swage::Memory::create(store, {.limits = {.min = 1, .max = {}}}));
  linker.define("host", "memory", memory);
  swage::Module writer_module = SWAGE_TRY(swage::Module::compile(engine, std::as_bytes(std::span(kWriter))));
  swage::Module reader_module = SWAGE_TRY(swage::Module::compile(engine, std::as_bytes(std::span(kReader))));
  swage::Instance writer = SWAGE_TRY(linker.instantiate(writer_module));
  swage::Instance reader = SWAGE_TRY(linker.instantiate(reader_module));

  constexpr std::string_view kText = "hello";
  constexpr uint32_t kAddress = 100;
  std::span<std::byte> place = *memory.slice(kAddress, kText.size()); // checked against the memory's size
  std::memcpy(place.data(), kText.data(), kText.size());

  auto shout = SWAGE_TRY(writer.func("shout")->typed<void(uint32_t, uint32_t)>());
  auto first = SWAGE_TRY(reader.func("first")->typed<int32_t(uint32_t)>());
  if (auto done = shout(kAddress, kText.size()); !done)
    return swage::fail(swage::ErrorCode::trapped, done.error().message);
  memory.grow(10);
  std::printf("the host reads %.*s, a guest reads %c\n", static_cast<int>(place.size()),
              reinterpret_cast<const char*>(place.data()), static_cast<char>(first(kAddress).value_or('?')));
  return {};
}

int main() {
  auto result = run();
  if (!result) std::fprintf(stderr, "error: %s\n", result.error().to_string().c_str());
  return result ? 0 : 1;
}
