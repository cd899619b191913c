;; Hints change nothing that a program can see.
(module
  (func (export "f") (param i32) (result i32)
    (block (@metadata.code.branch_hint "\01") (br_if 0 (local.get 0)) (return (i32.const 1)))
    (@metadata.code.branch_hint "\00") (if (result i32) (i32.eq (local.get 0) (i32.const 7)) (then (i32.const 2)) (else (i32.const 3)))))
(assert_return (invoke "f" (i32.const 0)) (i32.const 1))
(assert_return (invoke "f" (i32.const 7)) (i32.const 2))
(assert_return (invoke "f" (i32.const 8)) (i32.const 3))
(assert_invalid_custom
  (module quote "(func (@metadata.code.branch_hint \"\\01\") (nop))")
  "@metadata.code.branch_hint annotation: invalid target")
