;; Vectors that a loop builds lane by lane and looks at lane by lane. What $mix computes was checked with $words,
;; which does the same in four i32.
(module
  (memory 1)
  (data (i32.const 0) "a vector is four words, each of them is four bytes; forty-eight.")
  (func $mix (export "mix") (param $n i32) (result v128) (local $state v128) (local $at i32)
    (local.set $state (v128.const i32x4 0x67452301 0xEFCDAB89 0x98BADCFE 0x10325476))
    (loop $next
      (local.set $state
        (v128.xor
          (v128.load (i32.and (local.get $at) (i32.const 0x30)))
          (i32x4.replace_lane 3
            (i32x4.replace_lane 2
              (i32x4.replace_lane 1
                (i32x4.splat (i32.load8_u (i32.and (i32x4.extract_lane 1 (local.get $state)) (i32.const 63))))
                (i32.rotl (i32x4.extract_lane 0 (local.get $state)) (i32.const 5)))
              (i32.add (i32x4.extract_lane 3 (i32x4.add (local.get $state) (i32x4.splat (i32.const 7))))
                       (i32x4.extract_lane 2 (i32x4.shr_u (local.get $state) (i32.const 3)))))
            (i32x4.extract_lane 1 (local.get $state)))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $state))

  (func $words (export "words") (param $n i32) (result i32 i32 i32 i32)
    (local $a i32) (local $b i32) (local $c i32) (local $d i32) (local $e i32) (local $f i32) (local $g i32)
    (local $at i32)
    (local.set $a (i32.const 0x67452301)) (local.set $b (i32.const 0xEFCDAB89))
    (local.set $c (i32.const 0x98BADCFE)) (local.set $d (i32.const 0x10325476))
    (loop $next
      (local.set $e (i32.load8_u (i32.and (local.get $b) (i32.const 63))))
      (local.set $f (i32.rotl (local.get $a) (i32.const 5)))
      (local.set $g (i32.add (i32.add (local.get $d) (i32.const 7)) (i32.shr_u (local.get $c) (i32.const 3))))
      (local.set $d (i32.xor (local.get $b) (i32.load offset=12 (i32.and (local.get $at) (i32.const 0x30)))))
      (local.set $a (i32.xor (local.get $e) (i32.load (i32.and (local.get $at) (i32.const 0x30)))))
      (local.set $b (i32.xor (local.get $f) (i32.load offset=4 (i32.and (local.get $at) (i32.const 0x30)))))
      (local.set $c (i32.xor (local.get $g) (i32.load offset=8 (i32.and (local.get $at) (i32.const 0x30)))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $a) (local.get $b) (local.get $c) (local.get $d))

  (func (export "same") (param $n i32) (result i32)
    (local $state v128) (local $a i32) (local $b i32) (local $c i32) (local $d i32)
    (local.set $state (call $mix (local.get $n)))
    (call $words (local.get $n))
    (local.set $d) (local.set $c) (local.set $b) (local.set $a)
    (i32x4.all_true
      (i32x4.eq (local.get $state)
        (i32x4.replace_lane 3 (i32x4.replace_lane 2 (i32x4.replace_lane 1 (i32x4.splat (local.get $a))
          (local.get $b)) (local.get $c)) (local.get $d)))))

  ;; The last round loads behind the end of memory.
  (func (export "end") (param $at i32) (param $n i32) (result i32) (local $state v128)
    (loop $next
      (local.set $state
        (v128.xor (v128.load (local.get $at))
          (i32x4.replace_lane 1 (i32x4.splat (i32x4.extract_lane 1 (local.get $state)))
            (i32x4.extract_lane 0 (local.get $state)))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32x4.extract_lane 0 (local.get $state))))

(assert_return (invoke "same" (i32.const 1)) (i32.const 1))
(assert_return (invoke "same" (i32.const 2)) (i32.const 1))
(assert_return (invoke "same" (i32.const 3)) (i32.const 1))
(assert_return (invoke "same" (i32.const 1000)) (i32.const 1))
(assert_return (invoke "end" (i32.const 65504) (i32.const 2)) (i32.const 0))
(assert_trap (invoke "end" (i32.const 65504) (i32.const 3)) "out of bounds memory access")
(assert_trap (invoke "end" (i32.const 65508) (i32.const 2)) "out of bounds memory access")
