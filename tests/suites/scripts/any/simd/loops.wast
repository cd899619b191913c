;; Loops of vectors do the same several rounds at a time as they do round by round: each loop against one that
;; calls in every round, which keeps rounds apart. The rounds are 0 to 15, with something left over or not.

(module
  (memory 2)
  (type $loop (func (param i32 i32 i32)))
  (table funcref (elem $scale $scale1 $delay $delay1 $shrink $shrink1 $total $total1 $spread $spread1))
  (func $stay)

  ;; A sum of two streams, updated in place.
  (func $scale (type $loop) (param $n i32) (param $to i32) (param $from i32)
    (if (i32.eqz (local.get $n)) (then (return)))
    (loop $next
      (v128.store (local.get $to)
        (i32x4.add (i32x4.mul (v128.load (local.get $to)) (i32x4.splat (i32.const 3)))
                   (v128.load (local.get $from))))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func $scale1 (type $loop) (param $n i32) (param $to i32) (param $from i32)
    (if (i32.eqz (local.get $n)) (then (return)))
    (loop $next
      (call $stay)
      (v128.store (local.get $to)
        (i32x4.add (i32x4.mul (v128.load (local.get $to)) (i32x4.splat (i32.const 3)))
                   (v128.load (local.get $from))))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))

  ;; What the round before loaded, seven bytes late.
  (func $delay (type $loop) (param $n i32) (param $to i32) (param $from i32) (local $last v128) (local $now v128)
    (if (i32.eqz (local.get $n)) (then (return)))
    (local.set $last (i8x16.splat (i32.const 9)))
    (loop $next
      (local.set $now (v128.load (local.get $from)))
      (v128.store (local.get $to)
        (i8x16.shuffle 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 (local.get $last) (local.get $now)))
      (local.set $last (local.get $now))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (v128.store offset=32 (local.get $to) (local.get $last)))
  (func $delay1 (type $loop) (param $n i32) (param $to i32) (param $from i32) (local $last v128) (local $now v128)
    (if (i32.eqz (local.get $n)) (then (return)))
    (local.set $last (i8x16.splat (i32.const 9)))
    (loop $next
      (call $stay)
      (local.set $now (v128.load (local.get $from)))
      (v128.store (local.get $to)
        (i8x16.shuffle 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 (local.get $last) (local.get $now)))
      (local.set $last (local.get $now))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (v128.store offset=32 (local.get $to) (local.get $last)))

  ;; Bytes made longer, and two vectors into one.
  (func $shrink (type $loop) (param $n i32) (param $to i32) (param $from i32) (local $now v128)
    (if (i32.eqz (local.get $n)) (then (return)))
    (loop $next
      (local.set $now (v128.load (local.get $from)))
      (v128.store (local.get $to)
        (i8x16.narrow_i16x8_u
          (i16x8.shr_u (i16x8.mul (i16x8.extend_low_i8x16_u (local.get $now)) (i16x8.splat (i32.const 5))) (i32.const 1))
          (i16x8.add (i16x8.extend_high_i8x16_s (local.get $now)) (i16x8.splat (i32.const 77)))))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func $shrink1 (type $loop) (param $n i32) (param $to i32) (param $from i32) (local $now v128)
    (if (i32.eqz (local.get $n)) (then (return)))
    (loop $next
      (call $stay)
      (local.set $now (v128.load (local.get $from)))
      (v128.store (local.get $to)
        (i8x16.narrow_i16x8_u
          (i16x8.shr_u (i16x8.mul (i16x8.extend_low_i8x16_u (local.get $now)) (i16x8.splat (i32.const 5))) (i32.const 1))
          (i16x8.add (i16x8.extend_high_i8x16_s (local.get $now)) (i16x8.splat (i32.const 77)))))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))

  ;; A sum, a maximum and a counter over all rounds.
  (func $total (type $loop) (param $n i32) (param $to i32) (param $from i32) (local $sum v128) (local $most v128) (local $count v128)
    (if (i32.eqz (local.get $n)) (then (return)))
    (local.set $count (v128.const i32x4 1 2 3 4))
    (loop $next
      (local.set $sum (i64x2.add (local.get $sum) (v128.xor (v128.load (local.get $from)) (local.get $count))))
      (local.set $most (i16x8.max_s (local.get $most) (v128.load offset=48 (local.get $from))))
      (local.set $count (i32x4.add (local.get $count) (v128.const i32x4 4 4 4 -4)))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (v128.store (local.get $to) (local.get $sum))
    (v128.store offset=16 (local.get $to) (local.get $most))
    (v128.store offset=32 (local.get $to) (local.get $count))
    (i32.store offset=48 (local.get $to) (local.get $from)))
  (func $total1 (type $loop) (param $n i32) (param $to i32) (param $from i32) (local $sum v128) (local $most v128) (local $count v128)
    (if (i32.eqz (local.get $n)) (then (return)))
    (local.set $count (v128.const i32x4 1 2 3 4))
    (loop $next
      (call $stay)
      (local.set $sum (i64x2.add (local.get $sum) (v128.xor (v128.load (local.get $from)) (local.get $count))))
      (local.set $most (i16x8.max_s (local.get $most) (v128.load offset=48 (local.get $from))))
      (local.set $count (i32x4.add (local.get $count) (v128.const i32x4 4 4 4 -4)))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (v128.store (local.get $to) (local.get $sum))
    (v128.store offset=16 (local.get $to) (local.get $most))
    (v128.store offset=32 (local.get $to) (local.get $count))
    (i32.store offset=48 (local.get $to) (local.get $from)))

  ;; Single lanes, and stores further apart than they are long.
  (func $spread (type $loop) (param $n i32) (param $to i32) (param $from i32) (local $now v128)
    (if (i32.eqz (local.get $n)) (then (return)))
    (loop $next
      (local.set $now (v128.load64_splat (local.get $from)))
      (v128.store (local.get $to)
        (f32x4.add (f32x4.convert_i32x4_s (local.get $now))
                   (f32x4.splat (f32.convert_i32_s (i32x4.extract_lane 1 (local.get $now))))))
      (i64.store offset=20 (local.get $to) (i64.extend_i32_u (i32x4.extract_lane 2 (local.get $now))))
      (local.set $to (i32.add (local.get $to) (i32.const 32)))
      (local.set $from (i32.add (local.get $from) (i32.const 8)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func $spread1 (type $loop) (param $n i32) (param $to i32) (param $from i32) (local $now v128)
    (if (i32.eqz (local.get $n)) (then (return)))
    (loop $next
      (call $stay)
      (local.set $now (v128.load64_splat (local.get $from)))
      (v128.store (local.get $to)
        (f32x4.add (f32x4.convert_i32x4_s (local.get $now))
                   (f32x4.splat (f32.convert_i32_s (i32x4.extract_lane 1 (local.get $now))))))
      (i64.store offset=20 (local.get $to) (i64.extend_i32_u (i32x4.extract_lane 2 (local.get $now))))
      (local.set $to (i32.add (local.get $to) (i32.const 32)))
      (local.set $from (i32.add (local.get $from) (i32.const 8)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))

  (func $fill (local $i i32)
    (loop $next
      (i32.store (local.get $i) (i32.mul (i32.add (local.get $i) (i32.const 77)) (i32.const 0x9E3779B1)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 4096)))))

  ;; How many words of memory differ after loop $which and its twin, for 0 to 15 rounds.
  (func (export "differ") (param $which i32) (param $to i32) (param $from i32) (result i32)
    (local $n i32) (local $i i32) (local $count i32)
    (loop $longer
      (call $fill)
      (call_indirect (type $loop) (local.get $n) (local.get $to) (local.get $from) (local.get $which))
      (memory.copy (i32.const 65536) (i32.const 0) (i32.const 4096))
      (call $fill)
      (call_indirect (type $loop) (local.get $n) (local.get $to) (local.get $from)
                     (i32.add (local.get $which) (i32.const 1)))
      (local.set $i (i32.const 0))
      (loop $next
        (local.set $count (i32.add (local.get $count)
          (i32.ne (i32.load (local.get $i)) (i32.load offset=65536 (local.get $i)))))
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 4096))))
      (br_if $longer (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 16))))
    (local.get $count))

  (func (export "run") (param $which i32) (param $n i32) (param $to i32) (param $from i32)
    (call_indirect (type $loop) (local.get $n) (local.get $to) (local.get $from) (local.get $which)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "fill") (call $fill)))

;; Apart, and with what one round stores where a later one loads.
(assert_return (invoke "differ" (i32.const 0) (i32.const 2048) (i32.const 0)) (i32.const 0))
(assert_return (invoke "differ" (i32.const 0) (i32.const 16) (i32.const 0)) (i32.const 0))
(assert_return (invoke "differ" (i32.const 0) (i32.const 20) (i32.const 0)) (i32.const 0))
(assert_return (invoke "differ" (i32.const 0) (i32.const 0) (i32.const 16)) (i32.const 0))
(assert_return (invoke "differ" (i32.const 2) (i32.const 2048) (i32.const 0)) (i32.const 0))
(assert_return (invoke "differ" (i32.const 2) (i32.const 24) (i32.const 0)) (i32.const 0))
(assert_return (invoke "differ" (i32.const 2) (i32.const 0) (i32.const 0)) (i32.const 0))
(assert_return (invoke "differ" (i32.const 4) (i32.const 2048) (i32.const 1)) (i32.const 0))
(assert_return (invoke "differ" (i32.const 4) (i32.const 31) (i32.const 1)) (i32.const 0))
(assert_return (invoke "differ" (i32.const 6) (i32.const 2048) (i32.const 3)) (i32.const 0))
(assert_return (invoke "differ" (i32.const 8) (i32.const 2048) (i32.const 5)) (i32.const 0))
(assert_return (invoke "differ" (i32.const 8) (i32.const 8) (i32.const 0)) (i32.const 0))

;; The last round traps, and so does an address that wraps.
(assert_return (invoke "run" (i32.const 0) (i32.const 8) (i32.const 130944) (i32.const 0)))
(assert_trap (invoke "run" (i32.const 0) (i32.const 9) (i32.const 130944) (i32.const 0)) "out of bounds memory access")
(assert_trap (invoke "run" (i32.const 0) (i32.const 8) (i32.const 0) (i32.const 130948)) "out of bounds memory access")
(assert_trap (invoke "run" (i32.const 6) (i32.const 40) (i32.const 0) (i32.const 130500)) "out of bounds memory access")
(assert_trap (invoke "run" (i32.const 2) (i32.const 9) (i32.const 0) (i32.const 0xFFFFFFF0)) "out of bounds memory access")
