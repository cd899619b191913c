(module
  (func $fib (param $n i32) (result i32)
    (local.get $m)))
