;; What the differential fuzzer found, each as small as it gets.

;; A store before a trap is seen afterwards, although every way on stores there again.
(module
  (global $g (export "g") (mut i32) (i32.const 0))
  (func $f (param i32)
    (global.set $g (i32.const 1))
    (if (local.get 0) (then (unreachable)))
    (global.set $g (i32.const 2)))
  (func (export "call") (param i32) (call $f (local.get 0))))
(assert_trap (invoke "call" (i32.const 1)) "unreachable")
(assert_return (get "g") (i32.const 1))
(assert_return (invoke "call" (i32.const 0)))
(assert_return (get "g") (i32.const 2))

(module
  (memory 1)
  (func (export "divide") (param i32) (result i32)
    (i32.store (i32.const 8) (i32.const 1))
    (drop (i32.div_u (i32.const 1) (local.get 0)))
    (i32.store (i32.const 8) (i32.const 2))
    (i32.const 0))
  (func (export "load") (result i32) (i32.load (i32.const 8))))
(assert_trap (invoke "divide" (i32.const 0)) "integer divide by zero")
(assert_return (invoke "load") (i32.const 1))

;; Two operations side by side that only quiet a NaN, which LLVM makes one of two lanes.
(module
  (func (export "quiet") (param f32 f32) (result f32 f32)
    (f32.mul (local.get 0) (f32.const 1)) (f32.mul (local.get 1) (f32.const 1)))
  (func (export "quiet64") (param f64 f64) (result f64 f64)
    (f64.sub (local.get 0) (f64.const 0)) (f64.mul (local.get 1) (f64.const -1)))
  (func (export "round") (param f32) (result i32)
    (f32.lt (f32.ceil (local.get 0)) (f32.nearest (f32.sqrt (local.get 0))))))
(assert_return (invoke "quiet" (f32.const nan:0x200000) (f32.const 7)) (f32.const nan:arithmetic) (f32.const 7))
(assert_return (invoke "quiet" (f32.const -inf) (f32.const -nan:0x200000)) (f32.const -inf) (f32.const nan:arithmetic))
(assert_return (invoke "quiet64" (f64.const nan:0x4000000000000) (f64.const -0))
               (f64.const nan:arithmetic) (f64.const 0))
(assert_return (invoke "round" (f32.const 0.75)) (i32.const 0))
(assert_return (invoke "round" (f32.const 4.5)) (i32.const 0))
(assert_return (invoke "round" (f32.const -0.5)) (i32.const 0))

