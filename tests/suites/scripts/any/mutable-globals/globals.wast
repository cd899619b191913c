;; Mutable globals across modules are one global.
(module $A
  (global (export "g") (mut i32) (i32.const 1))
  (func (export "get") (result i32) (global.get 0)))
(register "A" $A)
(module $B
  (global $g (import "A" "g") (mut i32))
  (func (export "set") (param i32) (global.set $g (local.get 0))))
(invoke $B "set" (i32.const 5))
(assert_return (invoke $A "get") (i32.const 5))
(assert_unlinkable (module (global (import "A" "g") i32)) "incompatible import type")
