;; Six integers and eight floats travel in registers, the others in StoreState::overflow; a tail call too.
(module
  (func $callee (export "callee") (param i32 i32 i32 i32 i32 i32 i64 f32) (result i64)
    (i64.add (local.get 6) (i64.extend_i32_u (local.get 5))))
  (func (param i64) (result i64)
    (call $callee (i32.const 0) (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (local.get 0) (f32.const 7)))
  (func (param i64) (result i64)
    (return_call $callee (i32.const 0) (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (local.get 0) (f32.const 7))))
