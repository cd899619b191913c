(module
  (memory $a 1)
  (memory $b i64 1)
  (func
    (drop (i32.load (i32.const 0)))
    (drop (i32.load offset=4 (i32.const 0)))
    (drop (i32.load align=1 (i32.const 0)))
    (drop (i32.load offset=0x10 align=2 (i32.const 0)))
    (i64.store32 $b offset=8 (i64.const 0) (i64.const 1))
    (drop (v128.load8_lane 1 (i32.const 0) (v128.const i64x2 0 0)))
    (drop (v128.load8_lane 0 2 (i32.const 0) (v128.const i64x2 0 0)))
    (drop (v128.load16_lane $b offset=4 align=1 3 (i64.const 0) (v128.const i64x2 0 0)))))
