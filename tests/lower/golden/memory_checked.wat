;; checked
(module (memory 1)
  (func $load (param i32) (result i64) (i64.load16_s offset=8 (local.get 0)))
  (func $store (param i32 f32) (f32.store (local.get 0) (local.get 1)))
  (func $beyond_the_guard (param i32) (result i32) (i32.load offset=0x80000000 (local.get 0)))
  (func $size (result i32) (memory.size))
  (func $grow (param i32) (result i32) (memory.grow (local.get 0)))
  (func $fill (param i32) (memory.fill (local.get 0) (i32.const 0) (i32.const 3))))
