// wasi-libc has no setjmp.h, and Lua asks for it even when it is told not to jump.
