(module
  (func $divide (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func $divide_by_constant (param i32) (result i32) (i32.div_s (local.get 0) (i32.const 10)))
  (func $truncate (param f32) (result i64) (i64.trunc_f32_u (local.get 0))))
