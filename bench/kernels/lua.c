// The Lua interpreter (its own sources, from a package) runs lua.lua, of which each round calls `work`.
// Errors end the program: Wasm toolchains lack setjmp, and the script makes none.
#include "bench.h"

#include "lauxlib.h"
#include "lualib.h"

static const char script[] = {
#embed "lua.lua"
    , 0};

static void check(lua_State* lua, int status) {
  if (status == LUA_OK) return;
  bench_await(lua_tostring(lua, -1));
  abort();
}

int main(int argc, char** argv) {
  static const luaL_Reg libraries[] = {{LUA_GNAME, luaopen_base},
                                       {"string", luaopen_string},
                                       {"table", luaopen_table},
                                       {"math", luaopen_math}};
  uint32_t rounds = bench_size(argc, argv);
  uint64_t checksum = 0;
  lua_State* lua = luaL_newstate();
  for (int i = 0; i < 4; i++) {
    luaL_requiref(lua, libraries[i].name, libraries[i].func, 1);
    lua_pop(lua, 1);
  }
  check(lua, luaL_dostring(lua, script));
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    lua_getglobal(lua, "work");
    lua_pushinteger(lua, round);
    check(lua, lua_pcall(lua, 1, 1, 0));
    checksum = bench_mix(checksum, (uint64_t)lua_tointeger(lua, -1));
    lua_pop(lua, 1);
  }
  return bench_end(checksum);
}