;; A store of one round and an unaligned one of the next overlap in what is loaded then.
(module
  (memory 1)
  (data (i32.const 0) "\03\01\04\01\05\09\02\06\05\03\05\08\09\07\09\03\02\03\08\04\06\02\06\04\03\03\08\03\02\07\09\05")
  (data (i32.const 64) "\02\08\08\04\01\09\07\01\06\09\03\09\09\03\07\05\01\05\08\02\00\09\07\04\09\04\04\05\09\02\03\00")
  (func (export "mix") (param $p i32) (param $n i32)
    (loop $next
      (i32.store (i32.sub (local.get $p) (i32.const 1)) (i32.mul (i32.load (local.get $p)) (i32.load offset=64 (local.get $p))))
      (i32.store offset=4 (local.get $p) (i32.xor (i32.load offset=4 (local.get $p)) (i32.load (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func (export "word") (param i32) (result i32) (i32.load (local.get 0))))
(invoke "mix" (i32.const 4) (i32.const 5))
(assert_return (invoke "word" (i32.const 12)) (i32.const 519384860))
(assert_return (invoke "word" (i32.const 20)) (i32.const 221742564))
(assert_return (invoke "word" (i32.const 24)) (i32.const 239044327))

;; Two loads that turn out to be the same cancel each other out, but trap.
(module
  (memory 1)
  (func (export "clear") (param $to i32) (param $from i32) (param $n i32) (local $i i32)
    (loop $next
      (v128.store (i32.add (local.get $to) (i32.const -16))
        (v128.xor (v128.load (i32.add (local.get $from) (i32.const 16))) (v128.load offset=16 (local.get $from))))
      (local.set $to (i32.add (local.get $to) (i32.const -32)))
      (local.set $from (i32.add (local.get $from) (i32.const 32)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 2))) (local.get $n))))))
(assert_return (invoke "clear" (i32.const 1024) (i32.const 0) (i32.const 8)))
(assert_trap (invoke "clear" (i32.const 1024) (i32.const 65536) (i32.const 8)) "out of bounds memory access")

;; A count of zero that is found out late, with the CPU's instructions for Galois fields.
(module
  (memory (export "m") 1)
  (func (export "shift") (result i32)
    (v128.store8_lane 15 (i32.const 0)
      (i8x16.shr_s (v128.const i32x4 0xffffff80 0xffffffff 0x20000000 0xc202a05f)
        (f32.gt (f32x4.extract_lane 2 (v128.const i32x4 8 0 0x00200000 0)) (f32.const 1))))
    (i32.load8_u (i32.const 0))))
(assert_return (invoke "shift") (i32.const 194))

;; An atomic operation that changes nothing and whose result nobody needs still traps.
(module
  (memory 1 1 shared)
  (func (export "subtract_nothing") (param i32) (drop (i32.atomic.rmw8.sub_u (local.get 0) (i32.const 0))))
  (func (export "or_nothing") (param i32) (drop (i32.atomic.rmw.or (local.get 0) (i32.const 0)))))
(assert_return (invoke "subtract_nothing" (i32.const 65535)))
(assert_trap (invoke "subtract_nothing" (i32.const 65536)) "out of bounds memory access")
(assert_trap (invoke "or_nothing" (i32.const 65536)) "out of bounds memory access")

;; An ordinary load of a shared memory whose value turns out to be useless still traps.
(module
  (memory 1 1 shared)
  (func (export "and") (param i32) (result i32) (i32.and (i32.const 0) (i32.load16_s (local.get 0))))
  (func (export "shift") (param i32) (result i32) (i32.shr_u (i32.const 0) (i32.load (local.get 0))))
  (func (export "shift_lanes") (param i32) (result i32)
    (i32x4.extract_lane 0 (i16x8.shr_s (v128.const i32x4 0 0 0 0) (i32.load (local.get 0))))))
(assert_return (invoke "and" (i32.const 65534)) (i32.const 0))
(assert_trap (invoke "and" (i32.const 65535)) "out of bounds memory access")
(assert_trap (invoke "shift" (i32.const 65533)) "out of bounds memory access")
(assert_trap (invoke "shift_lanes" (i32.const 65536)) "out of bounds memory access")

;; A load of which only lanes are needed that it does not give, behind operations on all lanes.
(module
  (memory 1 1 shared)
  (memory $plain 1)
  (func (export "negated") (result f32)
    (f32x4.extract_lane 3 (f64x2.neg (v128.load64_zero offset=65536 (i32.const 0)))))
  (func (export "added") (result i64)
    (i64x2.extract_lane 1 (i64x2.add (v128.load64_zero $plain (i32.const 65535)) (v128.const i64x2 3 4))))
  (func (export "compared") (result i32)
    (i32x4.extract_lane 0 (i32x4.eq (v128.load $plain (i32.const 65524)) (v128.const i32x4 1 2 3 4))))
  (func (export "shuffled") (result i32)
    (i8x16.extract_lane_u 3 (i8x16.shuffle 0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7
      (i8x16.abs (v128.load32_zero $plain (i32.const 65533))) (v128.const i64x2 0 0))))
  (func (export "in_place") (result i32)
    (i32x4.extract_lane 1 (i32x4.add (v128.load32_zero $plain (i32.const 65532)) (v128.const i32x4 1 2 3 4)))))
(assert_trap (invoke "negated") "out of bounds memory access")
(assert_trap (invoke "added") "out of bounds memory access")
(assert_trap (invoke "compared") "out of bounds memory access")
(assert_trap (invoke "shuffled") "out of bounds memory access")
(assert_return (invoke "in_place") (i32.const 2))

;; Tail calls by reference into another instance, in a module without other tail calls: the callee has its own
;; memory, and the caller has its own back.
(module $callee
  (memory (data "\05"))
  (func (export "five") (param i64) (result i32) (i32.load8_u (i32.const 0))))
(register "callee" $callee)
(module
  (type $t (func (param i64) (result i32)))
  (import "callee" "five" (func $five (type $t)))
  (memory (data "\07"))
  (elem declare func $five)
  (func $leave (param i32) (result i32) (return_call_ref $t (i64.const 1) (ref.func $five)))
  (func (export "around") (result i32)
    (i32.mul (call $leave (i32.const 0)) (i32.load8_u (i32.const 0)))))
(assert_return (invoke "around") (i32.const 35))

;; A br_table's index that is a sum or a difference, of constants or not.
(module
  (func (export "sum") (param i32 i32) (result i32)
    (block (block (block (br_table 0 1 2 (i32.add (local.get 0) (local.get 1))))
      (return (i32.const 10))) (return (i32.const 11))) (i32.const 12))
  (func (export "difference") (param i32 i32) (result i32)
    (block (block (block (br_table 0 1 2 (i32.sub (local.get 0) (local.get 1))))
      (return (i32.const 10))) (return (i32.const 11))) (i32.const 12))
  (func (export "from_constant") (param i32) (result i32)
    (block (block (block (br_table 0 1 2 (i32.sub (i32.const 7) (local.get 0))))
      (return (i32.const 10))) (return (i32.const 11))) (i32.const 12))
  (func (export "less_constant") (param i32) (result i32)
    (block (block (block (br_table 0 1 2 (i32.sub (local.get 0) (i32.const 7))))
      (return (i32.const 10))) (return (i32.const 11))) (i32.const 12)))
(assert_return (invoke "sum" (i32.const 0) (i32.const 1)) (i32.const 11))
(assert_return (invoke "sum" (i32.const 0) (i32.const 2)) (i32.const 12))
(assert_return (invoke "sum" (i32.const -1) (i32.const 1)) (i32.const 10))
(assert_return (invoke "difference" (i32.const 5) (i32.const 4)) (i32.const 11))
(assert_return (invoke "difference" (i32.const 0) (i32.const 1)) (i32.const 12))
(assert_return (invoke "from_constant" (i32.const 7)) (i32.const 10))
(assert_return (invoke "from_constant" (i32.const 6)) (i32.const 11))
(assert_return (invoke "from_constant" (i32.const 0)) (i32.const 12))
(assert_return (invoke "less_constant" (i32.const 8)) (i32.const 11))
(assert_return (invoke "less_constant" (i32.const 6)) (i32.const 12))

;; Loads of which only lanes are needed that they do not give, behind clamping, masks, and what a machine packs in one instruction.
(module
  (memory 1)
  (func (export "narrowed") (result i64)
    (i64x2.extract_lane 0 (i16x8.narrow_i32x4_u (v128.const i64x2 3 4) (v128.load64_splat offset=65535 (i32.const 0)))))
  (func (export "packed") (result i64)
    (i64x2.extract_lane 1 (i8x16.narrow_i16x8_s (v128.load32_splat offset=65533 (i32.const 0)) (v128.const i64x2 3 4))))
  (func (export "greatest") (result i32)
    (i32x4.extract_lane 3 (i32x4.max_u (v128.load32_zero offset=65533 (i32.const 0)) (v128.const i32x4 1 2 3 4))))
  (func (export "saturated") (result i32)
    (i8x16.extract_lane_u 9 (i8x16.add_sat_u (v128.load64_zero offset=65530 (i32.const 0)) (v128.const i64x2 0 0))))
  (func (export "bits") (result i32)
    (i32.and (i8x16.bitmask (v128.load64_zero offset=65530 (i32.const 0))) (i32.const 0x8000)))
  (func (export "bits_of_words") (result i32)
    (i32.and (i32x4.bitmask (v128.load32_zero offset=65533 (i32.const 0))) (i32.const 8)))
  (func (export "dot") (result i32)
    (i32x4.extract_lane 3 (i32x4.dot_i16x8_s (v128.load32_zero offset=65533 (i32.const 0)) (v128.const i32x4 1 2 3 4))))
  (func (export "converted") (result f32)
    (f32x4.extract_lane 3 (f32x4.convert_i32x4_u (v128.load32_zero offset=65533 (i32.const 0)))))
  (func (export "truncated") (result i32)
    (i32x4.extract_lane 3 (i32x4.trunc_sat_f32x4_s (v128.load32_zero offset=65533 (i32.const 0)))))
  (func (export "swizzled") (result i32)
    (i8x16.extract_lane_u 1 (i8x16.swizzle (v128.load64_zero offset=65530 (i32.const 0)) (v128.const i64x2 0x0f0f0f0f0f0f0f0f 0)))))
(assert_trap (invoke "narrowed") "out of bounds memory access")
(assert_trap (invoke "packed") "out of bounds memory access")
(assert_trap (invoke "greatest") "out of bounds memory access")
(assert_trap (invoke "saturated") "out of bounds memory access")
(assert_trap (invoke "bits") "out of bounds memory access")
(assert_trap (invoke "bits_of_words") "out of bounds memory access")
(assert_trap (invoke "dot") "out of bounds memory access")
(assert_trap (invoke "converted") "out of bounds memory access")
(assert_trap (invoke "truncated") "out of bounds memory access")
(assert_trap (invoke "swizzled") "out of bounds memory access")
