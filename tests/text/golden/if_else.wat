(module
  (func (param $x i32) (result i32)
    (if $l (result i32) (local.get $x)
      (then (br $l (i32.const 1)))
      (else (i32.const 2))))
  (func (param $x i32)
    (if (i32.eqz (local.get $x)) (then (nop)))
    local.get $x
    if $flat
      br $flat
    else $flat
      nop
    end $flat))
