;; Exceptions: a search that mostly returns, and throws through a few frames now and then, as in C++.
(tag $found (param i32))

(func $search (param $depth i32) (param $value i64) (result i32)
  (if (i32.eqz (local.get $depth))
    (then
      (if (i64.eqz (i64.and (local.get $value) (i64.const 63)))
        (then (throw $found (i32.wrap_i64 (i64.shr_u (local.get $value) (i64.const 6))))))
      (return (i32.wrap_i64 (i64.and (local.get $value) (i64.const 7))))))
  (i32.add
    (call $search (i32.sub (local.get $depth) (i32.const 1)) (i64.shr_u (local.get $value) (i64.const 3)))
    (i32.const 1)))

(func $attempt (param $value i64) (result i32)
  (block $caught (result i32)
    (return
      (try_table (result i32) (catch $found $caught)
        (call $search (i32.wrap_i64 (i64.and (local.get $value) (i64.const 7))) (local.get $value)))))
  (i32.xor (i32.const 0x5555)))

(func (export "_start") (local $rounds i32) (local $round i32) (local $checksum i64)
  (local.set $rounds (call $size))
  (global.set $random (i64.const 35))
  (call $begin)
  (loop $next
    (local.set $checksum (call $mix (local.get $checksum) (i64.extend_i32_u (call $attempt (call $random)))))
    (br_if $next
      (i32.lt_u (local.tee $round (i32.add (local.get $round) (i32.const 1))) (local.get $rounds))))
  (call $end (local.get $checksum)))
