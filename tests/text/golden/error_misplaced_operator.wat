(module
  (func (param i32)
    (i32.add local.get 0 (i32.const 1))))
