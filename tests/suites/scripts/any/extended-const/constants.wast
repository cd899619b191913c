;; Arithmetic in constant expressions.
(module
  (global $g i32 (i32.const 3))
  (global (export "i32") i32 (i32.mul (i32.add (global.get $g) (i32.const 4)) (i32.sub (i32.const 1) (i32.const 3))))
  (global (export "i64") i64 (i64.sub (i64.mul (i64.const 6) (i64.const 7)) (i64.add (i64.const -1) (i64.const 1))))
  (memory 1)
  (data (offset (i32.add (global.get $g) (i32.const 5))) "x")
  (func (export "load") (result i32) (i32.load8_u (i32.const 8))))
(assert_return (get "i32") (i32.const -14))
(assert_return (get "i64") (i64.const 42))
(assert_return (invoke "load") (i32.const 120))
(assert_invalid (module (global i32 (i32.div_s (i32.const 1) (i32.const 1)))) "constant expression required")
