;; Lists of imports that say their module once, or their type, too.
(module $Host
  (func (export "seven") (result i32) (i32.const 7))
  (func (export "eight") (result i32) (i32.const 8))
  (global (export "half") f64 (f64.const 0.5))
  (memory (export "memory") 1)
  (table (export "table") 3 funcref))
(register "host" $Host)

;; A type for each, with identifiers.
(module
  (import "host"
    (item "seven" (func $seven (result i32)))
    (item "half" (global $half f64))
    (item "memory" (memory $memory 1))
    (item "table" (table 0 funcref)))
  (import "host" "eight" (func $eight (result i32)))
  (func (export "sum") (result i32) (i32.add (call $seven) (call $eight)))
  (func (export "half") (result f64) (global.get $half))
  (func (export "size") (result i32) (memory.size $memory)))
(assert_return (invoke "sum") (i32.const 15))
(assert_return (invoke "half") (f64.const 0.5))
(assert_return (invoke "size") (i32.const 1))

;; One type for all; empty lists count nothing.
(module
  (import "host")
  (import "host" (func (param i32)))
  (import "host" (item "seven") (item "eight") (item "seven") (func (result i32)))
  (func (export "sum") (result i32) (i32.sub (i32.add (call 0) (call 1)) (call 2)))
  (func (export "self") (result i32) (call 3)))
(assert_return (invoke "sum") (i32.const 8))
(assert_return (invoke "self") (i32.const 8))

(assert_unlinkable (module (import "host" (item "seven" (func (result i32))) (item "nine" (func)))) "unknown import")
(assert_unlinkable (module (import "host" (item "seven") (item "half") (func (result i32)))) "incompatible import type")
(assert_malformed (module quote "(import \"host\" (item \"seven\") (func $seven))") "identifier not allowed")
(assert_malformed (module quote "(import \"host\" (item \"seven\"))") "unexpected token")
(assert_malformed (module quote "(import \"host\" (item \"seven\") (item \"eight\" (func)))") "unexpected token")

;; In bytes: the empty name, 7F or 7E in the place of a kind.
(module binary "\00asm" "\01\00\00\00" "\01\05\01\60\00\01\7f"
  "\02\19\01" "\04host" "\00\7f" "\02" "\05seven\00\00" "\05eight\00\00")
(module binary "\00asm" "\01\00\00\00" "\01\05\01\60\00\01\7f"
  "\02\17\01" "\04host" "\00\7e" "\00\00" "\02" "\05seven" "\05eight")
;; An empty name before a kind is a name.
(assert_unlinkable (module binary "\00asm" "\01\00\00\00" "\01\05\01\60\00\01\7f" "\02\09\01" "\04host" "\00\00\00") "unknown import")
;; The code is a byte, not a number; lists do not nest; a name that is not empty begins none.
(assert_malformed (module binary "\00asm" "\01\00\00\00" "\01\05\01\60\00\01\7f" "\02\0b\01" "\04host" "\00\ff\00" "\00\00") "malformed import kind")
(assert_malformed (module binary "\00asm" "\01\00\00\00" "\01\05\01\60\00\01\7f" "\02\0c\01" "\04host" "\00\7f" "\01" "\00\7f\00") "malformed import kind")
(assert_malformed (module binary "\00asm" "\01\00\00\00" "\01\05\01\60\00\01\7f" "\02\0a\01" "\04host" "\01a\7f" "\00") "malformed import kind")
;; More names than bytes.
(assert_malformed (module binary "\00asm" "\01\00\00\00" "\01\05\01\60\00\01\7f" "\02\0d\01" "\04host" "\00\7e" "\00\00" "\ff\ff\03") "unexpected end")
