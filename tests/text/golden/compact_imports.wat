(module
  (import "env" "one" (func $one))
  (import "env" (item "two" (func $two (param i32))) (item "g" (global (mut i64))) (item "m" (memory 1 2)))
  (import "env" (item "a") (item "b") (item "") (func (result f32)))
  (import "env" (item "last" (func)))
  (func $own (call $two (i32.const 1)) (drop (call 4))))
