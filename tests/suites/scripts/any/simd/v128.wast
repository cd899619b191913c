;; Instructions of v128.
;; Written by tests/suites/instructions.mjs.
(module
  (func (export "v128.not") (param v128) (result v128) (v128.not (local.get 0)))
  (func (export "v128.and") (param v128 v128) (result v128) (v128.and (local.get 0) (local.get 1)))
  (func (export "v128.andnot") (param v128 v128) (result v128) (v128.andnot (local.get 0) (local.get 1)))
  (func (export "v128.or") (param v128 v128) (result v128) (v128.or (local.get 0) (local.get 1)))
  (func (export "v128.xor") (param v128 v128) (result v128) (v128.xor (local.get 0) (local.get 1)))
  (func (export "v128.bitselect") (param v128 v128 v128) (result v128) (v128.bitselect (local.get 0) (local.get 1) (local.get 2)))
  (func (export "v128.any_true") (param v128) (result i32) (v128.any_true (local.get 0))))

(assert_return (invoke "v128.not" (v128.const i8x16 0 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86)) (v128.const i8x16 -1 -2 0 -128 127 -3 -101 99 -65 -16 -17 0 -4 2 -86 85))
(assert_return (invoke "v128.not" (v128.const i8x16 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0)) (v128.const i8x16 -2 0 -128 127 -3 -101 99 -65 -16 -17 0 -4 2 -86 85 -1))
(assert_return (invoke "v128.not" (v128.const i8x16 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1)) (v128.const i8x16 0 -128 127 -3 -101 99 -65 -16 -17 0 -4 2 -86 85 -1 -2))
(assert_return (invoke "v128.not" (v128.const i8x16 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1 -1)) (v128.const i8x16 -128 127 -3 -101 99 -65 -16 -17 0 -4 2 -86 85 -1 -2 0))

(assert_return (invoke "v128.and" (v128.const i8x16 0 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86) (v128.const i8x16 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0)) (v128.const i8x16 0 1 127 0 0 0 4 0 0 0 16 3 1 85 0 0))
(assert_return (invoke "v128.and" (v128.const i8x16 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0) (v128.const i8x16 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1 -1)) (v128.const i8x16 1 -128 2 0 0 64 12 0 15 0 -3 1 -88 0 0 0))
(assert_return (invoke "v128.and" (v128.const i8x16 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1) (v128.const i8x16 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0)) (v128.const i8x16 1 127 0 0 0 4 0 0 0 16 3 1 85 0 0 0))
(assert_return (invoke "v128.and" (v128.const i8x16 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1 -1) (v128.const i8x16 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1 -1)) (v128.const i8x16 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1 -1))

(assert_return (invoke "v128.andnot" (v128.const i8x16 0 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86) (v128.const i8x16 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0)) (v128.const i8x16 0 0 -128 127 -128 2 96 -100 64 15 0 -4 2 -88 85 -86))
(assert_return (invoke "v128.andnot" (v128.const i8x16 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0) (v128.const i8x16 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1 -1)) (v128.const i8x16 0 127 125 -128 2 36 -112 64 0 16 2 2 85 85 -86 0))
(assert_return (invoke "v128.andnot" (v128.const i8x16 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1) (v128.const i8x16 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0)) (v128.const i8x16 -2 0 -128 2 100 -104 64 15 16 -17 0 -4 0 -86 0 1))
(assert_return (invoke "v128.andnot" (v128.const i8x16 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1 -1) (v128.const i8x16 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1 -1)) (v128.const i8x16 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0))

(assert_return (invoke "v128.or" (v128.const i8x16 0 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86) (v128.const i8x16 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0)) (v128.const i8x16 1 -1 -1 -1 -126 102 -4 -36 79 31 -1 -1 -1 -3 -1 -86))
(assert_return (invoke "v128.or" (v128.const i8x16 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0) (v128.const i8x16 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1 -1)) (v128.const i8x16 127 -1 127 -28 -98 100 -97 80 -1 19 -1 87 -1 85 -85 -1))
(assert_return (invoke "v128.or" (v128.const i8x16 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1) (v128.const i8x16 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0)) (v128.const i8x16 -1 -1 -1 -126 102 -4 -36 79 31 -1 -1 -1 -3 -1 -86 1))
(assert_return (invoke "v128.or" (v128.const i8x16 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1 -1) (v128.const i8x16 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1 -1)) (v128.const i8x16 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1 -1))

(assert_return (invoke "v128.xor" (v128.const i8x16 0 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86) (v128.const i8x16 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0)) (v128.const i8x16 1 -2 -128 -1 -126 102 -8 -36 79 31 -17 -4 -2 -88 -1 -86))
(assert_return (invoke "v128.xor" (v128.const i8x16 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0) (v128.const i8x16 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1 -1)) (v128.const i8x16 126 127 125 -28 -98 36 -109 80 -16 19 2 86 87 85 -85 -1))
(assert_return (invoke "v128.xor" (v128.const i8x16 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1) (v128.const i8x16 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0)) (v128.const i8x16 -2 -128 -1 -126 102 -8 -36 79 31 -17 -4 -2 -88 -1 -86 1))
(assert_return (invoke "v128.xor" (v128.const i8x16 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1 -1) (v128.const i8x16 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1 -1)) (v128.const i8x16 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0))

(assert_return (invoke "v128.bitselect" (v128.const i8x16 0 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86) (v128.const i8x16 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0) (v128.const i8x16 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1)) (v128.const i8x16 0 -127 -1 -126 2 96 -36 76 15 15 -4 -1 -87 -3 -86 0))
(assert_return (invoke "v128.bitselect" (v128.const i8x16 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0) (v128.const i8x16 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1 -1) (v128.const i8x16 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0)) (v128.const i8x16 127 -1 127 -28 -98 100 -97 80 -1 19 -1 87 -1 85 -85 -1))
(assert_return (invoke "v128.bitselect" (v128.const i8x16 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1) (v128.const i8x16 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0) (v128.const i8x16 0 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86)) (v128.const i8x16 1 -1 -128 -126 2 100 -40 76 15 31 -17 -3 -3 -88 -86 0))
(assert_return (invoke "v128.bitselect" (v128.const i8x16 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1 -1) (v128.const i8x16 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1 -1) (v128.const i8x16 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1 -1)) (v128.const i8x16 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1 -1))

(assert_return (invoke "v128.any_true" (v128.const i8x16 0 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86)) (i32.const 1))
(assert_return (invoke "v128.any_true" (v128.const i8x16 1 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0)) (i32.const 1))
(assert_return (invoke "v128.any_true" (v128.const i8x16 -1 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1)) (i32.const 1))
(assert_return (invoke "v128.any_true" (v128.const i8x16 127 -128 2 100 -100 64 15 16 -1 3 -3 85 -86 0 1 -1)) (i32.const 1))
