;; What --deterministic fixes: the bits of NaNs. Found by the differential fuzzer where a comment says so.

;; LLVM knows that the square root of what is negative is a NaN, and would give the machine's.
(module
  (func (export "sqrt") (param f32) (result f32) (f32.sqrt (local.get 0)))
  (func (export "sqrt64") (param f64) (result f64) (f64.sqrt (local.get 0)))
  (func (export "sqrt4") (param v128) (result v128) (f32x4.sqrt (local.get 0))))
(assert_return (invoke "sqrt" (f32.const -1)) (f32.const nan))
(assert_return (invoke "sqrt" (f32.const -nan:0x600000)) (f32.const nan))
(assert_return (invoke "sqrt" (f32.const -0)) (f32.const -0))
(assert_return (invoke "sqrt64" (f64.const -1)) (f64.const nan))
(assert_return (invoke "sqrt4" (v128.const f32x4 -1 4 nan:0x1 0)) (v128.const f32x4 nan 2 nan 0))
