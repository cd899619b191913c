;; Four threads open, write, close, ask for the time and for random bytes, all through one context, and grow the memory that
;; all of them use. When all are done, one
;; thread ends the program with status 5 while two others compute for ever.
(module
  (import "env" "memory" (memory 1 5 shared)) (export "memory" (memory 0))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))

  (global $done i32 (i32.const 0))
  (global $name i32 (i32.const 16))
  (global $workers i32 (i32.const 4))

  (func $check (param i32) (if (local.get 0) (then unreachable)))

  ;; By a page, whose last byte is there then.
  (func $grow (local $old i32)
    (local.set $old (memory.grow (i32.const 1)))
    (call $check (i32.eq (local.get $old) (i32.const -1)))
    (i32.store8 offset=65535 (i32.shl (local.get $old) (i32.const 16)) (i32.const 1))
    (call $check (i32.le_u (memory.size) (local.get $old))))

  ;; Each worker has 256 bytes from $at: the opened number, a count, a vector, and 16 bytes to write.
  (func $work (param $at i32) (local $round i32)
    (i32.store offset=8 (local.get $at) (i32.add (local.get $at) (i32.const 32)))
    (i32.store offset=12 (local.get $at) (i32.const 16))
    (loop $again
      (call $check (call $open (i32.const 3) (i32.const 0) (global.get $name) (i32.const 4) (i32.const 1)
        (i64.const 64) (i64.const 0) (i32.const 1) (local.get $at)))
      (call $check (call $random (i32.add (local.get $at) (i32.const 32)) (i32.const 16)))
      (call $check (call $write (i32.load (local.get $at)) (i32.add (local.get $at) (i32.const 8)) (i32.const 1)
        (i32.add (local.get $at) (i32.const 4))))
      (call $check (call $close (i32.load (local.get $at))))
      (call $check (call $clock (i32.const 1) (i64.const 0) (i32.add (local.get $at) (i32.const 64))))
      (if (i32.eq (local.get $round) (i32.const 100)) (then (call $grow)))
      (br_if $again (i32.lt_u (local.tee $round (i32.add (local.get $round) (i32.const 1))) (i32.const 200))))
    (drop (i32.atomic.rmw.add (global.get $done) (i32.const 1)))
    (drop (memory.atomic.notify (global.get $done) (i32.const 1))))

  (func (export "wasi_thread_start") (param $id i32) (param $argument i32)
    (if (i32.eqz (local.get $argument)) (then (loop $for_ever (br $for_ever))))
    (if (i32.eq (local.get $argument) (i32.const 1)) (then (call $exit (i32.const 5))))
    (call $work (local.get $argument)))

  (func (export "_start") (local $i i32)
    (i64.store (global.get $name) (i64.const 0x656c6966))
    (loop $next
      (call $check (i32.le_s (call $spawn (i32.add (i32.const 1024) (i32.shl (local.get $i) (i32.const 8)))) (i32.const 0)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (global.get $workers))))
    (loop $wait
      (local.set $i (i32.atomic.load (global.get $done)))
      (if (i32.ne (local.get $i) (global.get $workers))
        (then (drop (memory.atomic.wait32 (global.get $done) (local.get $i) (i64.const -1))) (br $wait))))
    (drop (call $spawn (i32.const 0)))
    (drop (call $spawn (i32.const 1)))
    (loop $for_ever (br $for_ever))))
