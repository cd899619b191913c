(module
  (func
    (drop (i32.const -0x8000_0000)) (drop (i32.const 0xffff_ffff)) (drop (i32.const +1))
    (drop (i64.const -1)) (drop (i64.const 0x8000_0000_0000_0000))
    (drop (f32.const 0x1.fffffep+127)) (drop (f32.const -0)) (drop (f32.const 0.1))
    (drop (f32.const 0x1.0000_02p0)) (drop (f32.const 16777217)) (drop (f32.const 1e-45))
    (drop (f32.const inf)) (drop (f32.const -nan)) (drop (f32.const nan:0x20_0000))
    (drop (f64.const 1_000.5e3)) (drop (f64.const 0x1p-1074)) (drop (f64.const -inf))
    (drop (f64.const nan)) (drop (f64.const nan:0xf_ffff_ffff_ffff))))
