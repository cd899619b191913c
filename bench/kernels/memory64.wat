;; A sum over a 64-bit memory, and random updates of it: addresses that no guard page can bound. The memory is the second,
;; since WASI speaks of 32-bit addresses in the first.
(memory $big i64 256)

(func $fill (local $at i64)
  (loop $next
    (i64.store $big (local.get $at) (call $random))
    (br_if $next
      (i64.lt_u (local.tee $at (i64.add (local.get $at) (i64.const 8))) (i64.const 0x1000000)))))

(func $sum (param $from i64) (result i64) (local $at i64) (local $sum i64)
  (local.set $at (local.get $from))
  (loop $next
    (local.set $sum (i64.add (local.get $sum) (i64.load $big (local.get $at))))
    (br_if $next
      (i64.lt_u (local.tee $at (i64.add (local.get $at) (i64.const 8)))
        (i64.add (local.get $from) (i64.const 0x10000)))))
  (local.get $sum))

(func $scatter (param $count i32) (param $value i64) (local $at i64)
  (loop $next
    (local.set $value (i64.add (i64.mul (local.get $value) (i64.const 6364136223846793005)) (i64.const 1442695040888963407)))
    (local.set $at (i64.and (i64.shr_u (local.get $value) (i64.const 40)) (i64.const 0xfffff8)))
    (i64.store $big (local.get $at) (i64.xor (i64.load $big (local.get $at)) (local.get $value)))
    (br_if $next (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))

(func (export "_start") (local $rounds i32) (local $round i32) (local $checksum i64)
  (local.set $rounds (call $size))
  (global.set $random (i64.const 34))
  (call $fill)
  (call $begin)
  (loop $next
    (call $scatter (i32.const 4096) (i64.extend_i32_u (local.get $round)))
    (local.set $checksum
      (call $mix (local.get $checksum)
        (call $sum (i64.mul (i64.extend_i32_u (i32.and (local.get $round) (i32.const 127))) (i64.const 0x10000)))))
    (br_if $next
      (i32.lt_u (local.tee $round (i32.add (local.get $round) (i32.const 1))) (local.get $rounds))))
  (call $end (local.get $checksum)))
