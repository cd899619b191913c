;; bench.h for kernels in the text format: the builder puts it in front of a kernel's fields. Functions: $size gives the
;; first argument as a number, $begin talks to the runner, $end does with a checksum, $random is splitmix64, $mix is the
;; checksum's step. Memory 0 below 1024 is theirs.
(import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
(memory (export "memory") 1)
(data (i32.const 16) "begin\n")
(data (i32.const 48) "\nend\n")
(global $random (mut i64) (i64.const 0))

(func $size (result i32) (local $at i32) (local $value i32)
  (drop (call $args_sizes_get (i32.const 0) (i32.const 4)))
  (if (i32.lt_u (i32.load (i32.const 0)) (i32.const 2)) (then (return (i32.const 1))))
  (if (i32.gt_u (i32.load (i32.const 4)) (i32.const 700)) (then (unreachable)))
  (drop (call $args_get (i32.const 64) (i32.const 256)))
  (local.set $at (i32.load (i32.const 68)))
  (loop $next
    (if (i32.load8_u (local.get $at))
      (then
        (local.set $value
          (i32.add (i32.mul (local.get $value) (i32.const 10)) (i32.sub (i32.load8_u (local.get $at)) (i32.const 48))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next))))
  (local.get $value))

(func $await (param $text i32) (param $length i32)
  (i32.store (i32.const 0) (local.get $text))
  (i32.store (i32.const 4) (local.get $length))
  (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
  (loop $next
    (i32.store (i32.const 0) (i32.const 12))
    (i32.store (i32.const 4) (i32.const 1))
    (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)) (then (return)))
    (br_if $next
      (i32.and (i32.load (i32.const 8)) (i32.ne (i32.load8_u (i32.const 12)) (i32.const 10))))))

(func $begin (call $await (i32.const 16) (i32.const 6)))

(func $end (param $checksum i64) (local $at i32) (local $digit i32)
  (local.set $at (i32.const 47))
  (loop $next
    (local.set $digit (i32.and (i32.wrap_i64 (local.get $checksum)) (i32.const 15)))
    (i32.store8 (local.get $at)
      (i32.add (local.get $digit) (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $digit) (i32.const 10)))))
    (local.set $checksum (i64.shr_u (local.get $checksum) (i64.const 4)))
    (local.set $at (i32.sub (local.get $at) (i32.const 1)))
    (br_if $next (i32.ge_u (local.get $at) (i32.const 32))))
  (call $await (i32.const 32) (i32.const 21)))

(func $random (result i64) (local $z i64)
  (local.set $z (i64.add (global.get $random) (i64.const 0x9e3779b97f4a7c15)))
  (global.set $random (local.get $z))
  (local.set $z
    (i64.mul (i64.xor (local.get $z) (i64.shr_u (local.get $z) (i64.const 30))) (i64.const 0xbf58476d1ce4e5b9)))
  (local.set $z
    (i64.mul (i64.xor (local.get $z) (i64.shr_u (local.get $z) (i64.const 27))) (i64.const 0x94d049bb133111eb)))
  (i64.xor (local.get $z) (i64.shr_u (local.get $z) (i64.const 31))))

(func $mix (param $checksum i64) (param $value i64) (result i64)
  (i64.add
    (i64.mul (i64.xor (local.get $checksum) (local.get $value)) (i64.const 0x100000001b3))
    (i64.shr_u (local.get $checksum) (i64.const 29))))
