(module
  (table $plain 1 10 funcref)
  (table $filled funcref (elem $f $f))
  (table $exprs externref (elem (ref.null extern) (item ref.null extern)))
  (table $init 2 (ref func) (ref.func $f))
  (table $big i64 5 funcref)
  (func $f))
