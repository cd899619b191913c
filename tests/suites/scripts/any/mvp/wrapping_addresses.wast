;; Loops whose address wraps around 2^32 on its way: where it is out of bounds nothing is accessed.
(module
  (memory 1)
  (data (i32.const 0) "\01\00\00\00\02\00\00\00\03\00\00\00\04\00\00\00\05\00\00\00\06\00\00\00\07\00\00\00\08\00\00\00")

  ;; The sum of the words among the `n` that `from` and every `step`-th byte after it point at.
  (func (export "sum") (param $from i32) (param $step i32) (param $n i32) (result i32)
    (local $sum i32)
    (loop $next
      (if (i32.lt_u (local.get $from) (i32.const 32))
        (then (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $from))))))
      (local.set $from (i32.add (local.get $from) (local.get $step)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  ;; The same two words at a time.
  (func (export "sum_pairs") (param $from i32) (param $n i32) (result i32)
    (local $sum i32)
    (loop $next
      (if (i32.lt_u (local.get $from) (i32.const 32))
        (then (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $from))))))
      (if (i32.lt_u (i32.add (local.get $from) (i32.const 4)) (i32.const 32))
        (then (local.set $sum (i32.add (local.get $sum) (i32.load (i32.add (local.get $from) (i32.const 4)))))))
      (local.set $from (i32.add (local.get $from) (i32.const 8)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  ;; Adds one to `n` pairs of words from `from` on, into those from `to` on.
  (func (export "copy") (param $to i32) (param $from i32) (param $n i32)
    (loop $next
      (i32.store (local.get $to) (i32.add (i32.load (local.get $from)) (i32.const 1)))
      (i32.store (i32.add (local.get $to) (i32.const 4)) (i32.add (i32.load (i32.add (local.get $from) (i32.const 4))) (i32.const 1)))
      (local.set $from (i32.add (local.get $from) (i32.const 8)))
      (local.set $to (i32.add (local.get $to) (i32.const 8)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func (export "word") (param i32) (result i32) (i32.load (local.get 0))))

(assert_return (invoke "sum" (i32.const 0) (i32.const 4) (i32.const 8)) (i32.const 36))
(assert_return (invoke "sum" (i32.const -16) (i32.const 4) (i32.const 8)) (i32.const 10))
(assert_return (invoke "sum" (i32.const 28) (i32.const -4) (i32.const 100)) (i32.const 36))
(assert_return (invoke "sum" (i32.const 8) (i32.const 0x80000000) (i32.const 5)) (i32.const 9))
(assert_return (invoke "sum" (i32.const 4) (i32.const 0) (i32.const 7)) (i32.const 14))
(assert_return (invoke "sum_pairs" (i32.const 0) (i32.const 4)) (i32.const 36))
(assert_return (invoke "sum_pairs" (i32.const -4) (i32.const 4)) (i32.const 28))
(assert_return (invoke "sum_pairs" (i32.const -400) (i32.const 51)) (i32.const 3))

;; Apart, the same place, and overlapping.
(invoke "copy" (i32.const 1024) (i32.const 0) (i32.const 4))
(assert_return (invoke "word" (i32.const 1052)) (i32.const 9))
(invoke "copy" (i32.const 1024) (i32.const 1024) (i32.const 4))
(assert_return (invoke "word" (i32.const 1052)) (i32.const 10))
(invoke "copy" (i32.const 1032) (i32.const 1024) (i32.const 64))
(assert_return (invoke "word" (i32.const 1540)) (i32.const 68))
(assert_trap (invoke "copy" (i32.const 2048) (i32.const 65504) (i32.const 5)) "out of bounds memory access")
(assert_return (invoke "word" (i32.const 2076)) (i32.const 1))
(assert_trap (invoke "copy" (i32.const -8) (i32.const 0) (i32.const 2)) "out of bounds memory access")
