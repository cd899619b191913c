(module
  (import "m" "imported" (global $imported i32))
  (import "m" "mutable" (global $mutable (mut i64)))
  (global $constant i32 (i32.const 7))
  (global $counter (mut i32) (i32.const 0))
  (global $computed i32 (i32.add (global.get $imported) (i32.const 1)))
  (func $read (result i32 i64 i32 i32 i32)
    (global.get $imported) (global.get $mutable) (global.get $constant) (global.get $counter) (global.get $computed))
  (func $write (global.set $counter (i32.const 1))))
