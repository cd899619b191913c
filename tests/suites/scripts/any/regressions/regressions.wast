;; What the differential fuzzer found, each as small as it gets.

;; A store before a trap is seen afterwards, although every way on stores there again.
(module
  (global $g (export "g") (mut i32) (i32.const 0))
  (func $f (param i32)
    (global.set $g (i32.const 1))
    (if (local.get 0) (then (unreachable)))
    (global.set $g (i32.const 2)))
  (func (export "call") (param i32) (call $f (local.get 0))))
(assert_trap (invoke "call" (i32.const 1)) "unreachable")
(assert_return (get "g") (i32.const 1))
(assert_return (invoke "call" (i32.const 0)))
(assert_return (get "g") (i32.const 2))

(module
  (memory 1)
  (func (export "divide") (param i32) (result i32)
    (i32.store (i32.const 8) (i32.const 1))
    (drop (i32.div_u (i32.const 1) (local.get 0)))
    (i32.store (i32.const 8) (i32.const 2))
    (i32.const 0))
  (func (export "load") (result i32) (i32.load (i32.const 8))))
(assert_trap (invoke "divide" (i32.const 0)) "integer divide by zero")
(assert_return (invoke "load") (i32.const 1))

;; Two operations side by side that only quiet a NaN, which LLVM makes one of two lanes.
(module
  (func (export "quiet") (param f32 f32) (result f32 f32)
    (f32.mul (local.get 0) (f32.const 1)) (f32.mul (local.get 1) (f32.const 1)))
  (func (export "quiet64") (param f64 f64) (result f64 f64)
    (f64.sub (local.get 0) (f64.const 0)) (f64.mul (local.get 1) (f64.const -1)))
  (func (export "round") (param f32) (result i32)
    (f32.lt (f32.ceil (local.get 0)) (f32.nearest (f32.sqrt (local.get 0))))))
(assert_return (invoke "quiet" (f32.const nan:0x200000) (f32.const 7)) (f32.const nan:arithmetic) (f32.const 7))
(assert_return (invoke "quiet" (f32.const -inf) (f32.const -nan:0x200000)) (f32.const -inf) (f32.const nan:arithmetic))
(assert_return (invoke "quiet64" (f64.const nan:0x4000000000000) (f64.const -0))
               (f64.const nan:arithmetic) (f64.const 0))
(assert_return (invoke "round" (f32.const 0.75)) (i32.const 0))
(assert_return (invoke "round" (f32.const 4.5)) (i32.const 0))
(assert_return (invoke "round" (f32.const -0.5)) (i32.const 0))
