;; Implicit types go to the end, in order of occurrence; equal ones are found again.
(module
  (func $f (param i64) (result i64) (local.get 0))
  (func $g (param i32))
  (func $h (type $t) (param $named i32) (drop (local.get $named)))
  (func (result f64)
    (block (param) (result f64 f64) (f64.const 0) (f64.const 1))
    (drop))
  (type $t (func (param i32))))
