(module
  (func $if_without_else (param i32) (result i32) (local $x i32)
    (if (local.get 0) (then (local.set $x (i32.const 7))))
    (local.get $x))
  (func $loop (param $n i32) (result i32) (local $sum i32)
    (loop
      (local.set $sum (i32.add (local.get $sum) (local.get $n)))
      (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func $early_return (param i32) (result i32)
    (br_if 0 (i32.const 1) (i32.eqz (local.get 0)))
    (return (i32.const 2)))
  (func $unreachable (unreachable)))
