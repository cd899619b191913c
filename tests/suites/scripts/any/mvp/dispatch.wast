;; A loop around a br_table on a local, as compilers without structured control flow make them.
(module
  ;; States: 0 starts, 1 goes on while n > 0, 2 swaps and counts, 3 ends. `from` is where it begins.
  (func (export "run") (param $state i32) (param $n i32) (result i32)
    (local $a i32) (local $b i32) (local $swap i32)
    (local.set $b (i32.const 1))
    (loop $again
      (block $3 (block $2 (block $1 (block $0
        (br_table $0 $1 $2 $3 (local.get $state)))
      ;; 0
        (local.set $a (i32.const 10))
        (local.set $state (i32.const 1))
        (br $again))
      ;; 1
        (local.set $state (select (i32.const 2) (i32.const 3) (local.get $n)))
        (if (i32.eqz (local.get $n)) (then (local.set $state (i32.const 100)) (br $again)))
        (local.set $state (i32.const 2))
        (br $again))
      ;; 2
        (local.set $swap (local.get $a))
        (local.set $a (local.get $b))
        (local.set $b (local.get $swap))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (local.set $b (i32.add (local.get $b) (i32.const 3)))
        (local.set $state (i32.const 1))
        (br $again))
      ;; 3 and all others
      (return (i32.add (i32.mul (local.get $a) (i32.const 1000)) (local.get $b))))
    (unreachable))

  ;; The table leads back to the loop itself, for two states, and each changes the other's value.
  (func (export "self") (param $state i32) (param $x i32) (param $y i32) (result i32)
    (loop $again
      (block $out
        (if (i32.gt_u (local.get $x) (i32.const 50)) (then (br $out)))
        (local.set $x (i32.add (local.get $x) (local.get $y)))
        (local.set $y (i32.sub (local.get $x) (local.get $y)))
        (local.set $state (i32.const 0))
        (br_table $again $out (local.get $state))))
    (local.get $x)))

(assert_return (invoke "run" (i32.const 0) (i32.const 0)) (i32.const 10001))
(assert_return (invoke "run" (i32.const 0) (i32.const 1)) (i32.const 1013))
(assert_return (invoke "run" (i32.const 0) (i32.const 5)) (i32.const 7019))
(assert_return (invoke "run" (i32.const 1) (i32.const 2)) (i32.const 3004))
(assert_return (invoke "run" (i32.const 2) (i32.const 1)) (i32.const 1003))
(assert_return (invoke "run" (i32.const 3) (i32.const 9)) (i32.const 1))
(assert_return (invoke "run" (i32.const -1) (i32.const 9)) (i32.const 1))
(assert_return (invoke "self" (i32.const 1) (i32.const 1) (i32.const 1)) (i32.const 55))
