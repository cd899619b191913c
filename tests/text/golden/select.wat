(module
  (func (param i32) (result i32)
    (select (i32.const 1) (i32.const 2) (local.get 0))
    (select (result i32) (i32.const 1) (i32.const 2) (local.get 0))
    (select (result (ref null func)) (ref.null func) (ref.null func) (local.get 0))
    (drop) (i32.add)))
