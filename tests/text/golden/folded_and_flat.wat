;; The same body twice: both give the same bytes.
(module
  (func (param i32 i32) (result i32)
    (i32.add (local.get 0) (i32.mul (local.get 1) (i32.const 3))))
  (func (param i32 i32) (result i32)
    local.get 0
    local.get 1
    i32.const 3
    i32.mul
    i32.add))
