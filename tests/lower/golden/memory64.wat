(module (memory i64 1)
  (func $load (param i64) (result i32) (i32.load offset=8 (local.get 0)))
  (func $never_inside (param i64) (result i32) (i32.load offset=0xfffffffffffffffe (local.get 0))))
